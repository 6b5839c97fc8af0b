// Reading a text without keeping its tree: simdjson checks all of it, and only the branches named in a Keep are built. Depth is
// capped, so hostile nesting is an error and never a stack overflow.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace api {

// A tree of keys. A leaf keeps the whole value; list items are transparent (their keys are looked up in the same Keep).
struct Keep {
  std::map<std::string, Keep, std::less<>> keys;
};

// "metadata.name", "status.containerStatuses.restartCount": dots separate keys.
[[nodiscard]] Keep keep(std::initializer_list<std::string_view> paths);

[[nodiscard]] base::Result<nlohmann::json> project(std::string_view text, const Keep& wanted);

}  // namespace api
