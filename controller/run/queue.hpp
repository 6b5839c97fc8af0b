// The work queue: keys, never objects or events. A key is in it once, and never with two workers: added while it is worked on,
// it comes again afterwards. Time is Clock::boot's, which nobody sets. Thread rule: safe from every thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>

#include "api/meta.hpp"
#include "base/clock.hpp"

namespace run {

using base::Millis;

// Told, under the queue's lock, of each key that is added and of how long one that is taken had been due.
struct QueueObserver {
  std::function<void()> added = [] {};
  std::function<void(Millis waited)> taken = [](Millis) {};
};

class WorkQueue {
 public:
  explicit WorkQueue(const base::Clock& clock, QueueObserver observer = {}) : clock_(clock), observer_(std::move(observer)) {}

  void add(const api::Key& key);
  // Due after `delay`; an earlier time already asked for stays. It does not replace an immediate one.
  void add_after(const api::Key& key, Millis delay);
  // The same, and for the delay, at most ten seconds, nothing brings it sooner: what fails at each event is not tried at each.
  void back_off(const api::Key& key, Millis delay);
  // The next key that is due, marked as being worked on.
  [[nodiscard]] std::optional<api::Key> try_take();
  // Blocks until a key is due; nullopt once `stop` is requested.
  [[nodiscard]] std::optional<api::Key> take(std::stop_token stop);
  void done(const api::Key& key);
  [[nodiscard]] size_t depth() const;

 private:
  // A worker in `take` that found nothing due.
  struct Sleeper {
    std::condition_variable_any wake;
    bool is_woken = false;
  };

  void put(const api::Key& key, Millis when);
  void put_and_wake(const api::Key& key, Millis when);
  void wake_in_time();
  [[nodiscard]] std::optional<api::Key> take_locked(Millis now);
  void sleep(std::unique_lock<std::mutex>& hold, const std::stop_token& stop, Millis now);

  const base::Clock& clock_;
  const QueueObserver observer_;
  mutable std::mutex mutex_;                           // guards everything below
  std::multimap<Millis, Sleeper*> asleep_;             // by the time at which they wake by themselves
  int waking_ = 0;                                     // woken, and not yet here
  std::map<api::Key, Millis> due_;                     // waiting: the time at which it is due
  std::set<std::pair<Millis, api::Key>> order_;        // the same, by time
  std::map<api::Key, std::optional<Millis>> working_;  // with a worker; the time if it is to come again
  std::map<api::Key, Millis> not_before_;              // of those that back off
};

}  // namespace run
