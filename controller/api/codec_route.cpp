#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "api/fields.hpp"
#include "api/traffic.hpp"

namespace api {
namespace {

using nlohmann::json;
using namespace fields;

constexpr const char* kGateway = "gateway.networking.k8s.io";
constexpr int kMost = std::numeric_limits<int>::max();
constexpr int kMostOfGateway = 1'000'000;

// A Service is called by its name, or by a host name with its namespace. A namespace of the backend's own must be the route's.
bool names(const json& backend, const Router& router, std::string_view service, std::string_view ns) {
  const json::json_pointer at{std::string(router.host)};
  if (!backend.is_object() || !backend.contains(at) || !backend.at(at).is_string()) return false;
  const auto& host = backend.at(at).get_ref<const std::string&>();
  if (text(backend, "namespace", ns) != ns || text(backend, "kind", "Service") != "Service") return false;
  const std::string whole = fmt::format("{}.{}", service, ns);
  return host == service || host == whole || host == whole + ".svc" || host.starts_with(whole + ".svc.");
}

// Contour's mirrors stand among the backends and get copies, no share.
bool is_mirror(const json& backend) { return truth(backend, "mirror"); }

std::vector<int> weights_of(const json::array_t& backends, const Router& router) {
  std::vector<int> all;
  for (const json& backend : backends)
    all.push_back(is_mirror(backend) ? 0 : std::max(0, small_number(backend, "weight").value_or(router.one_if_absent ? 1 : 0)));
  const bool all_zero = std::all_of(all.begin(), all.end(), [](int weight) { return weight == 0; });
  for (size_t i = 0; all_zero && !router.one_if_absent && i < all.size(); ++i) all[i] = is_mirror(backends[i]) ? 0 : 1;
  return all;
}

int sum_of(const std::vector<int>& weights, int most = kMost) {
  std::int64_t sum = 0;
  for (const int weight : weights) sum += weight;
  return static_cast<int>(std::min<std::int64_t>(sum, most));
}

// Which backends are this Service, mirrors aside.
std::vector<size_t> find_backends(const json::array_t& backends, const Router& router, std::string_view service,
                                  std::string_view ns) {
  std::vector<size_t> found;
  for (size_t i = 0; i < backends.size(); ++i) {
    if (!is_mirror(backends[i]) && names(backends[i], router, service, ns)) found.push_back(i);
  }
  return found;
}

std::optional<Split> read_split(size_t rule, const json::array_t& backends, const Router& router, const CanaryPair& pair,
                                std::string_view ns) {
  const auto canary = find_backends(backends, router, pair.canary_service, ns);
  if (canary.empty()) return std::nullopt;
  const auto stable = find_backends(backends, router, pair.stable_service, ns);
  const auto weights = weights_of(backends, router);
  const auto of = [&](const std::vector<size_t>& which) {
    std::vector<int> out;
    for (const size_t at : which) out.push_back(weights[at]);
    return out;
  };
  Split out{.rule = rule, .stable = sum_of(of(stable)), .canary = sum_of(of(canary)), .sum = sum_of(weights), .canary_at = {}};
  std::copy_if(canary.begin(), canary.end(), std::back_inserter(out.canary_at), [&](size_t at) { return weights[at] > 0; });
  out.names_stable = !stable.empty();
  if (!out.names_stable) return out;
  out.stable_at = stable.front();
  out.stable_then = sum_of({weights[stable.front()], out.canary}, router.most);
  return out;
}

// Copies of the rule's requests go to the Service: a mirror among the backends (Contour), a filter (Gateway API), or a field of
// the rule's own (Istio).
bool is_mirrored(const json& rule, const Router& router, std::string_view service, std::string_view ns) {
  const auto is_it = [&](const json& backend) { return names(backend, router, service, ns); };
  const auto& backends = list(rule, router.backends);
  const auto& filters = list(rule, "filters");
  const auto& mirrors = list(rule, "mirrors");
  return std::any_of(backends.begin(), backends.end(), [&](const json& each) { return is_mirror(each) && is_it(each); }) ||
         std::any_of(filters.begin(), filters.end(),
                     [&](const json& each) { return is_it(field(field(each, "requestMirror"), "backendRef")); }) ||
         std::any_of(mirrors.begin(), mirrors.end(), is_it) || is_it(json{{"destination", field(rule, "mirror")}});
}

bool holds_now(const json& status, std::string_view type, std::int64_t generation) {
  for (const json& condition : list(status, "conditions")) {
    if (text(condition, "type") != type) continue;
    return text(condition, "status") == "True" && number(condition, "observedGeneration").value_or(generation) >= generation;
  }
  return false;
}

bool is_accepted(const json& status, const Router& router, std::int64_t generation) {
  switch (router.says) {
    case Router::Says::Nothing:
      return true;
    case Router::Says::ByItself:
      return holds_now(status, "Valid", generation);
    case Router::Says::ByParent: {
      const auto& parents = list(status, "parents");
      return !parents.empty() && std::all_of(parents.begin(), parents.end(),
                                             [&](const json& parent) { return holds_now(parent, "Accepted", generation); });
    }
  }
  return false;
}

}  // namespace

const std::vector<Router>& routers() {
  using Says = Router::Says;
  static const std::vector<Router> rows{
      {kGateway, "v1", "httproutes", "HTTPRoute", "rules", "backendRefs", "/name", kMostOfGateway, true, Says::ByParent},
      {kGateway, "v1", "grpcroutes", "GRPCRoute", "rules", "backendRefs", "/name", kMostOfGateway, true, Says::ByParent},
      {"networking.istio.io", "v1", "virtualservices", "VirtualService", "http", "route", "/destination/host", kMost, false,
       Says::Nothing},
      {"projectcontour.io", "v1", "httpproxies", "HTTPProxy", "routes", "services", "/name", kMost, false, Says::ByItself},
  };
  return rows;
}

const Router* find_router(const RouteRef& ref) {
  const auto& rows = routers();
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Router& row) { return row.group == ref.group && row.kind == ref.kind; });
  return found == rows.end() ? nullptr : &*found;
}

std::string describe(const RouteRef& ref) { return fmt::format("{} {}", ref.kind, ref.name); }

Route read_route(const json& object, const Router& router, const CanaryPair& pair, std::string_view ns) {
  const json& metadata = field(object, "metadata");
  Route out{.uid = text(metadata, "uid"), .generation = number(metadata, "generation").value_or(0), .splits = {}};
  const auto& rules = list(field(object, "spec"), router.rules);
  for (size_t i = 0; i < rules.size(); ++i) {
    if (const auto split = read_split(i, list(rules[i], router.backends), router, pair, ns)) out.splits.push_back(*split);
    out.mirrors = out.mirrors || is_mirrored(rules[i], router, pair.canary_service, ns);
  }
  out.accepted = is_accepted(field(object, "status"), router, out.generation);
  out.owned_by_us = is_owned_by_us(metadata);
  return out;
}

base::Result<Route> parse_route(std::string_view route_text, const Router& router, const CanaryPair& pair,
                                std::string_view ns) {
  static const Keep wanted = keep({"metadata", "spec", "status"});
  const auto object = project(route_text, wanted);
  if (!object) return base::fail(object.error().fault, fmt::format("{}: {}", router.kind, object.error().what));
  return read_route(*object, router, pair, ns);
}

bool selects(const Strings& selector, const Strings& labels) {
  return !selector.empty() && std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  });
}

}  // namespace api
