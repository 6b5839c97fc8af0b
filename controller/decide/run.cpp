#include "decide/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "decide/ended.hpp"
#include "decide/reasons.hpp"
#include "decide/run_parts.hpp"
#include "decide/story.hpp"

namespace decide {
namespace {

using api::Status;

bool aborted(const api::Rollback& run) {
  return std::any_of(run.spec.decisions.begin(), run.spec.decisions.end(),
                     [](const auto& decision) { return decision.state == api::DecisionState::Aborted; });
}

bool held_by_a_person(Draft& draft) {
  const auto& decisions = draft.run.spec.decisions;
  const auto open = std::find_if(decisions.begin(), decisions.end(),
                                 [](const auto& decision) { return decision.state == api::DecisionState::Waiting; });
  if (open == decisions.end()) return false;
  const bool too_old = open->reason.starts_with(reason::kRevisionTooOld);
  draft.condition("Approved", Status::Unknown, too_old ? reason::kRevisionTooOld : reason::kWaitingForDecision,
                  fmt::format("{}; approve with: kubectl patch rollback -n {} {} --type=merge -p "
                              "'{{\"spec\":{{\"decisions\":[{{\"step\":\"{}\",\"state\":\"Approved\"}}]}}}}'",
                              open->reason.empty() ? "waits for a decision" : open->reason, draft.run.meta.ns,
                              draft.run.meta.name, open->step));
  return true;
}

// Why a run that nobody asked for may not write now; null: it may.
const char* hold_on_automatic(const Draft& draft) {
  const auto& world = draft.course.world;
  if (draft.run.by_hand()) return nullptr;
  if (world.kill_switch) return reason::kKillSwitch;
  return world.policy && world.policy->spec.mode != api::Mode::Enforce ? reason::kNotEnforcing : nullptr;
}

bool held_by_mode(Draft& draft) {
  const char* why = hold_on_automatic(draft);
  if (!why) return false;
  draft.condition("Approved", Status::Unknown, why,
                  why == reason::kKillSwitch ? std::string("held before the next write: the operator's kill switch is on")
                                             : fmt::format("held before the next write: the policy's mode is {}",
                                                           api::to_text(draft.course.world.policy->spec.mode)));
  return true;
}

Live live(const Draft& draft) {
  const auto& plan = *draft.run.status.plan;
  const auto now = api::fingerprint(draft.course.world.target->pod_template, plan.settings.ignore_template_keys);
  if (now == plan.from.fingerprint) return Live::Bad;
  const auto* to = way_back(plan);
  return to && now == to->fingerprint ? Live::Restored : Live::Other;
}

void end_by_new_release(Draft& draft) {
  const bool restored = api::is_true(draft.run.status.conditions, "Restored");
  const std::string message = "another release was shipped meanwhile; it was left alone";
  if (restored)
    draft.complete(reason::kEndedByNewRelease, message);
  else
    draft.failed(reason::kSuperseded, message);
}

bool target_gone(const Draft& draft) {
  const auto& world = draft.course.world;
  return !world.target || (draft.run.status.plan && draft.run.status.plan->target_uid != world.target->meta.uid);
}

// What a person asks for may be seen before its policy, or name one that is yet to come.
void without_policy(Draft& draft) {
  const auto& name = draft.run.spec.policy_name;
  if (aborted(draft.run)) {
    draft.failed(reason::kAborted, "a person aborted the run; nothing was written");
  } else if (draft.run.by_hand()) {
    draft.condition("Reverted", Status::Unknown, reason::kPolicyNotFound,
                    fmt::format("there is no RollbackPolicy {} in this namespace: it goes on when there is one", name));
  } else {
    draft.failed(reason::kSuperseded, "the policy was deleted before the plan was made; nothing was written");
  }
}

void first_conditions(Draft& draft) {
  const auto begin = [&](const char* type, Status status, const char* why, const char* message) {
    if (!api::find(draft.out.next.conditions, type)) draft.condition(type, status, why, message);
  };
  for (const char* type : {"Approved", "Reverted", "Restored"})
    begin(type, Status::Unknown, reason::kPending, "not looked at yet");
  for (const char* type : {"Complete", "Failed"}) begin(type, Status::False, reason::kRunning, "the run is under way");
  draft.out.next.observed_generation = draft.run.meta.generation;
}

}  // namespace

void Draft::condition(const char* type, Status status, const char* reason, std::string message) {
  api::set(out.next.conditions, {type, status, reason, std::move(message), run.meta.generation, {}}, course.now);
}

const api::StepStatus* Draft::find_step(const char* name) const {
  const auto found =
      std::find_if(out.next.steps.begin(), out.next.steps.end(), [&](const auto& step) { return step.name == name; });
  return found == out.next.steps.end() ? nullptr : &*found;
}

void Draft::step(const char* name, api::StepState state, std::string message) {
  auto& steps = out.next.steps;
  auto found = std::find_if(steps.begin(), steps.end(), [&](const auto& step) { return step.name == name; });
  if (found == steps.end()) found = steps.insert(steps.end(), api::StepStatus{name, api::StepState::Waiting, {}, {}, ""});
  const bool over = state != api::StepState::Running && state != api::StepState::Waiting;
  if (!found->started || *found->started > course.now) found->started = course.now;
  if (over && !found->ended) found->ended = course.now;
  if (!over) found->ended.reset();
  found->state = state;
  found->message = std::move(message);
}

// What was still open says so: a command to approve what has ended would help nobody.
void close_open(Draft& draft) {
  for (const char* type : {"Approved", "TrafficMoved", "Reverted", "Restored"}) {
    const auto* condition = api::find(draft.out.next.conditions, type);
    if (condition && condition->status == Status::Unknown)
      draft.condition(type, Status::Unknown, reason::kPending, "the run ended before this was settled");
  }
}

void Draft::complete(const char* reason, std::string message) {
  close_open(*this);
  for (auto& entry : out.next.steps) {
    if (entry.state == api::StepState::Running) step(entry.name.c_str(), api::StepState::Skipped, message);
  }
  condition("Failed", Status::False, reason, message);
  condition("Complete", Status::True, reason, std::move(message));
}

void Draft::failed(const char* reason, std::string message) {
  close_open(*this);
  for (auto& entry : out.next.steps) {
    if (entry.state == api::StepState::Running) step(entry.name.c_str(), api::StepState::Failed, message);
  }
  condition("Complete", Status::False, reason, message);
  condition("Failed", Status::True, reason, std::move(message));
}

void Draft::look_at(Instant when) {
  if (!out.look_again || when < *out.look_again) out.look_again = when;
}

bool held(Draft& draft) {
  if (held_by_a_person(draft) || held_by_mode(draft)) return true;
  const bool person = draft.run.by_hand() || !draft.run.spec.decisions.empty();
  draft.condition("Approved", Status::True, person ? reason::kByPerson : reason::kAutomatic,
                  person ? "a person decided" : "no approval is needed");
  return false;
}

namespace {

// Seen from the other side of a pair.
Snapshot turned(const Snapshot& world) {
  Snapshot other = world;
  other.target = world.peer->target;
  other.revisions = world.peer->revisions;
  other.peer = Side{*world.target, world.revisions};
  return other;
}

bool is_of_peer(const api::Rollback& run, const Snapshot& world) {
  return run.status.plan && world.target && world.peer && run.status.plan->target_uid == world.peer->target.meta.uid;
}

bool is_under_way(const api::Rollback& run, const Snapshot& world) {
  return !run.finished() && run.status.plan && run.status.plan->target_uid == world.target->meta.uid;
}

// A run that ended is final. Only the traffic that it took from a bad template which somebody puts back each time is kept away
// from it, until another template is live, somebody aborts the run, or its policy is gone.
void after_the_end(Draft& draft) {
  draft.out.next.observed_generation = draft.run.meta.generation;
  const auto& world = draft.course.world;
  if (!hold_on_automatic(draft)) return_minimum(draft);
  if (!world.policy || target_gone(draft) || left_alone(world) != &draft.run || live(draft) != Live::Bad) return;
  if (aborted(draft.run) || hold_on_automatic(draft)) return;
  if (std::any_of(world.rollbacks.begin(), world.rollbacks.end(), [&](const auto& run) { return is_under_way(run, world); }))
    return;
  const auto* step = draft.find_step(api::kStepTraffic);
  if (!step || step->state != api::StepState::Done) return;  // what was never taken is its owner's
  give_back_routes(draft);
  hold_traffic(draft);
}

}  // namespace

void tell_standing(api::RollbackStatus& status, Instant now) {
  const auto put = [&](const char* type, bool yes, const std::string& why, const std::string& message) {
    api::set(status.conditions, {type, yes ? Status::True : Status::False, why, message, status.observed_generation, {}}, now);
  };
  const auto* end = ended(status);
  const bool has_failed = end && end->type == "Failed";
  const auto* refused = end ? nullptr : refused_write(status);
  const auto open = under_way(status);
  const api::Condition running{"", {}, reason::kRunning, open.empty() ? "the run is under way" : open};
  const auto told = end ? *end : refused ? *refused : running;
  if (!end) put("Complete", false, running.reason, running.message);
  put("Reconciling", !end && !refused, told.reason, told.message);
  put("Stalled", has_failed || refused, told.reason, told.message);
}

Progress proceed_here(const api::Rollback& run, const Course& course) {
  Draft draft{run, course, {run.status, {}, {}, {}}};
  if (run.plan_unknown) return std::move(draft.out);
  if (run.finished()) {
    after_the_end(draft);
    return std::move(draft.out);
  }
  first_conditions(draft);
  if (!course.world.policy && !run.status.plan) {
    without_policy(draft);
  } else if (target_gone(draft)) {
    draft.failed(reason::kTargetDeleted, "the target is gone or another object has its name");
  } else if (aborted(run)) {
    draft.failed(reason::kAborted, "a person aborted the run; what was done stays as it is");
  } else if (!run.status.plan) {
    draft_plan(draft);
  } else if (is_taken_out(draft)) {
    draft_taken_out(draft, live(draft));
  } else {
    switch (live(draft)) {
      case Live::Bad:
        draft_revert(draft);
        break;
      case Live::Restored:
        draft_watch(draft);
        break;
      case Live::Other:
        end_by_new_release(draft);
        break;
    }
  }
  tell_standing(draft.out.next, course.now);
  return std::move(draft.out);
}

Progress proceed(const api::Rollback& run, const Course& course) {
  if (!is_of_peer(run, course.world)) return proceed_here(run, course);
  const Snapshot other = turned(course.world);
  return proceed_here(run, {other, current(other), course.findings, course.tracked, course.marks, course.now, &course});
}

}  // namespace decide
