// What the policy's status remembers of the target: whose reign it is, how far its rollout came, how long it has been healthy.
#include "decide/track.hpp"

#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
using api::Verdict;
using testing::ElementsAre;
using testing::IsEmpty;

api::PolicyStatus tracked(const decide::Snapshot& world, Instant now = kNow) {
  return decide::track(world, decide::current(world), now);
}

TEST(Reign, BeginsWithTheReplicaSetOrThePolicyWhicheverIsLater) {
  EXPECT_EQ(tracked(World().revision(1).age(3600s)).current_since, kNow - 3600s);
  EXPECT_EQ(tracked(World().revision(1).age(3600s).policy_age(60s)).current_since, kNow - 60s);
}

TEST(Reign, OfAReplicaSetThatRunsAgainBeginsNow) {
  EXPECT_EQ(tracked(World().revision(1).revision(2).soaking(600s).shipped_again(1)).current_since, kNow);
}

TEST(Reign, OfAReplicaSetThatRunsAgainBeginsWithThePolicyAtTheFirstLook) {
  EXPECT_EQ(tracked(World().revision(1).revision(2).shipped_again(1).policy_age(60s)).current_since, kNow - 60s);
}

TEST(Reign, ANewOneForgetsWhatWasSeenOfTheOneBefore) {
  auto world = World().revision(1).soaking(600s).revision(2).counts(1, 0, 4);
  const auto next = tracked(world);
  EXPECT_EQ(next.current, shipped(2));
  EXPECT_FALSE(next.complete);
  EXPECT_EQ(next.soaking_since, std::nullopt);
  EXPECT_THAT(next.healthy_once, IsEmpty());
  EXPECT_EQ(next.most_updated, 1);
}

TEST(Reign, GoesOnWhileTheSameNumberRuns) {
  const World world = World().revision(1).soaking(600s);
  EXPECT_EQ(tracked(world), world.snapshot().policy->status);
}

TEST(Reign, WithoutAPodIsNeverComplete) {
  const auto next = tracked(World().revision(1).replicas(0));
  EXPECT_FALSE(next.complete);
  EXPECT_EQ(next.progressed, std::nullopt);  // and its time does not count
}

TEST(Reign, OfALaterShippingIsNotCompleteByAnOldWord) {
  const auto says_available = [](auto& seen) {
    seen.target->progressing_reason = "NewReplicaSetAvailable";
    seen.target->available = 0;
  };
  EXPECT_TRUE(tracked(World().revision(1).change(says_available)).complete);
  EXPECT_FALSE(tracked(World().revision(1).soaking(600s).revision(2).change(says_available)).complete);
}

TEST(Reign, IsKeptWhileTheViewIsBehind) {
  const World world = World().revision(1).soaking(600s).change([](auto& seen) { seen.target->meta.generation = 9; });
  EXPECT_EQ(tracked(world), world.snapshot().policy->status);
}

TEST(Reign, EndsWithTheTarget) {
  const auto next = tracked(World().revision(1).soaking(600s).change([](auto& seen) { seen.target.reset(); }));
  EXPECT_EQ(next.target_uid, "");
  EXPECT_EQ(next.current, std::nullopt);
}

TEST(Reign, FailuresOfAnotherTargetOfThatNameAreForgotten) {
  const auto remember = [](auto& status) {
    status.failures.push_back({"pod-a/web/1", "rs-1", "web-1-a", "web", "Error", 1, kNow});
  };
  const auto world =
      World().revision(1).soaking(600s).status(remember).change([](auto& seen) { seen.target->meta.uid = "another"; });
  EXPECT_THAT(tracked(world).failures, IsEmpty());
}

struct RolledOutRow {
  const char* name;
  World world;
  bool done;
};
class RolledOut : public testing::TestWithParam<RolledOutRow> {};
TEST_P(RolledOut, Done) { EXPECT_EQ(decide::rolled_out(*GetParam().world.snapshot().target), GetParam().done); }

INSTANTIATE_TEST_SUITE_P(Target, RolledOut,
                         testing::Values(RolledOutRow{"all_there", World().revision(1).counts(3, 3, 3), true},
                                         RolledOutRow{"the_old_status_is_not_the_new_ones",
                                                      World().revision(1).counts(3, 3, 3).change([](auto& world) {
                                                        world.target->meta.generation = 2;
                                                      }),
                                                      false},
                                         RolledOutRow{"not_all_updated", World().revision(1).counts(1, 3, 3), false},
                                         RolledOutRow{"others_are_left", World().revision(1).counts(3, 3, 4), false},
                                         RolledOutRow{"not_all_available", World().revision(1).counts(3, 2, 3), false},
                                         RolledOutRow{"scaled_to_none", World().revision(1).replicas(0), true}),
                         [](const auto& info) { return info.param.name; });

// ---- soaking ----

decide::Finding finding(const std::string& trigger, Verdict verdict) {
  return {trigger, verdict, "Reason", "message", "1", {}};
}

api::PolicyStatus after(api::PolicyStatus status, const std::vector<decide::Finding>& findings, int available = 3) {
  api::PolicySpec spec;
  spec.triggers = {unstable(), stuck()};
  api::Deployment target;
  target.replicas = 3;
  target.available = available;
  decide::soak(status, spec, target, findings, kNow);
  return status;
}

api::PolicyStatus complete() {
  api::PolicyStatus status;
  status.complete = true;
  return status;
}

// Pods that crash between two samples of a verdict would else be taken for good.
TEST(Soaking, BeginsAgainWhenAPodIsNotAvailable) {
  auto soaking = complete();
  soaking.soaking_since = kNow - 60s;
  soaking.most_available = 3;
  EXPECT_EQ(after(soaking, {finding("unstable", Verdict::Healthy)}, 2).soaking_since, std::nullopt);
}

TEST(Soaking, GoesOnWhileAScaleUpBringsMore) {
  auto soaking = complete();
  soaking.soaking_since = kNow - 60s;
  soaking.most_available = 2;
  EXPECT_EQ(after(soaking, {finding("unstable", Verdict::Healthy)}, 2).soaking_since, kNow - 60s);
}

TEST(Soaking, NeedsAPodThatIsAvailable) {
  auto soaking = complete();
  soaking.soaking_since = kNow - 60s;
  EXPECT_EQ(after(soaking, {finding("unstable", Verdict::Healthy)}, 0).soaking_since, std::nullopt);
}

TEST(Soaking, BeginsWhenRolledOutWithoutABreach) {
  EXPECT_EQ(after(complete(), {finding("unstable", Verdict::Unknown)}).soaking_since, kNow);
  EXPECT_EQ(after({}, {finding("unstable", Verdict::Healthy)}).soaking_since, std::nullopt);
}

TEST(Soaking, IsEndedByABreach) {
  auto status = complete();
  status.soaking_since = kNow - 60s;
  EXPECT_EQ(after(status, {finding("unstable", Verdict::Unknown)}).soaking_since, kNow - 60s);
  EXPECT_EQ(after(status, {finding("unstable", Verdict::Breached)}).soaking_since, std::nullopt);
}

TEST(Soaking, NeedsEveryTriggerHealthyOnceAndTheTime) {
  api::PolicySpec spec;
  spec.triggers = {unstable(), stuck()};
  auto status = after(complete(), {finding("unstable", Verdict::Healthy), finding("stuck", Verdict::Unknown)});
  EXPECT_THAT(status.healthy_once, ElementsAre("unstable"));
  EXPECT_FALSE(decide::soaked(status, spec, kNow + 300s)) << "stuck was never Healthy";
  status = after(status, {finding("unstable", Verdict::Unknown), finding("stuck", Verdict::Healthy)});
  EXPECT_FALSE(decide::soaked(status, spec, kNow + 299s));
  EXPECT_TRUE(decide::soaked(status, spec, kNow + 300s));
}

TEST(Soaking, ForgetsTriggersThatTheSpecDoesNotHaveAnyMore) {
  auto status = complete();
  status.healthy_once = {"unstable", "gone"};
  EXPECT_THAT(after(status, {}).healthy_once, ElementsAre("unstable"));
}

// ---- verdicts as status keeps them ----

api::TriggerStatus kept(Verdict verdict, Seconds ago, const std::string& reason = "Reason") {
  api::TriggerStatus entry{"unstable", verdict, reason, "old message", "0", kNow - ago, {}};
  if (verdict == Verdict::Breached) entry.refreshed = kNow - ago;
  return entry;
}

TEST(KeptVerdicts, AreNotRewrittenWhileTheVerdictIsTheSame) {
  const auto before = kept(Verdict::Healthy, 3600s);
  EXPECT_THAT(decide::keep_verdicts({before}, {finding("unstable", Verdict::Healthy)}, kNow), ElementsAre(before));
}

TEST(KeptVerdicts, AreRefreshedEvery30sWhileBreached) {
  const auto before = kept(Verdict::Breached, 29s);
  EXPECT_THAT(decide::keep_verdicts({before}, {finding("unstable", Verdict::Breached)}, kNow), ElementsAre(before));
  const auto later = decide::keep_verdicts({kept(Verdict::Breached, 30s)}, {finding("unstable", Verdict::Breached)}, kNow);
  EXPECT_EQ(later.front().message, "message");
  EXPECT_EQ(later.front().changed, kNow - 30s) << "the time of the last change of verdict";
  EXPECT_EQ(later.front().refreshed, kNow);
}

TEST(KeptVerdicts, FollowAChangeAtOnce) {
  const auto fired = decide::keep_verdicts({kept(Verdict::Healthy, 60s)}, {finding("unstable", Verdict::Breached)}, kNow);
  EXPECT_EQ(fired.front().changed, kNow);
  const auto renamed =
      decide::keep_verdicts({kept(Verdict::Unknown, 60s, "NoReadings")}, {finding("unstable", Verdict::Unknown)}, kNow);
  EXPECT_EQ(renamed.front().reason, "Reason");
  EXPECT_EQ(renamed.front().changed, kNow - 60s);
  EXPECT_THAT(decide::keep_verdicts({kept(Verdict::Healthy, 60s)}, {}, kNow), IsEmpty());
}

}  // namespace
