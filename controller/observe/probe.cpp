#include "observe/probe.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "observe/host.hpp"

namespace observe {
namespace {

// The schema says so too; but what goes into a URL behind a host is checked where it is put there.
bool is_path(std::string_view path) {
  return !path.empty() && path.front() == '/' &&
         std::all_of(path.begin(), path.end(), [](char at) { return at > ' ' && at <= '~' && at != '#'; });
}

wire::Request request_of(const api::HttpChecks& checks, const api::HttpCheck& check, const std::string& ip) {
  wire::Request request;
  request.method = check.method;
  request.url = "http://" + host_and_port(ip, checks.port) + check.path;
  request.timeout = checks.timeout;
  if (check.method == "POST" || check.method == "PUT") {
    request.headers["content-type"] = check.content_type;
    request.body = check.body;
  }
  return request;
}

}  // namespace

decide::ProbeResult probe(wire::Http& http, const api::HttpChecks& checks, const api::HttpCheck& check,
                          const decide::ProbeWant::Target& pod, const base::Clock& clock, const std::stop_token& stop) {
  decide::ProbeResult result{pod.pod_uid, pod.pod, check.name, clock.now(), decide::Probed::Unreachable, ""};
  if (!is_path(check.path) || pod.ip.empty()) {
    result.message =
        pod.ip.empty() ? "the pod has no address" : "its path can't be asked: it must be plain ASCII and begin with '/'";
    return result;
  }
  const auto answer = http.send(request_of(checks, check, pod.ip), stop);
  result.taken = clock.now();
  if (!answer) {
    result.message = answer.error().what;
    return result;
  }
  const bool is_success = answer->status >= 200 && answer->status < 300;
  result.outcome = is_success ? decide::Probed::Ok : decide::Probed::Wrong;
  result.message = fmt::format("{} {} answered {}", check.method, check.path, answer->status);
  return result;
}

}  // namespace observe
