#include "observe/store.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace observe {
namespace {

constexpr size_t kMostBuried = 1024;  // far more than go in the time that a write takes to be answered

template <class T>
const std::string& uid_of(const T& value) {
  return value.meta.uid;
}
std::string_view uid_of(const PodEntry& value) { return value.pod.uid(); }

template <class T>
std::uint64_t version_of(const T& value) {
  return version_number(value.meta.resource_version);
}
std::uint64_t version_of(const PodEntry& value) { return value.pod.version(); }

// Versions that are no numbers can't be compared: then the one that came last is the newer.
template <class T>
bool is_newer(const T& next, const T& known) {
  const auto left = version_of(next);
  const auto right = version_of(known);
  return left == 0 || right == 0 || left > right;
}

// A change of nothing but the version is no change: it is taken over at once.
template <class T>
bool takes_over(T& known, const T& next) {
  known.meta.resource_version = next.meta.resource_version;
  return known == next;
}
bool takes_over(PodEntry& known, const PodEntry& next) {
  if (known.of != next.of || !known.pod.has_content_of(next.pod)) return false;
  known = next;
  return true;
}

bool is_controlled_by(const api::Meta& meta, std::string_view kind) { return meta.controller && meta.controller->kind == kind; }

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

template <class T>
Rows<T>& Store::rows_of() {
  if constexpr (std::is_same_v<T, api::RollbackPolicy>) return tables_.policies;
  if constexpr (std::is_same_v<T, api::Rollback>) return tables_.rollbacks;
  if constexpr (std::is_same_v<T, api::Deployment>) return tables_.deployments;
  if constexpr (std::is_same_v<T, api::ReplicaSet>) return tables_.sets;
  if constexpr (std::is_same_v<T, PodEntry>) return tables_.pods;
  if constexpr (std::is_same_v<T, api::Service>) return tables_.services;
}

template <class T>
Store::Placed<T> Store::place(const api::Key& key, T next) {
  auto& rows = rows_of<T>();
  const auto at = rows.find(key);
  if (at == rows.end()) {
    const auto& entry = *rows.emplace(key, Row<T>{std::move(next), listing_}).first;
    link(entry);
    touch(entry);
    return {true, std::nullopt};
  }
  auto& [value, listing] = at->second;
  const bool is_another = uid_of(value) != uid_of(next);
  listing = listing_;
  if (!is_another && (!is_newer(next, value) || takes_over(value, next))) return {false, std::nullopt};
  touch(*at);  // those whom it concerned before, too
  unlink(*at);
  T before = std::exchange(value, std::move(next));
  link(*at);
  touch(*at);
  if (!is_another) return {true, std::move(before)};
  forget(before);
  return {true, std::nullopt};
}

template <class T>
void Store::erase(typename Rows<T>::iterator at) {
  touch(*at);
  unlink(*at);
  const T gone = std::move(at->second.value);
  rows_of<T>().erase(at);
  forget(gone);
}

template <class T>
void Store::put(T next, Instant seen) {
  if constexpr (std::is_same_v<T, api::Pod>) {
    put_pod(next, seen);
  } else {
    if constexpr (std::is_same_v<T, api::ReplicaSet>) {
      if (!is_controlled_by(next.meta, "Deployment")) return remove(next);
    }
    const api::Key key = next.meta.key();
    place(key, std::move(next));
  }
}

void Store::put_pod(const api::Pod& pod, Instant seen) {
  if (!is_controlled_by(pod.meta, "ReplicaSet")) return remove(pod);
  const auto& owner = *pod.meta.controller;
  auto& replicas = tables_.replicas.try_emplace(owner.uid).first->second;
  replicas.owner = owner;
  const auto placed = place(pod.meta.key(), PodEntry{PackedPod(pod), &replicas});
  if (placed.is_changed) {
    const auto before = placed.before ? std::optional(placed.before->pod.unpack()) : std::nullopt;
    replicas.ledger.note(before ? &*before : nullptr, pod, owner.uid, seen);
  }
  if (placed.before && placed.before->of != &replicas) drop_unused(placed.before->of->owner.uid);
  drop_unused(owner.uid);  // the pod known under another owner was newer
}

template <class T>
void Store::learn(T next, Instant seen) {
  if (std::find(buried_.begin(), buried_.end(), next.meta.uid) == buried_.end()) put(std::move(next), seen);
}

template <class T>
void Store::remove(const T& gone) {
  using Kept = std::conditional_t<std::is_same_v<T, api::Pod>, PodEntry, T>;
  auto& rows = rows_of<Kept>();
  const auto at = rows.find(gone.meta.key());
  if (at != rows.end() && uid_of(at->second.value) == gone.meta.uid) erase<Kept>(at);
}

template <class T>
void Store::end_listing(const std::string& ns, std::uint64_t listing) {
  using Kept = std::conditional_t<std::is_same_v<T, api::Pod>, PodEntry, T>;
  auto& rows = rows_of<Kept>();
  for (auto at = rows.begin(); at != rows.end();) {
    const auto here = at++;
    if (here->second.listing < listing && (ns.empty() || here->first.ns == ns)) erase<Kept>(here);
  }
}

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

void Store::link(const Entry<api::ReplicaSet>& entry) {
  const auto& set = entry.second.value;
  tables_.sets_by_deployment[set.meta.controller->uid].insert(entry.first);
  tables_.replicas[set.meta.uid].set = entry.first;
}
void Store::unlink(const Entry<api::ReplicaSet>& entry) {
  const auto& set = entry.second.value;
  take_out(tables_.sets_by_deployment, set.meta.controller->uid, entry.first);
  tables_.replicas[set.meta.uid].set.reset();
}
void Store::touch(const Entry<api::ReplicaSet>& entry) {
  touch_target({entry.first.ns, entry.second.value.meta.controller->name});
}

void Store::link(const Entry<PodEntry>& entry) { entry.second.value.of->pods.push_back(&entry); }
void Store::unlink(const Entry<PodEntry>& entry) {
  auto& pods = entry.second.value.of->pods;
  std::erase(pods, &entry);
}
void Store::touch(const Entry<PodEntry>& entry) {
  const auto& set_key = entry.second.value.of->set;
  const auto* set = set_key ? find(tables_.sets, *set_key) : nullptr;
  if (set != nullptr) touch_target({entry.first.ns, set->meta.controller->name});
}

template <class T>
void Store::forget(const T& gone) {
  bury(gone.meta.uid);
}
void Store::forget(const api::ReplicaSet& gone) { drop_unused(gone.meta.uid); }
void Store::forget(const PodEntry& gone) {
  gone.of->ledger.note_gone(gone.pod.uid());
  drop_unused(gone.of->owner.uid);
}

void Store::bury(const std::string& uid) {
  buried_.push_back(uid);
  if (buried_.size() > kMostBuried) buried_.pop_front();
}

void Store::drop_unused(const std::string& set_uid) {
  const auto found = tables_.replicas.find(set_uid);
  if (found != tables_.replicas.end() && !found->second.set && found->second.pods.empty()) tables_.replicas.erase(found);
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

#define OBSERVE_STORE_OF(T)                  \
  template void Store::put<T>(T, Instant);   \
  template void Store::learn<T>(T, Instant); \
  template void Store::remove<T>(const T&);  \
  template void Store::end_listing<T>(const std::string&, std::uint64_t);
OBSERVE_STORE_OF(api::RollbackPolicy)
OBSERVE_STORE_OF(api::Rollback)
OBSERVE_STORE_OF(api::Deployment)
OBSERVE_STORE_OF(api::ReplicaSet)
OBSERVE_STORE_OF(api::Pod)
OBSERVE_STORE_OF(api::Service)
#undef OBSERVE_STORE_OF

}  // namespace observe
