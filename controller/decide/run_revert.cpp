#include <algorithm>

#include <fmt/format.h>

#include "decide/gitops.hpp"
#include "decide/reasons.hpp"
#include "decide/run_parts.hpp"
#include "decide/story.hpp"

namespace decide {
namespace {

using api::Status;

constexpr Seconds kEvidenceTime{3};
constexpr int kMostReverts = 3;  // the first and two re-assertions
constexpr int kMostDenials = 5;

// Back-off after a denied write, which no event shortens: 5, 10, 20, 40, 80 s.
std::optional<Instant> retry_at(const api::RollbackStatus& status) {
  if (status.attempts == 0 || !status.last_attempt) return std::nullopt;
  return *status.last_attempt + Seconds{5 * (1 << std::min(status.attempts - 1, 6))};
}

RevertTemplate write_of(const Draft& draft) {
  const auto& to = *way_back(*draft.run.status.plan);
  return {on_bad_target(draft), to.name, to.uid};
}

// What was reverted and restored is so no longer.
void tell_undone(Draft& draft) {
  for (const char* type : {"Reverted", "Restored"})
    draft.condition(type, Status::False, reason::kPending, "the bad template was put back");
}

// Nothing was accepted yet: not asked for, or asked for and the bad template still is the one it was.
bool never_written(const api::RollbackStatus& status, const Revision& bad) {
  if (status.traffic_moves > 0) return false;
  return status.reverts == 0 || (status.reverts == 1 && bad.set.revision <= status.revert_number);
}

// The write that is due counts once, however often it is tried; what was seen of an earlier rollout is forgotten.
void ask_for_write(Draft& draft, const Revision& bad) {
  auto& status = draft.out.next;
  if (status.reverts > 0 && bad.set.revision <= status.revert_number) return;
  ++status.reverts;
  status.revert_number = bad.set.revision;
  status.progressed.reset();
  status.most_updated = 0;
  status.most_available = 0;
  std::erase_if(status.steps, [](const auto& step) { return step.name == api::kStepRollout || step.name == api::kStepVerify; });
  draft.step(api::kStepRevert, api::StepState::Running,
             status.reverts > 1 ? "the bad template was put back: written again" : "");
}

bool given_up(Draft& draft, const Revision& bad) {
  auto& status = draft.out.next;
  if (status.attempts >= kMostDenials) {
    draft.failed(reason::kGaveUp,
                 fmt::format("the template could not be written {} times: {}", status.attempts, status.last_error));
    return true;
  }
  const bool undone = status.reverts > 0 && bad.set.revision > status.revert_number;
  if (undone && status.reverts >= kMostReverts) {
    status.revert_number = bad.set.revision;  // the shipping that is left alone from now on
    draft.failed(reason::kGitOpsConflict,
                 fmt::format("{} puts the bad template back each time; fix it at its source (Git, pipeline)",
                             deliverer(*draft.course.world.target)));
    return true;
  }
  const auto* to = way_back(*status.plan);
  if (to && !find_revision(draft.course.world, to->uid)) {
    draft.failed(reason::kGaveUp,
                 fmt::format("{} is gone (revisionHistoryLimit?); the template stays as it is", describe(*to)));
    return true;
  }
  return false;
}

// There is nothing to go back to: the template stays, kept away from traffic for as long as it is live.
void draft_stay(Draft& draft) {
  if (!draft.run.status.plan->settings.canary) {
    draft.failed(reason::kGaveUp, "traffic could not be moved, and the side that fails has no revision to go back to");
    return;
  }
  const bool is_away = api::is_true(draft.out.next.conditions, kTrafficMoved);
  draft.step(api::kStepRevert, api::StepState::Skipped, "there is no revision to go back to");
  draft.condition(
      "Reverted", Status::False, reason::kNoGoodRevision,
      fmt::format("there is no revision to go back to: the canary stays as it is, {} traffic, until the next release",
                  is_away ? "without" : "with"));
  draft.condition("Restored", is_away ? Status::True : Status::Unknown,
                  is_away ? reason::kWeightsMoved : reason::kMovingTraffic,
                  is_away ? "nothing goes to the canary" : "the canary still has traffic, see TrafficMoved");
  if (is_away && !draft.course.world.policy)
    draft.complete(reason::kPolicyDeleted, "nothing goes to the canary; the policy is gone, so nothing watches on");
}

}  // namespace

const api::RevisionRef* way_back(const api::Plan& plan) {
  if (plan.settings.blue_green) return plan.back ? &*plan.back : nullptr;
  return plan.chosen == api::Choice::None ? nullptr : &plan.to;
}

// Evidence that dies with the pods comes before the revert, and never delays it by more than 3 s.
bool evidence_pending(Draft& draft) {
  const auto* step = draft.find_step(api::kStepEvidence);
  if (step && step->state != api::StepState::Running) return false;
  if (draft.course.world.evidence) {
    draft.out.next.evidence = *draft.course.world.evidence;
    draft.step(api::kStepEvidence, api::StepState::Done, fmt::format("{} pods", draft.out.next.evidence.size()));
    return false;
  }
  Instant since = step && step->started ? *step->started : draft.course.now;
  if (const auto* traffic = draft.find_step(api::kStepTraffic)) since = std::max(since, traffic->ended.value_or(since));
  const Instant due = since + kEvidenceTime;
  if (draft.course.now >= due) {
    draft.step(api::kStepEvidence, api::StepState::Failed, "not answered within 3 s");
    return false;
  }
  draft.out.wants.evidence = EvidenceWant{draft.run.meta.uid, evidence_pods(draft.course, draft.run.status.plan->from.uid)};
  draft.look_at(due);
  return true;
}

OnBadTarget on_bad_target(const Draft& draft) {
  OnBadTarget write;
  write.target = draft.course.world.target->meta.key();
  write.target_uid = draft.run.status.plan->target_uid;
  write.from_exact = draft.course.world.target->pod_template.exact;
  write.rollback_name = draft.run.meta.name;
  write.rollback_uid = draft.run.meta.uid;
  write.rollback_generation = draft.run.meta.generation;
  if (const auto& policy = draft.course.world.policy) {
    write.policy_name = policy->meta.name;
    write.policy_uid = policy->meta.uid;
    write.policy_generation = policy->meta.generation;
  }
  return write;
}

GiveBack to_give_back(const Draft& draft, const std::string& name, const std::string& uid) {
  return {{draft.run.meta.ns, name}, uid, draft.run.meta.name, draft.run.meta.uid};
}

void draft_revert(Draft& draft) {
  const auto* bad = draft.course.current;
  if (!bad) return;
  const auto& before = draft.run.status;
  if (before.reverts > 0 && bad->set.revision > before.revert_number) tell_undone(draft);
  if (held(draft)) return;
  if (never_written(before, *bad) && outlived_its_breach(draft)) return;
  if (given_up(draft, *bad) || traffic_pending(draft) || turn_pending(draft) || evidence_pending(draft)) return;
  if (!way_back(*before.plan)) return draft_stay(draft);
  if (revert_waits(draft)) return;
  const auto due = retry_at(before);
  if (due && draft.course.now < *due) {
    draft.look_at(*due);
    return;
  }
  ask_for_write(draft, *bad);
  draft.out.steps.emplace_back(write_of(draft));
}

api::RollbackStatus after_error(const api::RollbackStatus& status, const base::Error& error, Instant now) {
  api::RollbackStatus next = status;
  if (base::is_old_view(error.fault)) return next;
  const bool denied = error.fault == base::Fault::Invalid;
  if (denied) {
    ++next.attempts;
    next.last_attempt = now;
  }
  next.last_error = error.what;
  api::set(next.conditions,
           {"Reverted", Status::False, reason_of_refusal(error.fault), error.what, next.observed_generation, {}}, now);
  tell_standing(next, now);
  return next;
}

}  // namespace decide
