// Objects as the API server sends them, for the tests of the cache: a Deployment "web" in "shop" with a ReplicaSet and pods,
// policies and Rollbacks. Every object has a version of its own, higher than those made before.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/codec.hpp"
#include "fake/manual_clock.hpp"
#include "fake/objects.hpp"

namespace given {

using nlohmann::json;

inline json versioned(json object, const std::string& uid) {
  static int version = 100;
  object["metadata"]["uid"] = uid;
  object["metadata"]["resourceVersion"] = std::to_string(++version);
  if (!object["metadata"].contains("creationTimestamp"))
    object["metadata"]["creationTimestamp"] = base::to_rfc3339(fake::kStart - std::chrono::hours{1});
  return object;
}

inline json owned(json object, const std::string& kind, const std::string& name, const std::string& uid) {
  object["metadata"]["ownerReferences"] =
      json::array({{{"apiVersion", "apps/v1"}, {"kind", kind}, {"name", name}, {"uid", uid}, {"controller", true}}});
  return object;
}

inline json deployment_text(const std::string& name = "web", const std::string& uid = "d1") {
  return versioned(fake::deployment_json(name, "web:1"), uid);
}

inline json set_text(const std::string& name = "web-a", const std::string& uid = "set-a", int revision = 1,
                     const std::string& deployment = "web", const std::string& deployment_uid = "d1") {
  json set = fake::deployment_json(deployment, "web:" + std::to_string(revision));
  set["metadata"]["name"] = name;
  set["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = std::to_string(revision);
  return versioned(owned(std::move(set), "Deployment", deployment, deployment_uid), uid);
}

inline json pod_text(const std::string& name = "web-a-1", const std::string& uid = "p1", const std::string& set = "web-a",
                     const std::string& set_uid = "set-a") {
  const json pod{
      {"metadata", {{"name", name}, {"namespace", "shop"}}},
      {"spec", {{"nodeName", "node-1"}}},
      {"status",
       {{"phase", "Running"},
        {"podIP", "10.0.0.1"},
        {"containerStatuses",
         json::array({{{"name", "app"}, {"restartCount", 0}, {"ready", true}, {"state", {{"running", json::object()}}}}})}}}};
  return versioned(owned(pod, "ReplicaSet", set, set_uid), uid);
}

// The pod, one crash later.
inline json crashed(json pod, base::Instant at = fake::kStart) {
  auto& app = pod["status"]["containerStatuses"][0];
  app["restartCount"] = app["restartCount"].get<int>() + 1;
  app["lastState"] = {{"terminated", {{"exitCode", 1}, {"reason", "Error"}, {"finishedAt", base::to_rfc3339(at)}}}};
  return versioned(pod, pod["metadata"]["uid"]);
}

inline json policy_text(const std::string& name = "web", const std::string& target = "web",
                        std::chrono::seconds age = std::chrono::seconds{3600}) {
  json policy = fake::policy_json(name, target);
  policy["metadata"]["creationTimestamp"] = base::to_rfc3339(fake::kStart - age);
  return versioned(std::move(policy), "policy-" + name);
}

struct RunText {
  std::string name = "web-run";
  std::string policy = "web";
  std::string target = "";  // planned; empty: no plan yet
  std::string target_uid = "d1";
  int reverts = 0;
  std::vector<std::string> true_conditions = {};
  std::chrono::seconds age{60};
  bool progresses = false;
  bool rolled_out = false;
};

inline json rollback_text(const RunText& run = {}) {
  json rollback = fake::rollback_json(run.name, run.policy);
  rollback["metadata"]["creationTimestamp"] = base::to_rfc3339(fake::kStart - run.age);
  api::RollbackStatus status;
  if (!run.target.empty()) {
    status.plan.emplace();
    status.plan->target_name = run.target;
    status.plan->target_uid = run.target_uid;
  }
  status.reverts = run.reverts;
  if (run.progresses) status.progressed = fake::kStart;
  if (run.rolled_out) status.steps.push_back({api::kStepRollout, api::StepState::Done, {}, {}, ""});
  for (const auto& type : run.true_conditions)
    api::set(status.conditions, {type, api::Status::True, "Test", "", 0, {}}, fake::kStart);
  rollback["status"] = api::to_json(status);
  return versioned(std::move(rollback), "run-" + run.name);
}

inline std::string list_text(const std::vector<json>& items) {
  return json{{"kind", "List"}, {"metadata", {{"resourceVersion", "1"}}}, {"items", items}}.dump();
}

}  // namespace given
