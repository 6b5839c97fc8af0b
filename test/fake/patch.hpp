// JSON patch (RFC 6902) as the API server applies it.
#pragma once

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace fake {

// The patched document. A patch that can't be applied is Conflict if one of its `test` operations does not hold on
// `document` as it is now, else Invalid (wire/api.hpp).
[[nodiscard]] base::Result<nlohmann::json> apply_patch(const nlohmann::json& document, const nlohmann::json& operations);

}  // namespace fake
