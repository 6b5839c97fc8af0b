#include "observe/failures.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace observe {
namespace {

using api::Container;
using api::ContainerKind;
using api::Ended;
using api::Failure;
using api::Pod;

constexpr std::int64_t kMostAtOnce = 256;  // ends told by one change; no honest kubelet leaves out as many

template <size_t N>
bool is_one_of(const std::array<std::string_view, N>& all, std::string_view text) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

// Waiting because no container could be made. (RunContainerError is not here: that container was made, and ended at its start.)
bool in_error(const Container& container) {
  static constexpr std::array<std::string_view, 6> kErrors{
      "ErrImagePull",     "ImagePullBackOff",           "ErrImageNeverPull",
      "InvalidImageName", "CreateContainerConfigError", "CreateContainerError"};
  return is_one_of(kErrors, container.waiting);
}

// Ends that the kubelet infers, because the container is gone: it has raised restartCount for them already.
bool is_in_restart_count(const Ended& end) {
  return end.reason == "ContainerStatusUnknown" || end.reason == "RestartingAllContainers";
}

// A node that was reset brings its pods back: nobody saw how their containers ended.
bool is_by_reboot(const Ended& end) { return end.reason == "Unknown" && end.exit_code == 255; }

// Between the end of a container and its next start the kubelet says why it does not start: the end moves from `state` to
// `lastState` while restartCount stays. Without such a reason, waiting is the time before a start, and restartCount has counted
// every end.
bool waits_to_restart(const Container& container) {
  static constexpr std::array<std::string_view, 4> kBeforeStart{"", "ContainerCreating", "PodInitializing",
                                                                "RestartingAllContainers"};
  return !is_one_of(kBeforeStart, container.waiting);
}

bool must_have_ended(const Container& container) {
  return container.waiting == "CrashLoopBackOff" || container.waiting == "RunContainerError";
}

const std::optional<Ended>& last_end(const Container& container) {
  return container.ended ? container.ended : container.last_ended;
}

// How many times the container has ended.
std::int64_t ends_of(const Container& container) {
  const auto& last = last_end(container);
  const bool is_down = container.ended || (waits_to_restart(container) && (last || must_have_ended(container)));
  const bool counted = !is_down || (last && is_in_restart_count(*last));
  return std::int64_t{container.restarts} + (counted ? 0 : 1);
}

// What is known of end `n`; the latest known one where that one is not kept any more.
const std::optional<Ended>& end_number(const Container& container, std::int64_t n) {
  return container.ended && container.last_ended && n < ends_of(container) ? container.last_ended : last_end(container);
}

bool counts(const Container& container, const std::optional<Ended>& end) {
  if (end && is_by_reboot(*end)) return false;
  if (container.kind != ContainerKind::Init) return true;
  return end ? end->exit_code != 0 : must_have_ended(container);  // a loop is never one of successes
}

bool is_ended(const Container& container) {
  return ends_of(container) > 0 && (last_end(container) || must_have_ended(container));
}

struct Change {
  const Pod* before;
  const Pod& after;
  const std::string& revision_uid;
  Instant seen;

  [[nodiscard]] const Container* earlier(const Container& container) const {
    if (before == nullptr) return nullptr;
    const auto found = std::find_if(before->containers.begin(), before->containers.end(),
                                    [&](const Container& each) { return each.name == container.name; });
    return found == before->containers.end() ? nullptr : &*found;
  }
  // An error of a pod seen for the first time may be old: it is dated back to the pod's creation.
  [[nodiscard]] Instant error_time() const { return before == nullptr ? after.meta.created.value_or(seen) : seen; }
};

Failure end_failure(const Change& change, const Container& container, std::int64_t n) {
  const auto& end = end_number(container, n);
  const bool dated = end && end->finished && *end->finished > Instant{};
  return {fmt::format("{}/{}/{}", change.after.meta.uid, container.name, n),
          change.revision_uid,
          change.after.meta.name,
          container.name,
          end ? end->reason : container.waiting,
          end ? end->exit_code : 0,
          dated ? *end->finished : change.seen};
}

void add_last_end(const Change& change, std::vector<Failure>& out) {
  std::optional<Failure> last;
  for (const auto& container : change.after.containers) {
    if (!is_ended(container) || !counts(container, last_end(container))) continue;
    auto failure = end_failure(change, container, ends_of(container));
    if (!last || failure.time > last->time) last = std::move(failure);
  }
  if (last) out.push_back(std::move(*last));
}

void add_new_ends(const Change& change, std::vector<Failure>& out) {
  for (const auto& container : change.after.containers) {
    const auto* earlier = change.earlier(container);
    const std::int64_t now = ends_of(container);
    const std::int64_t known = std::max(earlier == nullptr ? 0 : ends_of(*earlier), now - kMostAtOnce);
    for (std::int64_t n = known + 1; n <= now; ++n) {
      if (counts(container, end_number(container, n))) out.push_back(end_failure(change, container, n));
    }
  }
}

void add_errors(const Change& change, std::vector<Failure>& out) {
  for (const auto& container : change.after.containers) {
    if (!in_error(container)) continue;
    const auto* earlier = change.earlier(container);
    if (earlier != nullptr && in_error(*earlier) && earlier->restarts == container.restarts) continue;
    out.push_back({fmt::format("{}/{}/waiting/{}", change.after.meta.uid, container.name, container.restarts),
                   change.revision_uid, change.after.meta.name, container.name, container.waiting, 0, change.error_time()});
  }
}

bool is_explained(const Pod& failed) {
  return std::any_of(failed.containers.begin(), failed.containers.end(), [](const Container& container) {
    return in_error(container) || (container.ended && counts(container, container.ended));
  });
}

void add_failed(const Change& change, std::vector<Failure>& out) {
  const auto has_failed = [](const Pod& pod) { return pod.phase == "Failed"; };
  if (!has_failed(change.after) || (change.before != nullptr && has_failed(*change.before))) return;
  if (!out.empty() || is_explained(change.after)) return;
  out.push_back({change.after.meta.uid + "/failed", change.revision_uid, change.after.meta.name, "",
                 change.after.reason.empty() ? "Failed" : change.after.reason, 0, change.error_time()});
}

}  // namespace

std::vector<Failure> failures_of(const Pod* before, const Pod& after, const std::string& revision_uid, Instant seen) {
  std::vector<Failure> out;
  if (is_put_aside(after)) return out;
  const Change change{before, after, revision_uid, seen};
  if (before == nullptr) {
    add_last_end(change, out);
  } else {
    add_new_ends(change, out);
  }
  add_errors(change, out);
  add_failed(change, out);
  return out;
}

std::optional<decide::LostReady> lost_ready(const Pod* before, const Pod& after, const std::string& revision_uid,
                                            Instant seen) {
  if (before == nullptr || !before->ready || after.ready || is_put_aside(after)) return std::nullopt;
  // The node controller marks the pods of a silent node not ready, and leaves their containers as they were.
  const bool all_ready = std::all_of(after.containers.begin(), after.containers.end(), [](const api::Container& container) {
    return container.ready || container.kind == api::ContainerKind::Init;
  });
  if (all_ready && !after.containers.empty()) return std::nullopt;
  return decide::LostReady{after.meta.uid, after.meta.name, revision_uid, after.ready_changed.value_or(seen), std::nullopt};
}

// By the kubelet: it ended the pod, or had no room for what the scheduler sent it a moment before (OutOfcpu, OutOfpods, ...).
bool is_put_aside(const Pod& pod) {
  static constexpr std::array<std::string_view, 12> kByNode{"Evicted",
                                                            "NodeShutdown",
                                                            "NodeLost",
                                                            "Terminated",
                                                            "Preempting",
                                                            "Shutdown",
                                                            "NodeAffinity",
                                                            "NodePorts",
                                                            "UnexpectedAdmissionError",
                                                            "UnexpectedPredicateFailureType",
                                                            "TopologyAffinityError",
                                                            "InvalidNodeInfo"};
  return pod.meta.deleted.has_value() || pod.disrupted || is_one_of(kByNode, pod.reason) || pod.reason.starts_with("OutOf");
}

}  // namespace observe
