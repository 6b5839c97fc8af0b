#include "decide/topology.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace decide {
namespace {

std::string of_services(const api::CanaryPair& pair, const Traffic& traffic, const api::Deployment& target) {
  const auto& labels = target.pod_template.labels;
  for (const auto& [side, service, selector] : {std::tuple{"stable", pair.stable_service, traffic.stable_selector},
                                                std::tuple{"canary", pair.canary_service, traffic.canary_selector}}) {
    if (selector.empty())
      return fmt::format("the {} Service {} has no selector, so nobody can tell which pods are behind it", side, service);
  }
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

std::string label(const api::Deployment& side, const std::string& key) {
  const auto found = side.pod_template.labels.find(key);
  return found == side.pod_template.labels.end() ? "" : found->second;
}

// What keeps a turn of the key from sending all of the traffic to `side`.
std::string of_side(const api::BlueGreenPair& pair, const api::Service& service, const api::Deployment& side) {
  const std::string value = label(side, pair.key);
  if (value.empty())
    return fmt::format("the pods of Deployment {} have no value of the label {}, which the Service {} is to select them by",
                       side.meta.name, pair.key, pair.service);
  auto selector = service.selector;
  selector[pair.key] = value;
  if (api::selects(selector, side.pod_template.labels)) return "";
  return fmt::format("with {}={} the Service {} would not select the pods of Deployment {}: its selector has other keys too",
                     pair.key, value, pair.service, side.meta.name);
}

std::string of_blue_green(const api::BlueGreenPair& pair, const Snapshot& world) {
  if (!world.moves_traffic) return "the operator was told to leave Services alone (--traffic=Disabled)";
  if (!world.service) return fmt::format("there is no Service {} in this namespace", pair.service);
  if (!world.peer)
    return fmt::format("there is no Deployment {} in this namespace, the other side of the pair",
                       world.target->meta.name == pair.side ? pair.peer : pair.side);
  for (const auto* side : {&*world.target, &world.peer->target}) {
    if (auto wrong = of_side(pair, *world.service, *side); !wrong.empty()) return wrong;
  }
  const std::string here = label(*world.target, pair.key);
  const std::string there = label(world.peer->target, pair.key);
  if (here == there)
    return fmt::format("the pods of both Deployments have the label {}={}: the Service {} can't select one side alone",
                       pair.key, here, pair.service);
  const auto is_selected = [&](const api::Deployment& side) {
    return api::selects(world.service->selector, side.pod_template.labels);
  };
  if (is_selected(*world.target) && !is_selected(world.peer->target)) return "";
  const auto now = world.service->selector.find(pair.key);
  return fmt::format("the selector of the Service {} has {}={}, and the sides have {} ({}) and {} ({})", pair.service, pair.key,
                     now == world.service->selector.end() ? "(nothing)" : now->second, here, world.target->meta.name, there,
                     world.peer->target.meta.name);
}

}  // namespace

std::string topology_mismatch(const Snapshot& world) {
  if (!world.policy || !world.target) return "";
  if (const auto& pair = world.policy->spec.blue_green) return of_blue_green(*pair, world);
  if (!world.policy->spec.canary || !world.traffic) return "";
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
