// Before the plan: what may be rolled back, to where, what must wait; and what the plan freezes.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Choice;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string reverted(const decide::Progress& out) { return condition(out.next.conditions, "Reverted"); }
std::string failed(const decide::Progress& out) { return condition(out.next.conditions, "Failed"); }

TEST(Plan, FreezesWhatWasResolved) {
  const auto with = [](api::PolicySpec& spec) {
    spec.triggers = {unstable(), stuck(400s)};
    spec.http = search_check();
    spec.stabilization = 77s;
    spec.ignore_template_keys = {"build"};
  };
  const auto out = proceed(World().policy(with).revision(1).good().revision(2).rollback(RunFrom(2)).change([](auto& world) {
    world.target->min_ready_seconds = 30;
  }),
                           {breached()});
  ASSERT_TRUE(out.next.plan);
  const auto& plan = *out.next.plan;
  EXPECT_EQ(plan.version, api::kPlanVersion);
  EXPECT_EQ(plan.target_uid, kTargetUid);
  EXPECT_EQ(plan.from, shipped(2));
  EXPECT_EQ(plan.to, shipped(1));
  EXPECT_EQ(plan.chosen, Choice::Good);
  EXPECT_EQ(plan.resolved, kNow);
  EXPECT_EQ(plan.settings.stabilization, 77s);
  EXPECT_EQ(plan.settings.http, search_check());
  EXPECT_EQ(plan.settings.progress_deadline, 430s) << "the trigger's deadline beyond minReadySeconds";
  EXPECT_EQ(plan.settings.ignore_template_keys, std::vector<std::string>{"build"});
  EXPECT_THAT(plan.healthy_triggers, ElementsAre("unstable", "stuck"));
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "False Pending");
  EXPECT_EQ(step(out.next, api::kStepPreflight), "Done from web-2 (revision 2) to web-1 (revision 1), Good");
}

TEST(Plan, IsStoredBeforeAnythingIsWritten) {
  const auto out = proceed(bad_runs().rollback(RunFrom(2)), {breached()});
  EXPECT_TRUE(out.next.plan);
  EXPECT_THAT(out.steps, IsEmpty());
}

TEST(Plan, AsksForEvidenceAndLooksAgainAfter3s) {
  const auto out = proceed(bad_runs().pod("a").rollback(RunFrom(2)), {breached()});
  ASSERT_TRUE(out.wants.evidence);
  EXPECT_EQ(out.wants.evidence->pods.size(), 1U);
  EXPECT_EQ(out.look_again, kNow + 3s);
  EXPECT_EQ(step(out.next, api::kStepEvidence), "Running");
}

TEST(Plan, SaysThatAnAssumedOneWasNeverJudged) {
  const auto out = proceed(World().revision(1).seen_ready().revision(2).rollback(RunFrom(2)), {breached()});
  ASSERT_TRUE(out.next.plan);
  EXPECT_EQ(out.next.plan->chosen, Choice::Assumed);
  EXPECT_THAT(out.next.plan->healthy_triggers, IsEmpty());
}

// ---- to ----

struct AskedRow {
  const char* name;
  World world;
  const char* failed;
  const char* says = "";
};
class AskedFor : public testing::TestWithParam<AskedRow> {};

TEST_P(AskedFor, To) {
  const auto run = RunFrom(3).by_hand().change([](auto& entry) { entry.spec.to_uid = "rs-1"; });
  const auto out = proceed(World(GetParam().world).rollback(run));
  EXPECT_EQ(failed(out), GetParam().failed);
  EXPECT_EQ(out.next.plan.has_value(), failed(out) == "False Running");
  EXPECT_THAT(api::find(out.next.conditions, "Failed")->message, testing::HasSubstr(GetParam().says));
  if (out.next.plan) {
    EXPECT_EQ(out.next.plan->to.uid, "rs-1");
    EXPECT_EQ(out.next.plan->chosen, Choice::Asked);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Revision, AskedFor,
    testing::Values(
        AskedRow{"that_nobody_marked", World().revision(1).revision(2).good().revision(3), "False Running"},
        AskedRow{"that_is_gone", World().revision(2).good().revision(3), "True GaveUp", "owns no ReplicaSet with the uid rs-1"},
        AskedRow{"that_is_the_same_release", World().revision(1, "v3").revision(3), "True GaveUp", "is the release that runs"},
        AskedRow{"that_is_bad", World().revision(1).bad().revision(3), "True GaveUp", "is marked bad"},
        AskedRow{"that_a_person_marked_good", World().revision(1).bad().annotated("good").revision(3), "False Running"},
        AskedRow{"behind_a_barrier", World().revision(1).revision(2).no_way_back().revision(3), "True GaveUp", "no way back"},
        AskedRow{"that_is_being_deleted", World().revision(1).deleting().revision(3), "True GaveUp", "owns no ReplicaSet"}),
    [](const auto& info) { return info.param.name; });

TEST(To, NothingLeftToGoBackToGivesUpWithoutAWrite) {
  const auto out = proceed(World().revision(1).revision(2).rollback(RunFrom(2)), {breached()});
  EXPECT_EQ(failed(out), "True GaveUp");
  EXPECT_FALSE(out.next.plan);
}

// ---- from ----

struct FromRow {
  const char* name;
  World world;
  RunFrom run;
  const char* failed;
  bool planned;
};
class From : public testing::TestWithParam<FromRow> {};

TEST_P(From, IsWhatTheTargetRuns) {
  const auto out = proceed(World(GetParam().world).rollback(GetParam().run), {breached()});
  EXPECT_EQ(failed(out), GetParam().failed);
  EXPECT_EQ(out.next.plan.has_value(), GetParam().planned);
}

RunFrom unnamed(Seconds age) {
  return RunFrom(2).by_hand().age(age).change([](auto& run) {
    run.spec.from_uid = "";
    run.spec.from_number = 0;
  });
}

INSTANTIATE_TEST_SUITE_P(
    Revision, From,
    testing::Values(FromRow{"still_current", bad_runs(), RunFrom(2), "False Running", true},
                    FromRow{"another_runs_now", bad_runs(), RunFrom(1), "True Superseded", false},
                    FromRow{"the_same_was_shipped_again", World().revision(2).revision(1).good().shipped_again(2), RunFrom(2),
                            "True Superseded", false},
                    FromRow{"a_number_may_be_left_out_by_a_person",
                            World().revision(2).revision(1).good().shipped_again(1).shipped_again(2),
                            RunFrom(2).by_hand().change([](auto& run) { run.spec.from_number = 0; }), "False Running", true},
                    FromRow{"unnamed_is_what_ran_at_its_creation", World().revision(1).good().revision(2).age(3600s),
                            unnamed(60s), "False Running", true},
                    FromRow{"unnamed_and_another_was_shipped_since", World().revision(1).good().revision(2).age(30s),
                            unnamed(60s), "True Superseded", false},
                    FromRow{"the_view_is_behind", bad_runs().change([](auto& world) { world.target->meta.generation = 2; }),
                            RunFrom(2), "False Running", false},
                    FromRow{"the_policy_is_gone", bad_runs().no_policy(), RunFrom(2), "True Superseded", false},
                    FromRow{"the_policy_is_gone_and_a_person_would_have_to_decide", bad_runs().no_policy(),
                            RunFrom(2).decided(api::DecisionState::Waiting), "True Superseded", false}),
    [](const auto& info) { return info.param.name; });

// ---- waiting for what can heal ----

struct WaitRow {
  const char* name;
  World world;
  const char* type;
  const char* said;
};
class Waits : public testing::TestWithParam<WaitRow> {};

TEST_P(Waits, WithoutAPlan) {
  const auto out = proceed(GetParam().world, {healthy(), breached("stuck")});
  EXPECT_FALSE(out.next.plan);
  EXPECT_EQ(condition(out.next.conditions, GetParam().type), GetParam().said);
  EXPECT_EQ(failed(out), "False Running") << "it stays open";
}

RunFrom elder() {
  return RunFrom(2).by_hand().age(50s).change([](auto& run) {
    run.meta.name = "elder";
    run.meta.uid = "elder";
    run.meta.created = kNow - 3600s;
  });
}
// The youngest run of the world is the one that proceeds.
World beside(const RunFrom& other) { return bad_runs().rollback(RunFrom(2).trigger("stuck").age(1s)).rollback(other); }

INSTANTIATE_TEST_SUITE_P(
    For, Waits,
    testing::Values(WaitRow{"its_turn", beside(elder()), "Approved", "Unknown RollbackInProgress"},
                    WaitRow{"its_turn_behind_one_of_an_unknown_plan", beside(elder().change([](auto& run) {
                              run.plan_unknown = true;
                              run.meta.created = kNow - 1s;
                            })),
                            "Approved", "Unknown RollbackInProgress"},
                    WaitRow{"a_paused_target", bad_runs().paused().rollback(RunFrom(2).trigger("stuck")), "Reverted",
                            "Unknown TargetPaused"},
                    WaitRow{"the_cap", bad_runs().rollback(RunFrom(2).trigger("stuck")).change([](auto& world) {
                              world.reverting_elsewhere = world.max_reverting;
                            }),
                            "Reverted", "Unknown CapReached"},
                    WaitRow{"a_spec_that_can_be_used", bad_runs().rollback(RunFrom(2).trigger("stuck")).change([](auto& world) {
                              world.policy->spec_error = "spec.triggers: none";
                            }),
                            "Reverted", "Unknown InvalidSpec"}),
    [](const auto& info) { return info.param.name; });

TEST(AnOldRun, AsksWhetherAnythingIsStillBreached) {
  const auto old = bad_runs().rollback(RunFrom(2).trigger("unstable").age(601s));
  EXPECT_EQ(reverted(proceed(old, {healthy(), healthy("stuck")})), "Unknown TriggerNotBreached");
  EXPECT_TRUE(proceed(old, {healthy(), breached("stuck")}).next.plan) << "it is this shipping that is bad, whatever says so";
}

TEST(AnOldRun, ThatAPersonApprovedGoesOn) {
  const auto old = bad_runs().rollback(RunFrom(2).trigger("unstable").age(601s).decided(api::DecisionState::Approved, "mine"));
  EXPECT_TRUE(proceed(old, {healthy(), healthy("stuck")}).next.plan);
}

TEST(WithoutItsPolicy, ARunOfAPersonWaitsAndAnotherEnds) {
  EXPECT_EQ(reverted(proceed(bad_runs().no_policy().rollback(RunFrom(2).by_hand()), {})), "Unknown PolicyNotFound");
  EXPECT_EQ(failed(proceed(bad_runs().no_policy().rollback(RunFrom(2)), {})), "True Superseded");
}

TEST(DoesNotWait, ForAFinishedRun) {
  EXPECT_TRUE(proceed(beside(elder().failed(reason::kAborted)), {breached("stuck")}).next.plan);
}

TEST(DoesNotWait, ForItsTriggerWhileYoungOrByHandOrBreached) {
  EXPECT_TRUE(proceed(bad_runs().rollback(RunFrom(2).age(600s)), {healthy()}).next.plan);
  EXPECT_TRUE(proceed(bad_runs().rollback(RunFrom(2).by_hand().age(6000s)), {healthy()}).next.plan);
  EXPECT_TRUE(proceed(bad_runs().rollback(RunFrom(2).age(6000s)), {breached()}).next.plan);
}

TEST(Cap, IsLookedAtAgain) {
  const auto out =
      proceed(bad_runs().rollback(RunFrom(2)).change([](auto& world) { world.reverting_elsewhere = world.max_reverting; }),
              {breached()});
  EXPECT_EQ(out.look_again, kNow + 5s);
  EXPECT_THAT(reverted(out), HasSubstr(reason::kCapReached));
}

// Only the controller names triggers; one that the policy does not have never fired, and marks nothing bad.
TEST(Trigger, ThatThePolicyDoesNotHaveWritesNothing) {
  const World world = World().revision(1).good().revision(2).good().rollback(RunFrom(2).trigger("made-up"));
  const auto out = proceed(world, {healthy()});
  EXPECT_EQ(failed(out), "True GaveUp");
  EXPECT_FALSE(out.next.plan);
  EXPECT_TRUE(decide::is_marked(decide::marks(world), fingerprint("v2"), api::Mark::Good));
}

}  // namespace
