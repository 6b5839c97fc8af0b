// The two halves of an object, and what raises its generation.
#include "contract/world.hpp"
#include "fake/objects.hpp"

namespace contract {

using base::Fault;

class Subresources : public Contract {
 protected:
  static std::int64_t generation_of(const json& object) { return object.at("metadata").at("generation").get<std::int64_t>(); }
  static json policy_status() { return {{"observedGeneration", 1}, {"target", {{"uid", "u-1"}}}}; }
  json policy() { return create(wire::kPolicies, fake::policy_json("guard", "web", ns())); }
};

TEST_F(Subresources, MainResourceKeepsItsHandsOffStatus) {
  policy();
  const auto guard = ref(wire::kPolicies, "guard");
  const json after = patch(guard, json::array({op("add", "/status", policy_status()), op("replace", "/spec/mode", "Paused")}));
  ASSERT_TRUE(after.is_object());
  EXPECT_FALSE(after.contains("status"));
  EXPECT_EQ(after.at("spec").at("mode"), "Paused");
  EXPECT_EQ(generation_of(after), 2);
}

TEST_F(Subresources, StatusKeepsItsHandsOffTheRest) {
  policy();
  const auto status = ref(wire::kPolicies, "guard", "status");
  const json after = patch(status, json::array({op("add", "/status", policy_status()), op("replace", "/spec/mode", "Paused"),
                                                op("add", "/metadata/labels", {{"a", "b"}})}));
  ASSERT_TRUE(after.is_object());
  EXPECT_EQ(after.at("status"), policy_status());
  EXPECT_EQ(after.at("spec").at("mode"), "Enforce");
  EXPECT_FALSE(after.at("metadata").contains("labels"));
  EXPECT_EQ(generation_of(after), 1);
}

TEST_F(Subresources, CustomObjectHasNoStatusUntilOneIsWritten) {
  policy();
  const auto status = ref(wire::kPolicies, "guard", "status");
  EXPECT_THAT(try_patch(status, json::array({op("add", "/status/observedGeneration", 1)})), is_fault(Fault::Invalid));
  EXPECT_TRUE(try_patch(status, json::array({op("add", "/status", json::object())})));
  EXPECT_TRUE(try_patch(status, json::array({op("add", "/status/observedGeneration", 1)})));
}

TEST_F(Subresources, UnknownFieldsOfCustomObjectsAreDropped) {
  policy();
  const json after = patch(ref(wire::kPolicies, "guard", "status"),
                           json::array({op("add", "/status", {{"observedGeneration", 1}, {"unheardOf", 1}})}));
  ASSERT_TRUE(after.is_object());
  EXPECT_EQ(after.at("status"), (json{{"observedGeneration", 1}}));
}

TEST_F(Subresources, SchemaOfCustomObjectsRefuses) {
  policy();
  const auto status = ref(wire::kPolicies, "guard", "status");
  for (const json& wrong :
       {json{{"observedGeneration", "one"}}, json{{"observedGeneration", -1}},
        json{{"conditions", {{{"type", "Ready"}, {"status", "True"}}}}},
        json{{"triggers", {{{"name", "a"}, {"verdict", "Maybe"}}}}},
        json{{"marks", {{{"fingerprint", "f"}, {"mark", "Good"}}, {{"fingerprint", "f"}, {"mark", "Bad"}}}}},
        json{{"target", {{"uid", std::string(65, 'u')}}}}}) {
    EXPECT_THAT(try_patch(status, json::array({op("add", "/status", wrong)})), is_fault(Fault::Invalid)) << wrong;
  }
}

TEST_F(Subresources, AnnotationsRaiseTheGenerationOfDeploymentsOnly) {
  create(wire::kDeployments, deployment("web"));
  policy();
  const json annotate = json::array({op("add", "/metadata/annotations", {{"a", "b"}})});
  EXPECT_EQ(generation_of(patch(ref(wire::kPolicies, "guard"), annotate)), 1);
  EXPECT_EQ(generation_of(patch(ref(wire::kDeployments, "web"), annotate)), 2);
  const json label = json::array({op("add", "/metadata/labels", {{"a", "b"}})});
  EXPECT_EQ(generation_of(patch(ref(wire::kDeployments, "web"), label)), 2);
  EXPECT_EQ(generation_of(patch(ref(wire::kDeployments, "web"), json::array({op("replace", "/spec/replicas", 2)}))), 3);
}

TEST_F(Subresources, PodStatusIsPatchedAlone) {
  json wanted{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "one"}, {"namespace", ns()}}}};
  wanted["spec"] = deployment("web").at("spec").at("template").at("spec");
  EXPECT_EQ(create(wire::kPods, wanted).at("status").at("phase"), "Pending");
  const json ready{{"type", "Ready"}, {"status", "True"}};
  const json after =
      patch(ref(wire::kPods, "one", "status"),
            json::array({op("replace", "/status/phase", "Running"), op("add", "/status/conditions", json::array({ready})),
                         op("replace", "/spec/containers/0/image", "localhost/app:2")}));
  ASSERT_TRUE(after.is_object());
  EXPECT_EQ(after.at("status").at("phase"), "Running");
  EXPECT_EQ(after.at("status").at("conditions").at(0).at("status"), "True");
  EXPECT_EQ(after.at("spec").at("containers").at(0).at("image"), "localhost/app:1");
}

TEST_F(Subresources, LeasesHaveNone) {
  lease("one");
  EXPECT_THAT(try_patch(ref(wire::kLeases, "one", "status"), json::array({op("add", "/metadata/labels", json::object())})),
              is_fault(Fault::NotFound));
}

}  // namespace contract
