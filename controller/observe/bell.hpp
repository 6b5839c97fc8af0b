// Wakes threads that wait for something to do. A thread reads `rung()`, looks whether there is something to do, and if not
// waits for a ring after that: none can be missed in between.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "base/clock.hpp"

namespace observe {

class Bell {
 public:
  void ring() {
    {
      std::lock_guard hold(mutex_);
      ++rung_;
    }
    heard_.notify_all();
  }
  [[nodiscard]] std::uint64_t rung() const {
    std::lock_guard hold(mutex_);
    return rung_;
  }
  // Until it rings after `seen`, `stop` is asked for, or so much time has passed.
  void wait(std::uint64_t seen, std::stop_token stop, base::Millis longest) {
    std::unique_lock hold(mutex_);
    heard_.wait_for(hold, stop, longest, [&] { return rung_ != seen; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any heard_;
  std::uint64_t rung_ = 0;
};

}  // namespace observe
