// What the server refuses: the few rules of validation that a controller can break.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "wire/api.hpp"

namespace fake {

// Why `after` is refused, naming the field; nullopt if it is accepted. `before` is null for a new object.
[[nodiscard]] std::optional<std::string> refusal(const wire::Kind& kind, const nlohmann::json& before,
                                                 const nlohmann::json& after);

}  // namespace fake
