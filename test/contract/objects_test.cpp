// Creating, reading and removing.
#include "contract/world.hpp"

namespace contract {

using base::Fault;
using testing::MatchesRegex;

class Objects : public Contract {};

TEST_F(Objects, CreateAnswersWithWhatTheServerAdds) {
  json wanted = deployment("web");
  wanted["metadata"]["uid"] = "mine";
  wanted["metadata"]["resourceVersion"] = "";
  wanted["status"] = {{"replicas", 7}};
  const json made = create(wire::kDeployments, wanted);
  const json& meta = made.at("metadata");
  EXPECT_THAT(meta.at("uid").get<std::string>(), MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_THAT(meta.at("creationTimestamp").get<std::string>(), MatchesRegex("20[0-9-]{8}T[0-9:]{8}Z"));
  EXPECT_GT(std::stoll(version_of(made)), 0);
  EXPECT_EQ(meta.at("generation"), 1);
  EXPECT_FALSE(made.at("status").contains("replicas")) << "status is not for the main resource to set";
  EXPECT_EQ(made.at("kind"), "Deployment");
  EXPECT_EQ(made.at("apiVersion"), "apps/v1");
}

TEST_F(Objects, StoredDeploymentIsTheOneOfTheTests) {
  const json wanted = deployment("web");
  EXPECT_EQ(create(wire::kDeployments, wanted).at("spec"), wanted.at("spec")) << "fake::deployment_json lacks a default";
}

TEST_F(Objects, SecondCreateIsConflict) {
  lease("one");
  const json again{{"metadata", {{"name", "one"}}}, {"apiVersion", "coordination.k8s.io/v1"}, {"kind", "Lease"}};
  EXPECT_THAT(try_create(wire::kLeases, again), is_fault(Fault::Conflict));
}

TEST_F(Objects, CreateWithoutNameOrForAnotherNamespaceIsInvalid) {
  json nameless = deployment("web");
  nameless["metadata"].erase("name");
  EXPECT_THAT(try_create(wire::kDeployments, nameless), is_fault(Fault::Invalid));
  json elsewhere = deployment("web");
  elsewhere["metadata"]["namespace"] = "default";
  EXPECT_THAT(try_create(wire::kDeployments, elsewhere), is_fault(Fault::Invalid));
}

TEST_F(Objects, CreateFillsTheNamespaceIn) {
  json wanted = deployment("web");
  wanted["metadata"].erase("namespace");
  EXPECT_EQ(create(wire::kDeployments, wanted).at("metadata").at("namespace"), ns());
}

TEST_F(Objects, CreateThatIsNotJsonIsInvalid) {
  EXPECT_THAT(api().create({wire::kLeases, ns()}, "{"), is_fault(Fault::Invalid));
}

TEST_F(Objects, MissingIsNotFound) {
  EXPECT_THAT(api().get(ref(wire::kLeases, "none")), is_fault(Fault::NotFound));
  EXPECT_THAT(try_patch(ref(wire::kLeases, "none"), json::array({op("add", "/metadata/labels", json::object())})),
              is_fault(Fault::NotFound));
  EXPECT_THAT(api().remove(ref(wire::kLeases, "none"), "some-uid"), is_fault(Fault::NotFound));
}

TEST_F(Objects, RemoveTakesOnlyTheVeryObject) {
  const json made = lease("one");
  EXPECT_THAT(api().remove(ref(wire::kLeases, "one"), "00000000-0000-0000-0000-000000000000"), is_fault(Fault::Conflict));
  EXPECT_THAT(api().remove(ref(wire::kLeases, "one"), ""), is_fault(Fault::Conflict));
  EXPECT_EQ(uid_of(read(ref(wire::kLeases, "one"))), uid_of(made));
  EXPECT_TRUE(api().remove(ref(wire::kLeases, "one"), uid_of(made)));
  EXPECT_THAT(api().get(ref(wire::kLeases, "one")), is_fault(Fault::NotFound));
}

TEST_F(Objects, SameNameIsAnotherUid) {
  const json first = lease("one");
  ASSERT_TRUE(api().remove(ref(wire::kLeases, "one"), uid_of(first)));
  EXPECT_NE(uid_of(lease("one")), uid_of(first));
}

}  // namespace contract
