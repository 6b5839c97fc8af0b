// wire::Api over HTTP: paths, credentials, the meaning of answers, and the manners a client owes the API server.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "wire/api.hpp"
#include "wire/credentials.hpp"
#include "wire/http.hpp"

namespace wire {

struct ApiOptions {
  std::string version;  // of the controller, for the User-Agent
  // After every request, from the calling thread: the HTTP method and status, 0 for no answer. May be empty.
  std::function<void(std::string_view method, int code)> observed;
};

// Beyond the table in api.hpp: a 401 has the credentials read again and the request sent once more. After a 429, and a 503
// that says Retry-After, every call through this client fails at once (Throttled, Unavailable) until the time is over; give
// what must not wait for others (the lease) a client of its own.
class ApiClient final : public Api {
 public:
  ApiClient(Http& http, Endpoint endpoint, const base::Clock& clock, ApiOptions options);

  [[nodiscard]] Result<std::string> get(const Ref& ref) override;
  [[nodiscard]] Result<std::string> list(const Collection& of, int limit, const std::string& continue_token) override;
  // A silence of 90 s ends the stream without an error: bookmarks come about once a minute. A line above LineFramer's limit
  // is Expired: it cannot be read this way, only listed past.
  [[nodiscard]] Result<void> watch(const Collection& of, const WatchAsk& ask, const LineSink& sink,
                                   std::stop_token stop) override;
  [[nodiscard]] Result<std::string> create(const Collection& in, const std::string& body) override;
  [[nodiscard]] Result<std::string> json_patch(const Ref& ref, const std::string& operations) override;
  [[nodiscard]] Result<void> remove(const Ref& ref, const std::string& uid) override;

 private:
  class Watching;

  [[nodiscard]] Request request(std::string method, const std::string& path, const Query& query) const;
  [[nodiscard]] Result<std::string> call(Request request, const std::string& doing);
  [[nodiscard]] Result<Response> exchange(Request request, const std::string& doing);
  [[nodiscard]] Result<void> may_call(const std::string& doing) const;
  [[nodiscard]] base::Error explain_422(const Ref& ref, const std::string& operations, base::Error refused);
  void note(const Request& request, const Response& answer);
  void saw(const Request& request, int code) const;

  Http& http_;
  const Endpoint endpoint_;
  const base::Clock& clock_;
  const ApiOptions options_;
  std::atomic<base::Millis::rep> silent_until_{0};  // by Clock::boot
  std::atomic<base::Fault> silent_why_{base::Fault::Throttled};
};

}  // namespace wire
