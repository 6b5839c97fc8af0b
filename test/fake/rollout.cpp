#include "fake/rollout.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fake {

using nlohmann::json;

namespace {

enum class Round { Up, Down };

int absolute(const json& value, int total, Round round) {
  if (value.is_number()) return value.get<int>();
  const double exact = total * std::stoi(value.get<std::string>()) / 100.0;
  return static_cast<int>(round == Round::Up ? std::ceil(exact) : std::floor(exact));
}

bool is_rolling(const json& deployment) { return deployment.at("spec").at("strategy").at("type") == "RollingUpdate"; }

// Pods that are not available would be missed by nobody.
int drop_broken(const Sets& old, int most, std::vector<int>& wanted) {
  int dropped = 0;
  for (std::size_t i = 0; i < old.size() && dropped < most; ++i) {
    const int broken = std::min(most - dropped, std::max(0, wanted[i] - count_of(old[i], "availableReplicas")));
    wanted[i] -= broken;
    dropped += broken;
  }
  return dropped;
}

}  // namespace

Room room_of(const json& deployment) {
  const int replicas = replicas_of(deployment);
  if (!is_rolling(deployment) || replicas == 0) return {};
  const json& limits = deployment.at("spec").at("strategy").at("rollingUpdate");
  Room room{absolute(limits.at("maxSurge"), replicas, Round::Up), absolute(limits.at("maxUnavailable"), replicas, Round::Down)};
  if (room.surge == 0 && room.unavailable == 0) room.unavailable = 1;
  room.unavailable = std::min(room.unavailable, replicas);
  return room;
}

int replicas_of(const json& object) { return object.at("spec").value("replicas", 1); }

int count_of(const json& object, const char* field) {
  const auto status = object.find("status");
  return status == object.end() ? 0 : status->value(field, 0);
}

int sum_of_replicas(const Sets& sets) {
  int sum = 0;
  for (const json& set : sets) sum += replicas_of(set);
  return sum;
}

int sum_of(const Sets& sets, const char* field) {
  int sum = 0;
  for (const json& set : sets) sum += count_of(set, field);
  return sum;
}

int new_replicas(const json& deployment, const Sets& all, const json& current) {
  const int wanted = replicas_of(deployment);
  const int now = replicas_of(current);
  if (now >= wanted || !is_rolling(deployment)) return wanted;
  const int room = wanted + room_of(deployment).surge - sum_of_replicas(all);
  return room <= 0 ? now : now + std::min(room, wanted - now);
}

std::vector<int> old_replicas(const json& deployment, const Sets& old, const json& current) {
  std::vector<int> wanted;
  for (const json& set : old) wanted.push_back(replicas_of(set));
  const int least = replicas_of(deployment) - room_of(deployment).unavailable;
  const int not_yet = replicas_of(current) - count_of(current, "availableReplicas");
  const int most = sum_of_replicas(old) + replicas_of(current) - least - not_yet;
  if (most <= 0) return wanted;
  drop_broken(old, most, wanted);
  int spare = sum_of(old, "availableReplicas") + count_of(current, "availableReplicas") - least;
  for (std::size_t i = 0; i < old.size() && spare > 0; ++i) {
    const int dropped = std::min(wanted[i], spare);
    wanted[i] -= dropped;
    spare -= dropped;
  }
  return wanted;
}

}  // namespace fake
