// The routes and Services of a canary pair, read one by one, for their kinds may not be installed; the endpoints of a
// blue-green pair, which nobody needs but while its Service is turned; the autoscalers of the namespace.
#pragma once

#include <string>

#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace observe {

// Blocks for as long as the API server takes. What can't be read is a problem in the reading, named with its object.
[[nodiscard]] decide::Traffic read_traffic(wire::Api& api, const std::string& ns, const decide::TrafficWant& asked,
                                           base::Instant now);

}  // namespace observe
