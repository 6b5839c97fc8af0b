#include "act/traffic.hpp"

#include <fmt/format.h>

#include "act/live.hpp"
#include "act/patch.hpp"

namespace act {

using base::fail;
using base::Fault;

wire::Ref route_of(const api::RouteRef& route, const std::string& ns) {
  for (const auto& known : {wire::kServices, wire::kAutoscalers}) {
    if (route.group == known.group && route.kind == known.name) return {known, ns, route.name, "", {}};
  }
  const auto* router = api::find_router(route);
  const wire::Kind kind = router ? wire::Kind{router->group, router->version, router->plural, router->kind} : wire::Kind{};
  return {kind, ns, route.name, "", {}};
}

std::optional<std::string> weights_patch(const json& route, const api::Router& router, const api::CanaryPair& pair,
                                         std::string_view ns) {
  const auto read = api::read_route(route, router, pair, ns);
  Patch patch;
  patch.test("/metadata/uid", read.uid);
  bool is_any = false;
  for (const auto& split : read.splits) {
    if (!split.names_stable || split.canary == 0) continue;
    is_any = true;
    const std::string list = fmt::format("/spec/{}/{}/{}", router.rules, split.rule, router.backends);
    const json& backends = route.at(json::json_pointer(list));
    const auto at = [&](size_t backend) { return fmt::format("{}/{}", list, backend); };
    patch.test(at(split.stable_at), backends.at(split.stable_at));
    for (const size_t canary : split.canary_at) patch.test(at(canary), backends.at(canary));
    patch.add(at(split.stable_at) + "/weight", split.stable_then);
    for (const size_t canary : split.canary_at) patch.add(at(canary) + "/weight", 0);
  }
  if (!is_any) return std::nullopt;
  return patch.text();
}

Result<void> move_traffic(wire::Api& api, const decide::MoveTraffic& step) {
  const auto* router = api::find_router(step.route);
  if (!router) return fail(Fault::Invalid, fmt::format("{}: not a kind of route that is known", step.route.kind));
  if (const auto target = read_bad_target(api, step); !target) return tl::unexpected(target.error());
  const wire::Ref ref = route_of(step.route, step.target.ns);
  const auto route = read_live(api, ref, step.route_uid);
  if (!route) return tl::unexpected(route.error());
  const auto patch = weights_patch(*route, *router, step.pair, step.target.ns);
  if (!patch) return {};
  return write(api, ref, *patch);
}

}  // namespace act
