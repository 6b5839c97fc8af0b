#include "wire/cpprest_line.hpp"

#include <algorithm>

#include <pplx/threadpool.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include "wire/cpprest_stream.hpp"

namespace wire::cpprest {
namespace {

using base::Fault;
using boost::asio::ip::tcp;
using web::http::http_response;

constexpr std::size_t kMaxHeaderBytes = 64u << 10;

struct StaleConnection : std::exception {};

bool is_plain(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

Result<Target> split(const web::uri& url) {
  Target target;
  target.host = url.host();
  target.tls = url.scheme() == "https";
  if (!target.tls && url.scheme() != "http") return base::fail(Fault::Invalid, "it is not an http or https url");
  if (!url.user_info().empty()) return base::fail(Fault::Invalid, "a url with a user is refused");
  if (target.host.empty()) return base::fail(Fault::Invalid, "it names no host");
  if (target.host.front() == '[') {
    return base::fail(Fault::Invalid, "the HTTP client cannot use an IPv6 literal, give a host name instead");
  }
  target.by_address = target.host.find_first_not_of("0123456789.") == std::string::npos;
  target.origin = url.authority().to_string();
  target.resource = url.resource();
  return target;
}

// What cpprest would pass on and we do not accept; empty if the answer is fine.
std::string objection(const http_response& response, const Headers& headers) {
  if (response.status_code() < 200) return "an interim answer that the HTTP client cannot wait beyond";
  std::size_t size = 0;
  for (const auto& [name, value] : headers) size += name.size() + value.size();
  if (size > kMaxHeaderBytes) return "the answer's headers are longer than " + std::to_string(kMaxHeaderBytes) + " bytes";
  const auto encoding = headers.find("content-encoding");
  if (encoding != headers.end() && encoding->second != "identity") return "an encoded answer that nobody asked for";
  return {};
}

Headers lower_case(const web::http::http_headers& headers) {
  Headers all;
  for (const auto& [name, value] : headers) {
    std::string lower = name;
    utility::details::inplace_tolower(lower);
    all.emplace(std::move(lower), value);
  }
  return all;
}

web::http::client::http_client_config quiet_config() {
  web::http::client::http_client_config config;
  config.set_max_redirects(0);                 // would send our Authorization on to the new host
  config.set_timeout(std::chrono::hours(24));  // an idle timer that closes the socket; 0 would fire at once
  config.set_request_compressed_response(false);
  return config;
}

}  // namespace

Result<Target> target_of(const Request& request) {
  if (request.headers.contains("host")) return base::fail(Fault::Invalid, "the Host header cannot be chosen");
  for (const auto& [name, value] : request.headers) {
    if (!is_plain(name) || !is_plain(value)) return base::fail(Fault::Invalid, "header " + name + " holds a control character");
  }
  try {
    return split(web::uri(request.url));
  } catch (const std::exception& e) {
    return base::fail(Fault::Invalid, e.what());
  }
}

Line::Line(const Target& target, std::shared_ptr<const TlsMaterial> tls)
    : origin_(target.origin),
      hooks_(new Hooks{target, std::move(tls), TlsNote{}, nullptr}),
      client_(web::uri(target.origin), [hooks = hooks_] {
        auto config = quiet_config();
        config.set_nativehandle_options([hooks](void* native) { hooks->before_writing(native); });
        config.set_ssl_context_callback([hooks](boost::asio::ssl::context& context) {
          hooks->tls->apply(context.native_handle(), hooks->target.host, &hooks->untrusted);
        });
        return config;
      }()) {}

// Runs before a request is written, on new and kept connections. A kept one that the server has closed is found out here,
// while it is certain that nothing was sent.
void Line::Hooks::before_writing(void* native) const {
  auto& socket = target.tls ? static_cast<boost::asio::ssl::stream<tcp::socket&>*>(native)->next_layer()
                            : *static_cast<tcp::socket*>(native);
  if (socket.is_open() && is_stale(socket.native_handle())) throw StaleConnection{};
  // Opened early only where the family is known; without an open socket there is nothing to ask for what it received.
  if (!socket.is_open() && target.by_address) socket.open(tcp::v4());
  if (socket.is_open()) current->probe(SocketProbe(socket.native_handle()));
}

// To be called in a catch block.
Failure Line::reason(Hooks& hooks) {
  try {
    throw;
  } catch (const StaleConnection&) {
    return {true, "the kept connection was closed by the server"};
  } catch (const std::exception& e) {
    const std::string_view what = e.what();
    if (what.starts_with("Error in SSL handshake")) {
      const auto why = hooks.untrusted.with([](std::string& text) { return std::exchange(text, {}); });
      return {true, "TLS handshake failed: " + (why.empty() ? "the server refused it" : why)};
    }
    // The server did not get the whole request: neither its header nor its body was taken by the kernel completely.
    return {what.starts_with("Failed to write request"), std::string(what)};
  } catch (...) {
    return {false, "an unknown error in the HTTP client"};
  }
}

// Every task ends here: an exception that nobody looks at kills the process (SIGTRAP in pplx).
void Line::observe(const pplx::task<http_response>& answer, const std::shared_ptr<Exchange>& exchange,
                   const std::shared_ptr<Hooks>& hooks) {
  answer.then([exchange, hooks](const pplx::task<http_response>& done) {
    try {
      const http_response response = done.get();
      auto headers = lower_case(response.headers());
      if (auto bad = objection(response, headers); !bad.empty()) {
        exchange->failed({false, std::move(bad)});
      } else {
        exchange->answered(response.status_code(), std::move(headers));
      }
      response.content_ready().then([exchange, hooks](const pplx::task<http_response>& complete) {
        try {
          complete.get();
          exchange->ended();
        } catch (...) {
          exchange->failed({false, reason(*hooks).what});
        }
      });
    } catch (...) {
      exchange->failed(reason(*hooks));
    }
  });
}

pplx::cancellation_token_source Line::start(const Request& request, const Target& target,
                                            const std::shared_ptr<Exchange>& exchange) {
  hooks_->current = exchange;
  web::http::http_request ask(request.method);
  ask.set_request_uri(target.resource);
  for (const auto& [name, value] : request.headers) ask.headers()[name] = value;
  if (request.method != "GET" && request.method != "HEAD") ask.set_body(once_only(request.body), request.body.size());
  ask.set_response_stream(sink_into(exchange));
  pplx::cancellation_token_source cancel;
  try {
    observe(client_.request(ask, cancel.get_token()), exchange, hooks_);
  } catch (const std::exception& e) {
    exchange->failed({true, e.what()});
  }
  return cancel;
}

void give_up(const pplx::cancellation_token_source& request) {
  pplx::create_task([request] { request.cancel(); });
}

void start_transport_thread() {
  crossplat::threadpool::initialize_with_threads(1);
  pplx::get_ambient_scheduler();  // made lazily and without a lock otherwise
}

}  // namespace wire::cpprest
