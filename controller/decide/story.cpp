#include "decide/story.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "decide/ended.hpp"
#include "decide/gitops.hpp"
#include "decide/reasons.hpp"
#include "decide/rights.hpp"
#include "decide/sources.hpp"
#include "decide/topology.hpp"

namespace decide {
namespace {

using api::Status;

constexpr size_t kBriefs = 10;

api::RollbackBrief brief(const api::Rollback& run, const api::RollbackStatus& status) {
  api::RollbackBrief out;
  out.name = run.meta.name;
  out.started = run.meta.created.value_or(Instant{});
  if (status.plan) {
    out.from = describe(status.plan->from);
    if (status.plan->chosen != api::Choice::None) out.to = describe(status.plan->to);
  }
  if (const auto* end = ended(status)) {
    out.result = end->reason;
    out.ended = end->changed;
  }
  return out;
}

// The run that is told about: the unfinished one, else the newest.
const api::Rollback* told(const Snapshot& world, const std::vector<RunUpdate>& runs) {
  const api::Rollback* newest = nullptr;
  for (const auto& run : world.rollbacks) {
    if (run.spec.policy_name != world.key.name) continue;
    if (!ended(next_of(run, runs))) return &run;
    if (!newest) newest = &run;
  }
  return newest;
}

std::string way_of(const std::optional<api::Plan>& plan) {
  if (!plan) return "no plan yet";
  if (plan->chosen == api::Choice::None) return fmt::format("{}, no revision to go back to", describe(plan->from));
  return fmt::format("from {} to {}", describe(plan->from), describe(plan->to));
}

std::string watched(const api::RollbackStatus& status) {
  const auto step =
      std::find_if(status.steps.begin(), status.steps.end(), [](const auto& each) { return each.name == api::kStepStabilize; });
  const bool is_under_way = step != status.steps.end() && step->state == api::StepState::Running;
  return is_under_way ? "; watched " + step->message : "";
}

std::string run_sentence(const api::Rollback& run, const api::RollbackStatus& status) {
  const std::string whose = fmt::format("{}, {}", run.meta.name, way_of(status.plan));
  if (const auto* end = ended(status)) return fmt::format("{}: {}", whose, end->message);
  const auto open = under_way(status);
  return open.empty() ? whose : fmt::format("{}: {}", whose, open);
}

// A finished run is the story for as long as what it restored is what runs.
bool is_back(const api::RollbackStatus& status, const api::PolicyStatus& next) {
  return api::is_true(status.conditions, "Complete") && status.plan && next.current &&
         next.current->fingerprint == status.plan->to.fingerprint;
}

const char* ready_reason(const api::RollbackPolicy& policy, const api::PolicyStatus& next, const api::Rollback* run,
                         const api::RollbackStatus* status) {
  if (run && !ended(*status)) return reason::kRollingBack;
  if (policy.spec.mode == api::Mode::Observe) return reason::kObserving;
  if (policy.spec.mode == api::Mode::Paused) return reason::kPaused;
  return run && is_back(*status, next) ? reason::kRolledBack : reason::kArmed;
}

// The side of a pair that serves, else the one that the policy names.
const std::string& target_name(const Snapshot& world) {
  return world.target ? world.target->meta.name : world.policy->spec.target_name;
}

std::string way_back_of(const std::optional<Candidate>& way_back, const api::Deployment& target) {
  if (way_back)
    return fmt::format("would go back to {}{}", describe(ref(*way_back->revision)),
                       way_back->chosen == api::Choice::Assumed ? ", which is assumed to be good" : "");
  return target.revision_history_limit == 0 ? "there is no revision to go back to, for its revisionHistoryLimit is 0"
                                            : "there is no revision to go back to yet";
}

std::string watching(const api::PolicyStatus& next, const Snapshot& world, const std::optional<Candidate>& way_back) {
  if (!next.current) return fmt::format("watching Deployment {}", target_name(world));
  const bool blind = sources(world, next).status == Status::False;
  const auto problem = world.policy->spec.canary ? traffic_problem(world) : std::string();
  return fmt::format("watching Deployment {}, {}; {}{}{}", target_name(world), describe(*next.current),
                     way_back_of(way_back, *world.target), blind ? "; memory can't be judged, see SourcesAvailable" : "",
                     problem.empty() ? "" : "; traffic can't be moved: " + problem);
}

// Nothing will become of it until a person corrects something. A target that is missing may still come.
bool needs_a_person(const std::string& why) {
  return why == reason::kInvalidSpec || why == reason::kTargetConflict || why == reason::kTopologyMismatch;
}

struct Stall {
  std::string reason;
  std::string message;
};

// What keeps the controller from going on, if anything does. A run that moves goes on, whatever came before it.
std::optional<Stall> stall(const Snapshot& world, const Unarmed& unarmed, const Firing& firing, const api::Rollback* run,
                           const std::vector<RunUpdate>& runs) {
  const bool running = run && !ended(next_of(*run, runs));
  const auto* refused = running ? refused_write(next_of(*run, runs)) : nullptr;
  if (running && !refused && !run->plan_unknown) return std::nullopt;
  if (firing.stalled) return Stall{firing.stalled, firing.stalled_message};
  if (refused) return Stall{refused->reason, fmt::format("{}: {}", run->meta.name, refused->message)};
  if (unarmed.reason)
    return needs_a_person(unarmed.reason) ? std::optional(Stall{unarmed.reason, unarmed.message}) : std::nullopt;
  if (auto missing = forbidden(world); !missing.empty()) return Stall{reason::kForbidden, std::move(missing)};
  return std::nullopt;
}

void tell_ready(api::PolicyStatus& next, const Snapshot& world, const Unarmed& unarmed, const Firing& firing,
                const std::optional<Stall>& stalled, const std::vector<RunUpdate>& runs,
                const std::optional<Candidate>& way_back, Instant now) {
  const auto put = [&](Status status, const char* why, std::string message) {
    api::set(next.conditions, {"Ready", status, why, std::move(message), world.policy->meta.generation, {}}, now);
  };
  if (unarmed.reason) return put(Status::False, unarmed.reason, unarmed.message);
  const auto* run = told(world, runs);
  const auto* status = run ? &next_of(*run, runs) : nullptr;
  if (stalled && (firing.stalled || stalled->reason == reason::kForbidden))
    return put(Status::False, stalled->reason.c_str(), stalled->message);
  const char* why = ready_reason(*world.policy, next, run, status);
  const bool tells_run = why == reason::kRollingBack || why == reason::kRolledBack;
  std::string message = tells_run ? run_sentence(*run, *status) : watching(next, world, way_back);
  if (firing.triggered && !tells_run) message = firing.message;
  put(Status::True, why, std::move(message));
}

// Most often our view is behind for a moment. What can last is told.
Unarmed settling(const api::Deployment& target) {
  if (target.paused)
    return {
        reason::kSettling,
        fmt::format("Deployment {} is paused with a template that was not rolled out: nothing is judged until it is resumed",
                    target.meta.name)};
  if (target.progressing_reason == "ReplicaSetCreateError")
    return {reason::kSettling, fmt::format("the ReplicaSet of the new template can't be created, see the condition Progressing "
                                           "of Deployment {}: nothing is judged until it is there",
                                           target.meta.name)};
  return {reason::kSettling, "the target's current revision is not seen yet", true};
}

}  // namespace

const api::Condition* refused_write(const api::RollbackStatus& status) {
  const auto* reverted = api::find(status.conditions, "Reverted");
  const bool is_refused = reverted && reverted->status == Status::False &&
                          (reverted->reason == reason::kWriteDenied || reverted->reason == reason::kWriteFailed ||
                           reverted->reason == reason::kNoGoodRevision);
  return is_refused ? reverted : nullptr;
}

std::string under_way(const api::RollbackStatus& status) {
  for (const char* type : {"Restored", "Reverted", "TrafficMoved", "Approved"}) {
    const auto* condition = api::find(status.conditions, type);
    const bool says_little = type == std::string_view("Approved") && condition && condition->status == Status::True;
    if (condition && condition->reason != reason::kPending && !says_little) return condition->message + watched(status);
  }
  return "";
}

const api::RollbackStatus& next_of(const api::Rollback& run, const std::vector<RunUpdate>& runs) {
  for (const auto& update : runs) {
    if (update.run.meta.uid == run.meta.uid) return update.next;
  }
  return run.status;
}

Unarmed unarmed(const Snapshot& world, const Revision* current) {
  const auto& policy = *world.policy;
  if (!policy.spec_error.empty()) return {reason::kInvalidSpec, policy.spec_error};
  if (!world.target)
    return {reason::kTargetNotFound,
            fmt::format("there is no Deployment {} in namespace {}; the policy is armed when it appears",
                        policy.spec.target_name, policy.meta.ns)};
  if (world.rival)
    return {reason::kTargetConflict,
            world.rival->route.empty()
                ? fmt::format("RollbackPolicy {} is older and acts on Deployment {}; delete one of them", world.rival->name,
                              policy.spec.target_name)
                : fmt::format("RollbackPolicy {} is older and moves the weights of {} the other way: its canary is the stable "
                              "side here; delete one of them",
                              world.rival->name, world.rival->route)};
  if (auto mismatch = topology_mismatch(world); !mismatch.empty()) return {reason::kTopologyMismatch, std::move(mismatch)};
  if (!current) return settling(*world.target);
  return {};
}

void tell(api::PolicyStatus& next, const Snapshot& world, const Unarmed& unarmed, const Firing& firing,
          const std::vector<RunUpdate>& runs, const std::optional<Candidate>& way_back, Instant now) {
  const auto generation = world.policy->meta.generation;
  const auto put = [&](const char* type, bool yes, const std::string& why, std::string message) {
    api::set(next.conditions, {type, yes ? Status::True : Status::False, why, std::move(message), generation, {}}, now);
  };
  next.observed_generation = generation;
  const auto* run = told(world, runs);
  const bool running = run && !ended(next_of(*run, runs));
  const auto stalled = stall(world, unarmed, firing, run, runs);
  // A view that is behind for a moment is not told: what was known stays.
  if (!unarmed.is_passing || !api::find(next.conditions, "Ready"))
    tell_ready(next, world, unarmed, firing, stalled, runs, way_back, now);
  if (!unarmed.is_passing) {
    if (running && stalled)
      put("Reconciling", false, stalled->reason, fmt::format("{} can't go on, see Stalled", run->meta.name));
    else
      put("Reconciling", running, running ? reason::kRollbackInProgress : reason::kIdle,
          running ? fmt::format("{} is under way", run->meta.name) : "no rollback is under way");
    put("Stalled", stalled.has_value(), stalled ? stalled->reason : reason::kNotStalled,
        stalled ? stalled->message : "nothing needs a person");
    put("Triggered", firing.triggered, firing.reason ? firing.reason : reason::kNothingFired,
        firing.reason ? firing.message : "nothing is judged");
  }
  const bool found = world.target.has_value();
  put("TargetResolved", found, found ? reason::kTargetFound : reason::kTargetNotFound,
      fmt::format("Deployment {} {}", target_name(world), found ? "was found" : "is not there"));
  for (auto condition : {sources(world, next), gitops_managed(world)}) {
    condition.observed_generation = generation;
    api::set(next.conditions, std::move(condition), now);
  }
  next.rollbacks.clear();
  for (const auto& entry : world.rollbacks) {
    if (entry.spec.policy_name == world.key.name && next.rollbacks.size() < kBriefs)
      next.rollbacks.push_back(brief(entry, next_of(entry, runs)));
  }
}

const char* reason_of_refusal(base::Fault fault) {
  return fault == base::Fault::Invalid ? reason::kWriteDenied : reason::kWriteFailed;
}

std::vector<Event> policy_events(const Snapshot& world, const api::PolicyStatus& next) {
  std::vector<Event> events;
  const auto shipping = next.current ? fmt::format("{}/{}", next.current->uid, next.current->number) : std::string();
  const auto changed = [&](const char* type, Status status) -> const api::Condition* {
    const auto* after = api::find(next.conditions, type);
    const auto* before = api::find(world.policy->status.conditions, type);
    const bool same = before && after && before->status == after->status && before->reason == after->reason;
    return after && after->status == status && !same ? after : nullptr;
  };
  const auto say = [&](const api::Condition* condition, const std::string& about) {
    if (condition) events.push_back({EventType::Warning, condition->reason, condition->message, about});
  };
  const std::string about = world.policy->meta.uid + "/" + shipping;
  // The start and the end of a run are told by the run itself.
  const auto is_told = [](const std::string& why) { return why == reason::kRollbackCreated || why == reason::kGitOpsConflict; };
  const auto* triggered = changed("Triggered", Status::True);
  if (triggered && !is_told(triggered->reason)) say(triggered, about);
  if (const auto* stalled = changed("Stalled", Status::True);
      stalled && !triggered && !is_told(stalled->reason) && !needs_a_person(stalled->reason))
    say(stalled, about);
  if (const auto* ready = changed("Ready", Status::False); ready && needs_a_person(ready->reason))
    say(ready, fmt::format("{}/{}", world.policy->meta.uid, world.policy->meta.generation));
  say(changed("TargetResolved", Status::False), fmt::format("{}/{}", world.policy->meta.uid, world.policy->status.target_uid));
  if (const auto* sources = changed("SourcesAvailable", Status::False))
    say(sources, fmt::format("{}/{}", world.policy->meta.uid, sources->changed.time_since_epoch().count()));
  return events;
}

}  // namespace decide
