// Reconciling and Stalled: how a policy and a run stand, in the words that kstatus reads. One of them at most is True.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "stage.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Status;

World back() { return World().revision(2).revision(1).good().shipped_again(1).pod("a"); }
RunFrom at_the_write() { return RunFrom(2).plan(1).step(api::kStepEvidence, api::StepState::Done); }
RunFrom refused() { return at_the_write().condition("Reverted", Status::False, reason::kWriteDenied); }
// No older revision is good, and that was told.
World stalled() { return crashing().at(1).bad(); }

struct Row {
  const char* name;
  World world;
  const char* reconciling;
  const char* stalled;
};

class Run : public testing::TestWithParam<Row> {};
TEST_P(Run, Stands) {
  const auto next = proceed(GetParam().world, {breached()}).next;
  EXPECT_EQ(condition(next.conditions, "Reconciling"), GetParam().reconciling);
  EXPECT_EQ(condition(next.conditions, "Stalled"), GetParam().stalled);
}
INSTANTIATE_TEST_SUITE_P(
    Of, Run,
    testing::Values(Row{"the_first_look", bad_runs().rollback(RunFrom(2)), "True Running", "False Running"},
                    Row{"one_that_writes", bad_runs().rollback(at_the_write()), "True Running", "False Running"},
                    Row{"one_that_waits_for_a_person", bad_runs().rollback(at_the_write().decided(api::DecisionState::Waiting)),
                        "True Running", "False Running"},
                    Row{"a_refused_write", bad_runs().rollback(refused()), "False WriteDenied", "True WriteDenied"},
                    Row{"another_end", bad_runs().rollback(at_the_write().decided(api::DecisionState::Aborted)),
                        "False Aborted", "True Aborted"}),
    [](const auto& info) { return info.param.name; });

TEST(Run, StandsWellAtItsGoodEnd) {
  const auto next = proceed(back().rollback(RunFrom(2).plan(1).restored(1800s)), {healthy()}).next;
  EXPECT_EQ(condition(next.conditions, "Reconciling"), "False Stabilized");
  EXPECT_EQ(condition(next.conditions, "Stalled"), "False Stabilized");
}

TEST(Run, StandsStillAtOnceWhenItsWriteIsRefused) {
  const auto next = decide::after_error(at_the_write().rollback().status, {base::Fault::Invalid, "quota exceeded"}, kNow);
  EXPECT_EQ(condition(next.conditions, "Reconciling"), "False WriteDenied");
  EXPECT_EQ(condition(next.conditions, "Stalled"), "True WriteDenied");
}

TEST(Run, ThatHasEndedFollowsTheGenerationAndIsFinal) {
  const auto ended = at_the_write().failed(reason::kAborted).decided(api::DecisionState::Aborted).change([](auto& run) {
    run.meta.generation = 2;
  });
  decide::Snapshot world = back().rollback(ended);
  const auto decision = decide::decide(world, kNow);
  ASSERT_EQ(decision.runs.size(), 1U);
  auto next = decision.runs.front().next;
  EXPECT_EQ(next.observed_generation, 2);
  next.observed_generation = 1;
  EXPECT_EQ(next, world.rollbacks.front().status);
}

class PolicyStands : public testing::TestWithParam<Row> {};
TEST_P(PolicyStands, As) {
  const auto next = *decide::decide(GetParam().world, kNow).status;
  EXPECT_EQ(condition(next.conditions, "Reconciling"), GetParam().reconciling);
  EXPECT_EQ(condition(next.conditions, "Stalled"), GetParam().stalled);
}
INSTANTIATE_TEST_SUITE_P(
    Of, PolicyStands,
    testing::Values(Row{"nothing_to_do", back(), "False Idle", "False NotStalled"},
                    Row{"a_run", crashing().rollback(at_the_write()), "True RollbackInProgress", "False NotStalled"},
                    Row{"a_run_that_is_refused", crashing().rollback(refused()), "False WriteDenied", "True WriteDenied"},
                    Row{"a_run_of_an_unknown_plan",
                        bad_runs().rollback(RunFrom(2).change([](auto& run) { run.plan_unknown = true; })),
                        "False PlanVersionUnknown", "True PlanVersionUnknown"},
                    Row{"no_way_back", stalled(), "False Idle", "True NoGoodRevision"},
                    Row{"no_way_back_but_by_hand", stalled().rollback(at_the_write().by_hand()), "True RollbackInProgress",
                        "False NotStalled"},
                    Row{"a_spec_that_cannot_be_used",
                        back().change([](auto& world) { world.policy->spec_error = "spec.triggers: odd"; }), "False Idle",
                        "True InvalidSpec"},
                    Row{"an_older_policy", back().change([](auto& world) { world.rival = decide::Rival{"older"}; }),
                        "False Idle", "True TargetConflict"},
                    Row{"a_target_that_may_come", World().change([](auto& world) { world.target.reset(); }), "False Idle",
                        "False NotStalled"}),
    [](const auto& info) { return info.param.name; });

TEST(PolicyOfARun, TellsOfARunByHandBeforeItTellsOfWhatCameBefore) {
  const auto next = *decide::decide(stalled().rollback(at_the_write().by_hand()), kNow).status;
  EXPECT_EQ(condition(next.conditions, "Ready"), "True RollingBack");
}

}  // namespace
