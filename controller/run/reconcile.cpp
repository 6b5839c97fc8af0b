#include "run/reconcile.hpp"

#include <algorithm>

namespace run {
namespace {

// What was left to tidy up has a time of its own.
Again again(const decide::Decision& decision, base::Instant now, std::optional<base::Millis> left) {
  if (!decision.look_again) return {left};
  const auto after = std::max(base::Millis{0}, *decision.look_again - now);
  return {left ? std::min(*left, after) : after};
}

}  // namespace

base::Result<Again> Reconciler::pass(const api::Key& key) {
  const auto seen = observer_.look(key);  // every read, one immutable value
  if (!seen) return tl::unexpected(seen.error());
  if (!*seen) {  // neither the policy nor a Rollback that names it
    observer_.want(key, {});
    recorder_.forget(key);
    return Again{};
  }
  const decide::Snapshot& world = **seen;
  const base::Instant now = clock_.now();
  const decide::Decision decision = decide::decide(world, now);  // pure
  observer_.want(key, decision.wants);                           // measured off the workers; the answers wake the key
  if (auto ok = recorder_.intend(world, decision); !ok) {        // the intent is stored before any act
    recorder_.refused(world, decision, ok.error());
    return tl::unexpected(ok.error());
  }
  const auto done = actor_.perform(decision.plan);  // every write to workloads and routes
  if (auto ok = recorder_.settle(world, decision, done.failed ? &*done.failed : nullptr, done.left); !ok)
    return tl::unexpected(ok.error());
  return again(decision, now, done.again);
}

}  // namespace run
