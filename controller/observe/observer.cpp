#include "observe/observer.hpp"

#include <algorithm>

#include "observe/view.hpp"

namespace observe {
namespace {

// Evidence is kept longer than the run it is of.
bool is_unfinished(const std::vector<api::Rollback>& rollbacks, const std::string& uid) {
  return std::any_of(rollbacks.begin(), rollbacks.end(),
                     [&](const api::Rollback& rollback) { return rollback.meta.uid == uid && !rollback.finished(); });
}

}  // namespace

Observer::Observer(const Cache& cache, Collector& collector, std::function<Hold()> hold)
    : cache_(cache), collector_(collector), hold_(std::move(hold)) {}

Result<std::optional<decide::Snapshot>> Observer::look(const api::Key& policy) {
  if (!cache_.synced())
    return base::fail(base::Fault::Unavailable,
                      "the caches are still being filled from the API server; nothing is decided before");
  auto world = cache_.read([&](const Tables& tables, Instant now) { return view_of(tables, policy, now); });
  if (world) add_readings(*world);
  return world;
}

void Observer::add_readings(decide::Snapshot& world) const {
  auto readings = collector_.readings(world.key);
  world.memory = std::move(readings.memory);
  world.memory_problem = std::move(readings.memory_problem);
  world.probes = std::move(readings.probes);
  if (readings.evidence && is_unfinished(world.rollbacks, readings.evidence_of)) world.evidence = std::move(readings.evidence);
  world.traffic = std::move(readings.traffic);
  world.traffic_wanted_for = readings.traffic_wanted_for;
  world.permissions = std::move(readings.permissions);
  if (world.traffic && !world.traffic->stable_selector.empty()) {
    auto behind = cache_.read(
        [&](const Tables& tables, Instant) { return pods_behind(tables, world.key.ns, world.traffic->stable_selector); });
    world.traffic->stable_ready = behind.ready;
    world.traffic->stable_wanted = behind.wanted;
    world.traffic->stable_deployments = std::move(behind.deployments);
  }
  const Hold hold = hold_();
  world.kill_switch = hold.kill_switch;
  world.max_reverting = hold.max_reverting;
  world.moves_traffic = hold.moves_traffic;
}

void Observer::want(const api::Key& policy, decide::Wants wants) {
  std::vector<std::string> memory_pods;
  if (!wants.memory_nodes.empty())
    memory_pods = cache_.read([&](const Tables& tables, Instant) { return pods_of(tables, policy); });
  collector_.want(policy, std::move(wants), memory_pods);
}

}  // namespace observe
