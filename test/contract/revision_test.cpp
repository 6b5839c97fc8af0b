// Deployments, their ReplicaSets and revision numbers. No kubelet runs: the test says which pods are ready.
#include <algorithm>
#include <map>

#include "contract/world.hpp"

namespace contract {

using testing::AnyOf;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

class Revisions : public Contract {
 protected:
  static constexpr const char* kRevision = "deployment.kubernetes.io/revision";

  json read_web() { return read(web_); }
  json ship(const std::string& image) {
    return patch(web_, json::array({op("replace", "/spec/template/spec/containers/0/image", image)}));
  }
  json sets() { return try_list(wire::kReplicaSets).value().at("items"); }
  json pods() { return try_list(wire::kPods).value().at("items"); }
  static std::string image_of(const json& object) { return object.at("/spec/template/spec/containers/0/image"_json_pointer); }
  static std::string note(const json& object, const char* key) {
    return object.at("metadata").value("annotations", json::object()).value(key, "");
  }
  // Revision numbers by image.
  std::map<std::string, std::string> numbers() {
    std::map<std::string, std::string> out;
    for (const json& set : sets()) out[image_of(set)] = note(set, kRevision);
    return out;
  }
  json set_of(const std::string& image) {
    const json all = sets();
    const auto found = std::find_if(all.begin(), all.end(), [&](const json& s) { return image_of(s) == image; });
    return found == all.end() ? json() : *found;
  }
  [[nodiscard]] bool has_seen_all() {
    const json web = read_web();
    return web.at("status").value("observedGeneration", 0) == web.at("metadata").at("generation");
  }
  // Shipped, numbered, and seen by the controller.
  void ship_and_wait(const std::string& image, const std::string& number) {
    ship(image);
    ASSERT_TRUE(eventually([&] {
      return note(read_web(), kRevision) == number && numbers()[image] == number && has_seen_all();
    })) << image
        << " does not become revision " << number;
  }
  json progressing() {
    for (const json& condition : read_web().at("status").value("conditions", json::array())) {
      if (condition.at("type") == "Progressing") return condition;
    }
    return {{"reason", ""}, {"status", ""}};
  }
  void start(int replicas) {
    create(wire::kDeployments, deployment("web", "localhost/app:1", replicas));
    ASSERT_TRUE(eventually([&] { return note(read_web(), kRevision) == "1" && has_seen_all(); }));
  }
  bool all_ready(const std::string& image) {
    bool is_some = false;
    for (const json& pod : pods()) {
      if (pod.at("spec").at("containers").at(0).at("image") != image) continue;
      is_some = true;
      const json ready{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", "2026-01-02T03:04:05Z"}};
      if (pod.at("status").value("phase", "") == "Running") continue;
      patch(ref(wire::kPods, pod.at("metadata").at("name"), "status"),
            json::array({op("add", "/status/phase", "Running"), op("add", "/status/conditions", json::array({ready}))}));
    }
    return is_some;
  }
  // Makes the pods of this image ready until the rollout is complete.
  [[nodiscard]] bool roll_out(const std::string& image) {
    return eventually(
        [&] { return all_ready(image) && progressing().at("reason") == "NewReplicaSetAvailable" && has_seen_all(); });
  }

  wire::Ref web_ = ref(wire::kDeployments, "web");
};

TEST_F(Revisions, EachTemplateHasASetAndANumber) {
  start(0);
  ship_and_wait("localhost/app:2", "2");
  ship_and_wait("localhost/app:3", "3");
  EXPECT_THAT(numbers(), ElementsAre(Pair("localhost/app:1", "1"), Pair("localhost/app:2", "2"), Pair("localhost/app:3", "3")));
}

TEST_F(Revisions, SetIsTheTemplateAndAHash) {
  start(0);
  const json set = set_of("localhost/app:1");
  const json web = read_web();
  const std::string hash = set.at("metadata").at("labels").at("pod-template-hash");
  EXPECT_EQ(set.at("metadata").at("name"), "web-" + hash);
  EXPECT_EQ(set.at("spec").at("selector").at("matchLabels").at("pod-template-hash"), hash);
  json expected = web.at("spec").at("template");
  expected["metadata"]["labels"]["pod-template-hash"] = hash;
  EXPECT_EQ(set.at("spec").at("template"), expected);
  EXPECT_EQ(set.at("metadata").at("ownerReferences"), json::array({{{"apiVersion", "apps/v1"},
                                                                    {"kind", "Deployment"},
                                                                    {"name", "web"},
                                                                    {"uid", uid_of(web)},
                                                                    {"controller", true},
                                                                    {"blockOwnerDeletion", true}}}));
}

TEST_F(Revisions, UndoTakesTheOldSetAgainAndRaisesItsNumber) {
  start(0);
  ship_and_wait("localhost/app:2", "2");
  ship_and_wait("localhost/app:3", "3");
  const std::string first = uid_of(set_of("localhost/app:1"));
  ship_and_wait("localhost/app:1", "4");
  EXPECT_EQ(uid_of(set_of("localhost/app:1")), first);
  EXPECT_EQ(note(set_of("localhost/app:1"), "deployment.kubernetes.io/revision-history"), "1");
  ship_and_wait("localhost/app:2", "5");
  ship_and_wait("localhost/app:1", "6");
  EXPECT_THAT(numbers(), ElementsAre(Pair("localhost/app:1", "6"), Pair("localhost/app:2", "5"), Pair("localhost/app:3", "3")));
  EXPECT_EQ(note(set_of("localhost/app:1"), "deployment.kubernetes.io/revision-history"), "1,4");
}

TEST_F(Revisions, ScalingAndAnnotationsShipNothing) {
  start(0);
  patch(web_, json::array({op("replace", "/spec/replicas", 2),
                           op("add", "/metadata/annotations/kubernetes.io~1change-cause", "bigger")}));
  ASSERT_TRUE(eventually([&] { return set_of("localhost/app:1").at("spec").at("replicas") == 2; }));
  EXPECT_TRUE(eventually([&] { return note(set_of("localhost/app:1"), "kubernetes.io/change-cause") == "bigger"; }))
      << "copied to the set";
  EXPECT_EQ(note(read_web(), kRevision), "1");
  EXPECT_EQ(sets().size(), 1U);
}

TEST_F(Revisions, PausedShipsNothingUntilResumed) {
  start(0);
  patch(web_, json::array({op("add", "/spec/paused", true)}));
  ASSERT_TRUE(eventually([&] { return progressing().at("reason") == "DeploymentPaused" && has_seen_all(); }));
  ship("localhost/app:2");
  ASSERT_TRUE(eventually([&] { return has_seen_all(); }));
  EXPECT_EQ(sets().size(), 1U);
  EXPECT_EQ(note(read_web(), kRevision), "1");
  patch(web_, json::array({remove_op("/spec/paused")}));
  EXPECT_TRUE(eventually([&] { return note(read_web(), kRevision) == "2" && sets().size() == 2; }));
}

TEST_F(Revisions, OldSetsBeyondTheLimitGo) {
  start(0);
  patch(web_, json::array({op("replace", "/spec/revisionHistoryLimit", 1)}));
  ship_and_wait("localhost/app:2", "2");
  ship_and_wait("localhost/app:3", "3");
  EXPECT_TRUE(eventually([&] { return sets().size() == 2; }));
  EXPECT_THAT(numbers(), UnorderedElementsAre(Pair("localhost/app:2", "2"), Pair("localhost/app:3", "3")));
}

TEST_F(Revisions, PodsBelongToTheirSet) {
  start(2);
  ASSERT_TRUE(eventually([&] { return pods().size() == 2; }));
  const json set = set_of("localhost/app:1");
  for (const json& pod : pods()) {
    const json& owner = pod.at("metadata").at("ownerReferences").at(0);
    EXPECT_EQ(owner.at("kind"), "ReplicaSet");
    EXPECT_EQ(owner.at("uid"), uid_of(set));
    EXPECT_EQ(owner.at("controller"), true);
    EXPECT_EQ(pod.at("metadata").at("labels"), set.at("spec").at("template").at("metadata").at("labels"));
  }
}

TEST_F(Revisions, CompleteRolloutIsCountedAndSaid) {
  start(2);
  ASSERT_TRUE(roll_out("localhost/app:1"));
  const json status = read_web().at("status");
  for (const char* field : {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas"})
    EXPECT_EQ(status.value(field, 0), 2) << field;
  EXPECT_FALSE(status.contains("unavailableReplicas"));
  EXPECT_EQ(progressing().at("message"), "ReplicaSet \"" +
                                             set_of("localhost/app:1").at("metadata").at("name").get<std::string>() +
                                             "\" has successfully progressed.");
}

TEST_F(Revisions, RolloutThatHangsKeepsTheOldPods) {
  start(2);
  ASSERT_TRUE(roll_out("localhost/app:1"));
  ship("localhost/app:2");
  ASSERT_TRUE(eventually([&] { return read_web().at("status").value("updatedReplicas", 0) == 1 && has_seen_all(); }));
  // NewReplicaSetCreated stays if the controller counts the new pod in its first pass after that: it sees no progress then.
  EXPECT_THAT(progressing().at("reason"), AnyOf("NewReplicaSetCreated", "ReplicaSetUpdated"));
  const json status = read_web().at("status");
  EXPECT_EQ(status.value("replicas", 0), 3);
  EXPECT_EQ(status.value("availableReplicas", 0), 2);
  EXPECT_EQ(status.value("unavailableReplicas", 0), 1);
  EXPECT_EQ(set_of("localhost/app:1").at("spec").at("replicas"), 2);
}

TEST_F(Revisions, RevertOfAHangingRolloutIsCompleteAtOnce) {
  start(2);
  ASSERT_TRUE(roll_out("localhost/app:1"));
  ship("localhost/app:2");
  ASSERT_TRUE(eventually([&] { return pods().size() == 3; }));
  ship("localhost/app:1");
  ASSERT_TRUE(roll_out("localhost/app:1"));
  EXPECT_TRUE(eventually([&] { return pods().size() == 2; }));
  EXPECT_THAT(numbers(), ElementsAre(Pair("localhost/app:1", "3"), Pair("localhost/app:2", "2")));
  EXPECT_EQ(set_of("localhost/app:2").at("spec").at("replicas"), 0);
}

TEST_F(Revisions, DeadlineIsSaidOnceItHasPassed) {
  json wanted = deployment("web", "localhost/app:1", 1);
  wanted["spec"]["progressDeadlineSeconds"] = 1;
  create(wire::kDeployments, wanted);
  ASSERT_TRUE(eventually([&] { return progressing().at("reason") == "ProgressDeadlineExceeded"; }));
  EXPECT_EQ(progressing().at("status"), "False");
  ASSERT_TRUE(roll_out("localhost/app:1")) << "it may still succeed";
  EXPECT_EQ(progressing().at("status"), "True");
}

TEST_F(Revisions, SetsAndPodsGoWithTheirDeployment) {
  start(1);
  ASSERT_TRUE(eventually([&] { return pods().size() == 1; }));
  ASSERT_TRUE(api().remove(web_, uid_of(read_web())));
  EXPECT_TRUE(eventually([&] { return sets().empty() && pods().empty(); }));
}

}  // namespace contract
