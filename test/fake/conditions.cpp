#include "fake/conditions.hpp"

namespace fake {

using nlohmann::json;

namespace {

json next_condition(const json& old, const std::string& type, const std::string& value, const std::string& reason,
                    const std::string& message, base::Instant now) {
  json next{{"type", type}, {"status", value}, {"lastTransitionTime", base::to_rfc3339(now)}};
  if (!reason.empty()) next["reason"] = reason;
  if (!message.empty()) next["message"] = message;
  if (old.is_object() && old.at("status") == value) next["lastTransitionTime"] = old.at("lastTransitionTime");
  return next;
}

}  // namespace

json condition_of(const json& status, const std::string& type) {
  for (const json& condition : status.value("conditions", json::array())) {
    if (condition.at("type") == type) return condition;
  }
  return nullptr;
}

void set_pod_condition(json& status, const std::string& type, const std::string& value, const std::string& reason,
                       const std::string& message, base::Instant now) {
  const json next = next_condition(condition_of(status, type), type, value, reason, message, now);
  for (json& condition : status["conditions"]) {
    if (condition.at("type") != type) continue;
    condition = next;
    return;
  }
  status["conditions"].push_back(next);
}

void set_deployment_condition(json& status, const std::string& type, const std::string& value, const std::string& reason,
                              const std::string& message, base::Instant now) {
  const json old = condition_of(status, type);
  if (old.is_object() && old.at("status") == value && old.at("reason") == reason) return;
  renew_deployment_condition(status, type, value, reason, message, now);
}

void renew_deployment_condition(json& status, const std::string& type, const std::string& value, const std::string& reason,
                                const std::string& message, base::Instant now) {
  json next = next_condition(condition_of(status, type), type, value, reason, message, now);
  next["lastUpdateTime"] = base::to_rfc3339(now);
  remove_condition(status, type);
  status["conditions"].push_back(next);
}

void remove_condition(json& status, const std::string& type) {
  if (!status.contains("conditions")) return;
  json kept = json::array();
  for (const json& condition : status.at("conditions")) {
    if (condition.at("type") != type) kept.push_back(condition);
  }
  status["conditions"] = kept;
}

}  // namespace fake
