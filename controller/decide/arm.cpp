#include "decide/arm.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "decide/ended.hpp"
#include "decide/names.hpp"
#include "decide/reasons.hpp"
#include "decide/track.hpp"

namespace decide {
namespace {

const Finding* first_breach(const std::vector<Finding>& findings) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [](const Finding& finding) { return finding.verdict == api::Verdict::Breached; });
  return found == findings.end() ? nullptr : &*found;
}

const api::Rollback* named(const Bench& bench, const std::string& name) {
  const auto& runs = bench.world.rollbacks;
  const auto found = std::find_if(runs.begin(), runs.end(), [&](const api::Rollback& run) { return run.meta.name == name; });
  return found == runs.end() ? nullptr : &*found;
}

// The releases that `run` and those before it in its chain went through.
std::set<std::string> chain_of(const Bench& bench, const api::Rollback& run) {
  std::set<std::string> releases;
  for (const auto* link = &run; link && link->status.plan; link = named(bench, link->spec.previous)) {
    if (!releases.insert(link->status.plan->from.fingerprint).second) break;
    releases.insert(link->status.plan->to.fingerprint);
  }
  return releases;
}

// What runs came of `run` or its chain, and of no release from outside.
bool still_of_chain(const Bench& bench, const api::Rollback& run) {
  if (run.status.plan->settings.blue_green)
    return api::is_true(run.status.conditions, "TrafficMoved") && bench.current.set.meta.uid == run.status.plan->to.uid &&
           bench.current.set.revision == run.status.plan->to.number;
  const auto from = run.status.plan->from.number;
  return api::is_true(run.status.conditions, "Reverted") && bench.current.set.revision > from &&
         only_since(bench.world, from, chain_of(bench, run));
}

// The current revision is what `run` restored.
bool restored_by(const Bench& bench, const api::Rollback& run) {
  return bench.current.fingerprint == run.status.plan->to.fingerprint && still_of_chain(bench, run);
}

bool too_deep(const Bench& bench, const api::Rollback& last) { return last.spec.depth + 1 >= bench.policy.spec.max_depth; }

struct Halt {
  const char* reason;
  std::string message;
  std::optional<Instant> until = std::nullopt;
};

// What runs has proved healthy since `run` ended (the mark is renewed then): the halt that came of it is over for good.
bool proved_since(const Bench& bench, const Marks& marks, const api::Rollback& run) {
  const auto mark = marks.find(bench.current.fingerprint);
  return mark != marks.end() && mark->second.mark == api::Mark::Good &&
         mark->second.time > api::find(run.status.conditions, "Failed")->changed;
}

constexpr const char* kUntil = "it ends with the next release, or when what runs has been healthy for soakSeconds";

std::optional<Halt> halted(const Bench& bench, const Marks& marks) {
  const auto* last = last_run(bench.world);
  if (!last) return std::nullopt;
  const auto why = failed_reason(*last);
  if (left_alone(bench.world) == last)
    return Halt{reason::kGitOpsConflict,
                fmt::format("{}: the bad template was put back each time; no further run for this release", last->meta.name)};
  if (why.empty() || !still_of_chain(bench, *last) || soaked(bench.tracked, bench.policy.spec, bench.now) ||
      proved_since(bench, marks, *last))
    return std::nullopt;
  if (why == reason::kNotRevisionSpecific)
    return Halt{reason::kNotRevisionSpecific,
                fmt::format("{}: both revisions fail alike, so it is not the release; {}", last->meta.name, kUntil)};
  if (why != reason::kRestoredRevisionUnhealthy) return std::nullopt;
  if (too_deep(bench, *last))
    return Halt{reason::kHalted, fmt::format("{} went {} revisions back and it still fails (revisions.maxDepth {}); {}",
                                             last->meta.name, last->spec.depth + 1, bench.policy.spec.max_depth, kUntil)};
  if (!choose(bench.world, bench.current, marks))
    return Halt{reason::kHalted,
                fmt::format("what {} restored fails too and there is no older good revision; {}", last->meta.name, kUntil)};
  return std::nullopt;
}

// The rollout of a restored revision is judged by the policy's Progress trigger too: where there is one, it will say so itself.
bool progress_will_tell(const Bench& bench, const api::Rollback& run) {
  const auto& triggers = bench.policy.spec.triggers;
  const auto& steps = run.status.steps;
  return std::any_of(triggers.begin(), triggers.end(),
                     [](const auto& trigger) { return std::holds_alternative<api::ProgressTrigger>(trigger.rule); }) &&
         std::any_of(steps.begin(), steps.end(),
                     [](const auto& step) { return step.name == api::kStepRollout && step.state == api::StepState::Failed; });
}

// A restored revision that failed its checks, not a trigger: nothing goes further back for that, so a person is needed.
std::optional<Halt> unhealthy_without_breach(const Bench& bench, const Marks& marks) {
  const auto* last = last_run(bench.world);
  if (!last || failed_reason(*last) != reason::kRestoredRevisionUnhealthy || progress_will_tell(bench, *last))
    return std::nullopt;
  if (!restored_by(bench, *last) || soaked(bench.tracked, bench.policy.spec, bench.now) || proved_since(bench, marks, *last))
    return std::nullopt;
  return Halt{reason::kHalted, fmt::format("what {} restored failed, and no trigger is breached; {}", last->meta.name, kUntil)};
}

std::optional<Halt> too_many(const Bench& bench) {
  const auto& spec = bench.policy.spec;
  int count = 0;
  std::optional<Instant> oldest;
  for (const auto& run : bench.world.rollbacks) {
    if (run.by_hand() || !run.spec.previous.empty() || !about_target(bench.world, run) || !run.meta.created ||
        bench.now - *run.meta.created >= spec.max_rollbacks_window)
      continue;
    ++count;
    if (!oldest || *run.meta.created < *oldest) oldest = run.meta.created;
  }
  if (count < spec.max_rollbacks) return std::nullopt;
  return Halt{reason::kHalted,
              fmt::format("{} rollbacks within {} s: the limit guards.maxRollbacks.count {} is reached", count,
                          spec.max_rollbacks_window.count(), spec.max_rollbacks),
              oldest ? std::optional(*oldest + spec.max_rollbacks_window) : std::nullopt};
}

std::string by_hand(const Bench& bench) {
  return fmt::format("by hand: kubectl create -n {} -f - with kind Rollback and spec.policyName {}", bench.policy.meta.ns,
                     bench.policy.meta.name);
}

const api::Trigger& trigger_of(const Bench& bench, const Finding& finding) {
  const auto& triggers = bench.policy.spec.triggers;
  return *std::find_if(triggers.begin(), triggers.end(), [&](const auto& trigger) { return trigger.name == finding.trigger; });
}

CreateRollback make(const Bench& bench, const Finding& finding, const std::string& name) {
  CreateRollback create{name, {}};
  auto& spec = create.spec;
  spec.policy_name = bench.policy.meta.name;
  spec.reason = fmt::format("{}: {}", finding.trigger, finding.message);
  spec.trigger_name = finding.trigger;
  spec.from_uid = bench.current.set.meta.uid;
  spec.from_number = bench.current.set.revision;
  if (const auto* last = last_run(bench.world); last && restored_by(bench, *last)) {
    spec.previous = last->meta.name;
    spec.depth = last->spec.depth + 1;
  }
  const Instant since = bench.tracked.current_since.value_or(bench.now);
  const Instant begin = bench.current.set.reused ? since : std::min(since, bench.current.set.meta.created.value_or(since));
  if (bench.now - begin > bench.policy.spec.suspect)
    spec.decisions.push_back({"Revert", api::DecisionState::Waiting,
                              fmt::format("{}: current for more than {} s, the release is hardly the cause",
                                          reason::kRevisionTooOld, bench.policy.spec.suspect.count())});
  return create;
}

// Why a breach of this shipping creates nothing; nullptr reason: nothing stands in the way.
Firing guarded(const Bench& bench, const Finding& finding, const std::string& what, const Marks& marks) {
  const auto held = [&](const char* why, std::string message) {
    return Firing{true, why, std::move(message), nullptr, "", {}};
  };
  const auto stalled = [&](const Halt& halt) { return Firing{true, halt.reason, halt.message, halt.reason, halt.message, {}}; };
  if (const auto halt = halted(bench, marks)) return stalled(*halt);
  if (others_fail_alike(trigger_of(bench, finding), bench))
    return held(reason::kNotRevisionSpecific,
                fmt::format("{}; half of the other revision's pods or more fail alike: going back would not help", what));
  const auto candidate = choose(bench.world, bench.current, marks);
  if (!candidate && !bench.policy.spec.canary)
    return stalled({reason::kNoGoodRevision, fmt::format("{}; there is no revision to go back to: {}", what,
                                                         why_no_way_back(bench.world, bench.current))});
  if (bench.world.kill_switch)
    return held(reason::kKillSwitch, fmt::format("{}; held: the operator's kill switch is on", what));
  const std::string would =
      candidate ? fmt::format("{}; would go back to {}", what, describe(ref(*candidate->revision)))
                : fmt::format("{}; would take the canary's weight away, there is no revision to go back to", what);
  if (bench.policy.spec.mode == api::Mode::Observe) return held(reason::kWouldRollBack, would);
  if (bench.policy.spec.mode == api::Mode::Paused) return held(reason::kPaused, would);
  const auto* last = last_run(bench.world);
  const bool goes_on = last && restored_by(bench, *last);  // a chain counts once
  if (goes_on && too_deep(bench, *last))
    return stalled({reason::kHalted, fmt::format("{}; going back further is limited by revisions.maxDepth {}", what,
                                                 bench.policy.spec.max_depth)});
  if (const auto halt = too_many(bench); halt && !goes_on) {
    Firing firing = stalled(*halt);
    firing.look_again = halt->until;
    return firing;
  }
  return {};
}

// A stall outlives its breach: until a mark or a new release makes a way, or what runs has proved healthy.
Firing quiet(const Bench& bench, const Marks& marks) {
  Firing firing{false, reason::kNothingFired, "no trigger is breached", nullptr, "", {}};
  const auto& before = bench.policy.status;
  const auto* stalled = api::find(before.conditions, "Stalled");
  auto halt = halted(bench, marks);
  if (!halt) halt = unhealthy_without_breach(bench, marks);
  if (halt) {
    firing.stalled = halt->reason;
    firing.stalled_message = halt->message;
  } else if (stalled && stalled->status == api::Status::True && stalled->reason == reason::kNoGoodRevision &&
             before.current == bench.tracked.current && !soaked(bench.tracked, bench.policy.spec, bench.now) &&
             !choose(bench.world, bench.current, marks)) {
    firing.stalled = reason::kNoGoodRevision;
    firing.stalled_message = stalled->message;
  }
  return firing;
}

// As status keeps it, so that a value that moves with every sample is not written with every sample.
std::string told(const Bench& bench, const Finding& finding) {
  const auto& kept = bench.tracked.triggers;
  const auto found = std::find_if(kept.begin(), kept.end(), [&](const auto& entry) {
    return entry.name == finding.trigger && entry.verdict == finding.verdict;
  });
  return fmt::format("{}: {}", finding.trigger, found == kept.end() ? finding.message : found->message);
}

// The first breach that only this release has, else the first.
const Finding* breach_of_the_release(const Bench& bench, const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    if (finding.verdict == api::Verdict::Breached && !others_fail_alike(trigger_of(bench, finding), bench)) return &finding;
  }
  return first_breach(findings);
}

Firing answer(const Bench& bench, const std::vector<Finding>& findings, const Marks& marks) {
  const auto* finding = breach_of_the_release(bench, findings);
  if (!finding) return quiet(bench, marks);
  const std::string name = rollback_name(bench.policy.meta, bench.world.target->meta.uid, ref(bench.current));
  const std::string what = told(bench, *finding);
  for (const auto& run : bench.world.rollbacks) {
    if (run.meta.name != name && (run.finished() || run.spec.policy_name != bench.policy.meta.name)) continue;
    if (!run.finished())
      return {true, reason::kRollbackCreated, fmt::format("{}; {} is under way", what, run.meta.name), nullptr, "", {}};
    if (const auto halt = halted(bench, marks)) return {true, halt->reason, halt->message, halt->reason, halt->message, {}};
    return {true,
            reason::kAlreadyRolledBack,
            fmt::format("{}; {} was the run of this shipping and is final; {}", what, name, by_hand(bench)),
            nullptr,
            "",
            {}};
  }
  Firing firing = guarded(bench, *finding, what, marks);
  if (firing.reason) return firing;
  return {true, reason::kRollbackCreated,   fmt::format("{}; {} was created", what, name), nullptr,
          "",   make(bench, *finding, name)};
}

}  // namespace

Firing fire(const Bench& bench, const std::vector<Finding>& findings, const Marks& marks) {
  Firing firing = answer(bench, findings, marks);
  for (const auto& run : bench.world.rollbacks) {
    if (firing.stalled || !run.plan_unknown || run.finished() || run.spec.policy_name != bench.policy.meta.name) continue;
    firing.stalled = reason::kPlanVersionUnknown;
    firing.stalled_message = fmt::format(
        "{} has a plan of a version that this operator does not know, so it is left alone; run the newer operator again",
        run.meta.name);
  }
  return firing;
}

}  // namespace decide
