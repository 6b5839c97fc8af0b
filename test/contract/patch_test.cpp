// JSON patches: what is applied, and which fault says what went wrong.
#include "contract/world.hpp"
#include "fake/objects.hpp"

namespace contract {

using base::Fault;

class Patches : public Contract {
 protected:
  void SetUp() override {
    json wanted = deployment("web");
    wanted["metadata"]["annotations"] = {{"team", "shop"}};
    made_ = create(wire::kDeployments, wanted);
  }
  json made_;
  wire::Ref web_ = ref(wire::kDeployments, "web");
};

TEST_F(Patches, AllSixOperations) {
  const json after = patch(
      web_, json::array({op("test", "/metadata/annotations/team", "shop"),
                         op("add", "/metadata/annotations/a~1b", "1"),
                         op("replace", "/metadata/annotations/team", "search"),
                         {{"op", "copy"}, {"from", "/metadata/annotations/team"}, {"path", "/metadata/annotations/copied"}},
                         {{"op", "move"}, {"from", "/metadata/annotations/a~1b"}, {"path", "/metadata/annotations/moved"}},
                         remove_op("/metadata/annotations/team")}));
  ASSERT_TRUE(after.is_object());
  json annotations = after.at("metadata").at("annotations");
  annotations.erase("deployment.kubernetes.io/revision");  // a controller may have been there
  EXPECT_EQ(annotations, (json{{"copied", "search"}, {"moved", "1"}}));
}

TEST_F(Patches, FailedTestIsConflictAndWritesNothing) {
  const json operations = json::array({op("test", "/metadata/annotations/team", "other"), op("replace", "/spec/replicas", 2)});
  EXPECT_THAT(try_patch(web_, operations), is_fault(Fault::Conflict));
  EXPECT_EQ(read(web_).at("spec").at("replicas"), 1);
}

TEST_F(Patches, TestOnAnotherUidIsConflict) {
  const json operations = json::array({op("test", "/metadata/uid", "gone"), op("replace", "/spec/replicas", 2)});
  EXPECT_THAT(try_patch(web_, operations), is_fault(Fault::Conflict));
}

TEST_F(Patches, TestOfAWholeTemplateHoldsAsItWasRead) {
  const json now = read(web_);
  json next = now.at("spec").at("template");
  next["spec"]["containers"][0]["image"] = "localhost/app:2";
  const json after = patch(
      web_, json::array({op("test", "/metadata/uid", uid_of(now)), op("test", "/spec/template", now.at("spec").at("template")),
                         op("replace", "/spec/template", next)}));
  ASSERT_TRUE(after.is_object());
  EXPECT_EQ(after.at("spec").at("template"), next);
}

TEST_F(Patches, TestWithNullHoldsWhereNothingIs) {
  const json after = patch(
      web_, json::array({op("test", "/metadata/annotations/none", nullptr), op("add", "/metadata/annotations/none", "1")}));
  ASSERT_TRUE(after.is_object());
  EXPECT_EQ(after.at("metadata").at("annotations").at("none"), "1");
  EXPECT_THAT(try_patch(web_, json::array({op("test", "/metadata/annotations/team", nullptr)})), is_fault(Fault::Conflict));
}

TEST_F(Patches, TestOfWhatIsNotThereIsConflict) {
  EXPECT_THAT(try_patch(web_, json::array({op("test", "/metadata/annotations/none", "1")})), is_fault(Fault::Conflict));
  EXPECT_THAT(try_patch(web_, json::array({op("test", "/metadata/labels/none", "1")})), is_fault(Fault::Conflict));
}

TEST_F(Patches, ThatCannotBeAppliedIsInvalid) {
  EXPECT_THAT(try_patch(web_, json::array({remove_op("/metadata/annotations/none")})), is_fault(Fault::Invalid));
  EXPECT_THAT(try_patch(web_, json::array({op("add", "/metadata/labels/a", "no parent")})), is_fault(Fault::Invalid));
  EXPECT_THAT(try_patch(web_, json::array({op("replace", "/spec/none/at/all", 1)})), is_fault(Fault::Invalid));
  EXPECT_THAT(try_patch(web_, op("replace", "/spec/replicas", 1)), is_fault(Fault::Invalid)) << "not a list";
}

TEST_F(Patches, ThatTheSchemaRefusesIsInvalid) {
  EXPECT_THAT(try_patch(web_, json::array({op("replace", "/spec/replicas", -1)})), is_fault(Fault::Invalid));
  EXPECT_THAT(try_patch(web_, json::array({op("replace", "/spec/replicas", "many")})), is_fault(Fault::Invalid));
  EXPECT_THAT(try_patch(web_, json::array({op("replace", "/spec/template/spec/containers", json::array())})),
              is_fault(Fault::Invalid));
  EXPECT_THAT(try_patch(web_, json::array({op("replace", "/spec/selector/matchLabels/app", "other")})),
              is_fault(Fault::Invalid));
  EXPECT_THAT(try_patch(web_, json::array({op("replace", "/metadata/uid", "mine")})), is_fault(Fault::Invalid));
}

TEST_F(Patches, ThatAdmissionDeniesIsInvalidThoughItsTestHolds) {
  patch(web_, json::array({op("add", "/metadata/labels", {{"denied", "yes"}})}));
  deny_labelled();
  const json operations = json::array({op("test", "/spec/replicas", 1), op("replace", "/spec/replicas", 2)});
  EXPECT_THAT(try_patch(web_, operations), is_fault(Fault::Invalid));
}

TEST_F(Patches, OldVersionIsConflictTestedOrReplaced) {
  const std::string old = version_of(made_);
  patch(web_, json::array({op("replace", "/metadata/annotations/team", "search")}));
  for (const char* verb : {"test", "replace"}) {
    const json operations = json::array({op(verb, "/metadata/resourceVersion", old), op("replace", "/spec/replicas", 2)});
    EXPECT_THAT(try_patch(web_, operations), is_fault(Fault::Conflict)) << verb;
  }
}

TEST_F(Patches, ThatChangesNothingIsNoWrite) {
  const json lease_made = lease("quiet");
  const json after = patch(ref(wire::kLeases, "quiet"), json::array({op("replace", "/spec/holderIdentity", "one")}));
  ASSERT_TRUE(after.is_object());
  EXPECT_EQ(version_of(after), version_of(lease_made));
}

TEST_F(Patches, EmptiedMapsAndNullsVanish) {
  const json after = patch(web_, json::array({remove_op("/metadata/annotations/team"),
                                              op("add", "/spec/template/metadata/annotations", json::object())}));
  ASSERT_TRUE(after.is_object());
  // A Deployment controller may have put its own annotation there meanwhile.
  EXPECT_FALSE(after.at("metadata").value("annotations", json::object()).contains("team"));
  EXPECT_FALSE(after.at("spec").at("template").at("metadata").contains("annotations"));
  const json nulled = patch(web_, json::array({op("add", "/metadata/annotations", nullptr)}));
  ASSERT_TRUE(nulled.is_object());
  EXPECT_FALSE(nulled.at("metadata").contains("annotations"));
}

}  // namespace contract
