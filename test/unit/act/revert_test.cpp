#include "act/revert.hpp"

#include "unit/act/given.hpp"

namespace {

using act::revert_template;
using act_test::fails_with;
using act_test::kWeb;
using act_test::Meddled;
using act_test::ref;
using base::Fault;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class RevertTest : public act_test::Shipped {
 protected:
  std::string annotation(const char* key) const { return web()["metadata"]["annotations"].value(key, ""); }
  // The Deployment without what a revert is meant to change, and without what the server counts.
  json rest() const {
    json out = web();
    out["spec"].erase("template");
    for (const char* key : {"managedFields", "resourceVersion", "generation"}) out["metadata"].erase(key);
    for (const char* key : {api::kChangeCauseAnnotation, api::kLastAppliedAnnotation})
      out["metadata"]["annotations"].erase(key);
    return out;
  }
};

TEST_F(RevertTest, PutsTheTemplateOfTheReplicaSetBack) {
  ASSERT_TRUE(revert_template(cluster, step()));
  EXPECT_EQ(web()["spec"]["template"], good_template);
  EXPECT_EQ(annotation(api::kChangeCauseAnnotation), "release 1");
  EXPECT_EQ(json::parse(annotation(api::kLastAppliedAnnotation))["spec"]["template"], good_template);
}

// C25: 14 replicas by the HPA, 4 in the ReplicaSet's annotation, 3 in last-applied-configuration.
TEST_F(RevertTest, NothingElseChanges) {
  const json before = rest();
  ASSERT_TRUE(revert_template(cluster, step()));
  EXPECT_EQ(rest(), before);
  EXPECT_EQ(web()["spec"]["replicas"], 14);
  const auto writes = cluster.writes();
  ASSERT_THAT(writes, SizeIs(1));
  EXPECT_THAT(writes[0].fields, UnorderedElementsAre("spec.template", "metadata.annotations"));
}

TEST_F(RevertTest, ReplicasThatChangeMeanwhileStay) {
  Meddled api(cluster);
  api.before_patch = [this] { user.update(kWeb, [](json& web) { web["spec"]["replicas"] = 17; }); };
  ASSERT_TRUE(revert_template(api, step()));
  EXPECT_EQ(web()["spec"]["replicas"], 17);
  EXPECT_EQ(web()["spec"]["template"], good_template);
}

// R10: the same port number under another name, and an env variable that had a value and has a source now.
TEST_F(RevertTest, TheTemplateIsReplacedNotMerged) {
  user.update(kWeb, [](json& web) {
    auto& app = web["spec"]["template"]["spec"]["containers"][0];
    app["ports"] = json::array({{{"name", "http"}, {"containerPort", 8080}}});
    app["env"] = json::array({{{"name", "A"}, {"valueFrom", {{"fieldRef", {{"fieldPath", "metadata.name"}}}}}}});
  });
  user.update(ref(wire::kReplicaSets, "web-1"), [](json& set) {
    auto& app = set["spec"]["template"]["spec"]["containers"][0];
    app["ports"] = json::array({{{"name", "http"}, {"containerPort", 8443}}});
    app["env"] = json::array({{{"name", "A"}, {"value", "a && b"}}});
  });
  ASSERT_TRUE(revert_template(cluster, step()));
  const json app = web()["spec"]["template"]["spec"]["containers"][0];
  EXPECT_EQ(app["ports"], json::array({{{"name", "http"}, {"containerPort", 8443}}}));
  EXPECT_EQ(app["env"], json::array({{{"name", "A"}, {"value", "a && b"}}}));
}

TEST_F(RevertTest, WhatTheDeploymentControllerAddedIsLeftOut) {
  user.update(ref(wire::kReplicaSets, "web-1"),
              [](json& set) { set["spec"]["template"]["metadata"]["creationTimestamp"] = nullptr; });
  ASSERT_TRUE(revert_template(cluster, step()));
  EXPECT_EQ(web()["spec"]["template"]["metadata"], good_template["metadata"]);
}

TEST_F(RevertTest, ACauseThatTheOldRevisionDidNotHaveGoes) {
  user.update(ref(wire::kReplicaSets, "web-1"),
              [](json& set) { set["metadata"]["annotations"].erase(api::kChangeCauseAnnotation); });
  ASSERT_TRUE(revert_template(cluster, step()));
  EXPECT_FALSE(web()["metadata"]["annotations"].contains(api::kChangeCauseAnnotation));
}

TEST_F(RevertTest, ACauseThatOnlyTheOldRevisionHadComesBack) {
  user.update(kWeb, [](json& web) { web["metadata"]["annotations"].erase(api::kChangeCauseAnnotation); });
  ASSERT_TRUE(revert_template(cluster, step()));
  EXPECT_EQ(annotation(api::kChangeCauseAnnotation), "release 1");
}

TEST_F(RevertTest, WithoutLastAppliedNoneIsMade) {
  user.update(kWeb, [](json& web) { web["metadata"]["annotations"].erase(api::kLastAppliedAnnotation); });
  ASSERT_TRUE(revert_template(cluster, step()));
  EXPECT_FALSE(web()["metadata"]["annotations"].contains(api::kLastAppliedAnnotation));
}

// All annotations together may have 256 KiB: with a bigger one the server would refuse the revert itself.
TEST_F(RevertTest, ALastAppliedThatWouldGrowTooBigStays) {
  user.update(kWeb, [](json& web) { web["metadata"]["annotations"]["big"] = std::string(262'144 - 1'200, 'x'); });
  const auto before = annotation(api::kLastAppliedAnnotation);
  user.update(ref(wire::kReplicaSets, "web-1"), [](json& set) {
    set["spec"]["template"]["spec"]["containers"][0]["args"] = json::array({std::string(2'000, 'y')});
  });
  ASSERT_TRUE(revert_template(cluster, step()));
  EXPECT_EQ(annotation(api::kLastAppliedAnnotation), before);
  EXPECT_EQ(annotation(api::kChangeCauseAnnotation), "release 1");
}

TEST_F(RevertTest, TheSameStepTwiceIsAConflict) {
  const auto first = step();
  ASSERT_TRUE(revert_template(cluster, first));
  EXPECT_THAT(revert_template(cluster, first), fails_with(Fault::Conflict));
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

TEST_F(RevertTest, ARunGoesOnWithoutItsPolicy) {
  auto orphan = step();
  orphan.policy_uid = "";
  user.remove(ref(wire::kPolicies, "guard"));
  ASSERT_TRUE(revert_template(cluster, orphan));
  EXPECT_EQ(web()["spec"]["template"], good_template);
}

struct Change {
  const char* name;
  std::function<void(fake::Actor&)> happened;
};
std::function<void(fake::Actor&)> edited(const wire::Ref& of, std::function<void(json&)> edit) {
  return [of, edit](fake::Actor& user) { user.update(of, edit); };
}
std::function<void(fake::Actor&)> removed(const wire::Ref& of) {
  return [of](fake::Actor& user) { user.remove(of); };
}
std::function<void(fake::Actor&)> made_anew(const wire::Ref& of) {
  return [of](fake::Actor& user) {
    json object = user.get(of);
    user.remove(of);
    for (const char* key : {"uid", "resourceVersion", "managedFields"}) object["metadata"].erase(key);
    user.create(object);
  };
}

const auto kPolicy = ref(wire::kPolicies, "guard");
const auto kRun = ref(wire::kRollbacks, "guard-x");
const auto kGood = ref(wire::kReplicaSets, "web-1");
const Change kChanges[] = {
    {"policy_is_gone", removed(kPolicy)},
    {"policy_is_another", made_anew(kPolicy)},
    {"policy_is_paused", edited(kPolicy, [](json& policy) { policy["spec"]["mode"] = "Paused"; })},
    {"rollback_is_gone", removed(kRun)},
    {"rollback_is_another", made_anew(kRun)},
    {"rollback_is_aborted",
     edited(kRun, [](json& run) { run["spec"]["decisions"] = json::array({{{"step", "Revert"}, {"state", "Aborted"}}}); })},
    {"target_is_gone", removed(kWeb)},
    {"target_is_another", made_anew(kWeb)},
    {"target_has_a_newer_release",
     edited(kWeb, [](json& web) { web["spec"]["template"]["spec"]["containers"][0]["image"] = "app:3"; })},
    {"target_is_paused", edited(kWeb, [](json& web) { web["spec"]["paused"] = true; })},  // C27
    {"revision_is_gone", removed(kGood)},
    {"revision_is_another", made_anew(kGood)},
    {"revision_is_an_orphan", edited(kGood, [](json& set) { set["metadata"].erase("ownerReferences"); })},
    {"revision_is_another_targets", edited(kGood, [](json& set) { set["metadata"]["ownerReferences"][0]["uid"] = "other"; })},
};

class StaleRevertTest : public RevertTest, public testing::WithParamInterface<Change> {};

TEST_P(StaleRevertTest, IsAConflictAndWritesNothing) {
  const auto seen = step();
  GetParam().happened(user);
  EXPECT_THAT(revert_template(cluster, seen), fails_with(Fault::Conflict));
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Rows, StaleRevertTest, testing::ValuesIn(kChanges), [](const auto& info) { return info.param.name; });

// R21: what others write between the reads and the patch.
TEST_F(RevertTest, ANewerReleaseShippedMeanwhileIsNotOverwritten) {
  Meddled api(cluster);
  api.before_patch = [this] {
    user.update(kWeb, [](json& web) { web["spec"]["template"]["spec"]["containers"][0]["image"] = "app:3"; });
  };
  EXPECT_THAT(revert_template(api, step()), fails_with(Fault::Conflict));
  EXPECT_EQ(web()["spec"]["template"]["spec"]["containers"][0]["image"], "app:3");
}

TEST_F(RevertTest, APauseMeanwhileLeavesTheTemplate) {  // C27
  Meddled api(cluster);
  api.before_patch = [this] { user.update(kWeb, [](json& web) { web["spec"]["paused"] = true; }); };
  const auto bad = web()["spec"]["template"];
  EXPECT_THAT(revert_template(api, step()), fails_with(Fault::Conflict));
  EXPECT_EQ(web()["spec"]["template"], bad);
}

TEST_F(RevertTest, AnnotationsThatOthersAddMeanwhileStay) {
  Meddled api(cluster);
  api.before_patch = [this] { user.update(kWeb, [](json& web) { web["metadata"]["annotations"]["on-call"] = "ann"; }); };
  ASSERT_TRUE(revert_template(api, step()));
  EXPECT_EQ(annotation("on-call"), "ann");
}

TEST_F(RevertTest, ACauseThatChangesMeanwhileIsNotOverwritten) {
  Meddled api(cluster);
  api.before_patch = [this] {
    user.update(kWeb, [](json& web) { web["metadata"]["annotations"][api::kChangeCauseAnnotation] = "mine"; });
  };
  EXPECT_THAT(revert_template(api, step()), fails_with(Fault::Conflict));
  EXPECT_EQ(annotation(api::kChangeCauseAnnotation), "mine");
}

TEST_F(RevertTest, ACauseThatAppearsMeanwhileIsNotOverwritten) {
  user.update(kWeb, [](json& web) { web["metadata"]["annotations"].erase(api::kChangeCauseAnnotation); });
  Meddled api(cluster);
  api.before_patch = [this] {
    user.update(kWeb, [](json& web) { web["metadata"]["annotations"][api::kChangeCauseAnnotation] = "mine"; });
  };
  EXPECT_THAT(revert_template(api, step()), fails_with(Fault::Conflict));
  EXPECT_EQ(annotation(api::kChangeCauseAnnotation), "mine");
}

class FailingRevertTest : public RevertTest, public testing::WithParamInterface<Fault> {};

// C35: one attempt a step; how often it is tried again is decided elsewhere.
TEST_P(FailingRevertTest, IsHandedOnAsItIs) {
  cluster.fail_next(fake::calls_to("patch", wire::kDeployments), GetParam(), fake::kAlways);
  EXPECT_THAT(revert_template(cluster, step()), fails_with(GetParam()));
  EXPECT_THAT(cluster.writes(), SizeIs(1));
}

TEST_P(FailingRevertTest, SoIsThatOfARead) {
  cluster.fail_next(fake::calls_to("get", wire::kReplicaSets), GetParam());
  EXPECT_THAT(revert_template(cluster, step()), fails_with(GetParam()));
  EXPECT_THAT(cluster.writes(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Faults, FailingRevertTest,
                         testing::Values(Fault::Invalid, Fault::Forbidden, Fault::Throttled, Fault::Unavailable));

}  // namespace
