#include "observe/view.hpp"

#include <algorithm>
#include <tuple>

namespace observe {
namespace {

using api::Key;
using decide::Snapshot;

// The Rollback that goes on by its plan although its policy is gone.
const api::Rollback* open_run(const Tables& tables, const Key& policy) {
  const api::Rollback* run = nullptr;
  for (const auto& key : members(tables.rollbacks_by_policy, policy)) {
    const auto& rollback = tables.rollbacks.at(key).value;
    if (!rollback.at_rest() && (run == nullptr || rollback.status.plan)) run = &rollback;
  }
  return run;
}

// Where to find the target, which template keys do not make a release another one, and what else there is of a pair.
struct Subject {
  const api::Deployment* target = nullptr;
  const std::vector<std::string>* ignored = nullptr;
  const api::Deployment* peer = nullptr;
  const api::Service* service = nullptr;
  std::vector<Key> names;  // of the target, or of both sides
};

bool is_selected(const Subject& subject, const api::Deployment* side) {
  return subject.service && side && api::selects(subject.service->selector, side->pod_template.labels);
}

Subject subject_of(const Tables& tables, const std::string& ns, const std::string& name,
                   const std::vector<std::string>& ignored, const std::optional<api::BlueGreenPair>& pair) {
  Subject out{find(tables.deployments, {ns, name}), &ignored, nullptr, nullptr, {{ns, name}}};
  if (!pair) return out;
  out.names.push_back({ns, pair->peer});
  out.peer = find(tables.deployments, {ns, pair->peer});
  out.service = find(tables.services, {ns, pair->service});
  if (is_selected(out, out.peer) && !is_selected(out, out.target)) std::swap(out.target, out.peer);
  return out;
}

std::optional<Subject> subject_of(const Tables& tables, const Key& key) {
  if (const auto* policy = find(tables.policies, key))
    return subject_of(tables, key.ns, policy->spec.target_name, policy->spec.ignore_template_keys, policy->spec.blue_green);
  if (members(tables.rollbacks_by_policy, key).empty()) return std::nullopt;
  const auto* run = open_run(tables, key);
  if (run == nullptr || !run->status.plan) return Subject{};
  const auto& plan = *run->status.plan;
  return subject_of(tables, key.ns, plan.target_name, plan.settings.ignore_template_keys, plan.settings.blue_green);
}

template <class F>
void for_each_set(const Tables& tables, const api::Deployment& target, F&& use) {
  const auto of = tables.revisions.find(target.meta.uid);
  if (of == tables.revisions.end()) return;
  for (const auto* row : of->second.sets) use(*row, tables.replicas.find(std::string(row->second.value.packed.uid()))->second);
}

template <class Row>
auto unpacked(const Row& row, api::Owner controller) {
  auto object = row.second.value.packed.unpack();
  object.meta.ns = row.first.ns;
  object.meta.name = row.first.name;
  object.meta.controller = std::move(controller);
  return object;
}

std::vector<api::Pod> pods_of(const Replicas& replicas, const api::Owner& set) {
  std::vector<api::Pod> pods;
  pods.reserve(replicas.pods.size());
  for (const auto* row : replicas.pods) pods.push_back(unpacked(*row, set));
  std::sort(pods.begin(), pods.end(),
            [](const api::Pod& left, const api::Pod& right) { return left.meta.name < right.meta.name; });
  return pods;
}

// The revisions of one side; what was seen of its pods goes to what was seen of all.
std::vector<decide::Revision> add_revisions(Snapshot& world, const Tables& tables, const api::Deployment& side,
                                            const std::vector<std::string>& ignored) {
  std::vector<decide::Revision> revisions;
  for_each_set(tables, side, [&](const SetRow& row, const Replicas& replicas) {
    auto set = unpacked(row, {"Deployment", side.meta.name, side.meta.uid});
    auto pods = pods_of(replicas, {"ReplicaSet", set.meta.name, set.meta.uid});
    auto fingerprint = api::fingerprint(set.pod_template, ignored);
    revisions.push_back({std::move(set), std::move(fingerprint), std::move(pods), replicas.ledger.seen_ready()});
    const auto& failures = replicas.ledger.failures();
    world.failures.insert(world.failures.end(), failures.begin(), failures.end());
    const auto& lost = replicas.ledger.lost_ready();
    world.lost_ready.insert(world.lost_ready.end(), lost.begin(), lost.end());
  });
  std::sort(revisions.begin(), revisions.end(), [](const decide::Revision& left, const decide::Revision& right) {
    return std::tie(right.set.revision, left.set.meta.name) < std::tie(left.set.revision, right.set.meta.name);
  });
  return revisions;
}

void add_sides(Snapshot& world, const Tables& tables, const Subject& subject, Instant now) {
  if (subject.service) world.service = *subject.service;
  if (subject.target) {
    world.target = *subject.target;
    world.revisions = add_revisions(world, tables, *subject.target, *subject.ignored);
  }
  if (subject.peer) world.peer = {*subject.peer, add_revisions(world, tables, *subject.peer, *subject.ignored)};
  std::erase_if(world.failures, [&](const api::Failure& failure) { return now - failure.time > kOldestFailure; });
  std::stable_sort(world.failures.begin(), world.failures.end(),
                   [](const api::Failure& left, const api::Failure& right) { return left.time < right.time; });
}

void add_rollbacks(Snapshot& world, const Tables& tables, const std::set<Key>& policies) {
  std::set<Key> keys = members(tables.rollbacks_by_policy, world.key);
  const auto add = [&](const std::set<Key>& more) { keys.insert(more.begin(), more.end()); };
  for (const auto& policy : policies) add(members(tables.rollbacks_by_policy, policy));
  if (world.target) add(members(tables.rollbacks_by_target, world.target->meta.uid));
  if (world.peer) add(members(tables.rollbacks_by_target, world.peer->target.meta.uid));
  for (const auto& key : keys) world.rollbacks.push_back(tables.rollbacks.at(key).value);
  std::sort(world.rollbacks.begin(), world.rollbacks.end(), [](const api::Rollback& left, const api::Rollback& right) {
    return std::tie(right.meta.created, left.meta.name) < std::tie(left.meta.created, right.meta.name);
  });
}

// A route on which one of the two takes the weight from the Service that the other one gives it to; nullptr: there is none.
const api::RouteRef* moved_both_ways(const api::RollbackPolicy& one, const api::RollbackPolicy& other) {
  const auto& mine = one.spec.canary;
  const auto& theirs = other.spec.canary;
  if (!mine || !theirs) return nullptr;
  if (mine->canary_service != theirs->stable_service && mine->stable_service != theirs->canary_service) return nullptr;
  const auto shared =
      std::find_first_of(mine->routes.begin(), mine->routes.end(), theirs->routes.begin(), theirs->routes.end());
  return shared == mine->routes.end() ? nullptr : &*shared;
}

void find_rival(Snapshot& world, const Tables& tables, const std::set<Key>& policies) {
  const auto rank = [](const api::RollbackPolicy& policy) { return std::tie(policy.meta.created, policy.meta.name); };
  const api::RollbackPolicy* oldest = &*world.policy;
  const auto claims = [&](const api::RollbackPolicy& policy, const api::RouteRef* route) {
    if (rank(policy) >= rank(*oldest)) return;
    oldest = &policy;
    world.rival = decide::Rival{policy.meta.name, route ? api::describe(*route) : ""};
  };
  for (const auto& key : policies) claims(tables.policies.at(key).value, nullptr);
  for (const auto& service : services_of(*world.policy)) {
    for (const auto& key : members(tables.policies_by_service, service)) {
      const auto& policy = tables.policies.at(key).value;
      if (const auto* route = moved_both_ways(*world.policy, policy)) claims(policy, route);
    }
  }
}

int reverting_elsewhere(const Tables& tables, const std::string& target_uid) {
  return static_cast<int>(std::count_if(tables.reverting.begin(), tables.reverting.end(),
                                        [&](const auto& entry) { return entry.second != target_uid; }));
}

}  // namespace

std::optional<Snapshot> view_of(const Tables& tables, const Key& key, Instant now) {
  const auto subject = subject_of(tables, key);
  if (!subject) return std::nullopt;
  Snapshot world;
  world.key = key;
  if (const auto* policy = find(tables.policies, key)) world.policy = *policy;
  add_sides(world, tables, *subject, now);
  std::set<Key> policies;
  for (const auto& name : subject->names) {
    const auto& more = members(tables.policies_by_target, name);
    policies.insert(more.begin(), more.end());
  }
  add_rollbacks(world, tables, policies);
  if (world.policy) find_rival(world, tables, policies);
  world.reverting_elsewhere = reverting_elsewhere(tables, world.target ? world.target->meta.uid : "");
  return world;
}

std::set<Key> policies_of(const Tables& tables) {
  std::set<Key> all;
  for (const auto& [key, row] : tables.policies) all.insert(key);
  for (const auto& [key, row] : tables.rollbacks) all.insert(policy_of(row.value));
  return all;
}

Behind pods_behind(const Tables& tables, const std::string& ns, const api::Strings& selector) {
  Behind out;
  for (const auto& [key, row] : tables.deployments) {
    if (key.ns == ns && !row.value.meta.deleted && api::selects(selector, row.value.pod_template.labels))
      out.deployments.push_back(key.name);
  }
  for (const auto& [key, row] : tables.sets) {
    if (key.ns != ns) continue;
    const auto set = row.value.packed.unpack();
    if (set.meta.deleted || !api::selects(selector, set.pod_template.labels)) continue;
    out.ready += set.ready;
    out.wanted += set.replicas;
  }
  return out;
}

std::vector<std::string> pods_of(const Tables& tables, const Key& key) {
  std::vector<std::string> uids;
  const auto subject = subject_of(tables, key);
  if (!subject || !subject->target) return uids;
  for_each_set(tables, *subject->target, [&](const SetRow&, const Replicas& replicas) {
    for (const auto* row : replicas.pods) uids.emplace_back(row->second.value.packed.uid());
  });
  return uids;
}

}  // namespace observe
