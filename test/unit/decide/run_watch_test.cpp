// After the write: ownership, rollout, verification, stabilization; done means seen.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::StepState;
using decide::Probed;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Revision 1 runs again as number 3 with one pod, beside what is left of 2.
World back() { return World().revision(2).revision(1).good().shipped_again(1).pod("a"); }
RunFrom written() { return RunFrom(2).plan(1).reverts(1, 2); }
RunFrom rolled_out() { return RunFrom(2).plan(1).rolled_out(); }
RunFrom with_http(RunFrom run) {
  return run.settings([](api::RunSettings& settings) { settings.http = search_check(); });
}
std::vector<decide::Finding> all_healthy() { return {healthy("unstable"), healthy("stuck")}; }

std::string restored(const decide::Progress& out) { return condition(out.next.conditions, "Restored"); }
std::string failed(const decide::Progress& out) { return condition(out.next.conditions, "Failed"); }
std::string complete(const decide::Progress& out) { return condition(out.next.conditions, "Complete"); }

TEST(Reverted, IsToldByTheTemplateThatRuns) {
  const auto out = proceed(back().counts(1, 0, 4).rollback(written()), all_healthy());
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "True TemplateRestored");
  EXPECT_EQ(step(out.next, api::kStepRevert), "Done");
}

// ---- ownership ----

World owned(World world) {
  return world.change([](auto& seen) { seen.target->owned_by_us = true; });
}

TEST(Ownership, IsGivenBackWhileWeHaveIt) {
  const auto out = proceed(owned(back().rollback(written())), all_healthy());
  ASSERT_THAT(out.steps, SizeIs(1));
  EXPECT_EQ(std::get<decide::GiveBackOwnership>(out.steps.front()).uid, kTargetUid);
  EXPECT_THAT(proceed(back().rollback(written()), all_healthy()).steps, IsEmpty());
}

TEST(Ownership, IsGivenBackAlsoIfTheRunFails) {
  EXPECT_THAT(proceed(owned(back().rollback(written())), {breached()}).steps, SizeIs(1));
}

TEST(Ownership, IsAWriteLikeAnyOther) {
  const auto out = proceed(owned(back().rollback(written()).kill_switch()), all_healthy());
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_EQ(condition(out.next.conditions, "Approved"), "Unknown KillSwitch");
  EXPECT_THAT(proceed(owned(back().rollback(written().by_hand()).kill_switch()), all_healthy()).steps, SizeIs(1));
}

// ---- rollout ----

struct RolloutRow {
  const char* name;
  World world;
  bool done;
};
class RolloutOfTheRestored : public testing::TestWithParam<RolloutRow> {};
TEST_P(RolloutOfTheRestored, IsSeen) {
  const auto out = proceed(World(GetParam().world).rollback(written()), all_healthy());
  EXPECT_EQ(step(out.next, api::kStepRollout).substr(0, 4), GetParam().done ? "Done" : "Runn");
  EXPECT_EQ(restored(out), GetParam().done ? "True CriteriaHold" : "Unknown WaitingForRollout");
}

World beside_bad_pod(const std::function<void(api::Pod&)>& with) { return back().at(2).pod("bad").pod_is(with); }

INSTANTIATE_TEST_SUITE_P(Done, RolloutOfTheRestored,
                         testing::Values(RolloutRow{"all_there", back(), true},
                                         RolloutRow{"the_old_status_says_3_of_3",
                                                    back().change([](auto& world) { world.target->meta.generation = 9; }),
                                                    false},
                                         RolloutRow{"two_of_the_three_available_are_bad_ones", back().counts(1, 3, 3), false},
                                         RolloutRow{"a_bad_one_is_left_over", back().counts(3, 3, 4), false},
                                         RolloutRow{"not_all_available", back().counts(3, 2, 3), false},
                                         RolloutRow{"a_bad_pod_lives", beside_bad_pod([](api::Pod&) {}), false},
                                         RolloutRow{"a_bad_pod_is_terminating",
                                                    beside_bad_pod([](api::Pod& pod) { pod.meta.deleted = kNow; }), true},
                                         RolloutRow{"a_bad_pod_was_evicted_and_is_only_a_record",
                                                    beside_bad_pod([](api::Pod& pod) { pod.phase = "Failed"; }), true},
                                         RolloutRow{"scaled_to_none", back().replicas(0), true}),
                         [](const auto& info) { return info.param.name; });

TEST(Rollout, NamesThoseThatStillTerminate) {
  const auto out = proceed(beside_bad_pod([](api::Pod& pod) { pod.meta.deleted = kNow; }).rollback(written()), all_healthy());
  EXPECT_EQ(step(out.next, api::kStepRollout), "Done still terminating: web-2-bad");
}

RunFrom slow(int updated, int available, Seconds since) {
  return written().change([=](auto& run) {
    run.status.most_updated = updated;
    run.status.most_available = available;
    run.status.progressed = kNow - since;
  });
}

TEST(Rollout, SlowIsNotBad) {
  const auto out = proceed(back().counts(2, 1, 3).rollback(slow(2, 1, 299s)), all_healthy());
  EXPECT_EQ(restored(out), "Unknown WaitingForRollout");
  EXPECT_EQ(out.look_again, kNow + 1s);
  EXPECT_EQ(failed(out), "False Running");
}

TEST(Rollout, WithoutProgressForTheDeadlineIsBad) {
  const auto out = proceed(back().counts(2, 1, 3).rollback(slow(2, 1, 300s)), all_healthy());
  EXPECT_EQ(failed(out), "True RestoredRevisionUnhealthy");
  EXPECT_EQ(restored(out), "False RestoredRevisionUnhealthy");
}

TEST(Rollout, ANewMostAvailableIsProgress) {
  const auto out = proceed(back().counts(2, 2, 3).rollback(slow(2, 1, 300s)), all_healthy());
  EXPECT_EQ(failed(out), "False Running");
  EXPECT_EQ(out.next.progressed, kNow);
  EXPECT_EQ(out.next.most_available, 2);
}

TEST(Rollout, TimeDoesNotCountWhilePausedOrWithoutANode) {
  for (const World& world : {back().counts(2, 1, 3).paused(), back().counts(2, 1, 3).pod("new").unschedulable()}) {
    const auto out = proceed(World(world).rollback(slow(2, 1, 9999s)), all_healthy());
    EXPECT_EQ(failed(out), "False Running");
    EXPECT_EQ(out.next.progressed, std::nullopt) << "the clock starts when it can go on";
  }
}

// ---- the restored one fails too ----

struct BlameRow {
  const char* name;
  RunFrom run;
  std::vector<decide::Finding> findings;
  const char* failed;
};
class RestoredOneFails : public testing::TestWithParam<BlameRow> {};
TEST_P(RestoredOneFails, Because) {
  EXPECT_EQ(failed(proceed(back().rollback(GetParam().run), GetParam().findings)), GetParam().failed);
}

INSTANTIATE_TEST_SUITE_P(
    Of, RestoredOneFails,
    testing::Values(
        BlameRow{"the_same_trigger_though_healthy_before",
                 rolled_out().to_was_healthy("unstable"),
                 {breached()},
                 "True NotRevisionSpecific"},
        BlameRow{"the_same_trigger_during_the_rollout",
                 written().to_was_healthy("unstable"),
                 {breached()},
                 "True NotRevisionSpecific"},
        BlameRow{"another_trigger",
                 rolled_out().to_was_healthy("unstable").to_was_healthy("memory"),
                 {healthy(), breached("memory")},
                 "True RestoredRevisionUnhealthy"},
        BlameRow{"the_same_but_nobody_knows_that_it_was_healthy", rolled_out(), {breached()}, "True RestoredRevisionUnhealthy"},
        BlameRow{"the_same_but_after_it_was_restored",
                 RunFrom(2).plan(1).restored().to_was_healthy("unstable"),
                 {breached()},
                 "True RestoredRevisionUnhealthy"},
        BlameRow{"progress_is_judged_by_the_runs_own_deadline", rolled_out(), {healthy(), breached("stuck")}, "False Running"},
        BlameRow{"unknown_is_not_unhealthy", rolled_out(), {unknown()}, "False Running"}),
    [](const auto& info) { return info.param.name; });

TEST(RestoredOneFails, TheSameDeadlineToo) {
  const auto run = slow(2, 1, 300s).trigger("stuck").to_was_healthy("stuck");
  EXPECT_EQ(failed(proceed(back().counts(2, 1, 3).rollback(run), all_healthy())), "True NotRevisionSpecific");
}

// ---- verification ----

TEST(Verification, WithoutChecksHoldsWithTheRollout) {
  const auto out = proceed(back().rollback(rolled_out()), all_healthy());
  EXPECT_EQ(restored(out), "True CriteriaHold");
  EXPECT_EQ(step(out.next, api::kStepVerify), "Done");
  EXPECT_EQ(step(out.next, api::kStepStabilize), "Running until " + base::to_rfc3339(kNow + 1800s));
  EXPECT_EQ(out.look_again, kNow + 1800s);
}

struct VerifyRow {
  const char* name;
  World world;
  std::vector<decide::Finding> findings;
  Seconds since;
  const char* restored;
};
class Verification : public testing::TestWithParam<VerifyRow> {};
TEST_P(Verification, Restored) {
  const auto run = with_http(rolled_out()).step(api::kStepVerify, StepState::Running, GetParam().since);
  EXPECT_EQ(restored(proceed(World(GetParam().world).rollback(run), GetParam().findings)), GetParam().restored);
}

INSTANTIATE_TEST_SUITE_P(
    Checks, Verification,
    testing::Values(
        VerifyRow{"hold", back().probe(Probed::Ok, 1s), all_healthy(), 60s, "True CriteriaHold"},
        VerifyRow{"not_asked_yet", back(), all_healthy(), 60s, "Unknown Verifying"},
        VerifyRow{"asked_before_the_verification", back().probe(Probed::Ok, 61s), all_healthy(), 60s, "Unknown Verifying"},
        VerifyRow{"not_every_pod_was_asked", back().probe(Probed::Ok, 1s).pod("b"), all_healthy(), 60s, "Unknown Verifying"},
        VerifyRow{"wrong_so_far", back().probe(Probed::Wrong, 1s, "500"), all_healthy(), 299s, "Unknown Verifying"},
        VerifyRow{"wrong_at_the_end", back().probe(Probed::Wrong, 1s, "500"), all_healthy(), 300s,
                  "False RestoredRevisionUnhealthy"},
        VerifyRow{"unreachable_at_the_end", back().probe(Probed::Unreachable, 1s), all_healthy(), 300s,
                  "Unknown VerificationInconclusive"},
        VerifyRow{"holding_after_the_end", back().probe(Probed::Ok, 1s), all_healthy(), 9999s, "True CriteriaHold"},
        VerifyRow{
            "a_trigger_is_unknown", back().probe(Probed::Ok, 1s), {healthy(), unknown("memory")}, 60s, "Unknown Verifying"},
        VerifyRow{"a_trigger_is_unknown_at_the_end",
                  back().probe(Probed::Ok, 1s),
                  {healthy(), unknown("memory")},
                  300s,
                  "Unknown VerificationInconclusive"},
        VerifyRow{"no_pod_is_left_to_ask", back().pod_is([](api::Pod& pod) { pod.ready = false; }).counts(3, 0, 3),
                  all_healthy(), 60s, "Unknown Verifying"}),
    [](const auto& info) { return info.param.name; });

TEST(Verification, AsksEveryReadyPodEvery5s) {
  const auto out = proceed(back().pod("b").unready(5s).rollback(with_http(rolled_out())), all_healthy());
  ASSERT_TRUE(out.wants.probe);
  EXPECT_EQ(out.wants.probe->period, 5s);
  ASSERT_THAT(out.wants.probe->pods, SizeIs(1));
  EXPECT_EQ(out.wants.probe->pods.front().ip, "10.0.0.1");
  EXPECT_EQ(out.look_again, kNow + 300s);
}

TEST(Verification, NeedsNoPolicy) {
  const auto out = proceed(back().no_policy().rollback(rolled_out()));
  EXPECT_EQ(restored(out), "True CriteriaHold");
  EXPECT_EQ(complete(out), "True PolicyDeleted");
}

// ---- stabilization ----

struct StableRow {
  const char* name;
  World world;
  const char* restored;
  const char* complete;
};
class Stabilization : public testing::TestWithParam<StableRow> {};
TEST_P(Stabilization, Ends) {
  const auto out = proceed(GetParam().world, all_healthy());
  EXPECT_EQ(restored(out), GetParam().restored);
  EXPECT_EQ(complete(out), GetParam().complete);
}

RunFrom stable(Seconds since) { return RunFrom(2).plan(1).restored(since); }

INSTANTIATE_TEST_SUITE_P(
    Of, Stabilization,
    testing::Values(
        StableRow{"not_before_its_time", back().rollback(stable(1799s)), "True CriteriaHold", "False Running"},
        StableRow{"when_its_time_is_over", back().rollback(stable(1800s)), "True CriteriaHold", "True Stabilized"},
        StableRow{"at_once_if_there_is_none",
                  back().rollback(stable(0s).settings([](auto& settings) { settings.stabilization = 0s; })),
                  "True CriteriaHold", "True Stabilized"},
        StableRow{"with_the_policy", back().no_policy().rollback(stable(60s)), "True CriteriaHold", "True PolicyDeleted"},
        StableRow{"not_while_a_check_answers_wrongly",
                  back().probe(Probed::Wrong, 1s, "500").rollback(with_http(stable(1800s))), "Unknown Verifying",
                  "False Running"},
        StableRow{"although_a_pod_cannot_be_reached", back().probe(Probed::Unreachable, 1s).rollback(with_http(stable(1800s))),
                  "True CriteriaHold", "True Stabilized"},
        StableRow{"although_it_is_being_scaled_up", back().counts(3, 2, 3).rollback(stable(60s)), "True CriteriaHold",
                  "False Running"}),
    [](const auto& info) { return info.param.name; });

TEST(Stabilization, AWrongAnswerBeginsToVerifyAgainFromNow) {
  const auto out = proceed(back().probe(Probed::Wrong, 1s, "500").rollback(with_http(stable(1000s))), all_healthy());
  EXPECT_EQ(out.look_again, kNow + 300s);
  EXPECT_EQ(failed(out), "False Running");
}

// A restart has no readings for a moment: nothing is called healthy that nobody looked at.
TEST(Stabilization, WaitsAtItsEndForWhatCannotBeJudged) {
  const auto run = stable(1800s).rollback();
  const auto blind = proceed(back().rollback(run), {healthy(), unknown("memory")});
  EXPECT_EQ(condition(blind.next.conditions, "Complete"), "False Running");
  EXPECT_EQ(blind.look_again, kNow + 300s);
  EXPECT_EQ(condition(proceed(back().rollback(run), all_healthy()).next.conditions, "Complete"), "True Stabilized");
  const auto given_up = proceed(back().rollback(run), {healthy(), unknown("memory")}, kNow + 300s).next;
  EXPECT_EQ(condition(given_up.conditions, "Complete"), "True Stabilized");
  EXPECT_THAT(api::find(given_up.conditions, "Complete")->message,
              testing::HasSubstr("as far as could be judged: trigger memory"));
}

TEST(Stabilization, AsksInItsOwnPeriod) {
  const auto out = proceed(back().rollback(with_http(stable(60s))), all_healthy());
  ASSERT_TRUE(out.wants.probe);
  EXPECT_EQ(out.wants.probe->period, 60s);
}

TEST(Stabilization, ChangesNothingWhileNothingChanges) {
  const auto first = proceed(back().rollback(stable(60s)), all_healthy()).next;
  const auto again =
      proceed(back().rollback(stable(60s).change([&](auto& run) { run.status = first; })), all_healthy(), kNow + 60s).next;
  EXPECT_EQ(first, again);
}

TEST(Stabilization, DoesNotEndWhilePodsAreMissing) {
  const auto out = proceed(back().counts(3, 2, 3).rollback(stable(0s)), all_healthy(), kNow + 3600s);
  EXPECT_EQ(condition(out.next.conditions, "Complete"), "False Running");
}

TEST(Verification, OfATargetScaledToNoneDoesNotWaitForReadings) {
  const auto out =
      proceed(back().replicas(0).counts(0, 0, 0).rollback(RunFrom(2).plan(1).step(api::kStepRollout, StepState::Done)),
              {healthy(), unknown("memory")});
  EXPECT_EQ(condition(out.next.conditions, "Restored"), "True CriteriaHold");
}

TEST(LateEvidence, IsKept) {
  const auto out =
      proceed(back().rollback(RunFrom(2).plan(1).step(api::kStepEvidence, StepState::Running)).change([](auto& world) {
        world.evidence = std::vector<api::PodEvidence>{{"web-2-a", "web", 137, "OOMKilled", "", "", ""}};
      }),
              all_healthy());
  EXPECT_THAT(out.next.evidence, SizeIs(1));
  EXPECT_EQ(step(out.next, api::kStepEvidence), "Done");
}

}  // namespace
