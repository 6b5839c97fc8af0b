// Conditions as the controllers of Kubernetes keep them.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"

namespace fake {

// Null if there is none of this type.
[[nodiscard]] nlohmann::json condition_of(const nlohmann::json& status, const std::string& type);

// Of a pod: lastTransitionTime moves with the status only.
void set_pod_condition(nlohmann::json& status, const std::string& type, const std::string& value, const std::string& reason,
                       const std::string& message, base::Instant now);

// Of a Deployment: unchanged if status and reason are; else lastUpdateTime moves, and lastTransitionTime with the status.
void set_deployment_condition(nlohmann::json& status, const std::string& type, const std::string& value,
                              const std::string& reason, const std::string& message, base::Instant now);

// As above, but lastUpdateTime moves in any case: progress was made.
void renew_deployment_condition(nlohmann::json& status, const std::string& type, const std::string& value,
                                const std::string& reason, const std::string& message, base::Instant now);

void remove_condition(nlohmann::json& status, const std::string& type);

}  // namespace fake
