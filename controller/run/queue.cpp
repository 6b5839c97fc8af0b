#include "run/queue.hpp"

#include <algorithm>

namespace run {

void WorkQueue::put(const api::Key& key, Instant when) {
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

void WorkQueue::add(const api::Key& key) { add_at(key, Instant::min()); }

void WorkQueue::add_at(const api::Key& key, Instant when) {
  {
    std::lock_guard hold(mutex_);
    put(key, when);
    ++changes_;
  }
  wake_.notify_one();
}

std::optional<api::Key> WorkQueue::take_locked(Instant now) {
  if (order_.empty() || order_.begin()->first > now) return std::nullopt;
  const api::Key key = order_.begin()->second;
  order_.erase(order_.begin());
  due_.erase(key);
  working_.emplace(key, std::nullopt);
  return key;
}

std::optional<api::Key> WorkQueue::try_take(Instant now) {
  std::lock_guard hold(mutex_);
  return take_locked(now);
}

std::optional<api::Key> WorkQueue::take(std::stop_token stop) {
  constexpr Millis kLongest{60'000};  // the wall clock may be set meanwhile
  std::unique_lock hold(mutex_);
  while (!stop.stop_requested()) {
    const Instant now = clock_.now();
    if (auto key = take_locked(now)) return key;
    const Millis rest = order_.empty() ? kLongest : std::min(kLongest, order_.begin()->first - now);
    wake_.wait_for(hold, stop, rest, [this, seen = changes_] { return changes_ != seen; });
  }
  return std::nullopt;
}

void WorkQueue::done(const api::Key& key) {
  {
    std::lock_guard hold(mutex_);
    const auto busy = working_.find(key);
    if (busy == working_.end()) return;
    const auto again = busy->second;
    working_.erase(busy);
    if (again) put(key, *again);
    ++changes_;
  }
  wake_.notify_one();
}

size_t WorkQueue::depth() const {
  std::lock_guard hold(mutex_);
  return due_.size();
}

}  // namespace run
