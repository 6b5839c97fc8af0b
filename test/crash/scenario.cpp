#include "crash/scenario.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "fake/kinds.hpp"

namespace crash {
namespace {

using nlohmann::json;

constexpr int kMostRestarts = 3;

// Times, versions and what only tells when: two runs of the same story may differ in these.
const std::set<std::string> kMasked{"creationTimestamp",
                                    "resourceVersion",
                                    "uid",
                                    "managedFields",
                                    "lastTransitionTime",
                                    "startTime",
                                    "endTime",
                                    "time",
                                    "resolvedTime",
                                    "progressTime",
                                    "sinceTime",
                                    "soakingSinceTime",
                                    "lastRefreshTime",
                                    "eventTime",
                                    "lastAttemptTime",
                                    "lastTrafficMoveTime",
                                    "finishedAt",
                                    "startedAt",
                                    "evidence",
                                    "lastUpdateTime",
                                    "generateName"};

void mask(json& value) {
  if (value.is_object()) {
    for (const auto& key : kMasked) value.erase(key);
  }
  if (value.is_structured()) {
    for (auto& inner : value) mask(inner);
  }
}

void play_second(Stage& stage, std::unique_ptr<Machine>& machine, End& end) {
  for (int restarts = 0;; ++restarts) {
    ASSERT_LE(restarts, kMostRestarts);
    try {
      if (!machine) machine = std::make_unique<Machine>(stage.cluster, stage.clock, stage.kubelets, stage.pods);
      machine->catch_up();
      return;
    } catch (const fake::Cut&) {
      end.was_cut = true;
      machine.reset();
      stage.cluster.revive();
    }
  }
}

void collect(Stage& stage, End& end) {
  auto person = stage.person();
  for (const auto& kind : {wire::kPolicies, wire::kRollbacks, wire::kDeployments, wire::kEvents, wire::kServices,
                           wire::kAutoscalers, fake::kHttpRoutes}) {
    for (auto object : person.list(kind, fake::kNamespace)) {
      const std::string name = std::string(kind.name) + "/" + object["metadata"]["name"].get<std::string>();
      mask(object);
      end.objects[name] = object.dump(1);
    }
  }
  for (const auto& write : stage.cluster.writes()) {
    ++end.port_writes;
    if (!write.accepted) continue;
    for (const auto& field : write.fields) {
      end.writes.insert(write.verb + " " + std::string(write.kind.name) + "/" + write.name + " " + write.subresource + " " +
                        field);
      if (field == "spec.template") ++end.template_writes;
    }
  }
}

}  // namespace

Stage::Stage() { controllers.kubelet().restart_after(base::Millis{1000}); }

void Stage::deploy(const std::string& image, int replicas) {
  person().create(fake::deployment_json("web", image, replicas));
  controllers.settle(clock.now());
}

void Stage::ship(const std::string& image, const std::map<std::string, std::string>& annotations) {
  person().update({wire::kDeployments, fake::kNamespace, "web", "", {}}, [&](json& web) {
    web["spec"]["template"]["spec"]["containers"][0]["image"] = image;
    for (const auto& [key, value] : annotations) web["spec"]["template"]["metadata"]["annotations"][key] = value;
  });
}

void Stage::measure(std::function<double(const std::string& image)> bytes_of) {
  kubelets.answer = [this, bytes_of = std::move(bytes_of)] {
    std::vector<observe::PodMemory> all;
    for (const auto& pod : person().list(wire::kPods, fake::kNamespace)) {
      const auto& container = pod.at("spec").at("containers").at(0);
      const double bytes = bytes_of(container.at("image"));
      all.push_back({pod.at("metadata").at("uid"), container.at("name"), {clock.now(), bytes, bytes}});
    }
    return all;
  };
}

void Stage::policy(const std::function<void(json&)>& edit) {
  auto object = fake::policy_json("web", "web");
  object["spec"]["revisions"]["soakSeconds"] = 3;
  object["spec"]["stabilization"] = {{"durationSeconds", 6}, {"periodSeconds", 5}};
  edit(object);
  person().create(object);
}

void Stage::edit_policy(const std::function<void(json&)>& edit) {
  person().update({wire::kPolicies, fake::kNamespace, "web", "", {}}, edit);
}

json Stage::deployment() const {
  return const_cast<Stage*>(this)->person().get({wire::kDeployments, fake::kNamespace, "web", "", {}});
}
std::vector<json> Stage::rollbacks() const {
  return const_cast<Stage*>(this)->person().list(wire::kRollbacks, fake::kNamespace);
}
std::string Stage::image() const { return deployment()["spec"]["template"]["spec"]["containers"][0]["image"]; }

bool has(const json& object, const std::string& type, const std::string& status, const std::string& reason) {
  for (const auto& condition : object.value("/status/conditions"_json_pointer, json::array())) {
    if (condition["type"] == type) return condition["status"] == status && (reason.empty() || condition["reason"] == reason);
  }
  return false;
}

End play(const Scenario& scenario, When when, int k) {
  Stage stage;
  End end;
  scenario.prepare(stage);
  if (when == When::Before) stage.cluster.cut_before(k);
  if (when == When::After) stage.cluster.cut_after(k);
  std::unique_ptr<Machine> machine;
  for (int second = 0; second <= scenario.seconds; ++second) {
    if (const auto act = scenario.at_second.find(second); act != scenario.at_second.end()) act->second(stage);
    for (auto before = stage.cluster.version() - 1; before != stage.cluster.version();) {  // until this second is at rest
      before = stage.cluster.version();
      stage.controllers.step(stage.clock.now());
      play_second(stage, machine, end);
      if (testing::Test::HasFatalFailure()) return end;
    }
    stage.clock.advance(base::Millis{1000});
  }
  collect(stage, end);
  return end;
}

}  // namespace crash
