// Whether the Services and routes of a canary pair are what the policy takes them for.
#pragma once

#include <string>

#include "decide/snapshot.hpp"

namespace decide {

// By what was read last; "" if nothing contradicts. A pair that is not what it is taken for disarms its policy: taking traffic
// from the wrong side would make an outage of a bad release.
[[nodiscard]] std::string topology_mismatch(const Snapshot& world);
// Why something could not be read; "" if all of it was. It disarms nothing: the revert helps also without the traffic.
[[nodiscard]] std::string traffic_problem(const Snapshot& world);

}  // namespace decide
