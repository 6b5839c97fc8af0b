// A clock that moves only when told. Wall and boot time move together, and can be moved apart as NTP and suspend do.
// Thread rule: safe from every thread.
#pragma once

#include <algorithm>
#include <atomic>

#include "base/clock.hpp"

namespace fake {

// 2026-01-02T03:04:05Z: where a ManualClock starts unless told otherwise.
inline constexpr base::Instant kStart{base::Millis{1'767'323'045'000}};

class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(base::Instant start = kStart) : wall_(start.time_since_epoch().count()) {}

  [[nodiscard]] base::Instant now() const override { return base::Instant{base::Millis{wall_.load()}}; }
  [[nodiscard]] base::Millis boot() const override { return base::Millis{boot_.load()}; }

  void advance(base::Millis by) {
    advance_wall(by);
    advance_boot(by);
  }
  // Boot time follows forward only: it never goes back.
  void set(base::Instant at) {
    const base::Millis by = at - now();
    advance_wall(by);
    advance_boot(std::max(by, base::Millis{0}));
  }
  void advance_wall(base::Millis by) { wall_ += by.count(); }
  void advance_boot(base::Millis by) { boot_ += by.count(); }

 private:
  std::atomic<base::Millis::rep> wall_;
  std::atomic<base::Millis::rep> boot_{1'000'000};
};

}  // namespace fake
