// One policy's part of the cache, as decide sees it. Called inside the cache's lock.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "decide/snapshot.hpp"
#include "observe/tables.hpp"

namespace observe {

// Everything of a Snapshot that the cache knows; nothing if neither the policy exists nor a Rollback names it.
[[nodiscard]] std::optional<decide::Snapshot> view_of(const Tables& tables, const api::Key& policy, Instant now);

// Every policy there is something to look at for: those that exist, and those that are gone while a Rollback names
// them.
[[nodiscard]] std::set<api::Key> policies_of(const Tables& tables);

// Pods behind a Service, told by the templates of the ReplicaSets that its selector selects, and the Deployments whose
// templates it selects.
struct Behind {
  int ready = 0;
  int wanted = 0;
  std::vector<std::string> deployments;
};
[[nodiscard]] Behind pods_behind(const Tables& tables, const std::string& ns, const api::Strings& selector);

// The uids of the pods that the policy's target runs, of all its revisions.
[[nodiscard]] std::vector<std::string> pods_of(const Tables& tables, const api::Key& policy);

}  // namespace observe
