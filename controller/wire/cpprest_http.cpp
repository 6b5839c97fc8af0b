// The only adapter of wire::Http, on cpprestsdk 2.10.18 (with cpprest_line.cpp and cpprest_stream.cpp). What it works around
// is told where it is done; test/wire/ plays each of these faults. All waiting and timing is Exchange's: cpprest's own timer is
// never meant to fire.
#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <vector>

#include <openssl/crypto.h>
#include <unistd.h>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "wire/cpprest_line.hpp"

namespace wire {
namespace {

using base::Fault;
using cpprest::Line;
using cpprest::Target;
using Steady = std::chrono::steady_clock;

constexpr base::Millis kFirstAnswer{30'000};  // of a stream
constexpr std::size_t kMaxIdle = 64;
constexpr std::chrono::seconds kMaxIdleAge{25};  // cpprest drops an idle connection after 30 to 60 s

// The connections that are not in use. Only for plain requests: each stream has a line of its own.
class IdleLines {
 public:
  std::unique_ptr<Line> take(const std::string& origin) {
    std::erase_if(lines_, [](const auto& line) { return Steady::now() - line->idle_since > kMaxIdleAge; });
    const auto found = std::find_if(lines_.rbegin(), lines_.rend(), [&](const auto& line) { return line->origin() == origin; });
    if (found == lines_.rend()) return nullptr;
    auto line = std::move(*found);
    lines_.erase(std::next(found).base());
    return line;
  }
  void give(std::unique_ptr<Line> line) {
    line->idle_since = Steady::now();
    if (lines_.size() >= kMaxIdle) lines_.erase(lines_.begin());
    lines_.push_back(std::move(line));
  }
  void drop(const std::string& origin) {
    std::erase_if(lines_, [&](const auto& line) { return line->origin() == origin; });
  }
  void clear() { lines_.clear(); }

 private:
  std::vector<std::unique_ptr<Line>> lines_;  // the longest idle first
};

class CpprestHttp final : public Http {
 public:
  CpprestHttp(std::function<TlsIdentity()> ask, TlsIdentity identity, std::shared_ptr<const TlsMaterial> tls)
      : ask_(std::move(ask)), tls_(Trust{std::move(identity), std::move(tls)}) {}

  Result<Response> send(const Request& request, std::stop_token stop) override;
  Result<StreamEnd> stream(const Request& request, const StreamSink& sink, std::stop_token stop) override;

 private:
  using Answer = tl::expected<Response, Failure>;
  struct Trust {
    TlsIdentity seen;  // the last one looked at, usable or not
    std::shared_ptr<const TlsMaterial> usable;
  };

  std::shared_ptr<const TlsMaterial> identity();
  Answer attempt(std::unique_ptr<Line> line, const Request& request, const Target& target, base::Millis timeout,
                 const std::stop_token& stop);

  const std::function<TlsIdentity()> ask_;
  base::Guarded<Trust> tls_;
  base::Guarded<IdleLines> idle_;
};

tl::unexpected<base::Error> refused(const Request& request, Fault fault, const std::string& what) {
  return base::fail(fault, request.method + " " + request.url.substr(0, request.url.find('?')) + ": " + what);
}

std::shared_ptr<const TlsMaterial> CpprestHttp::identity() {
  auto now = ask_();
  return tls_.with([&](Trust& trust) {
    if (now == trust.seen) return trust.usable;
    auto parsed = TlsMaterial::parse(now);
    trust.seen = std::move(now);
    if (parsed) {
      trust.usable = std::move(*parsed);
      idle_.with([](IdleLines& lines) { lines.clear(); });
    } else {
      base::log::warn("new credentials cannot be used, the old ones stay in force", {{"why", parsed.error().what}});
    }
    return trust.usable;
  });
}

CpprestHttp::Answer CpprestHttp::attempt(std::unique_ptr<Line> line, const Request& request, const Target& target,
                                         base::Millis timeout, const std::stop_token& stop) {
  const auto exchange = std::make_shared<Exchange>(request.max_body);
  Response response;
  bool too_long = false;
  const StreamSink collect{[&](int status, const Headers& headers) {
                             response.status = status;
                             response.headers = headers;
                             return true;
                           },
                           [&](std::string_view bytes) {
                             too_long = response.body.size() + bytes.size() > request.max_body;
                             if (!too_long) response.body.append(bytes);
                             return !too_long;
                           }};
  const auto cancel = line->start(request, target, exchange);
  auto end = exchange->read(collect, {Pace::Kind::Whole, timeout, timeout}, stop);
  if (end && *end == StreamEnd::Closed) {
    idle_.with([&](IdleLines& lines) { lines.give(std::move(line)); });
    return response;
  }
  cpprest::give_up(cancel);
  if (!end) return tl::unexpected(std::move(end.error()));
  return tl::unexpected(Failure{false, too_long ? "the answer is longer than " + std::to_string(request.max_body) + " bytes"
                                                : "stopped before the answer was complete"});
}

Result<Response> CpprestHttp::send(const Request& request, std::stop_token stop) {
  const auto target = cpprest::target_of(request);
  if (!target) return refused(request, target.error().fault, target.error().what);
  const auto tls = identity();
  const auto begin = Steady::now();
  auto kept = idle_.with([&](IdleLines& lines) { return lines.take(target->origin); });
  const bool was_kept = kept != nullptr;
  auto answer = attempt(kept ? std::move(kept) : std::make_unique<Line>(*target, tls), request, *target, request.timeout, stop);
  if (!answer) {
    // Where one kept connection broke the others are suspect.
    idle_.with([&](IdleLines& lines) { lines.drop(target->origin); });
    const auto left = request.timeout - std::chrono::duration_cast<base::Millis>(Steady::now() - begin);
    if (was_kept && answer.error().unsent && left.count() > 0) {
      answer = attempt(std::make_unique<Line>(*target, tls), request, *target, left, stop);
    }
  }
  if (!answer) return refused(request, Fault::Unavailable, answer.error().what);
  return std::move(*answer);
}

Result<StreamEnd> CpprestHttp::stream(const Request& request, const StreamSink& sink, std::stop_token stop) {
  const auto target = cpprest::target_of(request);
  if (!target) return refused(request, target.error().fault, target.error().what);
  const auto exchange = std::make_shared<Exchange>(request.max_body);
  Line line(*target, identity());
  const auto cancel = line.start(request, *target, exchange);
  auto end = exchange->read(sink, {Pace::Kind::Silence, std::min(kFirstAnswer, request.timeout), request.timeout}, stop);
  if (end && *end == StreamEnd::Closed) return *end;
  cpprest::give_up(cancel);
  if (!end) return refused(request, Fault::Unavailable, end.error().what);
  return *end;
}

}  // namespace

Result<std::unique_ptr<Http>> make_cpprest_http(std::function<TlsIdentity()> identity) {
  prepare_process();
  auto first = identity();
  auto tls = TlsMaterial::parse(first);
  if (!tls) return tl::unexpected(tls.error());
  return std::make_unique<CpprestHttp>(std::move(identity), std::move(first), std::move(*tls));
}

void prepare_process() {
  static std::once_flag once;
  std::call_once(once, [] {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    ::setenv("SSL_CERT_FILE", "/dev/null", 1);  // cpprest loads it for every connection, only to have it replaced by ours
    cpprest::start_transport_thread();
  });
}

void leave_process(int code) {
  base::log::flush();
  ::_exit(code);
}

}  // namespace wire
