#include <algorithm>

#include <fmt/format.h>

#include "decide/judge_rules.hpp"
#include "decide/reasons.hpp"
#include "decide/track.hpp"

namespace decide {

Seconds progress_deadline(const api::ProgressTrigger& rule, const api::Deployment& target) {
  constexpr int kDefault = 600;
  const bool slow = target.progress_deadline_seconds > kDefault && target.progress_deadline_seconds < kNoProgressDeadline;
  return slow ? std::max(rule.deadline, Seconds{target.progress_deadline_seconds}) : rule.deadline;
}

Finding judge_progress(const std::string& name, const api::ProgressTrigger& rule, const Bench& bench) {
  const auto& target = *bench.world.target;
  const auto& seen = bench.tracked;
  const std::string value = fmt::format("{}/{} available", target.available, target.replicas);
  if (seen.complete) return {name, api::Verdict::Healthy, reason::kRolledOut, "the rollout was complete", value, {}};
  if (waits_for_room(bench.world, bench.current))
    return {name,
            api::Verdict::Unknown,
            reason::kUnschedulable,
            "a pod finds no node, and the template does not ask for more than the one before",
            value,
            {}};
  if (target.replicas == 0)
    return {name, api::Verdict::Healthy, reason::kProgressing, "scaled to 0: there is nothing to roll out", value, {}};
  if (waits_for_the_old(bench.world, bench.current))
    return {
        name, api::Verdict::Healthy, reason::kProgressing, "the pods of another revision end first: time does not count", value,
        {}};
  if (target.paused || !seen.progressed)
    return {name, api::Verdict::Unknown, reason::kTargetPaused, "the Deployment is paused: time does not count", value, {}};
  const Seconds deadline = progress_deadline(rule, target) + Seconds{target.min_ready_seconds};
  const Instant due = *seen.progressed + deadline;
  if (bench.now < due)
    return {name,
            api::Verdict::Healthy,
            reason::kProgressing,
            fmt::format("the rollout has up to {} s for each step", deadline.count()),
            value,
            due};
  return {name,
          api::Verdict::Breached,
          reason::kDeadlineExceeded,
          fmt::format("no progress for {} s: {} of {} updated, {} available{}", deadline.count(), target.updated,
                      target.replicas, target.available, last_failure(bench)),
          value,
          {}};
}

bool progress_alike(const Bench& bench) {
  int pods = 0;
  int failing = 0;
  for (const auto& revision : bench.world.revisions) {
    if (revision.set.meta.uid == bench.current.set.meta.uid) continue;
    for (const auto& pod : revision.pods) {
      if (!alive(pod)) continue;
      ++pods;
      const bool lost =
          !pod.ready && pod.ready_changed && bench.tracked.current_since && *pod.ready_changed >= *bench.tracked.current_since;
      if (lost) ++failing;
    }
  }
  return pods > 0 && failing * 2 >= pods;
}

}  // namespace decide
