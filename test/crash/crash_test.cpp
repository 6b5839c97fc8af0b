// Cut the controller before and after the commit of its every write, restart it, and demand the same end and the same writes.
#include <gmock/gmock.h>

#include "crash/scenario.hpp"

namespace {

using crash::End;
using crash::Scenario;
using crash::Stage;
using crash::When;
using fake::CrashLoop;

void good_then_bad(Stage& stage) {
  stage.controllers.behave("bad", CrashLoop{base::Millis{1000}});
  stage.deploy("good");
  stage.policy();
}

Scenario crash_loop() {
  return {"crash_loop", good_then_bad, {{6, [](Stage& stage) { stage.ship("bad"); }}}, 35};
}

void short_deadline(nlohmann::json& policy) { policy["spec"]["triggers"][1]["progress"]["deadlineSeconds"] = 10; }

Scenario never_ready() {
  return {"never_ready",
          [](Stage& stage) {
            stage.controllers.behave("bad", fake::NeverReady{});
            stage.deploy("good");
            stage.policy(short_deadline);
          },
          {{6, [](Stage& stage) { stage.ship("bad"); }}},
          40};
}

// "worse" crashes; "middle", which was good, does not start any more; "good" is what is left.
Scenario restored_is_bad_too() {
  return {"restored_is_bad_too",
          [](Stage& stage) {
            stage.controllers.behave("worse", CrashLoop{base::Millis{1000}});
            stage.deploy("good");
            stage.policy(short_deadline);
          },
          {{6, [](Stage& stage) { stage.ship("middle"); }},
           {14,
            [](Stage& stage) {
              stage.ship("worse");
              stage.controllers.behave("middle", fake::NeverReady{});
            }}},
          60};
}

Scenario first_release_is_bad() {
  return {"first_release_is_bad",
          [](Stage& stage) {
            stage.controllers.behave("bad", CrashLoop{base::Millis{1000}});
            stage.policy();
            stage.deploy("bad");
          },
          {},
          20};
}

Scenario fix_in_mid_run() {
  return {"fix_in_mid_run",
          good_then_bad,
          {{6, [](Stage& stage) { stage.ship("bad"); }}, {12, [](Stage& stage) { stage.ship("fix"); }}},
          35};
}

Scenario policy_deleted_in_mid_run() {
  return {"policy_deleted_in_mid_run",
          good_then_bad,
          {{6, [](Stage& stage) { stage.ship("bad"); }},
           {13, [](Stage& stage) { stage.person().remove({wire::kPolicies, fake::kNamespace, "web", "", {}}); }}},
          30};
}

Scenario put_back_by_another() {
  return {"put_back_by_another",
          good_then_bad,
          {{6, [](Stage& stage) { stage.ship("bad"); }},
           {14, [](Stage& stage) { stage.ship("bad"); }},
           {19, [](Stage& stage) { stage.ship("bad"); }},
           {24, [](Stage& stage) { stage.ship("bad"); }}},
          45};
}

Scenario by_hand() {
  return {"by_hand",
          [](Stage& stage) {
            stage.deploy("one");
            stage.policy([](auto& policy) { policy["spec"]["mode"] = "Paused"; });
          },
          {{6, [](Stage& stage) { stage.ship("two"); }},
           {12, [](Stage& stage) { stage.person().create(fake::rollback_json("please", "web")); }}},
          35};
}

class CrashTest : public testing::TestWithParam<Scenario> {};

void expect_same(const End& want, const End& got, When when, int k) {
  const std::string where = std::string(when == When::Before ? "before" : "after") + " write " + std::to_string(k);
  for (const auto& [name, text] : want.objects) {
    const auto found = got.objects.find(name);
    ASSERT_NE(found, got.objects.end()) << where << ": " << name << " is missing";
    EXPECT_EQ(found->second, text) << where << ": " << name;
  }
  EXPECT_EQ(got.objects.size(), want.objects.size()) << where;
  EXPECT_THAT(got.writes, testing::ContainerEq(want.writes)) << where;
  EXPECT_EQ(got.template_writes, want.template_writes) << where;
}

TEST_P(CrashTest, EndsTheSameWhereverItIsCut) {
  const End want = crash::play(GetParam());
  ASSERT_GT(want.port_writes, 2);
  for (int k = 1; k <= want.port_writes; ++k) {
    for (const auto when : {When::Before, When::After}) {
      const End got = crash::play(GetParam(), when, k);
      EXPECT_TRUE(got.was_cut) << k;
      expect_same(want, got, when, k);
      if (HasFailure()) return;  // the first difference tells most
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, CrashTest,
                         testing::Values(crash_loop(), never_ready(), restored_is_bad_too(), first_release_is_bad(),
                                         fix_in_mid_run(), policy_deleted_in_mid_run(), put_back_by_another(), by_hand()),
                         [](const auto& info) { return info.param.name; });

// What the stories come to when nothing is cut: else the comparison above would compare nothing.
struct Ending {
  Scenario scenario;
  int template_writes;
  const char* object;
  std::vector<std::string> says;
};
class CleanRuns : public testing::TestWithParam<Ending> {};

TEST_P(CleanRuns, EndAsTold) {
  const End end = crash::play(GetParam().scenario);
  EXPECT_EQ(end.template_writes, GetParam().template_writes);
  std::string objects;
  for (const auto& [name, text] : end.objects) {
    if (name.rfind(GetParam().object, 0) == 0) objects += text;
  }
  for (const auto& words : GetParam().says) EXPECT_THAT(objects, testing::HasSubstr(words));
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, CleanRuns,
    testing::Values(Ending{crash_loop(), 1, "Rollback/", {"Stabilized", "CriteriaHold"}},
                    Ending{never_ready(), 1, "Rollback/", {"Stabilized"}},
                    Ending{restored_is_bad_too(), 2, "Rollback/", {"RestoredRevisionUnhealthy", "Stabilized"}},
                    Ending{first_release_is_bad(), 0, "RollbackPolicy/", {"NoGoodRevision"}},
                    Ending{fix_in_mid_run(), 1, "Rollback/", {"EndedByNewRelease"}},
                    Ending{policy_deleted_in_mid_run(), 1, "Rollback/", {"PolicyDeleted"}},
                    Ending{put_back_by_another(), 3, "Rollback/", {"GitOpsConflict"}},
                    Ending{by_hand(), 1, "Rollback/", {"ByPerson", "Stabilized"}}),
    [](const auto& info) { return info.param.scenario.name; });

}  // namespace
