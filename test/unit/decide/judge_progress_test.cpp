// The Progress trigger: its clock moves only with a new most of updated or available pods, and stands while nothing can go on.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "decide/track.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Verdict;

// Revision 2 appeared 400 s ago and is not rolled out; the deadline is 300 s.
World rollout(Seconds age = 400s) { return World().triggers({stuck(300s)}).revision(1).revision(2).age(age).counts(1, 0, 4); }

// What was seen before: `updated` and `available` at most, last risen `ago`.
World with_most(World world, int updated, int available, Seconds ago) {
  return world.status([&](api::PolicyStatus& status) {
    status.target_uid = kTargetUid;
    status.current = shipped(2);
    status.current_since = kNow - 3600s;
    status.most_updated = updated;
    status.most_available = available;
    status.progressed = kNow - ago;
  });
}

struct Row {
  const char* name;
  World world;
  Verdict verdict;
  const char* why;
};

class JudgeProgress : public testing::TestWithParam<Row> {};

TEST_P(JudgeProgress, Verdict) {
  const Judged judged(GetParam().world);
  const auto finding = decide::judge(judged.bench.policy.spec.triggers.front(), judged.bench);
  EXPECT_EQ(finding.verdict, GetParam().verdict) << finding.message;
  EXPECT_EQ(finding.reason, GetParam().why) << finding.message;
}

World unscheduled(Seconds age) { return rollout(age).pod("a").unschedulable(); }
World asks_for_more(World world) {
  return world.change([](auto& seen) { seen.revisions.front().set.pod_template.memory_bytes *= 2; });
}

INSTANTIATE_TEST_SUITE_P(
    Deadline, JudgeProgress,
    testing::Values(Row{"within", with_most(rollout(), 1, 0, 299s), Verdict::Healthy, reason::kProgressing},
                    Row{"reached", with_most(rollout(), 1, 0, 300s), Verdict::Breached, reason::kDeadlineExceeded},
                    Row{"readiness_that_goes_up_and_down_is_no_progress", with_most(rollout().counts(3, 1, 4), 3, 2, 300s),
                        Verdict::Breached, reason::kDeadlineExceeded},
                    Row{"a_new_most_available_is_progress", with_most(rollout().counts(3, 2, 4), 3, 1, 300s), Verdict::Healthy,
                        reason::kProgressing},
                    Row{"a_new_most_updated_is_progress", with_most(rollout().counts(2, 0, 4), 1, 1, 300s), Verdict::Healthy,
                        reason::kProgressing},
                    Row{"beyond_min_ready_seconds",
                        with_most(rollout(), 1, 0, 399s).change([](auto& world) { world.target->min_ready_seconds = 100; }),
                        Verdict::Healthy, reason::kProgressing},
                    Row{"the_deployments_own_above_600_replaces_it", with_most(rollout(), 1, 0, 1199s).change([](auto& world) {
                          world.target->progress_deadline_seconds = 1200;
                        }),
                        Verdict::Healthy, reason::kProgressing},
                    Row{"and_then_fires_too", with_most(rollout(), 1, 0, 1200s).change([](auto& world) {
                          world.target->progress_deadline_seconds = 1200;
                        }),
                        Verdict::Breached, reason::kDeadlineExceeded},
                    Row{"the_deployments_own_of_600_is_the_default_and_no_wish", with_most(rollout(), 1, 0, 300s),
                        Verdict::Breached, reason::kDeadlineExceeded},
                    Row{"runs_from_the_policys_creation_at_the_earliest", rollout(86400s).counts(0, 0, 3).policy_age(299s),
                        Verdict::Healthy, reason::kProgressing},
                    Row{"and_from_then_it_runs", rollout(86400s).counts(0, 0, 3).policy_age(300s), Verdict::Breached,
                        reason::kDeadlineExceeded}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Standing, JudgeProgress,
    testing::Values(Row{"complete_is_never_breached_again", rollout().counts(3, 3, 3), Verdict::Healthy, reason::kRolledOut},
                    Row{"complete_before_and_short_of_pods_now",
                        with_most(rollout(), 3, 3, 9999s).status([](api::PolicyStatus& status) { status.complete = true; }),
                        Verdict::Healthy, reason::kRolledOut},
                    Row{"a_service_that_stands_at_2_of_3_was_complete", rollout().counts(3, 2, 3).change([](auto& world) {
                          world.target->progressing_reason = "NewReplicaSetAvailable";
                        }),
                        Verdict::Healthy, reason::kRolledOut},
                    Row{"paused_time_does_not_count", with_most(rollout().paused(), 1, 0, 9999s), Verdict::Unknown,
                        reason::kTargetPaused},
                    Row{"resumed_the_clock_starts",
                        with_most(rollout(), 1, 0, 0s).status([](api::PolicyStatus& status) { status.progressed.reset(); }),
                        Verdict::Healthy, reason::kProgressing},
                    Row{"no_node_has_room", unscheduled(9999s), Verdict::Unknown, reason::kUnschedulable},
                    Row{"a_node_was_found_and_the_clock_starts",
                        with_most(rollout(9999s), 1, 0, 0s)
                            .status([](api::PolicyStatus& status) { status.progressed.reset(); })
                            .pod("a")
                            .unready(1s),
                        Verdict::Healthy, reason::kProgressing},
                    Row{"no_room_for_a_template_that_asks_for_more", with_most(asks_for_more(unscheduled(9999s)), 1, 0, 300s),
                        Verdict::Breached, reason::kDeadlineExceeded}),
    [](const auto& info) { return info.param.name; });

TEST(JudgeProgressText, TellsHowFarItCame) {
  const Judged judged(with_most(rollout().counts(2, 1, 4), 2, 1, 300s));
  const auto finding = decide::judge(stuck(), judged.bench);
  EXPECT_EQ(finding.message, "no progress for 300 s: 2 of 3 updated, 1 available");
  EXPECT_EQ(finding.value, "1/3 available");
}

TEST(JudgeProgressText, LooksAgainAtTheDeadline) {
  const Judged judged(with_most(rollout(), 1, 0, 100s));
  EXPECT_EQ(decide::judge(stuck(), judged.bench).look_again, kNow + 200s);
}

// Alike: half or more of the other revision's pods fail the same trigger since the bad one appeared.

struct Alike {
  const char* name;
  api::Trigger trigger;
  World world;
  bool alike;
};
class OthersFail : public testing::TestWithParam<Alike> {};

TEST_P(OthersFail, Alike) {
  const Judged judged(World(GetParam().world).triggers({GetParam().trigger}));
  EXPECT_EQ(decide::others_fail_alike(GetParam().trigger, judged.bench), GetParam().alike);
}

// Two pods of revision 1 beside the ones of revision 2, which appeared 100 minutes ago.
World two_old() { return World().revision(2).revision(1).pod("old-1").pod("old-2"); }
World dead_beside_failing() {
  return World().revision(2).revision(1).pod("old-1").pod_is([](api::Pod& pod) { pod.phase = "Failed"; }).pod("old-2");
}

INSTANTIATE_TEST_SUITE_P(
    Judge, OthersFail,
    testing::Values(Alike{"no_other_pods", unstable(), World().revision(1).revision(2).pod("a"), false},
                    Alike{"failures_of_none", unstable(), two_old(), false},
                    Alike{"failures_of_half", unstable(), two_old().crash(1, 60s), true},
                    Alike{"failures_that_left_the_window", unstable(), two_old().policy_age(7000s).crash(1, 700s), false},
                    Alike{"losses_of_readiness", unstable(), two_old().lost_ready(60s), false},
                    Alike{"failures_from_before_the_bad_one", unstable(), two_old().crash(1, 7200s), false},
                    Alike{"failures_beside_an_evicted_pod", unstable(), dead_beside_failing().crash(1, 60s), true},
                    Alike{"memory_of_half", memory(), two_old().samples({700, 700}), true},
                    Alike{"memory_of_none", memory(), two_old().samples({500, 500}), false},
                    Alike{"memory_once_above", memory(), two_old().samples({500, 700}), false},
                    Alike{"progress_of_half", stuck(), two_old().unready(60s), true},
                    Alike{"progress_lost_before_the_bad_one", stuck(), two_old().unready(7200s), false}),
    [](const auto& info) { return info.param.name; });

}  // namespace
