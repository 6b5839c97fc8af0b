// The port to everything that speaks HTTP. Its only adapter is wire/cpprest_http.cpp; no cpprestsdk, pplx, boost
// or OpenSSL type crosses this header, and no exception does. Thread rule: an Http is safe from every thread; a call
// blocks the calling thread until it is answered, timed out or stopped.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace wire {

using base::Result;

using Headers = std::map<std::string, std::string, std::less<>>;  // names in lower case

struct Request {
  std::string method;  // GET, POST, PATCH, ...
  std::string url;     // https://host:port/path?query, already encoded (wire/url.hpp)
  Headers headers;
  std::string body;
  base::Millis timeout{10'000};     // from the start until the last byte; for stream() the longest silence
  std::size_t max_body{64u << 20};  // of the answer; for stream() of one piece of it
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

// Receives a streamed body. on_headers comes strictly before the first on_bytes; both run on the thread that called
// stream(), so they may take their time: the peer is slowed down meanwhile. False from either ends the stream.
struct StreamSink {
  std::function<bool(int status, const Headers&)> on_headers;
  std::function<bool(std::string_view bytes)> on_bytes;
};

enum class StreamEnd { Closed, Idle, Stopped };  // by the server; after Request::timeout of silence; by us

class Http {
 public:
  virtual ~Http() = default;
  // Every HTTP answer is a Response, also 4xx and 5xx. An error is Fault::Unavailable: no complete answer; the server may have
  // done what was asked. Writes are never repeated here unless it is certain that the server did not get the whole request.
  // Redirects are not followed. Fault::Invalid: a request that cannot be sent (malformed url, IPv6 literal).
  [[nodiscard]] virtual Result<Response> send(const Request& request, std::stop_token stop) = 0;
  [[nodiscard]] virtual Result<StreamEnd> stream(const Request& request, const StreamSink& sink, std::stop_token stop) = 0;
};

// How an Http proves who it is and whom it trusts, in PEM. Read again by the adapter's owner when the files change.
struct TlsIdentity {
  std::string ca_pem;           // only these are trusted; never the system's bundle
  std::string client_cert_pem;  // empty: none
  std::string client_key_pem;
  friend bool operator==(const TlsIdentity&, const TlsIdentity&) = default;
};

// `identity` is asked before every call and must be cheap; a changed answer is used for all connections from then on. One that
// cannot be used (a certificate without its key, in the middle of a rotation) leaves the last good one in force.
[[nodiscard]] Result<std::unique_ptr<Http>> make_cpprest_http(std::function<TlsIdentity()> identity);

// First in main, before any thread and any use of OpenSSL: one transport thread, no public CA bundle, no clean-up of
// OpenSSL at exit. Repeated calls do nothing.
void prepare_process();

// Last in main: flushes the log and ends the process without running static destructors, because the transport's thread
// would still use OpenSSL while they run.
[[noreturn]] void leave_process(int code);

}  // namespace wire
