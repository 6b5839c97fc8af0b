// The arithmetic of a Deployment's rollout, as the controller of Kubernetes 1.37 does it.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

namespace fake {

using Sets = std::vector<nlohmann::json>;  // ReplicaSets, oldest first

struct Room {
  int surge = 0;        // pods above replicas
  int unavailable = 0;  // pods below replicas
};
[[nodiscard]] Room room_of(const nlohmann::json& deployment);

[[nodiscard]] int replicas_of(const nlohmann::json& object);                  // spec.replicas
[[nodiscard]] int count_of(const nlohmann::json& object, const char* field);  // of its status; absent is 0
[[nodiscard]] int sum_of_replicas(const Sets& sets);
[[nodiscard]] int sum_of(const Sets& sets, const char* field);

// How many pods the new ReplicaSet is to have now.
[[nodiscard]] int new_replicas(const nlohmann::json& deployment, const Sets& all, const nlohmann::json& current);

// How many pods each of `old` is to have now, in their order: broken ones go first.
[[nodiscard]] std::vector<int> old_replicas(const nlohmann::json& deployment, const Sets& old, const nlohmann::json& current);

}  // namespace fake
