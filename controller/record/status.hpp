// Status writes: one JSON patch that names only what differs, under a `test` of the object's uid and resourceVersion.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "api/meta.hpp"

namespace record {

// A status is kept below this: messages and evidence give way, facts do not.
inline constexpr std::size_t kMostStatusBytes = 64 * 1024;

// The status with every free text within what the CRD allows, and shorter ones where the whole would be above the bound.
[[nodiscard]] nlohmann::json bounded(nlohmann::json status);

// The changed top-level fields of the status; nullopt if none is.
[[nodiscard]] std::optional<std::string> status_patch(const api::Meta& seen, const nlohmann::json& before,
                                                      const nlohmann::json& after);

}  // namespace record
