#include <algorithm>

#include <fmt/format.h>

#include "decide/reasons.hpp"
#include "decide/run_parts.hpp"
#include "decide/track.hpp"

namespace decide {
namespace {

using api::Status;

constexpr Seconds kProbePeriod{5};  // while verifying
constexpr const char* kHttp = "verification.http";

const api::Plan& plan_of(const Draft& draft) { return *draft.run.status.plan; }

// What serves now, if all went as it should: of a blue-green pair whose Service could not be turned, what was reverted in
// place.
const api::RevisionRef& goal(const Draft& draft) {
  const auto& plan = plan_of(draft);
  const bool is_in_place = plan.back && draft.course.world.target->meta.uid == plan.target_uid;
  return is_in_place ? *plan.back : plan.to;
}

// What is wrong with the restored revision, and by which trigger.
struct Wrong {
  std::string trigger;
  std::string message;
};

void unhealthy(Draft& draft, const Wrong& wrong) {
  const auto& plan = plan_of(draft);
  const bool restored_once = draft.find_step(api::kStepStabilize) != nullptr;
  const auto& healthy = plan.healthy_triggers;
  const bool was_healthy = std::find(healthy.begin(), healthy.end(), draft.run.spec.trigger_name) != healthy.end();
  draft.condition("Restored", Status::False, reason::kRestoredRevisionUnhealthy, wrong.message);
  if (!restored_once && was_healthy && wrong.trigger == draft.run.spec.trigger_name) {
    draft.failed(reason::kNotRevisionSpecific,
                 fmt::format("{} was healthy before and now fails the same trigger {}: it is not the revision's fault ({})",
                             describe(goal(draft)), wrong.trigger, wrong.message));
    return;
  }
  draft.failed(reason::kRestoredRevisionUnhealthy, fmt::format("{} fails too: {}", describe(goal(draft)), wrong.message));
}

bool is_progress(const Draft& draft, const std::string& trigger) {
  if (!draft.course.world.policy) return false;
  const auto& triggers = draft.course.world.policy->spec.triggers;
  return std::any_of(triggers.begin(), triggers.end(), [&](const auto& entry) {
    return entry.name == trigger && std::holds_alternative<api::ProgressTrigger>(entry.rule);
  });
}

std::string progress_name(const Draft& draft) {
  if (draft.course.world.policy) {
    for (const auto& entry : draft.course.world.policy->spec.triggers) {
      if (std::holds_alternative<api::ProgressTrigger>(entry.rule)) return entry.name;
    }
  }
  return "progress";
}

// A breached trigger; the rollout's own deadline is watched by follow_rollout.
std::optional<Wrong> breached(const Draft& draft) {
  for (const auto& finding : draft.course.findings) {
    if (finding.verdict == api::Verdict::Breached && !is_progress(draft, finding.trigger))
      return Wrong{finding.trigger, finding.message};
  }
  return std::nullopt;
}

bool bad_pods_left(const Draft& draft) {
  const auto* bad = find_revision(draft.course.world, plan_of(draft).from.uid);
  return bad && std::any_of(bad->pods.begin(), bad->pods.end(), alive);
}

std::string terminating(const Draft& draft) {
  std::string names;
  if (const auto* bad = find_revision(draft.course.world, plan_of(draft).from.uid)) {
    for (const auto& pod : bad->pods) {
      if (pod.meta.deleted) names += (names.empty() ? "still terminating: " : ", ") + pod.meta.name;
    }
  }
  return names;
}

bool waits_for_a_node(const Draft& draft) {
  const auto* current = draft.course.current;
  return current && std::any_of(current->pods.begin(), current->pods.end(),
                                [](const api::Pod& pod) { return pod.unschedulable && alive(pod); });
}

void follow_rollout(Draft& draft) {
  const auto& target = *draft.course.world.target;
  auto& status = draft.out.next;
  const int available = draft.course.current ? draft.course.current->set.available : 0;
  const bool waits = draft.course.current && waits_for_the_old(draft.course.world, *draft.course.current);
  if (target.paused || target.replicas == 0 || waits || waits_for_a_node(draft)) {
    status.progressed.reset();
  } else if (target.observed_generation < target.meta.generation) {  // its counts are still those of the bad revision
    if (!status.progressed) status.progressed = draft.course.now;
  } else if (!status.progressed || target.updated > status.most_updated || available > status.most_available) {
    status.progressed = draft.course.now;
    status.most_updated = std::max(status.most_updated, target.updated);
    status.most_available = std::max(status.most_available, available);
  }
}

// True once every pod of the restored revision is available and none of the bad one is left but terminating ones.
bool rollout_done(Draft& draft) {
  const auto* before = draft.find_step(api::kStepRollout);
  if (before && before->state == api::StepState::Done) return true;
  if (draft.course.current && rolled_out(*draft.course.world.target) && !bad_pods_left(draft)) {
    draft.step(api::kStepRollout, api::StepState::Done, terminating(draft));
    return true;
  }
  follow_rollout(draft);
  draft.step(api::kStepRollout, api::StepState::Running);
  draft.condition("Restored", Status::Unknown, reason::kWaitingForRollout,
                  fmt::format("waiting for the pods of {}", describe(goal(draft))));
  const auto& status = draft.out.next;
  if (!status.progressed) return false;
  const Instant due = *status.progressed + plan_of(draft).settings.progress_deadline;
  if (draft.course.now < due) {
    draft.look_at(due);
  } else if (draft.course.current) {
    unhealthy(draft, {progress_name(draft), fmt::format("the rollout of {} made no progress for {} s", describe(goal(draft)),
                                                        plan_of(draft).settings.progress_deadline.count())});
  }
  return false;
}

enum class Checks { Hold, Pending, Wrong };
struct Checked {
  Checks state = Checks::Hold;
  std::string message;
};

Checked http_checks(const Draft& draft, Instant since) {
  const auto& http = plan_of(draft).settings.http;
  if (!http || !draft.course.current) return {};
  Checked worst;
  for (const auto& pod : draft.course.current->pods) {
    if (!pod.ready || pod.meta.deleted) continue;
    for (const auto& check : http->checks) {
      const ProbeResult* seen = nullptr;
      for (const auto& result : draft.course.world.probes) {
        if (result.pod_uid == pod.meta.uid && result.check == check.name && result.taken >= since) seen = &result;
      }
      if (seen && seen->outcome == Probed::Wrong)
        return {Checks::Wrong, fmt::format("check {} on {}: {}", check.name, pod.meta.name, seen->message)};
      if (!seen || seen->outcome == Probed::Unreachable)
        worst = {Checks::Pending,
                 fmt::format("check {} on {}: {}", check.name, pod.meta.name, seen ? seen->message : "not asked yet")};
    }
  }
  return worst;
}

Checked pods_available(const Draft& draft) {
  const auto& target = *draft.course.world.target;
  if (const auto idle = serves_nobody(draft); !idle.empty()) return {Checks::Pending, idle};
  if (target.available >= target.replicas) return {};
  return {Checks::Pending, fmt::format("{} of {} pods are available", target.available, target.replicas)};
}

Checked triggers_healthy(const Draft& draft) {
  for (const auto& finding : draft.course.findings) {
    if (finding.verdict == api::Verdict::Unknown)
      return {Checks::Pending, fmt::format("trigger {}: {}", finding.trigger, finding.message)};
  }
  if (draft.course.world.policy && !draft.course.current)
    return {Checks::Pending, "the target's current revision is not settled"};
  return {};
}

void want_probes(Draft& draft, Seconds period) {
  const auto& http = plan_of(draft).settings.http;
  if (!http || !draft.course.current) return;
  ProbeWant want{*http, period, {}};
  for (const auto& pod : draft.course.current->pods) {
    if (pod.ready && !pod.meta.deleted && !pod.ip.empty()) want.pods.push_back({pod.meta.uid, pod.meta.name, pod.ip});
  }
  draft.out.wants.probe = std::move(want);
}

// A check that answers wrongly sends a restored run back to verifying: stable means without a fault. At the end every trigger
// is judged once more; one that can't be (a restart of ours, a source that is out) is waited for as long as for a verification.
void stabilize(Draft& draft) {
  const auto& settings = plan_of(draft).settings;
  const Instant restored = api::find(draft.out.next.conditions, "Restored")->changed;
  if (!draft.course.world.policy) {
    draft.complete(reason::kPolicyDeleted, "restored; the policy is gone, so nothing watches on");
    return;
  }
  const Instant until = restored + settings.stabilization;
  const Checked judged = draft.course.world.target->replicas > 0 ? triggers_healthy(draft) : Checked{};
  const bool is_judged = judged.state == Checks::Hold;
  const Instant end = is_judged ? until : until + settings.verification_timeout;
  if (draft.course.now >= end) {
    draft.step(api::kStepStabilize, api::StepState::Done, fmt::format("healthy for {} s", settings.stabilization.count()));
    draft.complete(reason::kStabilized,
                   fmt::format("{} is back and was healthy for {} s{}", describe(goal(draft)), settings.stabilization.count(),
                               is_judged ? "" : ", as far as could be judged: " + judged.message));
    return;
  }
  draft.step(api::kStepStabilize, api::StepState::Running, fmt::format("until {}", base::to_rfc3339(until)));
  want_probes(draft, settings.stabilization_period);
  draft.look_at(draft.course.now < until ? until : end);
}

void verify(Draft& draft) {
  const auto& settings = plan_of(draft).settings;
  draft.step(api::kStepVerify, api::StepState::Running);
  want_probes(draft, kProbePeriod);
  const Instant started = *draft.find_step(api::kStepVerify)->started;
  const Checked http = http_checks(draft, started);
  Checked rest = pods_available(draft);
  const bool serves = draft.course.world.target->replicas > 0;  // scaled to 0 there is nothing to measure
  if (rest.state == Checks::Hold && serves) rest = triggers_healthy(draft);
  if (http.state == Checks::Hold && rest.state == Checks::Hold) {
    draft.condition("Restored", Status::True, reason::kCriteriaHold,
                    describe(goal(draft)) + (serves ? " serves and every criterion holds" : " is back, scaled to 0"));
    draft.step(api::kStepVerify, api::StepState::Done);
    stabilize(draft);
    return;
  }
  const std::string open = http.state == Checks::Hold ? rest.message : http.message;
  const Instant due = started + settings.verification_timeout;
  if (draft.course.now < due) {
    draft.condition("Restored", Status::Unknown, reason::kVerifying, open);
    draft.look_at(due);
  } else if (http.state == Checks::Wrong) {
    unhealthy(draft, {kHttp, http.message});
  } else {
    draft.condition(
        "Restored", Status::Unknown, reason::kVerificationInconclusive,
        fmt::format("not every criterion could be seen to hold within {} s: {}", settings.verification_timeout.count(), open));
  }
}

void late_evidence(Draft& draft) {
  auto& status = draft.out.next;
  const auto* step = draft.find_step(api::kStepEvidence);
  const bool arrived = draft.course.world.evidence && status.evidence.empty();
  if (arrived) status.evidence = *draft.course.world.evidence;
  if (!step) return;
  const bool given_up = arrived && step->state == api::StepState::Failed;
  if (given_up || step->state == api::StepState::Running)
    draft.step(api::kStepEvidence, api::StepState::Done, given_up ? "answered late: the revert did not wait" : "");
}

}  // namespace

bool give_back(Draft& draft, const api::Deployment& object) {
  if (!object.owned_by_us) return true;
  if (held(draft)) return false;
  draft.out.steps.emplace_back(GiveBackOwnership{to_give_back(draft, object.meta.name, object.meta.uid)});
  return true;
}

void draft_watch(Draft& draft) {
  draft.condition("Reverted", Status::True, reason::kTemplateRestored,
                  fmt::format("the template of {} is back", describe(goal(draft))));
  draft.step(api::kStepRevert, api::StepState::Done);
  const auto& world = draft.course.world;
  tell_turn(draft);
  if (!give_back(draft, *world.target) || (world.peer && !give_back(draft, world.peer->target))) return;
  give_back_routes(draft);
  watch_on(draft);
}

void watch_on(Draft& draft) {
  late_evidence(draft);
  if (const auto wrong = breached(draft)) {
    unhealthy(draft, *wrong);
    return;
  }
  if (!rollout_done(draft)) return;
  const bool restored = api::is_true(draft.out.next.conditions, "Restored");
  const Instant since = restored ? api::find(draft.out.next.conditions, "Restored")->changed : Instant{};
  const bool would_end = restored && draft.course.now >= since + plan_of(draft).settings.stabilization;
  const bool holds = http_checks(draft, since).state != Checks::Wrong && serves_nobody(draft).empty() &&
                     (!would_end || pods_available(draft).state == Checks::Hold);
  if (restored && holds) {
    stabilize(draft);
    return;
  }
  if (restored) {  // begin to verify again, from now
    std::erase_if(draft.out.next.steps, [](const auto& step) { return step.name == api::kStepVerify; });
  }
  verify(draft);
}

}  // namespace decide
