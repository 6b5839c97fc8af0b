// The writes that bring the other side of a blue-green pair into service. Each reads its object afresh, and writes once or,
// where it is done already, not at all. Fault::Conflict: what was looked at has changed.
#pragma once

#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace act {

// Raises the Deployment's replicas; more than that stay.
[[nodiscard]] base::Result<void> scale_peer(wire::Api& api, const decide::ScalePeer& step);

// Changes the value of one key of the Service's selector; all other keys stay.
[[nodiscard]] base::Result<void> turn_service(wire::Api& api, const decide::TurnService& step);

}  // namespace act
