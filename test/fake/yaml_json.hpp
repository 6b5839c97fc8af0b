// YAML to JSON by the rules that kubectl uses for what the tests read: plain scalars have types, quoted ones are strings.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace fake {

[[nodiscard]] nlohmann::json json_of_yaml_file(const std::string& path);  // throws with the path

}  // namespace fake
