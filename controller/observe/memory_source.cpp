#include "observe/memory_source.hpp"

#include <limits>

#include <fmt/format.h>

#include "api/fields.hpp"
#include "api/projection.hpp"
#include "observe/host.hpp"

namespace observe {
namespace {

using base::Fault;
using nlohmann::json;
namespace fields = api::fields;

constexpr base::Seconds kAddressLasts{300};
constexpr base::Millis kTimeout{5000};
constexpr std::int64_t kKubeletPort = 10250;

// Of several addresses the first IPv4 one: every transport reaches that.
std::string internal_ip(const json& status) {
  std::string first;
  for (const json& each : fields::list(status, "addresses")) {
    if (fields::text(each, "type") != "InternalIP") continue;
    const std::string ip = fields::text(each, "address");
    if (ip.find(':') == std::string::npos) return ip;
    if (first.empty()) first = ip;
  }
  return first;
}

Result<std::string> kubelet_host(const std::string& node, const std::string& text) {
  static const api::Keep wanted =
      api::keep({"status.addresses.type", "status.addresses.address", "status.daemonEndpoints.kubeletEndpoint.Port"});
  const auto object = api::project(text, wanted);
  if (!object) return base::fail(object.error().fault, fmt::format("node {}: {}", node, object.error().what));
  const json& status = fields::field(*object, "status");
  const std::string ip = internal_ip(status);
  if (ip.empty())
    return base::fail(Fault::Unavailable, fmt::format("node {} has no InternalIP, so its kubelet can't be asked", node));
  const json& endpoint = fields::field(fields::field(status, "daemonEndpoints"), "kubeletEndpoint");
  return host_and_port(ip, fields::number(endpoint, "Port").value_or(kKubeletPort));
}

double measured(const json& memory, std::string_view name) {
  const auto bytes = fields::number(memory, name);
  return bytes ? static_cast<double>(*bytes) : std::numeric_limits<double>::quiet_NaN();
}

void add_pod(const json& pod, std::vector<PodMemory>& out) {
  const std::string uid = fields::text(fields::field(pod, "podRef"), "uid");
  for (const json& container : fields::list(pod, "containers")) {
    const json& memory = fields::field(container, "memory");
    const auto taken = fields::time(memory, "time");
    if (!taken || uid.empty()) continue;  // a sample without its time can't be told from the one before
    out.push_back(
        {uid, fields::text(container, "name"), {*taken, measured(memory, "rssBytes"), measured(memory, "workingSetBytes")}});
  }
}

Result<std::vector<PodMemory>> read_summary(const std::string& node, const std::string& text) {
  static const api::Keep wanted = api::keep({"pods.podRef.uid", "pods.containers.name", "pods.containers.memory.time",
                                             "pods.containers.memory.rssBytes", "pods.containers.memory.workingSetBytes"});
  const auto summary = api::project(text, wanted);
  if (!summary) return base::fail(Fault::Unavailable, fmt::format("kubelet of {}: {}", node, summary.error().what));
  std::vector<PodMemory> out;
  for (const json& pod : fields::list(*summary, "pods")) add_pod(pod, out);
  return out;
}

base::Error refusal(const std::string& node, int status) {
  switch (status) {
    case 401:
      return {Fault::Forbidden,
              fmt::format("the kubelet of {} does not accept our token (401): it must authenticate by webhook", node)};
    case 403:
      return {Fault::Forbidden, fmt::format("the kubelet of {} refuses (403): the right `get nodes/stats` is missing", node)};
    case 404:
      return {Fault::NotFound, fmt::format("the kubelet of {} has no /stats/summary (404)", node)};
    case 429:
      return {Fault::Throttled, fmt::format("the kubelet of {} is asked too often (429)", node)};
    default:
      return {Fault::Unavailable, fmt::format("the kubelet of {} answered {}", node, status)};
  }
}

}  // namespace

KubeletSource::KubeletSource(wire::Api& api, wire::Http& http, std::function<std::string()> token, const base::Clock& clock)
    : api_(api), http_(http), token_(std::move(token)), clock_(clock) {}

Result<std::string> KubeletSource::host_of(const std::string& node) {
  const base::Instant now = clock_.now();
  const auto known = addresses_.with([&](const auto& all) -> std::optional<std::string> {
    const auto found = all.find(node);
    return found != all.end() && now < found->second.until ? std::optional(found->second.host) : std::nullopt;
  });
  if (known) return *known;
  const auto object = api_.get({wire::kNodes, "", node, "", {}});
  if (!object && object.error().fault == Fault::Forbidden)
    return base::fail(Fault::Forbidden, fmt::format("the right `get nodes` is missing, so the kubelet of {} can't be found: {}",
                                                    node, object.error().what));
  if (!object) return tl::unexpected(object.error());
  auto host = kubelet_host(node, *object);
  if (!host) return host;
  addresses_.with([&](auto& all) {
    std::erase_if(all, [&](const auto& entry) { return entry.second.until <= now; });
    all[node] = {*host, now + kAddressLasts};
  });
  return host;
}

Result<std::string> KubeletSource::ask(const std::string& node, const std::string& host, std::stop_token stop) {
  wire::Request request;
  request.method = "GET";
  request.url = fmt::format("https://{}/stats/summary?only_cpu_and_memory=true", host);
  request.headers = {{"authorization", "Bearer " + token_()}, {"accept", "application/json"}};
  request.timeout = kTimeout;
  auto answer = http_.send(request, stop);
  if (!answer)
    return base::fail(answer.error().fault, fmt::format("the kubelet of {} can't be asked: {}", node, answer.error().what));
  if (answer->status != 200) return tl::unexpected(refusal(node, answer->status));
  return std::move(answer->body);
}

Result<std::vector<PodMemory>> KubeletSource::read(const std::string& node, std::stop_token stop) {
  const auto host = host_of(node);
  if (!host) return tl::unexpected(host.error());
  const auto body = ask(node, *host, stop);
  if (body) return read_summary(node, *body);
  if (body.error().fault == Fault::Unavailable) addresses_.with([&](auto& all) { all.erase(node); });  // it may have moved
  return tl::unexpected(body.error());
}

}  // namespace observe
