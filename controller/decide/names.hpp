// Names made from identities, so that the same thing gets the same name by whoever makes it.
#pragma once

#include <string>

#include "api/policy.hpp"

namespace decide {

// The Rollback of one shipping: the policy's name (cut to 36, trailing '-' and '.' dropped), '-', and 12 characters of a digest
// of policy uid, target uid, the bad revision's uid and its current number. Kubernetes raises the number each time a template
// is shipped.
[[nodiscard]] std::string rollback_name(const api::Meta& policy, const std::string& target_uid, const api::RevisionRef& bad);

}  // namespace decide
