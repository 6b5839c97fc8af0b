// What the cache knows: the objects by name, and how they belong together. Plain data: only Store changes it, everyone else
// reads it inside the cache's lock.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/policy.hpp"
#include "api/rollback.hpp"
#include "api/workload.hpp"
#include "observe/ledger.hpp"
#include "observe/packed.hpp"

namespace observe {

struct KeyHash {
  size_t operator()(const api::Key& key) const {
    const std::hash<std::string> hash;
    return hash(key.ns) * 31 + hash(key.name);
  }
};

template <class T>
struct Row {
  T value;
  std::uint64_t listing = 0;  // the listing during which it was last seen
};
template <class T>
using Rows = std::unordered_map<api::Key, Row<T>, KeyHash>;

// What the uid of an owner leads to, whether the owner itself is known yet or not.
template <class T>
using ByUid = std::unordered_map<std::string, T>;

// An object that is kept for its controller.
template <class T, class Of>
struct Member {
  Packed<T> packed;
  typename ByUid<Of>::value_type* of = nullptr;
};
struct Revisions;
struct Replicas;
using SetEntry = Member<api::ReplicaSet, Revisions>;
using PodEntry = Member<api::Pod, Replicas>;
using SetRow = Rows<SetEntry>::value_type;  // stays where it is while it lives, as a PodRow does
using PodRow = Rows<PodEntry>::value_type;

// What belongs to one Deployment.
struct Revisions {
  std::string deployment;  // its name
  std::vector<const SetRow*> sets;
};
// What belongs to one ReplicaSet.
struct Replicas {
  const SetRow* set = nullptr;  // once it is known
  std::vector<const PodRow*> pods;
  Ledger ledger;
};

template <class K>
using Index = std::map<K, std::set<api::Key>>;

struct Tables {
  Rows<api::RollbackPolicy> policies;
  Rows<api::Rollback> rollbacks;
  Rows<api::Deployment> deployments;
  Rows<SetEntry> sets;  // those of Deployments
  Rows<PodEntry> pods;  // those of ReplicaSets
  Rows<api::Service> services;

  ByUid<Revisions> revisions;           // of Deployments
  ByUid<Replicas> replicas;             // of ReplicaSets
  Index<api::Key> policies_by_target;   // by each of its targets
  Index<api::Key> policies_by_service;  // by each Service of its pair
  Index<api::Key> rollbacks_by_policy;
  Index<std::string> rollbacks_by_target;     // by uid, of those with a plan
  Index<api::Key> open_by_target;             // unfinished ones with a plan, by the target's name
  std::set<api::Key> open;                    // unfinished Rollbacks
  std::map<api::Key, std::string> reverting;  // those whose revert is under way, with the uid of their target
};

template <class T>
[[nodiscard]] const T* find(const Rows<T>& rows, const api::Key& key) {
  const auto row = rows.find(key);
  return row == rows.end() ? nullptr : &row->second.value;
}

template <class K>
[[nodiscard]] const std::set<api::Key>& members(const Index<K>& index, const K& of) {
  static const std::set<api::Key> none;
  const auto found = index.find(of);
  return found == index.end() ? none : found->second;
}

// One Deployment, or both sides of a blue-green pair.
[[nodiscard]] inline std::vector<api::Key> targets_of(const api::RollbackPolicy& policy) {
  std::vector<api::Key> all{{policy.meta.ns, policy.spec.target_name}};
  if (policy.spec.blue_green) all.push_back({policy.meta.ns, policy.spec.blue_green->peer});
  return all;
}
[[nodiscard]] inline std::vector<api::Key> services_of(const api::RollbackPolicy& policy) {
  const auto& ns = policy.meta.ns;
  if (const auto& pair = policy.spec.blue_green) return {{ns, pair->service}};
  if (const auto& pair = policy.spec.canary) return {{ns, pair->stable_service}, {ns, pair->canary_service}};
  return {};
}
[[nodiscard]] inline api::Key policy_of(const api::Rollback& rollback) { return {rollback.meta.ns, rollback.spec.policy_name}; }

}  // namespace observe
