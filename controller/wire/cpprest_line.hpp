// Private to the cpprest adapter: one connection to one origin.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <cpprest/http_client.h>

#include "wire/exchange.hpp"
#include "wire/tls.hpp"

namespace wire::cpprest {

// Where a request goes, and what it asks there.
struct Target {
  std::string origin;  // scheme://host:port
  std::string host;
  bool tls = false;
  bool by_address = false;  // an IPv4 literal
  web::uri resource;
};

// Fault::Invalid says what is wrong with the url or the headers.
[[nodiscard]] Result<Target> target_of(const Request& request);

// A client of cpprest with at most one connection, serving one request at a time: so a broken connection is thrown away
// alone, and cpprest's callbacks, which name a client and not a request, can be told apart.
class Line {
 public:
  Line(const Target& target, std::shared_ptr<const TlsMaterial> tls);

  // Starts the request; the exchange hears of everything that follows, whatever happens to the line. Cancel through `give_up`.
  [[nodiscard]] pplx::cancellation_token_source start(const Request& request, const Target& target,
                                                      const std::shared_ptr<Exchange>& exchange);

  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] const TlsMaterial* identity() const { return hooks_->tls.get(); }

  std::chrono::steady_clock::time_point idle_since;  // the pool's

 private:
  // What cpprest's callbacks use. They may outlive the line: a request that was given up ends in its own time.
  struct Hooks {
    const Target target;
    const std::shared_ptr<const TlsMaterial> tls;
    TlsNote untrusted;
    std::shared_ptr<Exchange> current;  // set before a request starts
    void before_writing(void* native) const;
  };
  static void observe(const pplx::task<web::http::http_response>& answer, const std::shared_ptr<Exchange>& exchange,
                      const std::shared_ptr<Hooks>& hooks);
  static Failure reason(Hooks& hooks);

  const std::string origin_;
  const std::shared_ptr<Hooks> hooks_;
  web::http::client::http_client client_;
};

// Cancels on cpprest's thread, so that no socket is touched by two threads at once.
void give_up(const pplx::cancellation_token_source& request);

// One thread: it serialises all of cpprest's callbacks, which its sockets need (a timer or a cancellation closes a TLS stream
// that another thread may be reading), and it makes a finished connection available before its request's end is told.
void start_transport_thread();

}  // namespace wire::cpprest
