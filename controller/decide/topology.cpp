#include "decide/topology.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace decide {
namespace {

std::string of_services(const api::CanaryPair& pair, const Traffic& traffic, const api::Deployment& target) {
  const auto& labels = target.pod_template.labels;
  if (!api::selects(traffic.canary_selector, labels))
    return fmt::format(
        "the canary Service {} does not select the pods of Deployment {}: targetRef must name the workload behind it",
        pair.canary_service, target.meta.name);
  if (api::selects(traffic.stable_selector, labels))
    return fmt::format(
        "the stable Service {} selects the pods of Deployment {} too: taking the weight from {} would not take "
        "traffic away; give it a selector of its own",
        pair.stable_service, target.meta.name, pair.canary_service);
  return "";
}

}  // namespace

std::string topology_mismatch(const Snapshot& world) {
  if (!world.policy || !world.policy->spec.canary || !world.target || !world.traffic) return "";
  const auto& pair = *world.policy->spec.canary;
  if (!world.traffic->service_problem) {
    if (auto wrong = of_services(pair, *world.traffic, *world.target); !wrong.empty()) return wrong;
  }
  for (const auto& reading : world.traffic->routes) {
    const auto& splits = reading.route.splits;
    if (reading.problem || std::any_of(splits.begin(), splits.end(), [](const auto& split) { return split.names_stable; }))
      continue;
    return fmt::format("no rule of {} names both Services, {} and {}: there is no weight to move", api::describe(reading.ref),
                       pair.stable_service, pair.canary_service);
  }
  return "";
}

std::string traffic_problem(const Snapshot& world) {
  if (!world.traffic) return "";
  if (world.traffic->service_problem) return world.traffic->service_problem->what;
  for (const auto& reading : world.traffic->routes) {
    if (reading.problem) return reading.problem->what;
  }
  return "";
}

}  // namespace decide
