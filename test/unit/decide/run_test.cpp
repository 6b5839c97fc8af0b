// A run from without: what holds it, what ends it, and that a finished one is final.
#include "decide/run.hpp"

#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::DecisionState;
using api::Status;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The evidence is there, so the write is what comes next.
RunFrom planned() { return RunFrom(2).plan(1).step(api::kStepEvidence, api::StepState::Done); }
RunFrom planned_by_hand() { return planned().by_hand(); }

struct HeldRow {
  const char* name;
  World world;
  const char* approved;
  size_t writes;
};
class BeforeTheWrite : public testing::TestWithParam<HeldRow> {};

TEST_P(BeforeTheWrite, Approved) {
  const auto out = proceed(GetParam().world, {breached()});
  EXPECT_EQ(condition(out.next.conditions, "Approved"), GetParam().approved);
  EXPECT_THAT(out.steps, SizeIs(GetParam().writes));
  EXPECT_EQ(out.next.reverts, static_cast<int>(GetParam().writes)) << "raised before each write, and only then";
}

World with_mode(api::Mode mode, const RunFrom& run) { return bad_runs().mode(mode).rollback(run); }

INSTANTIATE_TEST_SUITE_P(
    Held, BeforeTheWrite,
    testing::Values(
        HeldRow{"by_nothing", bad_runs().rollback(planned()), "True Automatic", 1},
        HeldRow{"by_the_kill_switch", bad_runs().kill_switch().rollback(planned()), "Unknown KillSwitch", 0},
        HeldRow{"by_observe", with_mode(api::Mode::Observe, planned()), "Unknown NotEnforcing", 0},
        HeldRow{"by_paused", with_mode(api::Mode::Paused, planned()), "Unknown NotEnforcing", 0},
        HeldRow{"not_one_by_hand_by_the_kill_switch", bad_runs().kill_switch().rollback(planned_by_hand()), "True ByPerson", 1},
        HeldRow{"not_one_by_hand_by_observe", with_mode(api::Mode::Observe, planned_by_hand()), "True ByPerson", 1},
        HeldRow{"not_one_by_hand_by_paused", with_mode(api::Mode::Paused, planned_by_hand()), "True ByPerson", 1},
        HeldRow{"by_a_decision_that_waits", bad_runs().rollback(planned().decided(DecisionState::Waiting)),
                "Unknown WaitingForDecision", 0},
        HeldRow{"by_the_age_of_the_revision",
                bad_runs().rollback(planned().decided(DecisionState::Waiting, "RevisionTooOld: current for long")),
                "Unknown RevisionTooOld", 0},
        HeldRow{"not_once_approved", bad_runs().rollback(planned().decided(DecisionState::Approved)), "True ByPerson", 1},
        HeldRow{"not_by_a_mode_that_is_gone_with_the_policy", bad_runs().no_policy().rollback(planned()), "True Automatic", 1},
        HeldRow{"by_the_kill_switch_without_policy", bad_runs().no_policy().kill_switch().rollback(planned()),
                "Unknown KillSwitch", 0}),
    [](const auto& info) { return info.param.name; });

TEST(Approval, SaysHowToApprove) {
  const auto out = proceed(bad_runs().rollback(planned().decided(DecisionState::Waiting, "RevisionTooOld: current for long")));
  EXPECT_THAT(api::find(out.next.conditions, "Approved")->message,
              HasSubstr("kubectl patch rollback -n shop " + planned().rollback().meta.name +
                        " --type=merge -p "
                        R"('{"spec":{"decisions":[{"step":"Revert","state":"Approved"}]}}')"));
}

// ---- ends ----

struct EndRow {
  const char* name;
  World world;
  const char* complete;
  const char* failed;
};
class RunThatIsOver : public testing::TestWithParam<EndRow> {};

TEST_P(RunThatIsOver, Ends) {
  const auto out = proceed(GetParam().world);
  EXPECT_EQ(condition(out.next.conditions, "Complete"), GetParam().complete);
  EXPECT_EQ(condition(out.next.conditions, "Failed"), GetParam().failed);
  EXPECT_THAT(out.steps, IsEmpty());
}

World gone(World world) {
  return world.change([](auto& seen) { seen.target.reset(); });
}
World another(World world) {
  return world.change([](auto& seen) { seen.target->meta.uid = "another"; });
}
World restored_runs() { return World().revision(2).revision(1).good().shipped_again(1); }
World newer_release(const RunFrom& run) { return restored_runs().revision(9).rollback(run); }
RunFrom planned_1() { return RunFrom(2).plan(1); }

INSTANTIATE_TEST_SUITE_P(
    By, RunThatIsOver,
    testing::Values(
        EndRow{"target_deleted", gone(bad_runs().rollback(planned())), "False TargetDeleted", "True TargetDeleted"},
        EndRow{"target_deleted_before_the_plan", gone(bad_runs().rollback(RunFrom(2))), "False TargetDeleted",
               "True TargetDeleted"},
        EndRow{"another_target_of_that_name", another(bad_runs().rollback(planned())), "False TargetDeleted",
               "True TargetDeleted"},
        EndRow{"aborted_before_the_plan", bad_runs().rollback(RunFrom(2).decided(DecisionState::Aborted)), "False Aborted",
               "True Aborted"},
        EndRow{"aborted_before_the_write", bad_runs().rollback(planned().decided(DecisionState::Aborted)), "False Aborted",
               "True Aborted"},
        EndRow{"aborted_after_the_write", restored_runs().rollback(planned_1().reverted().decided(DecisionState::Aborted)),
               "False Aborted", "True Aborted"},
        EndRow{"aborted_while_held_and_the_view_is_behind",
               bad_runs().kill_switch().rollback(planned().decided(DecisionState::Aborted)).change([](auto& world) {
                 world.target->meta.generation = 9;
               }),
               "False Aborted", "True Aborted"},
        EndRow{"superseded_before_the_write", newer_release(planned()), "False Superseded", "True Superseded"},
        EndRow{"superseded_before_restored", newer_release(planned_1().rolled_out()), "False Superseded", "True Superseded"},
        EndRow{"ended_by_a_new_release_after_restored", newer_release(planned_1().restored()), "True EndedByNewRelease",
               "False EndedByNewRelease"},
        EndRow{"a_new_release_is_told_by_the_template_before_its_replica_set",
               restored_runs().rollback(planned_1().restored()).change([](auto& world) {
                 world.target->pod_template = release("v9");
               }),
               "True EndedByNewRelease", "False EndedByNewRelease"}),
    [](const auto& info) { return info.param.name; });

TEST(EndedRun, LeavesNoStepRunning) {
  const auto failed = proceed(gone(bad_runs().rollback(RunFrom(2).plan(1).step(api::kStepEvidence, api::StepState::Running))));
  EXPECT_THAT(step(failed.next, api::kStepEvidence), HasSubstr("Failed "));
  const auto complete = proceed(newer_release(planned_1().restored()));
  EXPECT_THAT(step(complete.next, api::kStepStabilize), HasSubstr("Skipped "));
}

TEST(FinishedRun, IsFinal) {
  for (const RunFrom& run : {planned().failed(reason::kAborted), planned().complete(reason::kStabilized)}) {
    const auto out = proceed(bad_runs().rollback(run), {breached()});
    EXPECT_EQ(out.next, run.rollback().status);
    EXPECT_THAT(out.steps, IsEmpty());
  }
}

TEST(PlanOfAnUnknownVersion, IsLeftAlone) {
  const auto run = planned().change([](auto& entry) {
    entry.plan_unknown = true;
    entry.status.plan.reset();
  });
  for (const World& world : {bad_runs().rollback(run), gone(bad_runs().rollback(run))}) {
    const auto out = proceed(world, {breached()});
    EXPECT_EQ(out.next, run.rollback().status);
    EXPECT_THAT(out.steps, IsEmpty());
  }
}

TEST(NewRun, TellsThatItIsUnderWay) {
  const auto next = proceed(bad_runs().rollback(RunFrom(2)), {breached()}).next;
  EXPECT_EQ(condition(next.conditions, "Complete"), "False Running");
  EXPECT_EQ(condition(next.conditions, "Failed"), "False Running");
  EXPECT_EQ(condition(next.conditions, "Restored"), "Unknown Pending");
  EXPECT_EQ(next.observed_generation, 1);
}

// A restart of what was restored is ours; so is a stamp that the plan was told to ignore.
TEST(LiveTemplate, IsToldByFingerprint) {
  const auto stamped = [](const char* key) {
    return restored_runs()
        .rollback(planned_1().rolled_out().settings([](auto& settings) { settings.ignore_template_keys = {"build"}; }))
        .change([&](auto& world) { world.target->pod_template.annotations[key] = "2"; });
  };
  EXPECT_EQ(condition(proceed(stamped(api::kRestartedAtAnnotation)).next.conditions, "Failed"), "False Running");
  EXPECT_EQ(condition(proceed(stamped("build")).next.conditions, "Failed"), "False Running");
  EXPECT_EQ(condition(proceed(stamped("checksum/config")).next.conditions, "Failed"), "True Superseded");
}

}  // namespace
