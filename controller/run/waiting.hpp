// A sleep that a stop ends.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/clock.hpp"

namespace run {

// False if `stop` was requested before the time was over.
inline bool wait_for(base::Millis time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock hold(mutex);
  wake.wait_for(hold, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace run
