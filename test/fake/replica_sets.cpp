#include "fake/replica_sets.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "fake/conditions.hpp"
#include "fake/kinds.hpp"
#include "fake/rollout.hpp"

namespace fake {

using base::Instant;
using nlohmann::json;

namespace {

std::string uid_of(const json& object) { return object.at("metadata").at("uid"); }

// The uid of the owner that controls it; "" if there is none.
std::string controller_of(const json& object) {
  for (const json& reference : object.at("metadata").value("ownerReferences", json::array())) {
    if (reference.value("controller", false)) return reference.at("uid");
  }
  return "";
}

bool is_deleted(const json& object) { return object.at("metadata").contains("deletionTimestamp"); }

bool is_ready(const json& pod) {
  const json ready = condition_of(pod.at("status"), "Ready");
  return ready.is_object() && ready.at("status") == "True";
}

bool is_available(const json& pod, int min_ready_seconds, Instant now) {
  if (!is_ready(pod)) return false;
  const json since = condition_of(pod.at("status"), "Ready").at("lastTransitionTime");
  return base::parse_rfc3339(since.get<std::string>()).value() + base::Seconds{min_ready_seconds} <= now;
}

// By the uid of their ReplicaSet: pods that are neither finished nor being deleted.
using PodsBySet = std::map<std::string, std::vector<json>>;

PodsBySet active_pods(const Actor& actor) {
  PodsBySet out;
  for (json& pod : actor.list(wire::kPods, "")) {
    const std::string phase = pod.at("status").value("phase", "");
    if (is_deleted(pod) || phase == "Failed" || phase == "Succeeded") continue;
    const std::string owner = controller_of(pod);
    out[owner].push_back(std::move(pod));
  }
  return out;
}

int restarts_of(const json& pod) {
  int restarts = 0;
  for (const json& status : pod.at("status").value("containerStatuses", json::array()))
    restarts += status.at("restartCount").get<int>();
  return restarts;
}

// Smaller is missed less.
auto rank(const json& pod) {
  return std::tuple(pod.at("spec").contains("nodeName"), is_ready(pod), -restarts_of(pod), -std::stoll(uid_of(pod).substr(24)));
}

// Five characters after the name of its ReplicaSet, as the server makes them up; the smallest that is free.
std::string free_name(const Actor& actor, const json& set) {
  const std::string ns = set.at("metadata").at("namespace");
  for (int i = 0;; ++i) {
    std::string name = fmt::format("{}-{:05}", set.at("metadata").at("name").get<std::string>(), i);
    if (!actor.find({wire::kPods, ns, name, "", {}})) return name;
  }
}

void create_pod(Actor& actor, const json& set) {
  json pod = set.at("spec").at("template");
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  pod["metadata"]["name"] = free_name(actor, set);
  pod["metadata"]["namespace"] = set.at("metadata").at("namespace");
  pod["metadata"]["ownerReferences"] = json::array({owner_reference(set)});
  actor.create(std::move(pod));
}

void manage(Actor& actor, const json& set, std::vector<json> pods) {
  const auto wanted = static_cast<std::size_t>(replicas_of(set));
  for (std::size_t have = pods.size(); have < wanted; ++have) create_pod(actor, set);
  if (pods.size() <= wanted) return;
  std::sort(pods.begin(), pods.end(), [](const json& a, const json& b) { return rank(a) < rank(b); });
  for (std::size_t i = 0; i < pods.size() - wanted; ++i) actor.mark_deleted(ref_of(pods[i]));
}

void put(json& status, const char* field, std::size_t count) {
  if (count == 0)
    status.erase(field);
  else
    status[field] = count;
}

json counted(const json& set, const std::vector<json>& pods, Instant now) {
  const int min_ready = set.at("spec").value("minReadySeconds", 0);
  const auto count = [&](auto holds) { return static_cast<std::size_t>(std::count_if(pods.begin(), pods.end(), holds)); };
  json status = set.value("status", json::object());
  status["replicas"] = pods.size();
  put(status, "fullyLabeledReplicas", pods.size());
  put(status, "readyReplicas", count(is_ready));
  put(status, "availableReplicas", count([&](const json& pod) { return is_available(pod, min_ready, now); }));
  status["observedGeneration"] = set.at("metadata").at("generation");
  return status;
}

std::set<std::string> uids_of(const Actor& actor, const wire::Kind& kind) {
  std::set<std::string> out;
  for (const json& object : actor.list(kind, "")) out.insert(uid_of(object));
  return out;
}

void collect(Actor& actor, const wire::Kind& kind, const wire::Kind& owners) {
  const auto alive = uids_of(actor, owners);
  for (const json& object : actor.list(kind, "")) {
    for (const json& owner : object.at("metadata").value("ownerReferences", json::array())) {
      if (owner.at("kind") != owners.name || alive.contains(owner.at("uid"))) continue;
      actor.remove(ref_of(object));
      break;
    }
  }
}

}  // namespace

bool is_owned_by(const json& object, const json& owner) { return controller_of(object) == uid_of(owner); }

json owner_reference(const json& owner) {
  const json& meta = owner.at("metadata");
  return {{"apiVersion", owner.at("apiVersion")},
          {"kind", owner.at("kind")},
          {"name", meta.at("name")},
          {"uid", meta.at("uid")},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

void collect_garbage(Actor& actor) {
  collect(actor, wire::kReplicaSets, wire::kDeployments);
  collect(actor, wire::kPods, wire::kReplicaSets);
}

void manage_pods(Actor& actor) {
  PodsBySet pods = active_pods(actor);
  for (const json& set : actor.list(wire::kReplicaSets, "")) manage(actor, set, std::move(pods[uid_of(set)]));
}

void count_pods(Actor& actor, Instant now) {
  PodsBySet pods = active_pods(actor);
  for (const json& set : actor.list(wire::kReplicaSets, "")) {
    const json status = counted(set, pods[uid_of(set)], now);
    if (status == set.at("status")) continue;
    wire::Ref ref = ref_of(set);
    ref.subresource = "status";
    actor.update(ref, [&](json& s) { s["status"] = status; });
  }
}

}  // namespace fake
