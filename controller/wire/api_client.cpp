#include "wire/api_client.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "wire/answers.hpp"
#include "wire/lines.hpp"
#include "wire/url.hpp"

namespace wire {
namespace {

using base::Fault;

// As long as an admission webhook may take by default. A write that began before the renew deadline may so end after another
// process leads: it tests uid and value, or makes an object whose name is a digest, and can do no harm by being late.
constexpr base::Millis kCallTimeout{10'000};
constexpr base::Millis kListTimeout{30'000};
constexpr base::Millis kLongestSilence{90'000};
constexpr std::size_t kLongestRefusal = 64u << 10;

bool is_success(int status) { return status >= 200 && status < 300; }

}  // namespace

// Takes a watch's answer apart: lines of a 200, the body of anything else.
class ApiClient::Watching {
 public:
  explicit Watching(const LineSink& lines) : lines_(lines) {}

  StreamSink sink() {
    return {[this](int status, const Headers& headers) {
              answer_.status = status;
              answer_.headers = headers;
              return true;
            },
            [this](std::string_view bytes) { return is_success(answer_.status) ? read(bytes) : keep(bytes); }};
  }
  const Response& answer() const { return answer_; }
  bool too_long() const { return fed_ == LineFramer::Fed::TooLong; }

 private:
  bool read(std::string_view bytes) {
    fed_ = framer_.feed(bytes, lines_);
    return fed_ == LineFramer::Fed::All;
  }
  bool keep(std::string_view bytes) {
    answer_.body.append(bytes.substr(0, kLongestRefusal - answer_.body.size()));
    return answer_.body.size() < kLongestRefusal;
  }

  const LineSink& lines_;
  LineFramer framer_;
  LineFramer::Fed fed_ = LineFramer::Fed::All;
  Response answer_;
};

ApiClient::ApiClient(Http& http, Endpoint endpoint, const base::Clock& clock, ApiOptions options)
    : http_(http), endpoint_(std::move(endpoint)), clock_(clock), options_(std::move(options)) {}

Request ApiClient::request(std::string method, const std::string& path, const Query& query) const {
  Request made;
  made.method = std::move(method);
  made.url = endpoint_.server + path + query_text(query);
  made.headers = {{"accept", "application/json, */*"}, {"user-agent", "rollback-controller/" + options_.version}};
  made.timeout = kCallTimeout;
  return made;
}

void ApiClient::saw(const Request& request, int code) const {
  if (options_.observed) options_.observed(request.method, code);
}

void ApiClient::note(const Request& request, const Response& answer) {
  saw(request, answer.status);
  const auto wait = asked_to_wait(answer);
  if (!wait) return;
  const auto until = (clock_.boot() + *wait).count();
  if (until <= silent_until_) return;  // of two answers that came side by side the longer wait holds
  silent_why_ = answer.status == 429 ? Fault::Throttled : Fault::Unavailable;
  silent_until_ = until;
}

Result<void> ApiClient::may_call(const std::string& doing) const {
  if (silent_until_ <= clock_.boot().count()) return {};
  return base::fail(silent_why_, doing + ": not sent, the API server asked to wait");
}

Result<Response> ApiClient::exchange(Request request, const std::string& doing) {
  if (auto ok = may_call(doing); !ok) return tl::unexpected(ok.error());
  for (bool again = true;; again = false) {
    if (const auto token = endpoint_.token(); !token.empty()) request.headers["authorization"] = "Bearer " + token;
    auto answer = http_.send(request, {});
    if (!answer) {
      saw(request, 0);
      return base::fail(answer.error().fault, doing + ": " + answer.error().what);
    }
    note(request, *answer);
    if (answer->status != 401 || !again) return answer;
    endpoint_.reload();
  }
}

Result<std::string> ApiClient::call(Request request, const std::string& doing) {
  auto answer = exchange(std::move(request), doing);
  if (!answer) return tl::unexpected(answer.error());
  if (!is_success(answer->status)) return tl::unexpected(error_of(*answer, doing));
  return std::move(answer->body);
}

Result<std::string> ApiClient::get(const Ref& ref) {
  const auto path = object_path(ref);
  if (!path) return tl::unexpected(path.error());
  return call(request("GET", *path, ref.query), spoken("get", ref));
}

Result<std::string> ApiClient::list(const Collection& of, int limit, const std::string& continue_token) {
  const auto path = collection_path(of);
  if (!path) return tl::unexpected(path.error());
  Query query{{"limit", std::to_string(limit)}};
  if (!of.labels.empty()) query.emplace_back("labelSelector", of.labels);
  if (!continue_token.empty()) query.emplace_back("continue", continue_token);
  auto page = request("GET", *path, query);
  page.timeout = kListTimeout;
  return call(std::move(page), spoken("list", of));
}

Result<void> ApiClient::watch(const Collection& of, const WatchAsk& ask, const LineSink& sink, std::stop_token stop) {
  const auto doing = spoken("watch", of);
  const auto path = collection_path(of);
  if (!path) return tl::unexpected(path.error());
  if (auto ok = may_call(doing); !ok) return ok;
  auto wanted = request("GET", *path,
                        {{"watch", "true"},
                         {"allowWatchBookmarks", "true"},
                         {"resourceVersion", ask.resource_version},
                         {"timeoutSeconds", std::to_string(ask.timeout_seconds)}});
  wanted.timeout = kLongestSilence;
  wanted.max_body = 2 * LineFramer::kLongest;
  for (bool again = true;; again = false) {
    if (const auto token = endpoint_.token(); !token.empty()) wanted.headers["authorization"] = "Bearer " + token;
    Watching watching(sink);
    const auto end = http_.stream(wanted, watching.sink(), stop);
    const auto& answer = watching.answer();
    if (answer.status != 0) note(wanted, answer);
    if (answer.status == 0 && !end) saw(wanted, 0);
    if (watching.too_long()) return base::fail(Fault::Expired, doing + ": an event is longer than any object can be");
    if (answer.status == 401 && again && !stop.stop_requested()) {
      endpoint_.reload();
      continue;
    }
    if (answer.status != 0 && !is_success(answer.status)) return tl::unexpected(error_of(answer, doing));
    if (!end) return base::fail(end.error().fault, doing + ": " + end.error().what);
    return {};
  }
}

Result<std::string> ApiClient::create(const Collection& in, const std::string& body) {
  const auto path = collection_path(in);
  if (!path) return tl::unexpected(path.error());
  auto wanted = request("POST", *path, {{"fieldManager", std::string(kFieldManager)}});
  wanted.headers["content-type"] = "application/json";
  wanted.body = body;
  return call(std::move(wanted), spoken("create", in));
}

Result<std::string> ApiClient::json_patch(const Ref& ref, const std::string& operations) {
  const auto path = object_path(ref);
  if (!path) return tl::unexpected(path.error());
  Query query = ref.query;
  query.emplace_back("fieldManager", std::string(kFieldManager));
  auto wanted = request("PATCH", *path, query);
  wanted.headers["content-type"] = "application/json-patch+json";
  wanted.body = operations;
  const auto doing = spoken("patch", ref);
  auto answer = exchange(std::move(wanted), doing);
  if (!answer) return tl::unexpected(answer.error());
  if (is_success(answer->status)) return std::move(answer->body);
  auto refused = error_of(*answer, doing);
  if (is_bare_422(*answer)) refused = explain_422(ref, operations, std::move(refused));
  return tl::unexpected(std::move(refused));
}

// A failed `test` and a denial look alike. What the object says now tells them apart.
base::Error ApiClient::explain_422(const Ref& ref, const std::string& operations, base::Error refused) {
  Ref fresh = ref;
  fresh.query.clear();
  if (fresh.subresource == "status") fresh.subresource.clear();  // the same object, and the right to read it is given
  const auto now = get(fresh);
  if (!now) return now.error();
  if (tests_hold(operations, *now)) return refused;
  return {Fault::Conflict, refused.what + " (a tested value has changed)"};
}

Result<void> ApiClient::remove(const Ref& ref, const std::string& uid) {
  const auto path = object_path(ref);
  if (!path) return tl::unexpected(path.error());
  auto wanted = request("DELETE", *path, ref.query);
  wanted.headers["content-type"] = "application/json";
  wanted.body = nlohmann::json{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"preconditions", {{"uid", uid}}}}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
  const auto done = call(std::move(wanted), spoken("delete", ref));
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace wire
