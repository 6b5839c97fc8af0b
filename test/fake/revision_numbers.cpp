#include "fake/revision_numbers.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "fake/replica_sets.hpp"

namespace fake {

using nlohmann::json;

namespace {

constexpr const char* kRevision = "deployment.kubernetes.io/revision";
constexpr const char* kHistory = "deployment.kubernetes.io/revision-history";
constexpr const char* kDesired = "deployment.kubernetes.io/desired-replicas";
constexpr const char* kMax = "deployment.kubernetes.io/max-replicas";
constexpr const char* kHash = "pod-template-hash";

bool is_copied(const std::string& key) {
  static const std::set<std::string> kept{kRevision,
                                          kHistory,
                                          kDesired,
                                          kMax,
                                          "kubectl.kubernetes.io/last-applied-configuration",
                                          "deprecated.deployment.rollback.to"};
  return !kept.contains(key);
}

json annotations_of(const json& object) { return object.at("metadata").value("annotations", json::object()); }

}  // namespace

std::int64_t revision_of(const json& object) { return std::stoll(annotations_of(object).value(kRevision, "0")); }

json without_hash(json pod_template) {
  if (pod_template.at("metadata").contains("labels")) pod_template["metadata"]["labels"].erase(kHash);
  return pod_template;
}

json new_set(const json& deployment, const Sets& old) {
  const json& meta = deployment.at("metadata");
  const json& spec = deployment.at("spec");
  const std::string hash = base::digest(spec.at("template").dump(), 10);
  json set{{"apiVersion", "apps/v1"},
           {"kind", "ReplicaSet"},
           {"metadata",
            {{"name", fmt::format("{}-{}", meta.at("name").get<std::string>(), hash)},
             {"namespace", meta.at("namespace")},
             {"ownerReferences", json::array({owner_reference(deployment)})}}},
           {"spec", {{"replicas", 0}, {"selector", spec.at("selector")}, {"template", spec.at("template")}}}};
  set["spec"]["minReadySeconds"] = spec.value("minReadySeconds", 0);
  set["spec"]["selector"]["matchLabels"][kHash] = hash;
  set["spec"]["template"]["metadata"]["labels"][kHash] = hash;
  set["metadata"]["labels"] = set["spec"]["template"]["metadata"]["labels"];
  number(deployment, old, set);
  note_size(deployment, set);
  return set;
}

void number(const json& deployment, const Sets& old, json& set) {
  json annotations = annotations_of(set);
  const json theirs = annotations_of(deployment);
  for (const auto& [key, value] : theirs.items()) {
    if (is_copied(key)) annotations[key] = value;
  }
  std::int64_t next = 1;
  for (const json& other : old) next = std::max(next, revision_of(other) + 1);
  const std::int64_t had = revision_of(set);
  if (had < next) {
    annotations[kRevision] = std::to_string(next);
    const std::string history = annotations.value(kHistory, "");
    if (had > 0) annotations[kHistory] = history.empty() ? std::to_string(had) : fmt::format("{},{}", history, had);
  }
  set["metadata"]["annotations"] = annotations;
}

void note_size(const json& deployment, json& set) {
  const int replicas = replicas_of(deployment);
  set["metadata"]["annotations"][kDesired] = std::to_string(replicas);
  set["metadata"]["annotations"][kMax] = std::to_string(replicas + room_of(deployment).surge);
}

}  // namespace fake
