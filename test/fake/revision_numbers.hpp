// What the Deployment controller writes on the ReplicaSet of the present template: number, history, copied annotations.
#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

#include "fake/rollout.hpp"

namespace fake {

[[nodiscard]] std::int64_t revision_of(const nlohmann::json& object);  // deployment.kubernetes.io/revision; 0 if it has none

[[nodiscard]] nlohmann::json without_hash(nlohmann::json pod_template);

// A new ReplicaSet for the Deployment's template, at 0 replicas.
[[nodiscard]] nlohmann::json new_set(const nlohmann::json& deployment, const Sets& old);

// Gives `set` the highest number if another has it, keeping the one it had as history, and the Deployment's annotations.
void number(const nlohmann::json& deployment, const Sets& old, nlohmann::json& set);

void note_size(const nlohmann::json& deployment, nlohmann::json& set);  // desired-replicas and max-replicas

}  // namespace fake
