#include <algorithm>

#include <fmt/format.h>

#include "decide/run_parts.hpp"

namespace decide {
namespace {

using api::CheckState;

const api::Trigger* trigger_named(const Snapshot& world, const std::string& name) {
  if (!world.policy) return nullptr;
  for (const auto& trigger : world.policy->spec.triggers) {
    if (trigger.name == name) return &trigger;
  }
  return nullptr;
}

api::Check memory_line(const Course& course, const api::Rollback& run) {
  const auto* asked_by = trigger_named(course.world, run.spec.trigger_name);
  if (asked_by && std::holds_alternative<api::MemoryTrigger>(asked_by->rule))  // readings may be lost since, with a restart
    return {"MemoryLimit", CheckState::Confirmed, run.spec.reason, course.now};
  for (const auto& finding : course.findings) {
    const auto* trigger = trigger_named(course.world, finding.trigger);
    if (!trigger || !std::holds_alternative<api::MemoryTrigger>(trigger->rule)) continue;
    const auto state = finding.verdict == api::Verdict::Breached  ? CheckState::Confirmed
                       : finding.verdict == api::Verdict::Healthy ? CheckState::NotSeen
                                                                  : CheckState::Unknown;
    return {"MemoryLimit", state, finding.message, course.now};
  }
  return {"MemoryLimit", CheckState::Unknown, "the policy has no Memory trigger", course.now};
}

// How a container ended, if that was a failure: an init container that is done ended well.
const std::optional<api::Ended>& bad_end(const api::Container& container) {
  static const std::optional<api::Ended> kNone;
  const auto& end = container.ended ? container.ended : container.last_ended;
  return end && end->exit_code == 0 && container.kind == api::ContainerKind::Init ? kNone : end;
}

api::Check error_line(const Course& course) {
  for (const auto& pod : course.current->pods) {
    for (const auto& container : pod.containers) {
      const auto& end = bad_end(container);
      if (end) {
        return {"ErrorLogs", CheckState::Confirmed,
                fmt::format("{}/{} ended: {}, exit code {}; its last lines are in status.evidence", pod.meta.name,
                            container.name, end->reason, end->exit_code),
                course.now};
      }
    }
  }
  return {"ErrorLogs", CheckState::NotSeen, "no container of the revision has ended", course.now};
}

}  // namespace

std::vector<api::Check> checklist(const Course& course, const api::Rollback& run) {
  const auto& target = *course.world.target;
  const auto& bad = *course.current;
  const auto ready = std::count_if(bad.pods.begin(), bad.pods.end(), [](const api::Pod& pod) { return pod.ready; });
  return {
      {"GoldenTests", CheckState::Unknown, "the policy has no golden test", course.now},
      {"PerformanceBaseline", CheckState::Unknown, "the policy has no latency trigger", course.now},
      memory_line(course, run),
      error_line(course),
      {"AffectedComponents", CheckState::Confirmed, fmt::format("Deployment {}, {}", target.meta.name, describe(ref(bad))),
       course.now},
      {"RollbackImpact", CheckState::Confirmed,
       fmt::format("{} of {} replicas run the revision, {} ready{}", target.updated, target.replicas, ready,
                   run.by_hand() ? "; asked for by a person" : ""),
       course.now},
  };
}

std::vector<api::PodEvidence> evidence_pods(const Course& course, const std::string& revision_uid) {
  constexpr size_t kMostPods = 3;
  std::vector<api::PodEvidence> pods;
  const auto* revision = find_revision(course.world, revision_uid);
  if (!revision) return pods;
  const auto add = [&](const api::Pod& pod, const api::Container& container) {
    const auto& end = bad_end(container);
    pods.push_back({.pod = pod.meta.name,
                    .container = container.name,
                    .exit_code = end ? end->exit_code : 0,
                    .reason = end ? end->reason : container.waiting,
                    .message = end ? "" : container.waiting_message});
  };
  for (const bool failing : {true, false}) {  // those that failed first, then any
    for (const auto& pod : revision->pods) {
      for (const auto& container : pod.containers) {
        const bool failed = bad_end(container) || !container.waiting.empty();
        if (pods.size() < kMostPods && failed == failing &&
            std::none_of(pods.begin(), pods.end(), [&](const auto& taken) { return taken.pod == pod.meta.name; }))
          add(pod, container);
      }
    }
  }
  return pods;
}

}  // namespace decide
