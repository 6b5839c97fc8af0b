// The routes and Services of a canary pair, read one by one: there are few, and their kinds may not be installed.
#pragma once

#include <string>

#include "decide/snapshot.hpp"
#include "wire/api.hpp"

namespace observe {

// Blocks for as long as the API server takes. What can't be read is a problem in the reading, named with its object.
[[nodiscard]] decide::Traffic read_traffic(wire::Api& api, const std::string& ns, const api::CanaryPair& pair,
                                           base::Instant now);

}  // namespace observe
