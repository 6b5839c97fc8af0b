// The only writer of Tables: keeps the indices in step with the objects, never lets an object go back in time, feeds the
// ledgers, and notes which policies each change concerns. Not thread-safe: the cache's lock is around it.
#pragma once

#include <deque>
#include <set>
#include <string>

#include "observe/tables.hpp"

namespace observe {

// T is one of RollbackPolicy, Rollback, Deployment, ReplicaSet, Pod, Service. ReplicaSets that no Deployment controls, and pods
// that no ReplicaSet controls, are not kept.
class Store {
 public:
  // From a list or a watch. Only what is newer than what is known under the same uid counts; the same name with another uid is
  // another object.
  template <class T>
  void put(T next, Instant seen);
  // The answer to a write of ours. It may come after the watch told that the object is gone: then it is too late.
  template <class T>
  void learn(T next, Instant seen);
  template <class T>
  void remove(const T& gone);

  // A listing begins. Its number goes to `end_listing`, which removes what was not seen since, in this namespace ("" for all).
  [[nodiscard]] std::uint64_t begin_listing() { return ++listing_; }
  template <class T>
  void end_listing(const std::string& ns, std::uint64_t listing);

  // The policies concerned by what changed since the last call; those that are gone too while a Rollback names
  // them.
  [[nodiscard]] std::set<api::Key> take_touched();
  [[nodiscard]] const Tables& tables() const { return tables_; }

 private:
  template <class T>
  using Entry = typename Rows<T>::value_type;

  template <class T>
  Rows<T>& rows_of();
  template <class T>
  struct Placed {
    bool is_changed = false;
    std::optional<T> before;  // of the same object
  };
  template <class T>
  Placed<T> place(const api::Key& key, T next);
  template <class T>
  void erase(typename Rows<T>::iterator at);
  void put_set(const api::ReplicaSet& set);
  void put_pod(const api::Pod& pod, Instant seen);

  void link(const Entry<api::RollbackPolicy>& entry);
  void link(const Entry<api::Rollback>& entry);
  void link(const Entry<api::Deployment>&) {}
  void link(const Entry<api::Service>&) {}
  void link(const Entry<SetEntry>& entry);
  void link(const Entry<PodEntry>& entry);
  void unlink(const Entry<api::RollbackPolicy>& entry);
  void unlink(const Entry<api::Rollback>& entry);
  void unlink(const Entry<api::Deployment>&) {}
  void unlink(const Entry<api::Service>&) {}
  void unlink(const Entry<SetEntry>& entry);
  void unlink(const Entry<PodEntry>& entry);
  void touch(const Entry<api::RollbackPolicy>& entry);
  void touch(const Entry<api::Rollback>& entry);
  void touch(const Entry<api::Deployment>& entry);
  void touch(const Entry<api::Service>& entry);
  void touch(const Entry<SetEntry>& entry);
  void touch(const Entry<PodEntry>& entry);
  template <class T>
  void forget(const T& gone);
  void forget(const SetEntry& gone);
  void forget(const PodEntry& gone);

  void touch_target(const api::Key& target);
  void touch_service(const api::Key& service);
  void bury(const std::string& uid);
  void drop_unused(const ByUid<Revisions>::value_type* of);
  void drop_unused(const ByUid<Replicas>::value_type* of);

  Tables tables_;
  std::set<api::Key> touched_;
  size_t reverting_then_ = 0;  // at the last take_touched
  std::uint64_t listing_ = 0;
  std::deque<std::string> buried_;  // uids of objects that are gone, the newest last
};

}  // namespace observe
