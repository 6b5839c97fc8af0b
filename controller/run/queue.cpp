#include "run/queue.hpp"

#include <algorithm>

namespace run {
namespace {

constexpr Millis kLongest{60'000};  // a machine that slept may wake later than its timers think
constexpr Millis kLongestHold{10'000};

}  // namespace

void WorkQueue::put(const api::Key& key, Millis when) {
  if (const auto held = not_before_.find(key); held != not_before_.end()) when = std::max(when, held->second);
  if (const auto busy = working_.find(key); busy != working_.end()) {
    busy->second = std::min(busy->second.value_or(when), when);
    return;
  }
  const auto [entry, fresh] = due_.try_emplace(key, when);
  if (!fresh && entry->second <= when) return;
  order_.erase({entry->second, key});
  entry->second = when;
  order_.emplace(when, key);
}

void WorkQueue::put_and_wake(const api::Key& key, Millis when) {
  std::lock_guard hold(mutex_);
  put(key, when);
  observer_.added();
  wake_in_time();
}

void WorkQueue::add(const api::Key& key) { put_and_wake(key, clock_.boot()); }

void WorkQueue::add_after(const api::Key& key, Millis delay) { put_and_wake(key, clock_.boot() + delay); }

void WorkQueue::back_off(const api::Key& key, Millis delay) {
  const Millis now = clock_.boot();
  {
    std::lock_guard hold(mutex_);
    not_before_[key] = now + std::min(delay, kLongestHold);
  }
  put_and_wake(key, now + delay);
}

std::optional<api::Key> WorkQueue::take_locked(Millis now) {
  if (order_.empty() || order_.begin()->first > now) return std::nullopt;
  observer_.taken(now - order_.begin()->first);
  const api::Key key = order_.begin()->second;
  order_.erase(order_.begin());
  due_.erase(key);
  not_before_.erase(key);
  working_.emplace(key, std::nullopt);
  return key;
}

std::optional<api::Key> WorkQueue::try_take() {
  std::lock_guard hold(mutex_);
  return take_locked(clock_.boot());
}

// Between two calls this holds: nobody sleeps, or one is on its way here, or one wakes in time for the key that is due first.
// Who takes a key or finds none restores it, so one at a time is woken: a wake costs as much as a pass.
void WorkQueue::wake_in_time() {
  if (order_.empty() || asleep_.empty() || waking_ > 0 || asleep_.begin()->first <= order_.begin()->first) return;
  const auto last = std::prev(asleep_.end());
  last->second->is_woken = true;
  last->second->wake.notify_one();
  asleep_.erase(last);
  ++waking_;
}

void WorkQueue::sleep(std::unique_lock<std::mutex>& hold, const std::stop_token& stop, Millis now) {
  Millis until = now + kLongest;
  if (!order_.empty()) {
    const Millis first = order_.begin()->first;
    const bool is_another_in_time = !asleep_.empty() && asleep_.begin()->first <= first;
    if (!is_another_in_time) until = std::min(until, first);
  }
  Sleeper self;
  const auto place = asleep_.emplace(until, &self);
  self.wake.wait_for(hold, stop, until - now, [&] { return self.is_woken; });
  if (self.is_woken) {
    --waking_;
  } else {
    asleep_.erase(place);
  }
}

std::optional<api::Key> WorkQueue::take(std::stop_token stop) {
  std::unique_lock hold(mutex_);
  std::optional<api::Key> key;
  while (!stop.stop_requested()) {
    const Millis now = clock_.boot();
    key = take_locked(now);
    if (key) break;
    sleep(hold, stop, now);
  }
  wake_in_time();
  return key;
}

void WorkQueue::done(const api::Key& key) {
  std::lock_guard hold(mutex_);
  const auto busy = working_.find(key);
  if (busy == working_.end()) return;
  const auto again = busy->second;
  working_.erase(busy);
  if (again) put(key, *again);
  wake_in_time();
}

size_t WorkQueue::depth() const {
  std::lock_guard hold(mutex_);
  return due_.size();
}

}  // namespace run
