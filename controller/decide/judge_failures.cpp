#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "decide/judge_rules.hpp"
#include "decide/reasons.hpp"

namespace decide {
namespace {

constexpr Seconds kClocksApart{60};    // a node's and ours
constexpr Seconds kUnreadyCounts{10};  // a shorter loss of readiness is no failure
constexpr Seconds kEndsWithin{45};     // a process that hangs is killed after its grace period, 30 s by default
constexpr Seconds kRestarts{360};      // the kubelet's longest pause before it starts a container again, and its start
constexpr const char* kNotReady = "NotReady";

// All failures known of any revision, each once: what status remembers and what we saw since we run.
std::map<std::string, api::Failure> known(const Bench& bench) {
  std::map<std::string, api::Failure> all;
  for (const auto& failure : bench.tracked.failures) all.emplace(failure.id, failure);
  for (const auto& failure : bench.world.failures) all.emplace(failure.id, failure);
  return all;
}

// The end of a container: <pod uid>/<container>/<number of the end>.
bool is_crash(const api::Failure& failure) {
  return !failure.container.empty() && std::count(failure.id.begin(), failure.id.end(), '/') == 2;
}

// The pod lost its readiness because a container of it ended: one event, one failure.
bool explained(const std::map<std::string, api::Failure>& all, const std::string& pod_uid, Instant lost) {
  return std::any_of(all.lower_bound(pod_uid + "/"), all.lower_bound(pod_uid + "0"), [&](const auto& entry) {
    const auto& failure = entry.second;
    return is_crash(failure) && failure.time >= lost - kUnreadyCounts && failure.time <= lost + kEndsWithin;
  });
}

// A pod that is gone, being deleted or disrupted did not fail by losing its readiness.
bool is_there(const Snapshot& world, const std::string& pod_uid) {
  return std::any_of(world.revisions.begin(), world.revisions.end(), [&](const Revision& revision) {
    return std::any_of(revision.pods.begin(), revision.pods.end(),
                       [&](const api::Pod& pod) { return pod.meta.uid == pod_uid && alive(pod) && !pod.disrupted; });
  });
}

void add_lost_ready(const Bench& bench, std::map<std::string, api::Failure>& all) {
  for (const auto& lost : bench.world.lost_ready) {
    if (!is_there(bench.world, lost.pod_uid) || lost.back.value_or(bench.now) - lost.at < kUnreadyCounts) continue;
    const std::string id = fmt::format("{}/unready/{}", lost.pod_uid, lost.at.time_since_epoch().count() / 1000);
    all.emplace(id, api::Failure{id, lost.revision_uid, lost.pod, "", kNotReady, 0, lost.at});
  }
  std::erase_if(all, [&](const auto& entry) {
    const auto& [id, failure] = entry;
    return failure.reason == kNotReady && explained(all, id.substr(0, id.find('/')), failure.time);
  });
}

std::vector<api::Failure> of_revision(const Bench& bench, const std::string& uid, Instant since) {
  auto all = known(bench);
  add_lost_ready(bench, all);
  std::vector<api::Failure> counted;
  for (auto& [id, failure] : all) {
    const bool is_sane = failure.time <= bench.now + kClocksApart;  // one of next year would never leave the window
    if (is_sane && failure.revision_uid == uid && failure.time >= since) counted.push_back(std::move(failure));
  }
  std::stable_sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  return counted;
}

// The ends of a pod's containers, oldest first, of each pod of the current revision that lives now.
std::map<std::string, std::vector<Instant>> crashes_per_pod(const Bench& bench, const std::vector<api::Failure>& counted) {
  std::map<std::string, std::vector<Instant>> crashes;
  for (const auto& pod : bench.current.pods) {
    if (alive(pod) && !pod.disrupted) crashes[pod.meta.uid];
  }
  for (const auto& failure : counted) {
    const auto found = crashes.find(failure.id.substr(0, failure.id.find('/')));
    if (found != crashes.end() && is_crash(failure)) found->second.push_back(failure.time);
  }
  return crashes;
}

// Each pod, and so soon again that it cannot have stayed ready for soakSeconds in between.
bool every_pod_crashed_twice(const Bench& bench, const std::vector<api::Failure>& counted) {
  const auto crashes = crashes_per_pod(bench, counted);
  const Seconds soak = bench.policy.spec.soak;
  const bool twice = std::all_of(crashes.begin(), crashes.end(), [&](const auto& pod) {
    const auto& ends = pod.second;
    return ends.size() >= 2 && ends.back() - ends[ends.size() - 2] < soak + kRestarts;
  });
  if (crashes.empty() || !twice || bench.proven) return false;
  return std::none_of(bench.current.pods.begin(), bench.current.pods.end(), [&](const api::Pod& pod) {
    return pod.ready && pod.ready_changed && bench.now - *pod.ready_changed >= soak;
  });
}

std::optional<Instant> next_unready(const Bench& bench) {
  std::optional<Instant> next;
  for (const auto& lost : bench.world.lost_ready) {
    const Instant due = lost.at + kUnreadyCounts;
    if (!lost.back && due > bench.now && (!next || due < *next)) next = due;
  }
  return next;
}

std::string last_of(const std::vector<api::Failure>& counted) {
  const auto& last = counted.back();
  return fmt::format("{}{}{}{}: {}", last.pod, last.container.empty() ? "" : "/", last.container,
                     is_crash(last) ? " ended" : "",
                     last.exit_code ? fmt::format("{}, exit code {}", last.reason, last.exit_code) : last.reason);
}

}  // namespace

std::vector<api::Failure> counted_failures(const Bench& bench) {
  return of_revision(bench, bench.current.set.meta.uid, bench.tracked.current_since.value_or(bench.now));
}

std::string last_failure(const Bench& bench) {
  const auto counted = counted_failures(bench);
  return counted.empty() ? "" : "; last: " + last_of(counted);
}

Finding judge_failures(const std::string& name, const api::FailuresTrigger& rule, const Bench& bench) {
  auto counted = counted_failures(bench);
  const bool everywhere = every_pod_crashed_twice(bench, counted);
  std::erase_if(counted, [&](const auto& failure) { return failure.time <= bench.now - rule.window; });
  const auto count = static_cast<int>(counted.size());
  const std::string value = std::to_string(count);
  const auto breach = [&](const char* why, const std::string& text) {
    return Finding{
        name, api::Verdict::Breached, why, text + "; last: " + last_of(counted), value, counted.front().time + rule.window};
  };
  if (count > 0 && count > rule.more_than)
    return breach(reason::kFailureLimitExceeded,
                  fmt::format("{} failures in {} s, more than {}", count, rule.window.count(), rule.more_than));
  if (count > 0 && everywhere)
    return breach(reason::kEveryPodCrashed, "every pod of the revision has crashed twice and none stayed ready");
  if (count > 0 && bench.known_bad) return breach(reason::kKnownBad, "this release was rolled back before and fails again");
  return {name,
          api::Verdict::Healthy,
          reason::kWithinLimit,
          fmt::format("not more than {} failures in {} s", rule.more_than, rule.window.count()),
          value,
          next_unready(bench)};
}

bool failures_alike(const api::FailuresTrigger& rule, const Bench& bench) {
  int pods = 0;
  int failing = 0;
  for (const auto& revision : bench.world.revisions) {
    if (revision.set.meta.uid == bench.current.set.meta.uid) continue;
    std::set<std::string> failed;
    const Instant since = std::max(bench.tracked.current_since.value_or(bench.now), bench.now - rule.window);
    for (const auto& failure : of_revision(bench, revision.set.meta.uid, since)) {
      // A pod that is overloaded, because the bad revision serves no more, loses its readiness too.
      if (failure.reason != kNotReady) failed.insert(failure.id.substr(0, failure.id.find('/')));
    }
    for (const auto& pod : revision.pods) {
      if (!alive(pod)) continue;
      ++pods;
      if (failed.contains(pod.meta.uid)) ++failing;
    }
  }
  return pods > 0 && failing * 2 >= pods;
}

}  // namespace decide
