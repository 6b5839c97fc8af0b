// What the Deployment controller of Kubernetes writes into a Deployment's status.
#pragma once

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "fake/rollout.hpp"

namespace fake {

// Counts, Available and Progressing. `current` is null while there is no ReplicaSet of the present template.
[[nodiscard]] nlohmann::json next_deployment_status(const nlohmann::json& deployment, const Sets& all,
                                                    const nlohmann::json& current, base::Instant now);

// Progressing while paused, or resumed.
void note_pause(const nlohmann::json& deployment, nlohmann::json& status, base::Instant now);

[[nodiscard]] bool is_complete(const nlohmann::json& deployment, const nlohmann::json& status);

}  // namespace fake
