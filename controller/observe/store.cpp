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
template <class T, class Of>
std::string_view uid_of(const Member<T, Of>& value) {
  return value.packed.uid();
}

template <class T>
std::uint64_t version_of(const T& value) {
  return version_number(value.meta.resource_version);
}
template <class T, class Of>
std::uint64_t version_of(const Member<T, Of>& value) {
  return value.packed.version();
}

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
template <class T, class Of>
bool takes_over(Member<T, Of>& known, const Member<T, Of>& next) {
  if (known.of != next.of || !known.packed.has_content_of(next.packed)) return false;
  known = next;
  return true;
}

// What is kept of a T.
template <class T>
using Kept = std::conditional_t<std::is_same_v<T, api::Pod>, PodEntry,
                                std::conditional_t<std::is_same_v<T, api::ReplicaSet>, SetEntry, T>>;

bool is_controlled_by(const api::Meta& meta, std::string_view kind) { return meta.controller && meta.controller->kind == kind; }

}  // namespace

template <class T>
Rows<T>& Store::rows_of() {
  if constexpr (std::is_same_v<T, api::RollbackPolicy>) return tables_.policies;
  if constexpr (std::is_same_v<T, api::Rollback>) return tables_.rollbacks;
  if constexpr (std::is_same_v<T, api::Deployment>) return tables_.deployments;
  if constexpr (std::is_same_v<T, SetEntry>) return tables_.sets;
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
  } else if constexpr (std::is_same_v<T, api::ReplicaSet>) {
    put_set(next);
  } else {
    const api::Key key = next.meta.key();
    place(key, std::move(next));
  }
}

void Store::put_set(const api::ReplicaSet& set) {
  if (!is_controlled_by(set.meta, "Deployment")) return remove(set);
  auto& of = *tables_.revisions.try_emplace(set.meta.controller->uid).first;
  of.second.deployment = set.meta.controller->name;
  const auto placed = place(set.meta.key(), SetEntry{Packed(set), &of});
  if (placed.before && placed.before->of != &of) drop_unused(placed.before->of);
  drop_unused(&of);  // the one known under another owner was newer
}

void Store::put_pod(const api::Pod& pod, Instant seen) {
  if (!is_controlled_by(pod.meta, "ReplicaSet")) return remove(pod);
  auto& of = *tables_.replicas.try_emplace(pod.meta.controller->uid).first;
  const auto placed = place(pod.meta.key(), PodEntry{Packed(pod), &of});
  if (placed.is_changed) {
    const auto before = placed.before ? std::optional(placed.before->packed.unpack()) : std::nullopt;
    of.second.ledger.note(before ? &*before : nullptr, pod, of.first, seen);
  }
  if (placed.before && placed.before->of != &of) drop_unused(placed.before->of);
  drop_unused(&of);  // as with a ReplicaSet
}

template <class T>
void Store::learn(T next, Instant seen) {
  if (std::find(buried_.begin(), buried_.end(), next.meta.uid) == buried_.end()) put(std::move(next), seen);
}

template <class T>
void Store::remove(const T& gone) {
  auto& rows = rows_of<Kept<T>>();
  const auto at = rows.find(gone.meta.key());
  if (at != rows.end() && uid_of(at->second.value) == gone.meta.uid) erase<Kept<T>>(at);
}

template <class T>
void Store::end_listing(const std::string& ns, std::uint64_t listing) {
  auto& rows = rows_of<Kept<T>>();
  for (auto at = rows.begin(); at != rows.end();) {
    const auto here = at++;
    if (here->second.listing < listing && (ns.empty() || here->first.ns == ns)) erase<Kept<T>>(here);
  }
}

template <class T>
void Store::forget(const T& gone) {
  bury(gone.meta.uid);
}
void Store::forget(const SetEntry& gone) {
  const auto replicas = tables_.replicas.find(std::string(gone.packed.uid()));
  if (replicas != tables_.replicas.end()) drop_unused(&*replicas);
  drop_unused(gone.of);
}
void Store::forget(const PodEntry& gone) {
  gone.of->second.ledger.note_gone(gone.packed.uid());
  drop_unused(gone.of);
}

void Store::bury(const std::string& uid) {
  buried_.push_back(uid);
  if (buried_.size() > kMostBuried) buried_.pop_front();
}

void Store::drop_unused(const ByUid<Revisions>::value_type* of) {
  if (of->second.sets.empty()) tables_.revisions.erase(tables_.revisions.find(of->first));
}
void Store::drop_unused(const ByUid<Replicas>::value_type* of) {
  if (of->second.set == nullptr && of->second.pods.empty()) tables_.replicas.erase(tables_.replicas.find(of->first));
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
