#include "decide/track.hpp"

#include <algorithm>

namespace decide {
namespace {

constexpr Seconds kRefresh{30};

Instant reign_begin(const api::RollbackPolicy& policy, const Revision& current, Instant now) {
  if (policy.spec.blue_green && !policy.status.target_uid.empty()) return now;  // the Service was turned, or a new release came
  const Instant armed = policy.meta.created.value_or(now);
  // A ReplicaSet that is current again is older than its reign: it begins when we see it, unless this is our first look at all.
  if (current.set.reused && policy.status.current) return now;
  return std::max(armed, current.set.meta.created.value_or(now));
}

void begin_reign(api::PolicyStatus& next, const api::RollbackPolicy& policy, const Revision& current, Instant now) {
  next.current_since = reign_begin(policy, current, now);
  next.complete = false;
  next.soaking_since.reset();
  next.triggers.clear();  // what was said of another revision, or of its last shipping
  next.healthy_once.clear();
  next.most_updated = 0;
  next.most_available = 0;
  next.progressed = next.current_since;
}

// The template asks for more than the newest older one: then a pod that can't be scheduled is the release's own doing.
bool asks_for_more(const Snapshot& world, const Revision& current) {
  for (const auto& revision : world.revisions) {
    if (revision.set.revision >= current.set.revision) continue;
    const auto& now = current.set.pod_template;
    const auto& before = revision.set.pod_template;
    return now.cpu_millis > before.cpu_millis || now.memory_bytes > before.memory_bytes;
  }
  return false;
}

// Time while the target is paused, or while nothing has room for its pods, does not count.
void follow_progress(api::PolicyStatus& next, const Snapshot& world, const Revision& current, Instant now) {
  const auto& target = *world.target;
  // What stood before the policy was complete once, if the Deployment says so. Of a later shipping that may be an old word.
  const bool all_new = !world.policy->status.current && target.progressing_reason == "NewReplicaSetAvailable" &&
                       target.updated >= target.replicas;
  if (target.replicas > 0 && (rolled_out(target) || all_new)) next.complete = true;
  if (next.complete) {
    next.most_available = std::max(next.most_available, current.set.available);  // what a later loss is told by
    return;
  }
  if (target.paused || target.replicas == 0 || waits_for_room(world, current) || waits_for_the_old(world, current)) {
    next.progressed.reset();
    return;
  }
  if (!next.progressed) next.progressed = now;
  if (target.observed_generation < target.meta.generation) return;  // its counts are still those of another template
  if (target.updated <= next.most_updated && current.set.available <= next.most_available) return;
  next.most_updated = std::max(next.most_updated, target.updated);
  next.most_available = std::max(next.most_available, current.set.available);
  next.progressed = now;
}

}  // namespace

bool waits_for_room(const Snapshot& world, const Revision& current) {
  return std::any_of(current.pods.begin(), current.pods.end(),
                     [](const api::Pod& pod) { return pod.unschedulable && alive(pod); }) &&
         !asks_for_more(world, current);
}

bool waits_for_the_old(const Snapshot& world, const Revision& current) {
  if (!current.pods.empty()) return false;
  bool ends = false;
  for (const auto& revision : world.revisions) {
    for (const auto& pod : revision.pods) {
      if (!pod.meta.deleted) return false;  // a rollout that goes on beside the old ones
      ends = true;
    }
  }
  return ends;
}

bool rolled_out(const api::Deployment& target) {
  return target.observed_generation >= target.meta.generation && target.updated >= target.replicas &&
         target.available >= target.replicas && target.status_replicas == target.updated;
}

api::PolicyStatus track(const Snapshot& world, const Revision* current, Instant now) {
  const auto& policy = *world.policy;
  api::PolicyStatus next = policy.status;
  const std::string uid = world.target ? world.target->meta.uid : "";
  if (next.target_uid != uid) {  // another object, or none: nothing that was seen of the old one counts
    api::PolicyStatus fresh;
    fresh.observed_generation = next.observed_generation;
    fresh.conditions = std::move(next.conditions);
    fresh.marks = std::move(next.marks);
    fresh.rollbacks = std::move(next.rollbacks);
    fresh.target_uid = uid;
    next = std::move(fresh);
  }
  if (!current) return next;
  const auto now_current = ref(*current);
  if (!next.current || next.current->uid != now_current.uid || next.current->number != now_current.number)
    begin_reign(next, policy, *current, now);
  if (next.current_since && *next.current_since > now) next.current_since = now;  // a clock was ahead: it must not blind us
  next.current = now_current;
  follow_progress(next, world, *current, now);
  return next;
}

void soak(api::PolicyStatus& status, const api::PolicySpec& spec, const api::Deployment& target,
          const std::vector<Finding>& findings, Instant now) {
  bool breached = false;
  for (const auto& finding : findings) {
    breached = breached || finding.verdict == api::Verdict::Breached;
    auto& once = status.healthy_once;
    if (finding.verdict == api::Verdict::Healthy && std::find(once.begin(), once.end(), finding.trigger) == once.end())
      once.push_back(finding.trigger);
  }
  std::erase_if(status.healthy_once, [&](const auto& name) {
    return std::none_of(spec.triggers.begin(), spec.triggers.end(), [&](const auto& trigger) { return trigger.name == name; });
  });
  // Fewer than there were: pods that are still to come after a scale-up are no loss.
  if (breached || !status.complete || target.available < std::max(1, std::min(target.replicas, status.most_available))) {
    status.soaking_since.reset();
  } else if (!status.soaking_since) {
    status.soaking_since = now;
  }
}

bool soaked(const api::PolicyStatus& status, const api::PolicySpec& spec, Instant now) {
  return status.soaking_since && status.healthy_once.size() >= spec.triggers.size() && now - *status.soaking_since >= spec.soak;
}

std::vector<api::TriggerStatus> keep_verdicts(const std::vector<api::TriggerStatus>& before,
                                              const std::vector<Finding>& findings, Instant now) {
  std::vector<api::TriggerStatus> kept;
  for (const auto& finding : findings) {
    const auto old =
        std::find_if(before.begin(), before.end(), [&](const auto& entry) { return entry.name == finding.trigger; });
    const bool same = old != before.end() && old->verdict == finding.verdict;
    const bool breached = finding.verdict == api::Verdict::Breached;
    if (same && old->reason == finding.reason && !(breached && now - old->refreshed.value_or(old->changed) >= kRefresh)) {
      kept.push_back(*old);
      continue;
    }
    api::TriggerStatus entry{
        finding.trigger, finding.verdict, finding.reason, finding.message, finding.value, same ? old->changed : now, {}};
    if (breached) entry.refreshed = now;
    kept.push_back(std::move(entry));
  }
  return kept;
}

}  // namespace decide
