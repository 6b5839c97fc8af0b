// The ReplicaSet controller and the garbage collector: as many pods as asked for, counted.
#pragma once

#include "base/clock.hpp"
#include "fake/fake_cluster.hpp"

namespace fake {

// Objects whose owner (by uid) is gone go too.
void collect_garbage(Actor& actor);

// Makes pods, or marks those deleted that are missed least: unready ones first, then those with more restarts, then the
// youngest.
void manage_pods(Actor& actor);

void count_pods(Actor& actor, base::Instant now);

[[nodiscard]] bool is_owned_by(const nlohmann::json& object, const nlohmann::json& owner);
[[nodiscard]] nlohmann::json owner_reference(const nlohmann::json& owner);

}  // namespace fake
