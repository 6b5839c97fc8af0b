// The work queue: keys, never objects or events. A key is in it once, and never with two workers: added while it is worked on,
// it comes again afterwards. Thread rule: safe from every thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>

#include "api/meta.hpp"
#include "base/clock.hpp"

namespace run {

using base::Instant;
using base::Millis;

class WorkQueue {
 public:
  explicit WorkQueue(const base::Clock& clock) : clock_(clock) {}

  void add(const api::Key& key);
  // Due at `when`; an earlier time already asked for stays. It does not replace an immediate one.
  void add_at(const api::Key& key, Instant when);
  // The next key that is due at `now`, marked as being worked on.
  [[nodiscard]] std::optional<api::Key> try_take(Instant now);
  // Blocks until a key is due; nullopt once `stop` is requested.
  [[nodiscard]] std::optional<api::Key> take(std::stop_token stop);
  void done(const api::Key& key);
  [[nodiscard]] size_t depth() const;

 private:
  void put(const api::Key& key, Instant when);
  [[nodiscard]] std::optional<api::Key> take_locked(Instant now);

  const base::Clock& clock_;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable_any wake_;
  std::uint64_t changes_ = 0;                           // what a sleeping worker looks at
  std::map<api::Key, Instant> due_;                     // waiting: the time at which it is due
  std::set<std::pair<Instant, api::Key>> order_;        // the same, by time
  std::map<api::Key, std::optional<Instant>> working_;  // with a worker; the time if it is to come again
};

}  // namespace run
