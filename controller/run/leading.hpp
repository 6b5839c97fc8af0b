// The thread that holds the lease, and what happens when leadership comes or goes.
#pragma once

#include <functional>
#include <stop_token>

#include "wire/lease.hpp"

namespace run {

// Runs until `stop`, then gives the lease up. `changed(true)` when this process begins to lead, and again when `missed` says
// that work was let go in the meantime: a renewal that came late leads on, but not without a gap. `changed(false)` when it
// ends. `wait` is false once `stop` was requested.
inline void lead(wire::Lease& lease, const std::function<void(bool)>& changed, const std::function<bool()>& missed,
                 const std::function<bool(base::Millis, const std::stop_token&)>& wait, const std::stop_token& stop) {
  bool was = false;
  while (!stop.stop_requested()) {
    const auto rest = lease.step();
    const bool is = lease.may_write();
    const bool gap = missed();
    if (is != was || (is && gap)) changed(is);
    was = is;
    if (!wait(rest, stop)) break;
  }
  lease.release();
}

}  // namespace run
