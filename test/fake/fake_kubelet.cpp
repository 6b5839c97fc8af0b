#include "fake/fake_kubelet.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fake/conditions.hpp"
#include "fake/kinds.hpp"

namespace fake {

using base::Instant;
using nlohmann::json;

namespace {

json member(const json& object, const char* name, json otherwise) { return object.value(name, std::move(otherwise)); }

Instant time_at(const json& object, const char* name) {
  return base::parse_rfc3339(object.at(name).get<std::string>()).value();
}

json waiting(const char* reason, const std::string& message) {
  return {{"waiting", {{"reason", reason}, {"message", message}}}};
}

json waits_for_start(const json& spec) {
  return {{"name", spec.at("name")},
          {"image", spec.at("image")},
          {"imageID", ""},
          {"ready", false},
          {"started", false},
          {"restartCount", 0},
          {"state", waiting("ContainerCreating", "")},
          {"lastState", json::object()}};
}

// How long the present life lasts; nullptr: for ever.
const Millis* life_of(const Behaviour& behaviour, int restarts) {
  if (const auto* loop = std::get_if<CrashLoop>(&behaviour)) return &loop->every;
  const auto* later = std::get_if<HealthyThenCrash>(&behaviour);
  if (later == nullptr) return nullptr;
  return restarts == 0 ? &later->after : &later->then.every;
}

const CrashLoop& crash_of(const Behaviour& behaviour) {
  if (const auto* later = std::get_if<HealthyThenCrash>(&behaviour)) return later->then;
  return std::get<CrashLoop>(behaviour);
}

json terminated(const Behaviour& behaviour, const json& running, Instant now) {
  const CrashLoop& crash = crash_of(behaviour);
  return {{"terminated",
           {{"exitCode", crash.exit_code},
            {"reason", crash.exit_code == 0 ? "Completed" : crash.reason},
            {"startedAt", running.at("startedAt")},
            {"finishedAt", base::to_rfc3339(now)}}}};
}

void start(const json& spec, json& status, Instant now) {
  status["state"] = {{"running", {{"startedAt", base::to_rfc3339(now)}}}};
  status["imageID"] = fmt::format("sha256:{}", spec.at("image").get<std::string>());
  status["started"] = true;
}

bool is_ready(const Behaviour& behaviour, Instant started, Instant now) {
  if (const auto* healthy = std::get_if<Healthy>(&behaviour)) return now >= started + healthy->ready_after;
  return std::holds_alternative<CrashLoop>(behaviour) || std::holds_alternative<HealthyThenCrash>(behaviour);
}

bool is_done(const json& init_status) {
  return init_status.contains("/state/terminated"_json_pointer) && init_status.at("state").at("terminated").at("exitCode") == 0;
}

bool is_sidecar(const json& spec) { return spec.value("restartPolicy", "") == "Always"; }

// The status of a pod's list of containers by name; null if there is none yet.
json status_of(const json& statuses, const std::string& name) {
  const auto found = std::find_if(statuses.begin(), statuses.end(), [&](const json& s) { return s.at("name") == name; });
  return found == statuses.end() ? json() : *found;
}

std::string unready_names(const json& statuses) {
  std::vector<std::string> names;
  for (const json& s : statuses) {
    if (!s.at("ready").get<bool>()) names.push_back(s.at("name"));
  }
  return fmt::format("{}", fmt::join(names, " "));
}

void set_ready(json& status, Instant now) {
  const std::string unready = unready_names(status.at("containerStatuses"));
  for (const char* type : {"ContainersReady", "Ready"}) {
    if (unready.empty())
      set_pod_condition(status, type, "True", "", "", now);
    else
      set_pod_condition(status, type, "False", "ContainersNotReady",
                        fmt::format("containers with unready status: [{}]", unready), now);
  }
}

// An address that is the pod's alone.
std::string address_of(const json& pod) {
  const std::string uid = pod.at("metadata").at("uid");
  const auto number = std::stoll(uid.substr(uid.rfind('-') + 1));
  return fmt::format("10.244.{}.{}", number / 250 % 250, number % 250 + 1);
}

}  // namespace

const Behaviour& FakeKubelet::behaviour_of(const json& container) const {
  static const Behaviour healthy = Healthy{};
  const auto found = behaviours_.find(container.at("image").get<std::string>());
  return found == behaviours_.end() ? healthy : found->second;
}

bool FakeKubelet::is_untouched(const json& pod) const {
  const json& containers = pod.at("spec").at("containers");
  return std::any_of(containers.begin(), containers.end(),
                     [&](const json& c) { return std::holds_alternative<Untouched>(behaviour_of(c)); });
}

bool FakeKubelet::is_unschedulable(const json& pod) const {
  const json& containers = pod.at("spec").at("containers");
  return !pod.at("spec").contains("nodeName") && std::any_of(containers.begin(), containers.end(), [&](const json& c) {
    return std::holds_alternative<Unschedulable>(behaviour_of(c));
  });
}

void FakeKubelet::step(Instant now) {
  for (const json& pod : actor_.list(wire::kPods, "")) advance(pod, now);
}

void FakeKubelet::advance(const json& pod, Instant now) {
  wire::Ref ref = ref_of(pod);
  if (pod.at("metadata").contains("deletionTimestamp")) {
    if (now >= time_at(pod.at("metadata"), "deletionTimestamp") + grace_) actor_.remove(ref);
    return;
  }
  const std::string phase = pod.at("status").value("phase", "Pending");
  if (phase == "Failed" || phase == "Succeeded" || is_untouched(pod)) return;
  json bound = pod;
  if (!is_unschedulable(pod) && !pod.at("spec").contains("nodeName")) {
    bound = actor_.update(ref, [](json& p) { p["spec"]["nodeName"] = "node-1"; });
  }
  const json status = next_status(bound, now);
  if (status == bound.at("status")) return;
  ref.subresource = "status";
  actor_.update(ref, [&](json& p) { p["status"] = status; });
}

json FakeKubelet::next_status(const json& pod, Instant now) const {
  json status = pod.at("status");
  if (!pod.at("spec").contains("nodeName")) {
    set_pod_condition(status, "PodScheduled", "False", "Unschedulable", "0/1 nodes are available: 1 Insufficient memory.", now);
    return status;
  }
  set_pod_condition(status, "PodScheduled", "True", "", "", now);
  if (!status.contains("startTime")) status["startTime"] = base::to_rfc3339(now);
  status["podIP"] = address_of(pod);
  const json init = next_init_containers(pod, now);
  const json init_specs = member(pod.at("spec"), "initContainers", json::array());
  bool is_initialized = init.size() == init_specs.size();
  for (std::size_t i = 0; i < init.size(); ++i)
    is_initialized = is_initialized && (is_done(init[i]) || is_sidecar(init_specs[i]));
  if (!init.empty()) status["initContainerStatuses"] = init;
  set_pod_condition(status, "Initialized", is_initialized ? "True" : "False", is_initialized ? "" : "ContainersNotInitialized",
                    "", now);
  const json specs = pod.at("spec").at("containers");
  json old = member(status, "containerStatuses", json::array());
  if (is_initialized) {
    status["containerStatuses"] = next_containers(specs, old, now);
  } else if (old.empty()) {
    for (const json& spec : specs) old.push_back(waits_for_start(spec));
    status["containerStatuses"] = old;
  }
  const json& all = status.at("containerStatuses");
  const bool has_begun =
      std::all_of(all.begin(), all.end(), [](const json& s) { return !s.at("imageID").get<std::string>().empty(); });
  status["phase"] = has_begun ? "Running" : "Pending";
  set_ready(status, now);
  return status;
}

// Up to the first that has not done its work.
json FakeKubelet::next_init_containers(const json& pod, Instant now) const {
  const json specs = member(pod.at("spec"), "initContainers", json::array());
  const json old = member(pod.at("status"), "initContainerStatuses", json::array());
  json out = json::array();
  for (const json& spec : specs) {
    json status = status_of(old, spec.at("name"));
    if (!is_done(status)) status = next_container(spec, status, now);
    const bool ends_well = !is_sidecar(spec) && std::holds_alternative<Healthy>(behaviour_of(spec));
    if (ends_well && status.contains("/state/running"_json_pointer)) {
      const Behaviour well = CrashLoop{.exit_code = 0};
      status["state"] = terminated(well, status.at("state").at("running"), now);
    }
    out.push_back(status);
    if (!is_done(status) && !(is_sidecar(spec) && status.value("started", false))) break;
  }
  return out;
}

json FakeKubelet::next_containers(const json& specs, const json& statuses, Instant now) const {
  json out = json::array();
  for (const json& spec : specs) out.push_back(next_container(spec, status_of(statuses, spec.at("name")), now));
  return out;
}

json FakeKubelet::next_container(const json& spec, json status, Instant now) const {
  const Behaviour& behaviour = behaviour_of(spec);
  if (status.is_null()) status = waits_for_start(spec);
  json& state = status["state"];
  if (state.contains("running")) {
    const Instant started = time_at(state.at("running"), "startedAt");
    const Millis* life = life_of(behaviour, status.at("restartCount").get<int>());
    if (life != nullptr && now >= started + *life) {
      state = terminated(behaviour, state.at("running"), now);
      status["started"] = false;
    }
    status["ready"] = state.contains("running") && is_ready(behaviour, started, now);
  } else if (state.contains("terminated")) {
    status["lastState"] = state;
    state = waiting("CrashLoopBackOff", "back-off restarting failed container");
  } else if (status.at("lastState").contains("terminated")) {
    if (now < time_at(status.at("lastState").at("terminated"), "finishedAt") + back_off_) return status;
    status["restartCount"] = status.at("restartCount").get<int>() + 1;
    start(spec, status, now);
    status["ready"] = is_ready(behaviour, now, now);
  } else if (std::holds_alternative<ImagePullBackOff>(behaviour)) {
    const bool has_tried = state.at("waiting").at("reason") != "ContainerCreating";
    state = has_tried ? waiting("ImagePullBackOff", "Back-off pulling image") : waiting("ErrImagePull", "not found");
  } else {
    start(spec, status, now);
    status["ready"] = is_ready(behaviour, now, now);
  }
  return status;
}

}  // namespace fake
