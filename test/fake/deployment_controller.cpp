#include "fake/deployment_controller.hpp"

#include <algorithm>
#include <climits>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "fake/conditions.hpp"
#include "fake/deployment_status.hpp"
#include "fake/kinds.hpp"
#include "fake/replica_sets.hpp"
#include "fake/revision_numbers.hpp"

namespace fake {

using base::Instant;
using nlohmann::json;

namespace {

constexpr const char* kRevision = "deployment.kubernetes.io/revision";

bool is_paused(const json& deployment) { return deployment.at("spec").value("paused", false); }

std::string name_of(const json& object) { return object.at("metadata").at("name"); }

}  // namespace

void DeploymentController::step(Instant now) {
  collect_garbage(actor_);
  autoscale();
  for (const json& deployment : actor_.list(wire::kDeployments, "")) sync(deployment, now);
  manage_pods(actor_);
  kubelet_.step(now);
  count_pods(actor_, now);
}

void DeploymentController::settle(Instant now) {
  constexpr int kMost = 500;
  for (int i = 0; i < kMost; ++i) {
    const auto before = cluster_.version();
    step(now);
    if (cluster_.version() == before) return;
  }
  throw std::runtime_error(fmt::format("the cluster still changes after {} steps at one instant", kMost));
}

// Without a metric: between its limits, unless it is scaled to 0.
void DeploymentController::autoscale() {
  for (const json& scaler : actor_.list(wire::kAutoscalers, "")) {
    const json& spec = scaler.at("spec");
    const wire::Ref ref{
        wire::kDeployments, scaler.at("metadata").at("namespace"), spec.at("scaleTargetRef").at("name"), "", {}};
    const auto target = actor_.find(ref);
    const int present = target ? target->at("spec").at("replicas").get<int>() : 0;
    const int wanted = std::clamp(present, spec.at("minReplicas").get<int>(), spec.at("maxReplicas").get<int>());
    if (present == 0 || wanted == present) continue;
    actor_.update(ref, [&](json& object) { object["spec"]["replicas"] = wanted; });
  }
}

DeploymentController::View DeploymentController::look(const json& deployment) const {
  View view{deployment, {}, {}, nullptr};
  for (json& set : actor_.list(wire::kReplicaSets, deployment.at("metadata").at("namespace"))) {
    if (is_owned_by(set, deployment)) view.all.push_back(std::move(set));
  }
  const auto age = [](const json& set) {
    return std::pair(set.at("metadata").at("creationTimestamp"), set.at("metadata").at("name"));
  };
  std::sort(view.all.begin(), view.all.end(), [&](const json& a, const json& b) { return age(a) < age(b); });
  for (const json& set : view.all) {
    const bool has_template = without_hash(set.at("spec").at("template")) == deployment.at("spec").at("template");
    if (has_template && view.current.is_null())
      view.current = set;
    else
      view.old.push_back(set);
  }
  return view;
}

void DeploymentController::sync(const json& deployment, Instant now) {
  const View view = look(deployment);
  if (note_pause(view, now)) return;
  if (adopt_revision(view, now) || (!is_paused(deployment) && create_current(view, now))) {
    write_status(look(actor_.get(ref_of(deployment))), now);
    return;
  }
  const bool has_scaled = is_paused(deployment) ? scale_while_paused(view) : roll(view);
  if (!has_scaled && (is_paused(deployment) || is_complete(deployment, deployment.at("status")))) clean_up(view);
  write_status(view, now);
}

bool DeploymentController::note_pause(const View& view, Instant now) {
  json status = view.deployment.at("status");
  fake::note_pause(view.deployment, status, now);
  if (status == view.deployment.at("status")) return false;
  update_status(view, [&](json& d) { d["status"] = status; });
  return true;
}

bool DeploymentController::adopt_revision(const View& view, Instant now) {
  if (view.current.is_null()) return false;
  json numbered = view.current;
  number(view.deployment, view.old, numbered);
  numbered["spec"]["minReadySeconds"] = view.deployment.at("spec").value("minReadySeconds", 0);
  if (numbered != view.current) {
    actor_.update(ref_of(numbered), [&](json& set) {
      set["metadata"]["annotations"] = numbered["metadata"]["annotations"];
      set["spec"]["minReadySeconds"] = numbered["spec"]["minReadySeconds"];
    });
    return true;
  }
  const std::string revision = std::to_string(revision_of(view.current));
  if (revision_of(view.deployment) == revision_of(view.current)) return false;
  update_status(view, [&](json& d) {
    d["metadata"]["annotations"][kRevision] = revision;
    if (condition_of(d["status"], "Progressing").is_null()) {
      set_deployment_condition(d["status"], "Progressing", "True", "FoundNewReplicaSet",
                               fmt::format("Found new replica set \"{}\"", name_of(view.current)), now);
    }
  });
  return true;
}

bool DeploymentController::create_current(const View& view, Instant now) {
  if (!view.current.is_null()) return false;
  json set = new_set(view.deployment, view.old);
  Sets all = view.all;
  all.push_back(set);
  set["spec"]["replicas"] = view.deployment.at("spec").at("strategy").at("type") == "Recreate" && sum_of_replicas(view.old) > 0
                                ? 0
                                : new_replicas(view.deployment, all, set);
  const json made = actor_.create(std::move(set));
  update_status(view, [&](json& d) {
    d["metadata"]["annotations"][kRevision] = std::to_string(revision_of(made));
    set_deployment_condition(d["status"], "Progressing", "True", "NewReplicaSetCreated",
                             fmt::format("Created new replica set \"{}\"", name_of(made)), now);
  });
  return true;
}

bool DeploymentController::roll(const View& view) {
  if (view.deployment.at("spec").at("strategy").at("type") == "Recreate") return recreate(view);
  if (scale(view, view.current, new_replicas(view.deployment, view.all, view.current))) return true;
  const std::vector<int> wanted = old_replicas(view.deployment, view.old, view.current);
  bool has_scaled = false;
  for (std::size_t i = 0; i < wanted.size(); ++i) has_scaled = scale(view, view.old[i], wanted[i]) || has_scaled;
  return has_scaled;
}

bool DeploymentController::recreate(const View& view) {
  bool has_scaled = false;
  for (const json& set : view.old) has_scaled = scale(view, set, 0) || has_scaled;
  if (has_scaled || sum_of(view.old, "replicas") > 0) return true;
  return scale(view, view.current, replicas_of(view.deployment));
}

bool DeploymentController::scale_while_paused(const View& view) {
  const json* active = nullptr;
  for (const json& set : view.all) {
    if (replicas_of(set) == 0) continue;
    if (active != nullptr) return false;
    active = &set;
  }
  if (active == nullptr && !view.current.is_null()) active = &view.current;
  return active != nullptr && scale(view, *active, replicas_of(view.deployment));
}

bool DeploymentController::scale(const View& view, const json& set, int replicas) {
  json sized = set;
  sized["spec"]["replicas"] = replicas;
  if (replicas > 0 || replicas_of(set) > 0) note_size(view.deployment, sized);
  if (sized == set) return false;
  actor_.update(ref_of(set), [&](json& s) {
    s["spec"]["replicas"] = replicas;
    s["metadata"]["annotations"] = sized["metadata"]["annotations"];
  });
  return replicas_of(set) != replicas;
}

void DeploymentController::clean_up(const View& view) {
  const int limit = view.deployment.at("spec").value("revisionHistoryLimit", INT_MAX);
  if (limit == INT_MAX) return;
  Sets old = view.old;
  std::sort(old.begin(), old.end(), [](const json& a, const json& b) { return revision_of(a) < revision_of(b); });
  const int too_many = static_cast<int>(old.size()) - limit;
  for (int i = 0; i < too_many; ++i) {
    const json& set = old[static_cast<std::size_t>(i)];
    if (replicas_of(set) == 0 && count_of(set, "replicas") == 0) actor_.remove(ref_of(set));
  }
}

void DeploymentController::write_status(const View& view, Instant now) {
  const json status = next_deployment_status(view.deployment, view.all, view.current, now);
  if (status != view.deployment.at("status")) update_status(view, [&](json& d) { d["status"] = status; });
}

void DeploymentController::update_status(const View& view, const std::function<void(json&)>& edit) {
  wire::Ref status = ref_of(view.deployment);
  status.subresource = "status";
  actor_.update(status, edit);
}

}  // namespace fake
