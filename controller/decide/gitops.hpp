// The condition GitOpsManaged: who brings the target into the cluster, and what that means for a rollback.
#pragma once

#include <string>

#include "decide/snapshot.hpp"

namespace decide {

[[nodiscard]] api::Condition gitops_managed(const Snapshot& world);

// "Argo CD (Application shop)", "something" if nobody is known.
[[nodiscard]] std::string deliverer(const api::Deployment& target);

}  // namespace decide
