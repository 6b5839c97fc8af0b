// Objects as the API server stores them, every default filled in. Tests change what they need.
#pragma once

#include <string>
#include <utility>
#include <vector>

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

// Selects the pods of the Deployment of that name.
[[nodiscard]] nlohmann::json service_json(const std::string& name, const std::string& ns = kNamespace);

// Of the Deployment of that name.
[[nodiscard]] nlohmann::json autoscaler_json(const std::string& deployment, int min, int max,
                                             const std::string& ns = kNamespace);

// One rule with these Services and weights.
[[nodiscard]] nlohmann::json http_route_json(const std::string& name, const std::vector<std::pair<std::string, int>>& weights,
                                             const std::string& ns = kNamespace);

// The status of a route that its router takes, whatever its generation.
[[nodiscard]] nlohmann::json accepted_json();

// spec.traffic of a policy: one HTTPRoute before two Services.
[[nodiscard]] nlohmann::json canary_json(const std::string& stable, const std::string& canary, const std::string& route);

// The only slice of a Service, with these ready pods.
[[nodiscard]] nlohmann::json endpoints_json(const std::string& service, const std::vector<std::string>& pod_uids,
                                            const std::string& ns = kNamespace);

// spec.traffic of a policy: the Service selects one of two Deployments by the key "app".
[[nodiscard]] nlohmann::json blue_green_json(const std::string& service, const std::string& peer);

}  // namespace fake
