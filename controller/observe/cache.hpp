// The one shared cache: what lists, watches and our own writes told, kept as projections. Everything that decides reads from
// here. Thread rule: safe from every thread; a text is parsed before the lock is taken, and `on_touched` is called after it is
// released.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "observe/store.hpp"
#include "wire/api.hpp"

namespace observe {

using base::Result;
using OnTouched = std::function<void(const api::Key& policy)>;

// What is watched: policies, Rollbacks, Deployments, ReplicaSets, pods; and Services, if traffic may be moved.
[[nodiscard]] std::vector<wire::Kind> kept_kinds(bool services);

// Texts of other kinds than those are ignored.
class Cache {
 public:
  // `kinds` are those to wait for. `namespaces` are those that are watched; empty: all, by collections without a namespace.
  // `on_touched` hears of each policy that a change concerns (its own, its target, the target's ReplicaSets and pods, its
  // Rollbacks, policies on the same target); of nobody before every kind was listed in every namespace, and of all of them
  // then.
  Cache(const base::Clock& clock, const std::vector<wire::Kind>& kinds, std::vector<std::string> namespaces,
        OnTouched on_touched);

  // A list: begin, its pages, end. What was not listed by then is deleted. A begin without an end (the list failed) changes
  // nothing.
  void begin(const wire::Collection& of);
  [[nodiscard]] Result<void> put_list(const wire::Collection& of, std::string_view page);
  void end(const wire::Collection& of);
  // One event of a watch: ADDED, MODIFIED or DELETED, and the text of its object.
  [[nodiscard]] Result<void> apply(const wire::Collection& of, std::string_view type, std::string_view object);
  // The object that a write of ours was answered with, so that no pass decides on what was before it.
  [[nodiscard]] Result<void> learn(const wire::Kind& kind, std::string_view object);
  [[nodiscard]] bool synced() const;

  // Calls `use(const Tables&, Instant now)` inside the lock; nothing in the Tables may be kept.
  template <class F>
  auto read(F&& use) const {
    return state_.with([&](const State& state) { return use(state.store.tables(), clock_.now()); });
  }

 private:
  using Scope = std::pair<std::string, std::string>;  // plural and namespace
  struct State {
    Store store;
    std::map<Scope, std::uint64_t> listings;  // those under way
    std::set<Scope> missing;                  // not listed yet
  };

  template <class F>
  void change(F&& use);

  const base::Clock& clock_;
  const OnTouched on_touched_;
  base::Guarded<State> state_;
};

}  // namespace observe
