// One Rollback, one step further: its next status, the writes that are due now, and what to measure. Progress is read from the
// live objects and from status.plan, never from memory, so a crash between any two writes changes nothing but the time.
#pragma once

#include <optional>
#include <vector>

#include "decide/decide.hpp"
#include "decide/revision.hpp"

namespace decide {

// What the pass knows beside the snapshot.
struct Course {
  const Snapshot& world;
  const Revision* current = nullptr;     // null: the view is behind
  const std::vector<Finding>& findings;  // on the current revision; empty when it is null or the policy is gone
  const api::PolicyStatus* tracked;      // null: the policy is gone
  const Marks& marks;
  Instant now{};
  // Of a run that took a side of a blue-green pair out: what serves now. `world` and `current` are of the side taken out then,
  // and findings are of the one that serves.
  const Course* serving = nullptr;
};

struct Progress {
  api::RollbackStatus next;
  std::vector<Step> steps;
  Wants wants;
  std::optional<Instant> look_again;
};

[[nodiscard]] Progress proceed(const api::Rollback& run, const Course& course);

}  // namespace decide
