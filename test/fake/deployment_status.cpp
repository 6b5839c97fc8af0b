#include "fake/deployment_status.hpp"

#include <algorithm>
#include <climits>

#include <fmt/format.h>

#include "fake/conditions.hpp"

namespace fake {

using base::Instant;
using nlohmann::json;

namespace {

constexpr const char* kProgressing = "Progressing";

bool has_deadline(const json& deployment) {
  const int deadline = deployment.at("spec").value("progressDeadlineSeconds", INT_MAX);
  return deadline != INT_MAX;
}

void put(json& status, const char* field, int count) {
  if (count == 0)
    status.erase(field);
  else
    status[field] = count;
}

int counted(const json& status, const char* field) { return status.value(field, 0); }

bool is_progressing(const json& before, const json& after) {
  const auto old_pods = [](const json& s) { return counted(s, "replicas") - counted(s, "updatedReplicas"); };
  return counted(after, "updatedReplicas") > counted(before, "updatedReplicas") || old_pods(after) < old_pods(before) ||
         counted(after, "readyReplicas") > counted(before, "readyReplicas") ||
         counted(after, "availableReplicas") > counted(before, "availableReplicas");
}

bool has_timed_out(const json& deployment, const json& status, Instant now) {
  const json condition = condition_of(status, kProgressing);
  if (condition.is_null() || condition.at("reason") == "NewReplicaSetAvailable") return false;
  if (condition.at("reason") == "ProgressDeadlineExceeded") return true;
  const Instant since = base::parse_rfc3339(condition.at("lastUpdateTime").get<std::string>()).value();
  return since + base::Seconds{deployment.at("spec").at("progressDeadlineSeconds").get<int>()} < now;
}

void note_progress(const json& deployment, const json& current, json& status, Instant now) {
  const json before = deployment.value("status", json::object());
  const json condition = condition_of(before, kProgressing);
  const bool is_done = counted(status, "replicas") == counted(status, "updatedReplicas") && condition.is_object() &&
                       condition.at("reason") == "NewReplicaSetAvailable";
  if (is_done) return;
  const std::string who = current.is_null()
                              ? fmt::format("Deployment \"{}\"", deployment.at("metadata").at("name").get<std::string>())
                              : fmt::format("ReplicaSet \"{}\"", current.at("metadata").at("name").get<std::string>());
  if (is_complete(deployment, status)) {
    set_deployment_condition(status, kProgressing, "True", "NewReplicaSetAvailable", who + " has successfully progressed.",
                             now);
  } else if (is_progressing(before, status)) {
    renew_deployment_condition(status, kProgressing, "True", "ReplicaSetUpdated", who + " is progressing.", now);
  } else if (has_timed_out(deployment, status, now)) {
    set_deployment_condition(status, kProgressing, "False", "ProgressDeadlineExceeded", who + " has timed out progressing.",
                             now);
  }
}

}  // namespace

bool is_complete(const json& deployment, const json& status) {
  const int wanted = replicas_of(deployment);
  return counted(status, "updatedReplicas") == wanted && counted(status, "replicas") == wanted &&
         counted(status, "availableReplicas") == wanted &&
         status.value("observedGeneration", 0) >= deployment.at("metadata").at("generation").get<int>();
}

void note_pause(const json& deployment, json& status, Instant now) {
  if (!has_deadline(deployment)) return;
  const json condition = condition_of(status, kProgressing);
  const std::string reason = condition.is_null() ? "" : condition.at("reason").get<std::string>();
  if (reason == "ProgressDeadlineExceeded") return;
  const bool is_paused = deployment.at("spec").value("paused", false);
  if (is_paused && reason != "DeploymentPaused") {
    set_deployment_condition(status, kProgressing, "Unknown", "DeploymentPaused", "Deployment is paused", now);
  } else if (!is_paused && reason == "DeploymentPaused") {
    set_deployment_condition(status, kProgressing, "Unknown", "DeploymentResumed", "Deployment is resumed", now);
  }
}

json next_deployment_status(const json& deployment, const Sets& all, const json& current, Instant now) {
  json status = deployment.value("status", json::object());
  const int available = sum_of(all, "availableReplicas");
  status["observedGeneration"] = deployment.at("metadata").at("generation");
  put(status, "replicas", sum_of(all, "replicas"));
  put(status, "updatedReplicas", current.is_null() ? 0 : count_of(current, "replicas"));
  put(status, "readyReplicas", sum_of(all, "readyReplicas"));
  put(status, "availableReplicas", available);
  put(status, "unavailableReplicas", std::max(0, sum_of_replicas(all) - available));
  if (available >= replicas_of(deployment) - room_of(deployment).unavailable) {
    set_deployment_condition(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.",
                             now);
  } else {
    set_deployment_condition(status, "Available", "False", "MinimumReplicasUnavailable",
                             "Deployment does not have minimum availability.", now);
  }
  if (has_deadline(deployment))
    note_progress(deployment, current, status, now);
  else
    remove_condition(status, kProgressing);
  return status;
}

}  // namespace fake
