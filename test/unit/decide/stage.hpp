// What becomes of the world when a decision is carried out as record and the API server would: statuses stored (as text, and
// read back), the Rollback created, the old ones removed. What runs in the cluster does not change by this.
#pragma once

#include <set>
#include <string>

#include "decide/decide.hpp"

namespace decide_test {

[[nodiscard]] api::PolicyStatus stored(const api::PolicyStatus& status);
[[nodiscard]] api::RollbackStatus stored(const api::RollbackStatus& status);

void carry_out(decide::Snapshot& world, const decide::Decision& decision, api::Instant now);

// Whether carrying it out would write anything but to the workload.
[[nodiscard]] bool writes_nothing(const decide::Snapshot& world, const decide::Decision& decision);

// The reasons of all conditions, Events and verdicts in it.
[[nodiscard]] std::set<std::string> reasons_of(const decide::Decision& decision);

}  // namespace decide_test
