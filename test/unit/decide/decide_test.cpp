// A whole decision: what is put together from the parts, what is measured, what is pruned.
#include "decide/decide.hpp"

#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "stage.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Decide, CreatesTheIntentAndWritesNothingInTheSamePass) {
  const auto decision = decide::decide(crashing(), kNow);
  ASSERT_TRUE(decision.create);
  EXPECT_THAT(decision.plan, IsEmpty());
  EXPECT_THAT(decision.runs, IsEmpty());
}

TEST(Decide, WalksFromTheBreachToTheWriteByItself) {
  decide::Snapshot world = crashing();
  Instant now = kNow;
  std::vector<decide::Step> plan;
  for (int pass = 0; pass < 5 && plan.empty(); ++pass) {
    const auto decision = decide::decide(world, now);
    plan = decision.plan;
    carry_out(world, decision, now);
    now += 3s;
  }
  ASSERT_THAT(plan, SizeIs(1));
  EXPECT_EQ(std::get<decide::RevertTemplate>(plan.front()).to_uid, "rs-1");
}

TEST(Decide, MarksARevisionGoodWhenItHasSoaked) {
  const auto marked = [](Seconds soaking) {
    const auto decision = decide::decide(World().revision(1).soaking(soaking).pod("a"), kNow);
    return decision.status->marks.size();
  };
  EXPECT_EQ(marked(299s), 0U);
  EXPECT_EQ(marked(300s), 1U);
}

TEST(Decide, NeverMarksABadOneGood) {
  const auto decision = decide::decide(World().revision(1).bad().soaking(300s).pod("a"), kNow);
  ASSERT_THAT(decision.status->marks, SizeIs(1));
  EXPECT_EQ(decision.status->marks.front().mark, api::Mark::Bad);
}

TEST(Decide, LooksAgainWhenARevisionWillHaveSoaked) {
  EXPECT_EQ(decide::decide(World().revision(1).soaking(100s).pod("a"), kNow).look_again, kNow + 200s);
  EXPECT_EQ(decide::decide(World().revision(1).good().soaking(100s).pod("a"), kNow).look_again, kNow + 200s)
      << "it may end a halt";
}

TEST(Decide, AKnownBadReleaseShippedAgainFiresAtItsFirstFailure) {
  auto again = World().revision(2).revision(1).good().shipped_again(1).shipped_again(2).pod("a").pod("b").crash(1, 10s);
  again.rollback(RunFrom(2).plan(1).reverted().complete(reason::kEndedByNewRelease)).policy_age(3600s);
  const auto decision = decide::decide(again, kNow);
  ASSERT_TRUE(decision.create);
  EXPECT_EQ(decision.findings.front().reason, reason::kKnownBad);
  EXPECT_EQ(decision.create->spec.from_number, 4);
}

TEST(Decide, TheOlderOfTwoPoliciesActs) {
  const auto decision = decide::decide(crashing().change([](auto& world) { world.rival = decide::Rival{"older"}; }), kNow);
  EXPECT_FALSE(decision.create);
  EXPECT_THAT(decision.findings, IsEmpty());
}

TEST(Decide, WithoutPolicyOnlyTheRunsGoOn) {
  const auto decision =
      decide::decide(crashing().no_policy().rollback(RunFrom(2).plan(1).step(api::kStepEvidence, api::StepState::Done)), kNow);
  EXPECT_FALSE(decision.status);
  EXPECT_FALSE(decision.create);
  EXPECT_THAT(decision.plan, SizeIs(1));
}

TEST(Decide, MovesOnlyRunsOfThisPolicy) {
  const auto other = RunFrom(2).change([](auto& run) { run.spec.policy_name = "other"; });
  EXPECT_THAT(decide::decide(World().revision(1).good().revision(2).rollback(other), kNow).runs, IsEmpty());
}

// ---- remembered failures ----

TEST(Failures, AreKeptForARestartAndWrittenOnlyWithNews) {
  decide::Snapshot world = World().revision(1).revision(2).pod("a").pod("b").crash(1, 60s);
  carry_out(world, decide::decide(world, kNow), kNow);
  ASSERT_THAT(world.policy->status.failures, SizeIs(1));
  const auto later = kNow + 3600s;
  EXPECT_THAT(decide::decide(world, later).status->failures, SizeIs(1))
      << "it leaves with the next change, not by a write of its own";
}

// Its second crash may come long after its first, and the operator may restart in between.
TEST(Failures, AreRememberedBeyondTheWindow) {
  decide::Snapshot world =
      World().triggers({unstable(5, 60s)}).revision(1).good().revision(2).pod("a").unready(5s).crash(1, 300s);
  carry_out(world, decide::decide(world, kNow), kNow);
  world.failures = {{"pod-a/web/2", "rs-2", "web-2-a", "web", "Error", 1, kNow}};
  EXPECT_TRUE(decide::decide(world, kNow + 1s).create);
}

TEST(Failures, TheNewest64AreKept) {
  auto world = World().triggers({unstable(1000)}).revision(1).revision(2).pod("a").pod("b");
  for (int n = 1; n <= 80; ++n) world.crash(n, Seconds{500 - n});
  const auto kept = decide::decide(world, kNow).status->failures;
  ASSERT_THAT(kept, SizeIs(64));
  EXPECT_EQ(kept.back().id, "pod-b/web/80");
}

// ---- wants ----

TEST(Wants, AskTheNodesOfLivePodsIfMemoryIsJudged) {
  auto world = World()
                   .triggers({memory()})
                   .revision(1)
                   .pod("old")
                   .pod_is([](api::Pod& pod) { pod.node = "node-2"; })
                   .revision(2)
                   .pod("a")
                   .pod("b");
  world.pod("gone").pod_is([](api::Pod& pod) {
    pod.node = "node-3";
    pod.phase = "Failed";
  });
  EXPECT_THAT(decide::decide(world, kNow).wants.memory_nodes, ElementsAre("node-1", "node-2"));
  EXPECT_THAT(decide::decide(world.triggers({unstable()}), kNow).wants.memory_nodes, IsEmpty());
}

TEST(Marks, AreRenewedWhenWhatWasRestoredHasSoakedAfterAFailedRun) {
  const auto world = World().revision(3).bad().revision(1).good().shipped_again(1).soaking(600s).pod("a").rollback(
      RunFrom(3).plan(1).reverted().failed(reason::kNotRevisionSpecific));
  const auto first = decide::decide(World(world).change([](auto& seen) {
    for (auto& mark : seen.policy->status.marks) mark.time = kNow - 1h;
  }),
                                    kNow);
  const auto good = std::find_if(first.status->marks.begin(), first.status->marks.end(),
                                 [](const auto& mark) { return mark.mark == api::Mark::Good; });
  ASSERT_NE(good, first.status->marks.end());
  EXPECT_EQ(good->time, kNow);
}

// ---- pruning ----

TEST(Prune, KeepsTheNewestFinishedOnesTheUnfinishedAndThatOfTheCurrentShipping) {
  auto world = World().policy([](auto& spec) { spec.history_limit = 2; }).revision(1).good().revision(2);
  world.rollback(RunFrom(2).plan(1).failed(reason::kAborted).age(9000s));
  world.rollback(RunFrom(10).plan(1).by_hand().age(8000s));
  world.rollback(RunFrom(11).plan(1).failed(reason::kAborted).age(7000s));
  world.rollback(RunFrom(12).plan(1).failed(reason::kAborted).age(6000s));
  world.rollback(RunFrom(13).plan(1).failed(reason::kAborted).age(5000s));
  world.rollback(
      RunFrom(14).plan(1).failed(reason::kAborted).age(5000s).change([](auto& run) { run.spec.policy_name = "other"; }));
  const auto pruned = decide::decide(world, kNow).prune;
  ASSERT_THAT(pruned, SizeIs(1));
  EXPECT_EQ(pruned.front().meta.name, RunFrom(11).rollback().meta.name);
}

TEST(Prune, OfADeletedPolicyAllButWhatEndedInTheLast30Days) {
  auto world = World().no_policy().revision(1).revision(2);
  const auto ended = [](int number, int days_ago) {
    return RunFrom(number).plan(1).condition("Failed", api::Status::True, reason::kAborted, std::chrono::days{days_ago});
  };
  world.rollback(ended(2, 31));
  world.rollback(ended(3, 29));
  world.rollback(ended(4, 31).change([](auto& run) { run.spec.policy_name = "other"; }));
  const auto decision = decide::decide(world, kNow);
  ASSERT_THAT(decision.prune, SizeIs(1));
  EXPECT_EQ(decision.prune.front().meta.name, RunFrom(2).rollback().meta.name);
  EXPECT_EQ(decision.look_again, kNow + std::chrono::days{1});
}

// C14: one pod of three that comes and goes for half an hour is no progress.
TEST(Decide, ReadinessThatGoesUpAndDownDoesNotPutTheDeadlineOff) {
  decide::Snapshot world = World().triggers({stuck(600s)}).revision(1).good().revision(2).age(0s).counts(3, 1, 3);
  for (auto now = kNow; now < kNow + 30min; now += 20s) {
    const int available = 1 + static_cast<int>((now - kNow) / 20s) % 2;
    world.target->available = available;
    world.revisions.front().set.available = available;
    const auto decision = decide::decide(world, now);
    carry_out(world, decision, now);
    if (!decision.create) continue;
    EXPECT_EQ(now, kNow + 20s + 600s);  // the second one came at +20 s
    return;
  }
  FAIL() << "no Rollback in half an hour";
}

TEST(Decide, WhatFailsNowIsGoodNoLonger) {
  const auto reason_of = [](World world) { return decide::decide(world, kNow).status->marks.at(0).reason; };
  const auto failing = World().triggers({unstable(1)}).revision(2).pod("a").unready(5s).crash(1, 60s).crash(2, 30s);
  EXPECT_EQ(reason_of(World(failing).at(2).good()), decide::kFailedSince);
  EXPECT_EQ(reason_of(World().revision(2).good().pod("a")), decide::kSoaked);
  EXPECT_EQ(reason_of(World(failing).at(2).annotated("good")), reason::kByPerson);
}

// A clock that was ahead, or a hand in the status.
TEST(Decide, TimesOfTheFutureNeitherBlindNorFire) {
  const auto ahead = crashing().status([](auto& status) {
    status.target_uid = kTargetUid;
    status.current = shipped(2);
    status.current_since = kNow + 1000h;
  });
  decide::Snapshot world = ahead;
  carry_out(world, decide::decide(world, kNow), kNow);
  EXPECT_EQ(world.policy->status.current_since, kNow);
  auto healthy = World().revision(1).good().revision(2).pod("a").triggers({unstable(1)}).status([](auto& status) {
    for (const char* id : {"p/app/1", "p/app/2"}) status.failures.push_back({id, "rs-2", "p", "app", "Error", 1, kNow + 1000h});
  });
  EXPECT_FALSE(decide::decide(healthy, kNow).create);
}

}  // namespace
