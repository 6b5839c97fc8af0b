#include "decide/ended.hpp"

#include <algorithm>

#include "decide/reasons.hpp"
#include "decide/revision.hpp"

namespace decide {

bool about_target(const Snapshot& world, const api::Rollback& run) {
  if (run.status.plan) return is_a_side(world, run.status.plan->target_uid);
  return find_revision(world, run.spec.from_uid) != nullptr;
}

const api::Rollback* last_run(const Snapshot& world) {
  for (const auto& run : world.rollbacks) {
    if (run.finished() && run.status.plan && about_target(world, run)) return &run;
  }
  return nullptr;
}

std::string_view failed_reason(const api::Rollback& run) {
  const auto* failed = api::find(run.status.conditions, "Failed");
  if (!failed || failed->status != api::Status::True) return "";
  return failed->reason;
}

bool only_since(const Snapshot& world, std::int64_t number, const std::set<std::string>& known) {
  return std::none_of(world.revisions.begin(), world.revisions.end(), [&](const Revision& revision) {
    return revision.set.revision > number && !known.contains(revision.fingerprint);
  });
}

const api::Rollback* left_alone(const Snapshot& world) {
  const auto* last = last_run(world);
  if (!last || failed_reason(*last) != reason::kGitOpsConflict) return nullptr;
  if (last->status.plan->target_uid != world.target->meta.uid) return nullptr;  // the other side serves: it has no part in this
  const auto& status = last->status;
  return only_since(world, status.revert_number - 1, {status.plan->from.fingerprint}) ? last : nullptr;
}

const api::Condition* ended(const api::RollbackStatus& status) {
  for (const char* type : {"Complete", "Failed"}) {
    const auto* condition = api::find(status.conditions, type);
    if (condition && condition->status == api::Status::True) return condition;
  }
  return nullptr;
}

}  // namespace decide
