#include "stage.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/codec.hpp"

namespace decide_test {
namespace {

using nlohmann::json;

template <class Status>
std::string object_with(const Status& status) {
  return json{{"metadata", {{"name", "web"}, {"namespace", "shop"}, {"uid", "uid"}}},
              {"spec", json::object()},
              {"status", api::to_json(status)}}
      .dump();
}

}  // namespace

api::PolicyStatus stored(const api::PolicyStatus& status) { return api::parse_policy(object_with(status)).value().status; }
api::RollbackStatus stored(const api::RollbackStatus& status) {
  return api::parse_rollback(object_with(status)).value().status;
}

void carry_out(decide::Snapshot& world, const decide::Decision& decision, api::Instant now) {
  if (world.policy && decision.status) world.policy->status = stored(*decision.status);
  for (const auto& update : decision.runs) {
    for (auto& run : world.rollbacks) {
      if (run.meta.uid == update.run.meta.uid) run.status = stored(update.next);
    }
  }
  std::erase_if(world.rollbacks, [&](const api::Rollback& run) {
    return std::any_of(decision.prune.begin(), decision.prune.end(),
                       [&](const auto& old) { return old.meta.uid == run.meta.uid; });
  });
  if (decision.create) {
    api::Rollback run;
    run.meta.ns = world.key.ns;
    run.meta.name = decision.create->name;
    run.meta.uid = "uid of " + decision.create->name;
    run.meta.generation = 1;
    run.meta.created = now;
    run.spec = decision.create->spec;
    world.rollbacks.insert(world.rollbacks.begin(), std::move(run));
  }
}

bool writes_nothing(const decide::Snapshot& world, const decide::Decision& decision) {
  const bool same_status = !world.policy || (decision.status && stored(*decision.status) == world.policy->status);
  return same_status && !decision.create && decision.runs.empty() && decision.events.empty() && decision.prune.empty();
}

std::set<std::string> reasons_of(const decide::Decision& decision) {
  std::set<std::string> reasons;
  const auto add = [&](const api::Conditions& all) {
    for (const auto& condition : all) reasons.insert(condition.reason);
  };
  if (decision.status) add(decision.status->conditions);
  for (const auto& update : decision.runs) add(update.next.conditions);
  for (const auto& event : decision.events) reasons.insert(event.reason);
  for (const auto& finding : decision.findings) reasons.insert(finding.reason);
  return reasons;
}

}  // namespace decide_test
