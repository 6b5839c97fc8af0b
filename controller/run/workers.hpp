// The workers: threads that take keys from the queue and run passes, and the one place where a failed pass becomes a retry.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "base/result.hpp"
#include "run/again.hpp"
#include "run/queue.hpp"

namespace run {

class Workers {
 public:
  struct Job {
    std::function<base::Result<Again>(const api::Key&)> pass;
    std::function<bool()> may_work;  // false: not the leader, or the caches are not filled; the key is dropped
    // Told of each pass: how it ended ("success", "error", "requeue_after") and how long it took; before that
    // "panic" if it threw; from the worker's thread.
    std::function<void(const api::Key&, const char* result, base::Millis took)> observed;
  };
  Workers(WorkQueue& queue, const base::Clock& clock, Job job) : queue_(queue), clock_(clock), job_(std::move(job)) {}

  void start(int count);
  void stop();  // each finishes its pass; returns when all have

  // True if keys were dropped since the last call, because none may work.
  [[nodiscard]] bool take_dropped() { return dropped_.exchange(false); }

  // The passes under way: how many, how long all of them together, how long the longest.
  struct Busy {
    int active = 0;
    base::Millis sum{0};
    base::Millis longest{0};
  };
  [[nodiscard]] Busy busy() const;

  // One pass of `key`, with its retry; for the threads and for tests.
  void work(const api::Key& key);

 private:
  [[nodiscard]] base::Result<Again> guarded_pass(const api::Key& key) const;

  WorkQueue& queue_;
  const base::Clock& clock_;
  const Job job_;
  base::Guarded<std::map<api::Key, int>> failures_;        // in a row
  base::Guarded<std::map<api::Key, base::Millis>> begun_;  // the passes under way, by Clock::boot
  std::atomic<bool> dropped_{false};
  std::vector<std::jthread> threads_;
};

}  // namespace run
