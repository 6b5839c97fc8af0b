// Taking the canary's weight away, on one route.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "decide/decide.hpp"
#include "wire/api.hpp"

namespace act {

[[nodiscard]] wire::Ref route_of(const api::RouteRef& route, const std::string& ns);

// The JSON patch: on each rule that names both Services, under a `test` of both backends as they were read, the canary's weight
// becomes 0 and the stable one's grows by it. nullopt if there is nothing to move.
[[nodiscard]] std::optional<std::string> weights_patch(const nlohmann::json& route, const api::Router& router,
                                                       const api::CanaryPair& pair, std::string_view ns);

// Fresh reads, then one conditional write, or none if the weight is 0 already. Fault::Conflict: what was looked at has changed.
[[nodiscard]] base::Result<void> move_traffic(wire::Api& api, const decide::MoveTraffic& step);

}  // namespace act
