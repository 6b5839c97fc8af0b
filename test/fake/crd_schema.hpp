// The structural schemas in crds/, applied to what is written as the API server does. CEL rules are not evaluated; the two that
// a controller can break are in validate.cpp.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "wire/api.hpp"

namespace fake {

// Drops unknown fields and fills defaults.
void shape(const wire::Kind& kind, nlohmann::json& object);

// Why the schema refuses it, naming the field.
[[nodiscard]] std::optional<std::string> schema_refusal(const wire::Kind& kind, const nlohmann::json& object);

}  // namespace fake
