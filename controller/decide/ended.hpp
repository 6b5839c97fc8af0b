// What runs that have ended still mean for what runs now.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "decide/snapshot.hpp"

namespace decide {

// Complete or Failed, whichever is True; null: the run has not ended.
[[nodiscard]] const api::Condition* ended(const api::RollbackStatus& status);

// All of these ask for a world with a target.
[[nodiscard]] bool about_target(const Snapshot& world, const api::Rollback& run);
// The newest finished run whose plan still says something about what runs now; null: none.
[[nodiscard]] const api::Rollback* last_run(const Snapshot& world);
// The reason of Failed, "" if it did not fail.
[[nodiscard]] std::string_view failed_reason(const api::Rollback& run);
// Since that revision number nothing was shipped but releases of `known`.
[[nodiscard]] bool only_since(const Snapshot& world, std::int64_t number, const std::set<std::string>& known);
// That last run, if it gave up on a bad template which was put back each time, and nothing else was shipped since.
[[nodiscard]] const api::Rollback* left_alone(const Snapshot& world);

}  // namespace decide
