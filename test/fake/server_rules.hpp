// The rules of the API server that our rooms lean on; test/contract holds them to the real one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "wire/api.hpp"

namespace fake {

// What a write to `subresource` may change of `live`: the rest of `wanted` is put back silently. Refuses a change of what
// can't change and an old resourceVersion.
[[nodiscard]] base::Result<nlohmann::json> admit_update(const wire::Ref& ref, const nlohmann::json& live,
                                                        nlohmann::json wanted);

// A new object as it is stored, before uid and time are given to it.
[[nodiscard]] base::Result<nlohmann::json> admit_create(const wire::Collection& in, nlohmann::json wanted);

// True if this change of the main resource raises metadata.generation.
[[nodiscard]] bool raises_generation(const wire::Kind& kind, const nlohmann::json& live, const nlohmann::json& wanted);

// Where two objects differ, two levels deep, sorted: "spec.template", "status.conditions". What only the server writes is left
// out.
[[nodiscard]] std::vector<std::string> changed_fields(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace fake
