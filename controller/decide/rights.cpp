#include "decide/rights.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "decide/reasons.hpp"

namespace decide {
namespace {

constexpr const char* kOurs = "rollback.riptide.dev";

const Right& to_raise() {
  static const Right right{"patch", "autoscaling", "horizontalpodautoscalers"};
  return right;
}

}  // namespace

std::string describe(const Right& right) {
  return fmt::format("{} {}{}{}{}{}", right.verb, right.resource, right.group.empty() ? "" : ".", right.group,
                     right.subresource.empty() ? "" : "/", right.subresource);
}

std::vector<Right> rights_for(const api::PolicySpec& spec) {
  std::vector<Right> all{
      {"create", kOurs, "rollbacks"}, {"patch", kOurs, "rollbacks", "status"}, {"patch", "apps", "deployments"}};
  if (spec.blue_green) all.push_back({"patch", "", "services"});
  if (spec.blue_green || spec.canary) all.push_back(to_raise());
  if (!spec.canary) return all;
  for (const auto& ref : spec.canary->routes) {
    const auto* router = api::find_router(ref);
    if (router) all.push_back({"patch", std::string(router->group), std::string(router->plural)});
  }
  return all;
}

std::string forbidden(const Snapshot& world) {
  if (world.policy->spec.mode != api::Mode::Enforce) return "";
  std::vector<std::string> missing;
  for (const auto& right : rights_for(world.policy->spec)) {
    auto name = describe(right);
    const auto& all = world.permissions;
    const auto answer = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.right == name; });
    if (answer == all.end()) {
      const auto* told = api::find(world.policy->status.conditions, "Stalled");
      return told && told->reason == reason::kForbidden ? told->message : "";
    }
    if (!answer->is_allowed) missing.push_back(std::move(name));
  }
  if (missing.empty()) return "";
  const bool is_capacity_alone = missing == std::vector{describe(to_raise())};
  return fmt::format(
      "a rollback would {}: in namespace {} the controller has no right to {}; grant it (the chart does: rbac.create)",
      is_capacity_alone ? "move traffic without raising minReplicas for it" : "fail", world.key.ns, fmt::join(missing, ", "));
}

}  // namespace decide
