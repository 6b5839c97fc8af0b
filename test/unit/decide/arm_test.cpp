// Whether a breach becomes a Rollback: every guard, in its order.
#include "decide/arm.hpp"

#include <gmock/gmock.h>

#include "decide/names.hpp"
#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using testing::HasSubstr;

decide::Finding breach(const std::string& trigger = "unstable") {
  return {trigger, api::Verdict::Breached, reason::kFailureLimitExceeded, "6 failures", "6", {}};
}

decide::Firing fired(const decide::Snapshot& world, const std::vector<decide::Finding>& findings) {
  const Judged judged(world);
  return decide::fire(judged.bench, findings, judged.marks);
}

World good_then_bad() { return World().revision(1).good().revision(2); }

// Revision 1 runs again as number 3, restored by a run from 2 that ended `how`.
World restored_by(const RunFrom& run) { return World().revision(2).bad().revision(1).good().shipped_again(1).rollback(run); }
RunFrom went_back(const char* why, int depth = 0) {
  RunFrom run = RunFrom(2).plan(1).reverted().failed(why).age(600s);
  return depth > 0 ? run.after("first", depth) : run;
}

struct Row {
  const char* name;
  World world;
  bool triggered;
  const char* why;
  const char* stalled;  // "" if not
  bool creates;
};
class Fire : public testing::TestWithParam<Row> {};

TEST_P(Fire, OnABreach) {
  const auto firing = fired(GetParam().world, {breach()});
  EXPECT_EQ(firing.triggered, GetParam().triggered);
  EXPECT_STREQ(firing.reason, GetParam().why) << firing.message;
  EXPECT_STREQ(firing.stalled ? firing.stalled : "", GetParam().stalled) << firing.stalled_message;
  EXPECT_EQ(firing.create.has_value(), GetParam().creates);
  EXPECT_EQ(firing.stalled == nullptr, firing.stalled_message.empty()) << "a stall says why";
}

World many(World world, int count, Seconds age, const std::function<void(api::Rollback&)>& with = [](auto&) {}) {
  for (int n = 0; n < count; ++n) {
    world.rollback(RunFrom(10 + n).plan(1).complete(reason::kStabilized).age(age).change(with));
  }
  return world;
}

INSTANTIATE_TEST_SUITE_P(
    Guard, Fire,
    testing::Values(
        Row{"none_stands_in_the_way", good_then_bad(), true, reason::kRollbackCreated, "", true},
        Row{"no_revision_to_go_to", World().revision(1), true, reason::kNoGoodRevision, reason::kNoGoodRevision, false},
        Row{"every_other_is_bad", World().revision(1).bad().seen_ready().revision(2), true, reason::kNoGoodRevision,
            reason::kNoGoodRevision, false},
        Row{"others_fail_alike", World().revision(2).revision(1).good().pod("old").crash(1, 60s), true,
            reason::kNotRevisionSpecific, "", false},
        Row{"kill_switch", good_then_bad().kill_switch(), true, reason::kKillSwitch, "", false},
        Row{"observe", good_then_bad().mode(api::Mode::Observe), true, reason::kWouldRollBack, "", false},
        Row{"paused", good_then_bad().mode(api::Mode::Paused), true, reason::kPaused, "", false},
        Row{"the_run_is_under_way", good_then_bad().rollback(RunFrom(2)), true, reason::kRollbackCreated, "", false},
        Row{"another_run_of_the_policy_is_under_way", good_then_bad().rollback(RunFrom(7)), true, reason::kRollbackCreated, "",
            false},
        Row{"the_run_of_this_shipping_is_final", good_then_bad().rollback(RunFrom(2).failed(reason::kAborted)), true,
            reason::kAlreadyRolledBack, "", false},
        Row{"another_shipping_is_not", good_then_bad().rollback(RunFrom(1).failed(reason::kAborted)), true,
            reason::kNoGoodRevision, reason::kNoGoodRevision, false},
        Row{"a_run_of_another_policy_does_not_hold_the_intent",
            good_then_bad().rollback(RunFrom(7).by_hand().change([](auto& run) { run.spec.policy_name = "other"; })), true,
            reason::kRollbackCreated, "", true}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    MaxRollbacks, Fire,
    testing::Values(Row{"two_of_three", many(good_then_bad(), 2, 3600s), true, reason::kRollbackCreated, "", true},
                    Row{"three_of_three", many(good_then_bad(), 3, 3600s), true, reason::kHalted, reason::kHalted, false},
                    Row{"outside_of_the_window", many(good_then_bad(), 3, 86400s), true, reason::kRollbackCreated, "", true},
                    Row{"those_by_hand_do_not_count",
                        many(good_then_bad(), 3, 3600s, [](auto& run) { run.spec.trigger_name = ""; }), true,
                        reason::kRollbackCreated, "", true},
                    Row{"a_chain_counts_once",
                        many(good_then_bad(), 3, 3600s,
                             [](auto& run) {
                               if (run.spec.from_number > 10) run.spec.previous = "first";
                             }),
                        true, reason::kRollbackCreated, "", true},
                    Row{"those_of_another_target_do_not_count",
                        many(good_then_bad(), 3, 3600s, [](auto& run) { run.status.plan->target_uid = "another"; }), true,
                        reason::kRollbackCreated, "", true},
                    Row{"the_next_of_a_chain_is_no_new_one",
                        World()
                            .policy([](auto& spec) { spec.max_rollbacks = 1; })
                            .revision(3)
                            .bad()
                            .revision(1)
                            .good()
                            .revision(2)
                            .good()
                            .shipped_again(2)
                            .rollback(RunFrom(3).plan(2).reverted().failed(reason::kRestoredRevisionUnhealthy)),
                        true, reason::kRollbackCreated, "", true}),
    [](const auto& info) { return info.param.name; });

TEST(Limit, IsLookedAtAgainWhenTheOldestRunLeavesTheWindow) {
  const auto decision = decide::decide(many(good_then_bad(), 3, 3600s), kNow);
  ASSERT_FALSE(decision.create);
  ASSERT_TRUE(decision.look_again);
  EXPECT_LE(*decision.look_again, kNow + 86400s);
}

// Revisions 1 and 2 were good; the run from 3 restored 2 (now number 4), and the restored one fails.
World older_one_left(const RunFrom& run) {
  return World().revision(3).bad().revision(1).good().revision(2).good().shipped_again(2).rollback(run);
}
RunFrom from_3(const char* why, int depth) {
  RunFrom run = RunFrom(3).plan(2).reverted().failed(why).age(600s);
  return depth > 0 ? run.after("first", depth) : run;
}

// The mark was renewed when what runs had soaked again.
World proved_since(World world) {
  return world.change([](auto& seen) {
    for (auto& mark : seen.policy->status.marks) mark.time = kNow;
  });
}

INSTANTIATE_TEST_SUITE_P(
    Chain, Fire,
    testing::Values(
        Row{"goes_on_to_the_next_older", older_one_left(from_3(reason::kRestoredRevisionUnhealthy, 0)), true,
            reason::kRollbackCreated, "", true},
        Row{"not_further_than_max_depth", older_one_left(from_3(reason::kRestoredRevisionUnhealthy, 1)), true, reason::kHalted,
            reason::kHalted, false},
        Row{"further_if_the_policy_says_so",
            older_one_left(from_3(reason::kRestoredRevisionUnhealthy, 1)).policy([](auto& spec) { spec.max_depth = 3; }), true,
            reason::kRollbackCreated, "", true},
        Row{"nothing_older_is_left", restored_by(went_back(reason::kRestoredRevisionUnhealthy)), true, reason::kHalted,
            reason::kHalted, false},
        Row{"not_the_revisions_fault", older_one_left(from_3(reason::kNotRevisionSpecific, 0)), true,
            reason::kNotRevisionSpecific, reason::kNotRevisionSpecific, false},
        Row{"a_halt_that_ended_does_not_come_back", proved_since(older_one_left(from_3(reason::kNotRevisionSpecific, 0))), true,
            reason::kRollbackCreated, "", true},
        Row{"a_restored_one_that_was_stable_may_go_back_too",
            older_one_left(RunFrom(3).plan(2).reverted().complete(reason::kStabilized)), true, reason::kRollbackCreated, "",
            true},
        Row{"but_no_deeper", older_one_left(RunFrom(3).plan(2).reverted().complete(reason::kStabilized).after("first", 1)),
            true, reason::kHalted, reason::kHalted, false},
        Row{"a_run_that_never_reverted_restored_nothing",
            older_one_left(RunFrom(3).plan(2).failed(reason::kAborted).after("first", 1)), true, reason::kRollbackCreated, "",
            true}),
    [](const auto& info) { return info.param.name; });

World next_release(const char* why) { return restored_by(went_back(why, 1)).revision(9); }
World bad_one_again(const char* why) { return restored_by(went_back(why)).shipped_again(2); }

INSTANTIATE_TEST_SUITE_P(
    Halt, Fire,
    testing::Values(Row{"ends_with_the_next_release", next_release(reason::kNotRevisionSpecific), true,
                        reason::kRollbackCreated, "", true},
                    Row{"ends_with_the_next_release_after_a_chain", next_release(reason::kRestoredRevisionUnhealthy), true,
                        reason::kRollbackCreated, "", true},
                    Row{"does_not_end_with_a_template_of_the_chain", bad_one_again(reason::kNotRevisionSpecific), true,
                        reason::kNotRevisionSpecific, reason::kNotRevisionSpecific, false},
                    Row{"has_ended_once_another_template_was_seen",
                        restored_by(went_back(reason::kNotRevisionSpecific)).revision(4).shipped_again(2), true,
                        reason::kRollbackCreated, "", true}),
    [](const auto& info) { return info.param.name; });

// The run from 2 gave up against whoever puts 2 back; it is number 5 now.
World put_back(int number = 5) {
  return World()
      .revision(1)
      .good()
      .revision(2)
      .bad()
      .at(2)
      .change([&](auto& world) { world.revisions.front().set.revision = number; })
      .rollback(RunFrom(2).plan(1).reverts(3, 5).failed(reason::kGitOpsConflict));
}

INSTANTIATE_TEST_SUITE_P(GitOps, Fire,
                         testing::Values(Row{"no_further_run_for_what_is_put_back", put_back(), true, reason::kGitOpsConflict,
                                             reason::kGitOpsConflict, false},
                                         Row{"not_for_its_restart_either", put_back(6), true, reason::kGitOpsConflict,
                                             reason::kGitOpsConflict, false},
                                         Row{"until_another_template_was_seen", put_back().revision(6).shipped_again(5), true,
                                             reason::kRollbackCreated, "", true},
                                         Row{"another_release_is_judged", put_back().revision(6), true,
                                             reason::kRollbackCreated, "", true}),
                         [](const auto& info) { return info.param.name; });

// ---- without a breach ----

struct QuietRow {
  const char* name;
  World world;
  const char* stalled;
};
class Quiet : public testing::TestWithParam<QuietRow> {};
TEST_P(Quiet, Stalled) {
  const auto firing = fired(GetParam().world, {});
  EXPECT_FALSE(firing.triggered);
  EXPECT_STREQ(firing.reason, reason::kNothingFired);
  EXPECT_STREQ(firing.stalled ? firing.stalled : "", GetParam().stalled);
}

World had_no_way_back() {
  return World().revision(1).revision(2).soaking(60s).status([](auto& status) {
    api::set(status.conditions, {"Stalled", api::Status::True, reason::kNoGoodRevision, "no way back", 1, {}}, kNow - 60s);
  });
}
World soaked(World world) { return world.soaking(300s); }

INSTANTIATE_TEST_SUITE_P(
    Fire, Quiet,
    testing::Values(
        QuietRow{"nothing", good_then_bad(), ""},
        QuietRow{"a_halt_outlives_its_breach", restored_by(went_back(reason::kNotRevisionSpecific)),
                 reason::kNotRevisionSpecific},
        QuietRow{"until_what_runs_was_healthy_for_long", soaked(restored_by(went_back(reason::kNotRevisionSpecific))), ""},
        QuietRow{"a_restored_one_that_failed_only_its_checks", older_one_left(from_3(reason::kRestoredRevisionUnhealthy, 0)),
                 reason::kHalted},
        QuietRow{"until_that_was_healthy_for_long", soaked(older_one_left(from_3(reason::kRestoredRevisionUnhealthy, 0))), ""},
        QuietRow{"no_good_revision_outlives_its_breach", had_no_way_back(), reason::kNoGoodRevision},
        QuietRow{"until_one_is_marked", had_no_way_back().at(1).annotated("good"), ""},
        QuietRow{"until_a_new_one_is_shipped", had_no_way_back().revision(3), ""},
        QuietRow{"a_plan_of_a_newer_operator",
                 good_then_bad().rollback(RunFrom(2).change([](auto& run) { run.plan_unknown = true; })),
                 reason::kPlanVersionUnknown}),
    [](const auto& info) { return info.param.name; });

// ---- what is created ----

TEST(Created, IsNamedAfterTheShippingAndSaysWhy) {
  const auto firing = fired(good_then_bad(), {breach()});
  ASSERT_TRUE(firing.create);
  EXPECT_EQ(firing.create->name, RunFrom(2).rollback().meta.name);
  const auto& spec = firing.create->spec;
  EXPECT_EQ(spec.policy_name, "web");
  EXPECT_EQ(spec.trigger_name, "unstable");
  EXPECT_EQ(spec.reason, "unstable: 6 failures");
  EXPECT_EQ(spec.from_uid, "rs-2");
  EXPECT_EQ(spec.from_number, 2);
  EXPECT_EQ(spec.to_uid, "");
  EXPECT_EQ(spec.previous, "");
  EXPECT_EQ(spec.depth, 0);
  EXPECT_TRUE(spec.decisions.empty());
}

TEST(Created, FollowsItsPredecessor) {
  const auto firing = fired(older_one_left(from_3(reason::kRestoredRevisionUnhealthy, 0)), {breach()});
  ASSERT_TRUE(firing.create);
  EXPECT_EQ(firing.create->spec.previous, RunFrom(3).rollback().meta.name);
  EXPECT_EQ(firing.create->spec.depth, 1);
}

TEST(Created, FollowsNobodyOnceAnotherReleaseWasShipped) {
  const auto firing = fired(next_release(reason::kRestoredRevisionUnhealthy), {breach()});
  ASSERT_TRUE(firing.create);
  EXPECT_EQ(firing.create->spec.depth, 0);
}

TEST(Created, WaitsForAPersonWhenTheRevisionHasRunForLong) {
  const auto decisions = [](Seconds age) {
    return fired(World().revision(1).good().revision(2).age(age).policy_age(60s), {breach()}).create->spec.decisions;
  };
  EXPECT_TRUE(decisions(604800s).empty());
  ASSERT_EQ(decisions(604801s).size(), 1U);
  EXPECT_EQ(decisions(604801s).front().state, api::DecisionState::Waiting);
  EXPECT_THAT(decisions(604801s).front().reason, HasSubstr(reason::kRevisionTooOld));
}

TEST(Created, IsForTheFirstBreachInThePolicysOrder) {
  const auto firing = fired(good_then_bad(), {{"unstable", api::Verdict::Healthy, "", "", "", {}}, breach("stuck")});
  ASSERT_TRUE(firing.create);
  EXPECT_EQ(firing.create->spec.trigger_name, "stuck");
}

TEST(Created, NeverForAnUnknownVerdict) {
  EXPECT_FALSE(fired(good_then_bad(), {{"unstable", api::Verdict::Unknown, "", "", "", {}}}).triggered);
}

// A value that moves with every sample must not write status with every sample.
TEST(Triggered, SpeaksWithTheVerdictThatStatusKeeps) {
  Judged judged(good_then_bad().mode(api::Mode::Observe));
  judged.tracked.triggers = {{"unstable", api::Verdict::Breached, reason::kFailureLimitExceeded, "kept words", "6", kNow, {}}};
  EXPECT_THAT(decide::fire(judged.bench, {breach()}, judged.marks).message, HasSubstr("unstable: kept words"));
}

}  // namespace
