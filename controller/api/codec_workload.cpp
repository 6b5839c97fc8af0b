#include <charconv>

#include "api/codec.hpp"
#include "api/fields.hpp"

namespace api {
namespace {

using nlohmann::json;
using namespace fields;

// The numbers that it was current under before.
constexpr const char* kHistoryAnnotation = "deployment.kubernetes.io/revision-history";

Keep with_meta(Keep wanted, const Keep& meta) {
  Keep& mine = wanted.keys["metadata"];
  mine.keys.insert(meta.keys.begin(), meta.keys.end());
  return wanted;
}

const Keep& deployment_keep() {
  static const Keep wanted = with_meta(
      with_meta(keep({"metadata.managedFields.manager", "metadata.managedFields.subresource", "spec.replicas", "spec.paused",
                      "spec.minReadySeconds", "spec.progressDeadlineSeconds", "spec.revisionHistoryLimit", "spec.template",
                      "status.observedGeneration", "status.replicas", "status.updatedReplicas", "status.readyReplicas",
                      "status.availableReplicas", "status.conditions.type", "status.conditions.reason"}),
                meta_keep()),
      delivery_keep());
  return wanted;
}

const Keep& replica_set_keep() {
  static const Keep wanted = [] {
    Keep all = with_meta(
        keep({"spec.replicas", "spec.template", "status.replicas", "status.readyReplicas", "status.availableReplicas"}),
        meta_keep());
    Keep& annotations = all.keys["metadata"].keys["annotations"];
    for (const char* key : {kRevisionAnnotation, kHistoryAnnotation, kMarkAnnotation}) annotations.keys[key];
    return all;
  }();
  return wanted;
}

const Keep& pod_keep() {
  static const Keep wanted = [] {
    Keep all = with_meta(keep({"spec.nodeName", "spec.initContainers.name", "spec.initContainers.restartPolicy", "status.phase",
                               "status.reason", "status.podIP", "status.conditions.type", "status.conditions.status",
                               "status.conditions.reason", "status.conditions.lastTransitionTime"}),
                         meta_keep());
    const Keep statuses =
        keep({"name", "restartCount", "ready", "state.waiting.reason", "state.waiting.message", "state.terminated.exitCode",
              "state.terminated.reason", "state.terminated.finishedAt", "lastState.terminated.exitCode",
              "lastState.terminated.reason", "lastState.terminated.finishedAt"});
    all.keys["status"].keys["initContainerStatuses"] = statuses;
    all.keys["status"].keys["containerStatuses"] = statuses;
    return all;
  }();
  return wanted;
}

const json& condition(const json& status, std::string_view type) {
  static const json absent;
  for (const json& each : list(status, "conditions")) {
    if (text(each, "type") == type) return each;
  }
  return absent;
}

Deployment read_deployment(const json& object) {
  const json& spec = field(object, "spec");
  const json& status = field(object, "status");
  const Deployment defaults;
  return {
      .meta = read_meta(object),
      .delivery = read_delivery(field(object, "metadata")),
      .replicas = small_number(spec, "replicas").value_or(defaults.replicas),
      .paused = truth(spec, "paused"),
      .min_ready_seconds = count(spec, "minReadySeconds"),
      .progress_deadline_seconds = small_number(spec, "progressDeadlineSeconds").value_or(defaults.progress_deadline_seconds),
      .revision_history_limit = small_number(spec, "revisionHistoryLimit").value_or(defaults.revision_history_limit),
      .pod_template = project_template(field(spec, "template")),
      .owned_by_us = is_owned_by_us(field(object, "metadata")),
      .observed_generation = number(status, "observedGeneration").value_or(0),
      .status_replicas = count(status, "replicas"),
      .updated = count(status, "updatedReplicas"),
      .ready = count(status, "readyReplicas"),
      .available = count(status, "availableReplicas"),
      .progressing_reason = text(condition(status, "Progressing"), "reason"),
  };
}

std::int64_t revision_number(const Strings& annotations) {
  const auto found = annotations.find(kRevisionAnnotation);
  if (found == annotations.end()) return 0;
  const char* const end = found->second.data() + found->second.size();
  std::int64_t value = 0;
  const auto [stopped, error] = std::from_chars(found->second.data(), end, value);
  return error == std::errc{} && stopped == end && value > 0 ? value : 0;
}

bool was_current_before(const Strings& annotations) {
  const auto found = annotations.find(kHistoryAnnotation);
  return found != annotations.end() && !found->second.empty();
}

ReplicaSet read_replica_set(const json& object) {
  const json& spec = field(object, "spec");
  const json& status = field(object, "status");
  const json& metadata = field(object, "metadata");
  const Strings annotations = strings(metadata, "annotations");
  return {
      .meta = read_meta(object),
      .revision = revision_number(annotations),
      .reused = was_current_before(annotations),
      .mark = text(field(metadata, "annotations"), kMarkAnnotation),
      .replicas = small_number(spec, "replicas").value_or(1),
      .status_replicas = count(status, "replicas"),
      .ready = count(status, "readyReplicas"),
      .available = count(status, "availableReplicas"),
      .pod_template = project_template(field(spec, "template")),
  };
}

std::optional<Ended> read_ended(const json& state) {
  const json& terminated = field(state, "terminated");
  if (!terminated.is_object()) return std::nullopt;
  return Ended{count(terminated, "exitCode"), text(terminated, "reason"), time(terminated, "finishedAt")};
}

Container read_container(const json& status, ContainerKind kind) {
  const json& state = field(status, "state");
  return {
      .name = text(status, "name"),
      .kind = kind,
      .restarts = count(status, "restartCount"),
      .ready = truth(status, "ready"),
      .waiting = text(field(state, "waiting"), "reason"),
      .waiting_message = text(field(state, "waiting"), "message"),
      .ended = read_ended(state),
      .last_ended = read_ended(field(status, "lastState")),
  };
}

ContainerKind init_kind(const json& spec, std::string_view name) {
  for (const json& each : list(spec, "initContainers")) {
    if (text(each, "name") == name && text(each, "restartPolicy") == "Always") return ContainerKind::Sidecar;
  }
  return ContainerKind::Init;
}

std::vector<Container> read_containers(const json& spec, const json& status) {
  std::vector<Container> out;
  for (const json& each : list(status, "initContainerStatuses")) {
    out.push_back(read_container(each, init_kind(spec, text(each, "name"))));
  }
  for (const json& each : list(status, "containerStatuses")) out.push_back(read_container(each, ContainerKind::App));
  return out;
}

Pod read_pod(const json& object) {
  const json& spec = field(object, "spec");
  const json& status = field(object, "status");
  const json& ready = condition(status, "Ready");
  const json& scheduled = condition(status, "PodScheduled");
  return {
      .meta = read_meta(object),
      .phase = text(status, "phase"),
      .reason = text(status, "reason"),
      .node = text(spec, "nodeName"),
      .ip = text(status, "podIP"),
      .ready = text(ready, "status") == "True",
      .ready_changed = time(ready, "lastTransitionTime"),
      .disrupted = text(condition(status, "DisruptionTarget"), "status") == "True",
      .unschedulable = text(scheduled, "status") == "False" && text(scheduled, "reason") == "Unschedulable",
      .containers = read_containers(spec, status),
  };
}

}  // namespace

Result<Deployment> parse_deployment(std::string_view text) {
  return parse<Deployment>("Deployment", text, deployment_keep(), read_deployment);
}

Result<ReplicaSet> parse_replica_set(std::string_view text) {
  return parse<ReplicaSet>("ReplicaSet", text, replica_set_keep(), read_replica_set);
}

Result<Pod> parse_pod(std::string_view text) { return parse<Pod>("Pod", text, pod_keep(), read_pod); }

}  // namespace api
