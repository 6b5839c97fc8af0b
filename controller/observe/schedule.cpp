#include "observe/schedule.hpp"

namespace observe {

Schedule::Queue& Schedule::queue_of(const Job& job, const Entry& entry) {
  if (job.what == Job::What::Evidence) return evidence_;
  return entry.pace == Pace::Slow ? slow_ : quick_;
}

void Schedule::want(const Job& job, Millis due) {
  const auto [at, fresh] = jobs_.try_emplace(job);
  auto& entry = at->second;
  entry.is_dropped = false;
  if (!fresh) return;
  entry.due = due;
  queue_of(job, entry).emplace(due, job);
}

void Schedule::drop(const Job& job) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return;
  if (at->second.is_running) {
    at->second.is_dropped = true;
    return;
  }
  queue_of(job, at->second).erase({at->second.due, job});
  jobs_.erase(at);
}

// The queue of the lane whose first job is due first and may run; nullptr if none waits.
const Schedule::Queue* Schedule::earliest(Lane lane) const {
  if (lane == Lane::Evidence) return evidence_.empty() ? nullptr : &evidence_;
  const bool slow_may_run = !slow_.empty() && slow_running_ < kMostSlow;
  if (quick_.empty()) return slow_may_run ? &slow_ : nullptr;
  return slow_may_run && slow_.begin()->first < quick_.begin()->first ? &slow_ : &quick_;
}

std::optional<Job> Schedule::take(Lane lane, Millis now) {
  const auto* queue = earliest(lane);
  if (queue == nullptr || queue->begin()->first > now) return std::nullopt;
  Job job = queue->begin()->second;
  auto& entry = jobs_.at(job);
  queue_of(job, entry).erase({entry.due, job});
  entry.is_running = true;
  if (entry.pace == Pace::Slow) ++slow_running_;
  return job;
}

void Schedule::finish(const Job& job, std::optional<Millis> again, Pace pace) {
  const auto at = jobs_.find(job);
  auto& entry = at->second;
  if (entry.pace == Pace::Slow) --slow_running_;
  if (entry.is_dropped || !again) {
    jobs_.erase(at);
    return;
  }
  entry = {*again, false, false, pace};
  queue_of(job, entry).emplace(*again, job);
}

std::optional<Millis> Schedule::next(Lane lane) const {
  const auto* queue = earliest(lane);
  return queue == nullptr ? std::nullopt : std::optional(queue->begin()->first);
}

}  // namespace observe
