#include "decide/decide.hpp"

#include <algorithm>
#include <set>

#include "decide/arm.hpp"
#include "decide/ended.hpp"
#include "decide/judge.hpp"
#include "decide/reasons.hpp"
#include "decide/rights.hpp"
#include "decide/run.hpp"
#include "decide/story.hpp"
#include "decide/topology.hpp"
#include "decide/track.hpp"

namespace decide {
namespace {

constexpr size_t kFailuresKept = 64;
constexpr std::chrono::days kKeptWithoutPolicy{30};
constexpr std::chrono::minutes kRoutesPeriod{30};  // while nothing happens
constexpr std::chrono::minutes kRoutesPeriodInTrouble{1};

void sooner(std::optional<Instant>& at, std::optional<Instant> when) {
  if (when && (!at || *when < *at)) at = when;
}

bool memory_is_judged(const api::PolicySpec& spec) {
  return std::any_of(spec.triggers.begin(), spec.triggers.end(),
                     [](const auto& trigger) { return std::holds_alternative<api::MemoryTrigger>(trigger.rule); });
}

std::vector<std::string> nodes(const Snapshot& world) {
  std::set<std::string> names;
  for (const auto& revision : world.revisions) {
    for (const auto& pod : revision.pods) {
      if (!pod.node.empty() && alive(pod)) names.insert(pod.node);
    }
  }
  return {names.begin(), names.end()};
}

bool shipping_has_run(const Snapshot& world, const Revision& current) {
  return std::any_of(world.rollbacks.begin(), world.rollbacks.end(), [&](const api::Rollback& run) {
    return run.spec.from_uid == current.set.meta.uid && run.spec.from_number == current.set.revision;
  });
}

// The failures that status remembers over a restart: the newest that count against the current revision, also from before the
// window, for a pod's second crash may come long after its first.
std::vector<api::Failure> remembered(const Bench& bench) {
  const auto& triggers = bench.policy.spec.triggers;
  if (std::none_of(triggers.begin(), triggers.end(),
                   [](const auto& trigger) { return std::holds_alternative<api::FailuresTrigger>(trigger.rule); }))
    return {};
  auto failures = counted_failures(bench);
  if (failures.size() > kFailuresKept) failures.erase(failures.begin(), failures.end() - kFailuresKept);
  return failures;
}

// Old failures leave status with the next change, not by a write of their own.
void keep_failures(api::PolicyStatus& next, const Bench& bench) {
  auto now = remembered(bench);
  const bool news = std::any_of(now.begin(), now.end(), [&](const auto& failure) {
    return std::none_of(next.failures.begin(), next.failures.end(), [&](const auto& old) { return old.id == failure.id; });
  });
  if (news) next.failures = std::move(now);
}

void add(std::vector<Event>& to, std::vector<Event> more) { std::move(more.begin(), more.end(), std::back_inserter(to)); }

void move_runs(Decision& out, const Course& course) {
  const auto* alone = course.world.target ? left_alone(course.world) : nullptr;
  for (const auto& run : course.world.rollbacks) {
    const bool is_at_rest = run.at_rest() && &run != alone && run.status.observed_generation == run.meta.generation;
    if (run.spec.policy_name != course.world.key.name || is_at_rest) continue;
    Progress progress = proceed(run, course);
    std::move(progress.steps.begin(), progress.steps.end(), std::back_inserter(out.plan));
    if (progress.wants.evidence) out.wants.evidence = std::move(progress.wants.evidence);
    if (progress.wants.probe) out.wants.probe = std::move(progress.wants.probe);
    if (const auto& traffic = progress.wants.traffic;
        traffic && (!out.wants.traffic || traffic->period < out.wants.traffic->period))
      out.wants.traffic = traffic;
    sooner(out.look_again, progress.look_again);
    if (progress.next != run.status) {
      out.runs.push_back({run, std::move(progress.next)});
    }
  }
}

// Finished ones beyond the limit, oldest first; never that of the current shipping.
void prune(Decision& out, const Snapshot& world, const Revision* current) {
  int kept = 0;
  for (const auto& run : world.rollbacks) {
    if (run.spec.policy_name != world.key.name || !run.at_rest()) continue;
    const bool of_current =
        current && run.spec.from_uid == current->set.meta.uid && run.spec.from_number == current->set.revision;
    if (++kept > world.policy->spec.history_limit && !of_current) out.prune.push_back(run);
  }
}

// What a deleted policy did stays readable for a while after its end.
void prune_without_policy(Decision& out, const Snapshot& world, Instant now) {
  for (const auto& run : world.rollbacks) {
    if (run.spec.policy_name != world.key.name || !run.at_rest()) continue;
    const Instant due = ended(run.status)->changed + kKeptWithoutPolicy;
    if (due > now) {
      sooner(out.look_again, due);
    } else {
      out.prune.push_back(run);
    }
  }
}

void judge_current(Decision& out, api::PolicyStatus& next, const Bench& bench) {
  out.findings = judge_all(bench);
  for (const auto& finding : out.findings) sooner(out.look_again, finding.look_again);
  soak(next, bench.policy.spec, *bench.world.target, out.findings, bench.now);
  next.triggers = keep_verdicts(next.triggers, out.findings, bench.now);
  keep_failures(next, bench);
  if (next.soaking_since) {  // a mark, or the end of a halt
    const Instant due = *next.soaking_since + bench.policy.spec.soak;
    if (due > bench.now) sooner(out.look_again, due);
  }
}

// A run has failed since the mark was set: what it restored, healthy again, has to be told from what it was.
bool failed_since(const Snapshot& world, Instant time) {
  return std::any_of(world.rollbacks.begin(), world.rollbacks.end(), [&](const api::Rollback& run) {
    const auto* failed = api::find(run.status.conditions, "Failed");
    return run.spec.policy_name == world.key.name && failed && failed->status == api::Status::True && failed->changed >= time;
  });
}

void mark_good(Marks& all, const api::PolicyStatus& next, const Snapshot& world, const Revision& current, Instant now) {
  const auto known = all.find(current.fingerprint);
  const bool renew = known != all.end() && ((known->second.reason == kSoaked && failed_since(world, known->second.time)) ||
                                            known->second.reason == kFailedSince);
  if (!soaked(next, world.policy->spec, now) || (known != all.end() && !renew)) return;
  all[current.fingerprint] = {current.fingerprint, api::Mark::Good, kSoaked, current.set.meta.name, now};
}

// What fails, and is not rolled back, is no target to go back to later because it was healthy once. A mark that a person made
// stays.
void no_longer_good(Marks& all, const Revision& current, const Firing& firing) {
  const std::string_view why = firing.reason ? firing.reason : "";
  const bool stays =
      why == reason::kNoGoodRevision || why == reason::kWouldRollBack || why == reason::kPaused || why == reason::kKillSwitch;
  const auto known = all.find(current.fingerprint);
  if (stays && known != all.end() && known->second.mark == api::Mark::Good && known->second.reason == kSoaked)
    known->second.reason = kFailedSince;
}

Decision without_policy(const Snapshot& world, Instant now) {
  Decision out;
  const Marks none;
  move_runs(out, {world, current(world), out.findings, nullptr, none, now});
  for (const auto& update : out.runs) add(out.events, run_events(update));
  prune_without_policy(out, world, now);
  return out;
}

}  // namespace

Decision decide(const Snapshot& world, Instant now) {
  if (!world.policy) return without_policy(world, now);
  Decision out;
  const auto& policy = *world.policy;
  const auto* runs_now = current(world);
  const Unarmed why_not = unarmed(world, runs_now);
  api::PolicyStatus next = track(world, runs_now, now);
  Marks all = marks(world);
  Firing firing;
  const bool is_sound = policy.spec_error.empty() && !world.rival && topology_mismatch(world).empty();
  if (runs_now && is_sound) {
    const Bench bench{world,
                      policy,
                      *runs_now,
                      next,
                      is_marked(all, runs_now->fingerprint, api::Mark::Good) || soaked(next, policy.spec, now),
                      is_marked(all, runs_now->fingerprint, api::Mark::Bad) && !shipping_has_run(world, *runs_now),
                      now};
    judge_current(out, next, bench);
    mark_good(all, next, world, *runs_now, now);
    firing = fire(bench, out.findings, all);
    if (firing.triggered) no_longer_good(all, *runs_now, firing);
    out.create = firing.create;
    sooner(out.look_again, firing.look_again);
  }
  move_runs(out, {world, runs_now, out.findings, &next, all, now});
  next.marks = kept(all);
  const auto way_back = runs_now ? choose(world, *runs_now, all) : std::nullopt;
  tell(next, world, why_not, firing, out.runs, way_back, now);
  add(out.events, announce_runs(next, world, out.runs));
  add(out.events, policy_events(world, next));
  prune(out, world, runs_now);
  if (is_sound && policy.spec.mode == api::Mode::Enforce) out.wants.rights = rights_for(policy.spec);
  if (memory_is_judged(policy.spec)) out.wants.memory_nodes = nodes(world);
  if (policy.spec.canary && !out.wants.traffic) {
    const bool is_well = topology_mismatch(world).empty() && traffic_problem(world).empty();
    out.wants.traffic = TrafficWant{*policy.spec.canary, is_well ? kRoutesPeriod : kRoutesPeriodInTrouble, false};
  }
  out.status = std::move(next);
  return out;
}

}  // namespace decide
