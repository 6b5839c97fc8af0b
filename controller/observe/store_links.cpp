// How the objects belong together, and whom a change of each concerns.
#include <algorithm>
#include <utility>

#include "observe/store.hpp"

namespace observe {
namespace {

template <class K>
void take_out(Index<K>& index, const K& of, const api::Key& key) {
  const auto found = index.find(of);
  if (found == index.end()) return;
  found->second.erase(key);
  if (found->second.empty()) index.erase(found);
}

api::Key planned_target(const api::Rollback& rollback) { return {rollback.meta.ns, rollback.status.plan->target_name}; }

bool is_reverting(const api::Rollback& rollback) {
  const auto& steps = rollback.status.steps;
  if (rollback.finished() || !rollback.status.plan) return false;
  // One that waits (for a person, a node, a paused target) holds nobody else up; nor does one that moves traffic first.
  const auto& settings = rollback.status.plan->settings;
  const bool goes_on = rollback.status.reverts > 0
                           ? rollback.status.progressed.has_value()
                           : !settings.canary && !settings.blue_green && api::is_true(rollback.status.conditions, "Approved");
  return goes_on && std::none_of(steps.begin(), steps.end(), [](const auto& step) {
           if (step.name == api::kStepRevert) return step.state == api::StepState::Skipped;
           return step.name == api::kStepRollout && step.state != api::StepState::Running &&
                  step.state != api::StepState::Waiting;
         });
}

}  // namespace

void Store::link(const Entry<api::RollbackPolicy>& entry) {
  const auto& policy = entry.second.value;
  for (const auto& target : targets_of(policy)) tables_.policies_by_target[target].insert(entry.first);
  for (const auto& service : services_of(policy)) tables_.policies_by_service[service].insert(entry.first);
}
void Store::unlink(const Entry<api::RollbackPolicy>& entry) {
  const auto& policy = entry.second.value;
  for (const auto& target : targets_of(policy)) take_out(tables_.policies_by_target, target, entry.first);
  for (const auto& service : services_of(policy)) take_out(tables_.policies_by_service, service, entry.first);
}
void Store::touch(const Entry<api::RollbackPolicy>& entry) {
  touched_.insert(entry.first);
  for (const auto& target : targets_of(entry.second.value)) touch_target(target);
  for (const auto& service : services_of(entry.second.value)) touch_service(service);
}

void Store::link(const Entry<api::Rollback>& entry) {
  const auto& [key, row] = entry;
  const auto& rollback = row.value;
  tables_.rollbacks_by_policy[policy_of(rollback)].insert(key);
  if (rollback.status.plan) tables_.rollbacks_by_target[rollback.status.plan->target_uid].insert(key);
  if (rollback.finished()) return;
  tables_.open.insert(key);
  if (rollback.status.plan) tables_.open_by_target[planned_target(rollback)].insert(key);
  if (is_reverting(rollback)) tables_.reverting[key] = rollback.status.plan->target_uid;
}
void Store::unlink(const Entry<api::Rollback>& entry) {
  const auto& [key, row] = entry;
  const auto& rollback = row.value;
  take_out(tables_.rollbacks_by_policy, policy_of(rollback), key);
  if (rollback.status.plan) {
    take_out(tables_.rollbacks_by_target, rollback.status.plan->target_uid, key);
    take_out(tables_.open_by_target, planned_target(rollback), key);
  }
  tables_.open.erase(key);
  tables_.reverting.erase(key);
}
void Store::touch(const Entry<api::Rollback>& entry) {
  const auto& rollback = entry.second.value;
  const api::Key policy = policy_of(rollback);
  touched_.insert(policy);
  if (const auto* named = find(tables_.policies, policy)) {
    for (const auto& target : targets_of(*named)) touch_target(target);
  }
  if (rollback.status.plan) touch_target(planned_target(rollback));
}

void Store::touch(const Entry<api::Deployment>& entry) { touch_target(entry.first); }

void Store::touch(const Entry<api::Service>& entry) { touch_service(entry.first); }

void Store::touch_service(const api::Key& service) {
  const auto& policies = members(tables_.policies_by_service, service);
  touched_.insert(policies.begin(), policies.end());
}

void Store::link(const Entry<SetEntry>& entry) {
  const auto& set = entry.second.value;
  set.of->second.sets.push_back(&entry);
  tables_.replicas[std::string(set.packed.uid())].set = &entry;
}
void Store::unlink(const Entry<SetEntry>& entry) {
  const auto& set = entry.second.value;
  std::erase(set.of->second.sets, &entry);
  tables_.replicas[std::string(set.packed.uid())].set = nullptr;
}
void Store::touch(const Entry<SetEntry>& entry) { touch_target({entry.first.ns, entry.second.value.of->second.deployment}); }

void Store::link(const Entry<PodEntry>& entry) { entry.second.value.of->second.pods.push_back(&entry); }
void Store::unlink(const Entry<PodEntry>& entry) { std::erase(entry.second.value.of->second.pods, &entry); }
void Store::touch(const Entry<PodEntry>& entry) {
  if (const auto* set = entry.second.value.of->second.set) touch(*set);
}

void Store::touch_target(const api::Key& target) {
  const auto& policies = members(tables_.policies_by_target, target);
  touched_.insert(policies.begin(), policies.end());
  for (const auto& key : members(tables_.open_by_target, target)) touched_.insert(policy_of(tables_.rollbacks.at(key).value));
}

std::set<api::Key> Store::take_touched() {
  if (tables_.reverting.size() < reverting_then_) {  // a place below the cap is free: whoever waits for it is concerned
    for (const auto& key : tables_.open) {
      if (!tables_.reverting.contains(key)) touched_.insert(policy_of(tables_.rollbacks.at(key).value));
    }
  }
  reverting_then_ = tables_.reverting.size();
  return std::exchange(touched_, {});
}

}  // namespace observe
