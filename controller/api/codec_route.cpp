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

// A Service is called by its name, or by a host name with its namespace. A namespace of the backend's own must be the route's.
bool names(const json& backend, const Router& router, std::string_view service, std::string_view ns) {
  const json::json_pointer at{std::string(router.host)};
  if (!backend.is_object() || !backend.contains(at) || !backend.at(at).is_string()) return false;
  const auto& host = backend.at(at).get_ref<const std::string&>();
  if (text(backend, "namespace", ns) != ns || text(backend, "kind", "Service") != "Service") return false;
  const std::string whole = fmt::format("{}.{}", service, ns);
  return host == service || host == whole || host == whole + ".svc" || host.starts_with(whole + ".svc.");
}

std::vector<int> weights_of(const json::array_t& backends, const Router& router) {
  std::vector<int> all;
  for (const json& backend : backends)
    all.push_back(std::max(0, small_number(backend, "weight").value_or(router.one_if_absent ? 1 : 0)));
  const bool all_zero = std::all_of(all.begin(), all.end(), [](int weight) { return weight == 0; });
  if (all_zero && !router.one_if_absent) std::fill(all.begin(), all.end(), 1);
  return all;
}

int sum_of(const std::vector<int>& weights) {
  std::int64_t sum = 0;
  for (const int weight : weights) sum += weight;
  return static_cast<int>(std::min<std::int64_t>(sum, std::numeric_limits<int>::max()));
}

std::optional<size_t> find_backend(const json::array_t& backends, const Router& router, std::string_view service,
                                   std::string_view ns) {
  const auto found =
      std::find_if(backends.begin(), backends.end(), [&](const json& each) { return names(each, router, service, ns); });
  if (found == backends.end()) return std::nullopt;
  return static_cast<size_t>(found - backends.begin());
}

std::optional<Split> read_split(size_t rule, const json::array_t& backends, const Router& router, const CanaryPair& pair,
                                std::string_view ns) {
  const auto canary = find_backend(backends, router, pair.canary_service, ns);
  if (!canary) return std::nullopt;
  const auto stable = find_backend(backends, router, pair.stable_service, ns);
  const auto weights = weights_of(backends, router);
  return Split{.rule = rule,
               .stable = stable ? weights[*stable] : 0,
               .canary = weights[*canary],
               .sum = sum_of(weights),
               .names_stable = stable.has_value(),
               .stable_at = stable.value_or(0),
               .canary_at = *canary};
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
      {kGateway, "v1", "httproutes", "HTTPRoute", "rules", "backendRefs", "/name", true, Says::ByParent},
      {kGateway, "v1", "grpcroutes", "GRPCRoute", "rules", "backendRefs", "/name", true, Says::ByParent},
      {"networking.istio.io", "v1", "virtualservices", "VirtualService", "http", "route", "/destination/host", false,
       Says::Nothing},
      {"projectcontour.io", "v1", "httpproxies", "HTTPProxy", "routes", "services", "/name", false, Says::ByItself},
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
