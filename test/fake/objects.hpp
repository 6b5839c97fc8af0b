// Objects as the API server stores them, every default filled in. Tests change what they need.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace fake {

inline constexpr const char* kNamespace = "shop";

// One container "app" of this image; selector and labels app=<name>.
[[nodiscard]] nlohmann::json deployment_json(const std::string& name, const std::string& image, int replicas = 3,
                                             const std::string& ns = kNamespace);

// The policy of five lines: a target and nothing else.
[[nodiscard]] nlohmann::json policy_json(const std::string& name, const std::string& target,
                                         const std::string& ns = kNamespace);

// As a person creates it: `kubectl create` with the policy's name and nothing asked.
[[nodiscard]] nlohmann::json rollback_json(const std::string& name, const std::string& policy,
                                           const std::string& ns = kNamespace);

}  // namespace fake
