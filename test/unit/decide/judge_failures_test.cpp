// The Failures trigger: whole failures of the current revision's reign, each counted once.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Verdict;
using testing::ElementsAre;
using testing::IsEmpty;

World release_2() { return World().revision(1).revision(2); }
World one_pod() { return release_2().pod("a"); }

World crashes(World world, int count, Seconds first_ago = 60s) {
  for (int n = 1; n <= count; ++n) world.crash(n, first_ago - Seconds{n});
  return world;
}

// Pod "a" crashes; pod "b" of the same revision is steady.
World beside_a_steady_pod(int count) { return crashes(one_pod(), count).pod("b"); }

struct Row {
  const char* name;
  World world;
  Verdict verdict;
  const char* why;
};

class JudgeFailures : public testing::TestWithParam<Row> {};

TEST_P(JudgeFailures, Verdict) {
  const Judged judged(GetParam().world);
  const auto finding = decide::judge(judged.bench.policy.spec.triggers.front(), judged.bench);
  EXPECT_EQ(finding.verdict, GetParam().verdict) << finding.message;
  EXPECT_EQ(finding.reason, GetParam().why) << finding.message;
}

INSTANTIATE_TEST_SUITE_P(
    Limit, JudgeFailures,
    testing::Values(Row{"none", one_pod(), Verdict::Healthy, reason::kWithinLimit},
                    Row{"five_do_not_fire", beside_a_steady_pod(5), Verdict::Healthy, reason::kWithinLimit},
                    Row{"six_fire", beside_a_steady_pod(6), Verdict::Breached, reason::kFailureLimitExceeded},
                    Row{"one_is_not_more_than_one", crashes(one_pod().triggers({unstable(1)}), 1).pod("b"), Verdict::Healthy,
                        reason::kWithinLimit},
                    Row{"one_is_more_than_none", crashes(one_pod().triggers({unstable(0)}), 1).pod("b"), Verdict::Breached,
                        reason::kFailureLimitExceeded},
                    Row{"a_limit_below_zero_needs_a_failure_too", one_pod().triggers({unstable(-1)}), Verdict::Healthy,
                        reason::kWithinLimit},
                    Row{"those_that_left_the_window", beside_a_steady_pod(5).at(2).crash(6, 600s), Verdict::Healthy,
                        reason::kWithinLimit},
                    Row{"the_same_failure_seen_twice_is_one", crashes(one_pod(), 5).crash(5, 30s).pod("b"), Verdict::Healthy,
                        reason::kWithinLimit},
                    Row{"those_of_another_revision", crashes(World().revision(1).pod("old"), 9).revision(2).pod("a"),
                        Verdict::Healthy, reason::kWithinLimit},
                    Row{"those_from_before_the_policy", crashes(one_pod(), 9, 300s).pod("b").policy_age(200s), Verdict::Healthy,
                        reason::kWithinLimit},
                    Row{"those_from_before_the_revision_ran_again",
                        crashes(World().revision(1).pod("a"), 9, 300s).revision(2).soaking(60s).shipped_again(1).pod("b"),
                        Verdict::Healthy, reason::kWithinLimit}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    EveryPodCrashed, JudgeFailures,
    testing::Values(
        Row{"one_pod_fires_at_its_second_crash", crashes(one_pod().unready(10s), 2, 110s), Verdict::Breached,
            reason::kEveryPodCrashed},
        Row{"not_at_its_first", crashes(one_pod().unready(10s), 1), Verdict::Healthy, reason::kWithinLimit},
        Row{"every_pod_must_have", crashes(one_pod().unready(10s), 2).pod("b").unready(10s).crash(1, 20s), Verdict::Healthy,
            reason::kWithinLimit},
        Row{"all_pods_have", crashes(crashes(one_pod().unready(9s), 2).pod("b").unready(9s), 2), Verdict::Breached,
            reason::kEveryPodCrashed},
        Row{"a_pod_that_stayed_ready_for_soak_seconds", crashes(one_pod(), 2, 500s), Verdict::Healthy, reason::kWithinLimit},
        Row{"two_crashes_a_day_apart_are_no_loop", one_pod().unready(10s).crash(1, 86400s).crash(2, 20s), Verdict::Healthy,
            reason::kWithinLimit},
        Row{"a_good_revision_is_proven", crashes(World().revision(1).revision(2).good().pod("a").unready(10s), 2),
            Verdict::Healthy, reason::kWithinLimit},
        Row{"a_disrupted_pod_is_put_aside",
            crashes(one_pod().unready(9s), 2).pod("b").unready(9s).pod_is([](api::Pod& pod) { pod.disrupted = true; }),
            Verdict::Breached, reason::kEveryPodCrashed},
        Row{"an_evicted_pod_is_put_aside",
            crashes(one_pod().unready(9s), 2).pod("b").unready(9s).pod_is([](api::Pod& pod) { pod.phase = "Failed"; }),
            Verdict::Breached, reason::kEveryPodCrashed},
        Row{"two_losses_of_readiness_are_no_crash", one_pod().lost_ready(200s, 180s).lost_ready(100s, 80s).unready(5s),
            Verdict::Healthy, reason::kWithinLimit},
        Row{"two_waiting_errors_are_no_crash", one_pod().unready(500s).change([](auto& world) {
              for (const char* id : {"pod-a/web/waiting/0", "pod-a/web/waiting/1"})
                world.failures.push_back({id, "rs-2", "web-2-a", "web", "ErrImagePull", 0, kNow - 60s});
            }),
            Verdict::Healthy, reason::kWithinLimit}),
    [](const auto& info) { return info.param.name; });

World known_bad() { return World().revision(1).revision(2).bad().pod("a"); }

INSTANTIATE_TEST_SUITE_P(
    KnownBad, JudgeFailures,
    testing::Values(Row{"its_first_failure_fires", crashes(known_bad(), 1), Verdict::Breached, reason::kKnownBad},
                    Row{"without_one_it_is_left_alone", known_bad(), Verdict::Healthy, reason::kWithinLimit}),
    [](const auto& info) { return info.param.name; });

std::vector<std::string> counted(const World& world) {
  const Judged judged(world);
  std::vector<std::string> ids;
  for (const auto& failure : decide::counted_failures(judged.bench)) ids.push_back(failure.id);
  return ids;
}

const std::string kLostAt60 = "pod-a/unready/" + std::to_string((kNow - 60s).time_since_epoch().count() / 1000);

TEST(LostReadiness, CountsAfterTenSeconds) {
  EXPECT_THAT(counted(one_pod().lost_ready(60s)), ElementsAre(kLostAt60));
  EXPECT_THAT(counted(one_pod().lost_ready(60s, 50s)), ElementsAre(kLostAt60));
  EXPECT_THAT(counted(one_pod().lost_ready(60s, 51s)), IsEmpty());
  EXPECT_THAT(counted(one_pod().lost_ready(9s)), IsEmpty());
}

TEST(LostReadiness, IsExplainedByAnEndOfThePodNearby) {
  EXPECT_THAT(counted(one_pod().lost_ready(60s).crash(1, 70s)), ElementsAre("pod-a/web/1"));
  EXPECT_THAT(counted(one_pod().lost_ready(60s).crash(1, 50s)), ElementsAre("pod-a/web/1"));
  EXPECT_THAT(counted(one_pod().lost_ready(60s).crash(1, 71s)), ElementsAre("pod-a/web/1", kLostAt60));
  EXPECT_THAT(counted(one_pod().lost_ready(60s).pod("b").crash(1, 60s)), ElementsAre(kLostAt60, "pod-b/web/1"));
}

// A process that hangs is not ready first, and is killed when its grace period is over: one failure, also where status kept it.
TEST(LostReadiness, IsExplainedByAnEndThatComesLater) {
  EXPECT_THAT(counted(one_pod().lost_ready(60s).crash(1, 20s)), ElementsAre("pod-a/web/1"));
  const auto remember = [](api::PolicyStatus& status) {
    status.failures.push_back({kLostAt60, "rs-2", "web-2-a", "", "NotReady", 0, kNow - 60s});
  };
  EXPECT_THAT(counted(one_pod().soaking(300s).status(remember).crash(1, 20s)), ElementsAre("pod-a/web/1"));
}

TEST(LostReadiness, IsNotExplainedByTheOneBefore) {
  EXPECT_EQ(counted(one_pod().lost_ready(70s, 60s).lost_ready(60s)).size(), 2U);
}

TEST(LostReadiness, OfAPodThatLeavesIsNoFailure) {
  EXPECT_THAT(counted(one_pod().lost_ready(60s).pod_is([](api::Pod& pod) { pod.meta.deleted = kNow; })), IsEmpty());
  EXPECT_THAT(counted(one_pod().lost_ready(60s).pod_is([](api::Pod& pod) { pod.disrupted = true; })), IsEmpty());
  EXPECT_THAT(counted(one_pod().lost_ready(60s).change([](auto& world) { world.revisions.front().pods.clear(); })), IsEmpty());
}

TEST(LostReadiness, IsLookedAtWhenItsTenSecondsAreOver) {
  const Judged judged(one_pod().lost_ready(4s));
  EXPECT_EQ(decide::judge(unstable(), judged.bench).look_again, kNow + 6s);
}

TEST(RememberedFailures, CountOverARestartOfTheOperatorAndOnce) {
  const auto remember = [](api::PolicyStatus& status) {
    status.failures.push_back({"pod-a/web/1", "rs-2", "web-2-a", "web", "Error", 1, kNow - 70s});
    status.failures.push_back({"pod-a/web/2", "rs-2", "web-2-a", "web", "Error", 1, kNow - 50s});
  };
  auto world = one_pod().soaking(300s).status(remember).crash(2, 50s).crash(3, 20s);
  EXPECT_THAT(counted(world), ElementsAre("pod-a/web/1", "pod-a/web/2", "pod-a/web/3"));
}

TEST(JudgeFailuresText, NamesTheLastFailure) {
  const Judged judged(beside_a_steady_pod(6));
  const auto finding = decide::judge(unstable(), judged.bench);
  EXPECT_EQ(finding.message, "6 failures in 600 s, more than 5; last: web-2-a/web ended: Error, exit code 1");
  EXPECT_EQ(finding.value, "6");
  EXPECT_EQ(finding.look_again, kNow - 59s + 600s) << "when the oldest leaves the window";
}

TEST(JudgeFailuresText, SaysOfWhatDidNotEndOnlyWhatItIs) {
  const Judged judged(one_pod().triggers({unstable(0)}).lost_ready(60s));
  EXPECT_EQ(decide::judge(unstable(0), judged.bench).message, "1 failures in 600 s, more than 0; last: web-2-a: NotReady");
}

}  // namespace
