// Traffic away from the canary before the revert: never without a pod to take it, never for longer than its time, never in the
// way of the revert.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "stage.hpp"
#include "steps.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Status;
using api::StepState;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

RunFrom planned() {
  return RunFrom(2)
      .plan(1)
      .settings([](auto& settings) { settings.canary = canary_pair(); })
      .step(api::kStepEvidence, StepState::Done);
}
RunFrom moving(Seconds since = 1s) { return planned().step(api::kStepTraffic, StepState::Running, since); }
RunFrom moved() {
  return planned()
      .step(api::kStepTraffic, StepState::Done)
      .condition("TrafficMoved", Status::True, reason::kWeightsMoved)
      .change([](auto& run) {
        run.status.traffic_moves = 1, run.status.traffic_generation = 1, run.status.last_traffic_move = kNow - 30s;
      });
}

bool reverts(const decide::Progress& out) { return count<decide::RevertTemplate>(out) == 1; }
int writes_of_routes(const decide::Progress& out) { return count<decide::MoveTraffic>(out); }
decide::Progress go(World world, const RunFrom& run, Instant now = kNow) {
  return proceed(world.rollback(run), {breached()}, now);
}

TEST(Traffic, OfAPlainServiceIsNoStep) {
  const auto out = proceed(crashing().rollback(RunFrom(2).plan(1).step(api::kStepEvidence, StepState::Done)), {breached()});
  EXPECT_TRUE(reverts(out));
  EXPECT_EQ(told(out), "");
  EXPECT_FALSE(out.wants.traffic);
}

TEST(Traffic, BeginsWithAFreshReading) {
  const auto out = go(crashing().split(90, 10, 60s), planned());
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_EQ(told(out), "Unknown Pending");
  ASSERT_TRUE(out.wants.traffic);
  EXPECT_EQ(out.wants.traffic->period, 250ms);
  EXPECT_EQ(out.look_again, kNow + 15s);
}

TEST(Traffic, IsMovedBeforeTheTemplate) {
  const auto out = go(crashing().split(90, 10), moving());
  EXPECT_EQ(writes_of_routes(out), 1);
  EXPECT_FALSE(reverts(out));
  EXPECT_EQ(out.next.traffic_moves, 1);
  EXPECT_EQ(told(out), "False MovingTraffic");
}

TEST(Traffic, IsMovedOnEveryRouteThatNeedsIt) {
  const auto out = go(crashing().split(90, 10).traffic([](auto& traffic) {
    traffic.routes.push_back(traffic.routes.front());
    traffic.routes.push_back(traffic.routes.front());
    traffic.routes.back().route.splits.front().canary = 0;
  }),
                      moving());
  EXPECT_EQ(writes_of_routes(out), 2);
}

TEST(Traffic, SeenAtZeroAndAcceptedLetsTheRevertGoOn) {
  const auto out = go(crashing().split(100, 0), moving());
  EXPECT_TRUE(reverts(out));
  EXPECT_EQ(told(out), "True WeightsMoved");
  EXPECT_EQ(step(out.next, api::kStepTraffic).substr(0, 4), "Done");
}

// R12: a rule for testers (a header, a cookie, a preview host) is its owner's, and is named.
TEST(Traffic, OfARuleOfTheCanaryAloneIsLeftAndNamed) {
  const auto out = go(crashing().split(100, 0).traffic([](auto& traffic) {
    traffic.routes.front().route.splits.push_back({.rule = 1, .canary = 1, .sum = 1, .canary_at = {0}});
  }),
                      moving());
  EXPECT_EQ(writes_of_routes(out), 0);
  EXPECT_EQ(told(out), "True WeightsMoved");
  EXPECT_THAT(step(out.next, api::kStepTraffic), HasSubstr("rule 1: the canary alone, left as it is"));
}

// A crash or an error between the count and the write: the write is still due, and counts once.
TEST(Traffic, CountsOnceHoweverOftenItIsTried) {
  auto run = moving().condition("TrafficMoved", Status::False, reason::kMovingTraffic, 0s).change([](auto& entry) {
    entry.status.traffic_moves = 1, entry.status.traffic_generation = 1, entry.status.last_traffic_move = kNow;
  });
  const auto again = go(crashing().split(90, 10), run);
  EXPECT_EQ(writes_of_routes(again), 1);
  EXPECT_EQ(again.next.traffic_moves, 1);
}

struct Capacity {
  const char* name;
  int ready, wanted;
  Seconds since;
  const char* told;
  int writes;
  bool reverts;
};
class StableSide : public testing::TestWithParam<Capacity> {};
TEST_P(StableSide, TakesWhatItCan) {
  const auto& row = GetParam();
  const auto out = go(crashing().split(50, 50).traffic([&](auto& traffic) {
    traffic.stable_ready = row.ready;
    traffic.stable_wanted = row.wanted;
  }),
                      moving(row.since));
  EXPECT_EQ(told(out), row.told);
  EXPECT_EQ(writes_of_routes(out), row.writes);
  EXPECT_EQ(reverts(out), row.reverts);
}
INSTANTIATE_TEST_SUITE_P(
    Pods, StableSide,
    testing::Values(Capacity{"all_there", 3, 3, 1s, "False MovingTraffic", 1, false},
                    Capacity{"twice_are_needed_and_coming", 3, 6, 1s, "Unknown WaitingForCapacity", 0, false},
                    Capacity{"more_than_needed_are_coming", 6, 9, 1s, "Unknown WaitingForCapacity", 0, false},
                    Capacity{"some_after_30_s", 3, 6, 30s, "False MovingTraffic", 1, false},
                    Capacity{"none_yet", 0, 3, 1s, "Unknown WaitingForCapacity", 0, false},
                    Capacity{"none_after_30_s", 0, 3, 30s, "False NoReadyPods", 0, true},
                    Capacity{"none_will_come", 0, 0, 1s, "False NoReadyPods", 0, true}),
    [](const auto& info) { return info.param.name; });

// People were told that the stable side has no ready pod, when nobody knew.
TEST(Traffic, WithoutTheServicesIsNotMovedAndSaysWhy) {
  const auto unread = crashing().split(50, 50).traffic([](auto& traffic) {
    traffic.service_problem = base::Error{base::Fault::Forbidden, "cannot get resource \"services\""};
    traffic.stable_ready = traffic.stable_wanted = 0;
  });
  const auto waits = go(unread, moving(1s));
  EXPECT_EQ(told(waits), "False RouteUnavailable");
  EXPECT_EQ(writes_of_routes(waits), 0);
  EXPECT_FALSE(reverts(waits));
  EXPECT_EQ(waits.look_again, kNow + 14s);
  const auto late = go(unread, moving(15s));
  EXPECT_THAT(api::find(late.next.conditions, "TrafficMoved")->message, HasSubstr("cannot get resource \"services\""));
  EXPECT_EQ(writes_of_routes(late), 0);
  EXPECT_TRUE(reverts(late));
}

TEST(Traffic, ThatCannotBeMovedDoesNotKeepTheRevert) {
  const auto stuck = moving(20s).condition("TrafficMoved", Status::False, reason::kMovingTraffic, 15s).change([](auto& run) {
    run.status.traffic_moves = 1, run.status.last_traffic_move = kNow - 15s;
  });
  const auto not_accepted =
      go(crashing().split(100, 0).traffic([](auto& traffic) { traffic.routes.front().route.accepted = false; }), stuck);
  EXPECT_EQ(told(not_accepted), "False RouteNotAccepted");
  EXPECT_TRUE(reverts(not_accepted));
  const auto unreadable = go(crashing().split(100, 0).traffic([](auto& traffic) {
    traffic.routes.front().problem = base::Error{base::Fault::NotFound, "get httproutes shop/web: 404"};
  }),
                             stuck);
  EXPECT_EQ(told(unreadable), "False RouteUnavailable");
  EXPECT_TRUE(reverts(unreadable));
  const auto no_answer = go(crashing().split(90, 10, 60s), moving(15s));
  EXPECT_EQ(told(no_answer), "False RouteUnavailable");
  EXPECT_TRUE(reverts(no_answer));
}

// Who takes over in mid-run has read nothing yet, however long the run has been waiting.
TEST(Traffic, IsNotGivenUpByAProcessThatHasJustTakenOver) {
  const auto unread = [](base::Millis wanted) {
    return crashing().split(90, 10).change([=](auto& seen) {
      seen.traffic.reset();
      seen.traffic_wanted_for = wanted;
    });
  };
  const auto first = go(unread(0ms), moving(20s));
  EXPECT_THAT(first.steps, IsEmpty());
  EXPECT_EQ(first.look_again, kNow + 15s);
  EXPECT_EQ(go(unread(10s), moving(20s)).look_again, kNow + 5s);
  EXPECT_TRUE(reverts(go(unread(15s), moving(20s))));
}

// Given up, and moved all the same while the bad template was live: the end says how it stands.
TEST(Traffic, ThatWasMovedTooLateIsToldOnceItIsSeen) {
  const auto late = RunFrom(2)
                        .plan(1)
                        .settings([](auto& settings) { settings.canary = canary_pair(); })
                        .step(api::kStepTraffic, StepState::Failed, 20s)
                        .step(api::kStepRevert, StepState::Done)
                        .condition("TrafficMoved", Status::False, reason::kRouteUnavailable, 20s)
                        .change([](auto& run) {
                          run.status.reverts = 1, run.status.traffic_moves = 1;
                          run.status.last_traffic_move = kNow - 5s;
                        });
  const auto back = [&](Seconds read_ago) {
    return proceed(
        World().revision(2).bad().revision(1).good().shipped_again(1).pod("a").split(100, 0, read_ago).rollback(late));
  };
  const auto unseen = back(10s);
  EXPECT_EQ(told(unseen), "False RouteUnavailable");
  EXPECT_TRUE(unseen.wants.traffic);
  EXPECT_EQ(told(back(1s)), "True WeightsMoved");
}

TEST(Traffic, AnErrorOfAWriteIsToldAndCountsNoAttempt) {
  const auto next = decide::after_traffic_error(moving().rollback().status, {base::Fault::Invalid, "denied"}, kNow);
  EXPECT_EQ(condition(next.conditions, "TrafficMoved"), "False WriteDenied");
  EXPECT_EQ(next.attempts, 0);
  EXPECT_EQ(decide::after_traffic_error(next, {base::Fault::Conflict, "old"}, kNow), next);
}

TEST(Traffic, IsHeldWhileTheBadTemplateIsLive) {
  const auto given_back = [](auto& traffic) { traffic.routes.front().route.generation = 3; };  // 2 was our write
  const auto back = go(crashing().split(50, 50).traffic(given_back), moved());
  EXPECT_EQ(writes_of_routes(back), 1);
  EXPECT_TRUE(reverts(back));
  EXPECT_EQ(back.next.traffic_moves, 2);
  EXPECT_EQ(told(back), "False MovingTraffic");
  auto often = moved().change([](auto& run) { run.status.traffic_moves = 7, run.status.last_traffic_move = kNow - 59s; });
  EXPECT_EQ(writes_of_routes(go(crashing().split(50, 50).traffic(given_back), often)), 0);
  EXPECT_EQ(writes_of_routes(go(crashing().split(50, 50).traffic(given_back), often, kNow + 1s)), 1);
}

TEST(Traffic, IsItsOwnersOnceTheTemplateIsBack) {
  World world = World().revision(2).revision(1).good().shipped_again(1).pod("a").split(50, 50);
  const auto out = proceed(world.rollback(moved().reverted()), {healthy()});
  EXPECT_EQ(writes_of_routes(out), 0);
}

TEST(Traffic, IsHandedBack) {
  const auto owned = [](auto& traffic) { traffic.routes.front().route.owned_by_us = true; };
  EXPECT_EQ(count<decide::GiveBackOwnership>(go(crashing().split(100, 0).traffic(owned), moved())), 1);
  const auto restored = [] { return World().revision(2).revision(1).good().shipped_again(1).pod("a"); };
  const auto after = proceed(restored().split(100, 0).traffic(owned).rollback(moved().reverted()), {healthy()});
  EXPECT_EQ(count<decide::GiveBackOwnership>(after), 1);
  const auto unseen = proceed(restored().split(100, 0, 60s).rollback(moved().reverted()), {healthy()});
  EXPECT_TRUE(unseen.wants.traffic) << "nobody has looked since the write";
}

struct Wrong {
  const char* name;
  void (*traffic)(decide::Traffic&);
  const char* says;
};
class Topology : public testing::TestWithParam<Wrong> {};
TEST_P(Topology, MismatchDisarms) {
  const auto decision = decide::decide(crashing().split(90, 10).traffic(GetParam().traffic), kNow);
  EXPECT_FALSE(decision.create);
  EXPECT_EQ(condition(decision.status->conditions, "Ready"), "False TopologyMismatch");
  EXPECT_THAT(api::find(decision.status->conditions, "Ready")->message, HasSubstr(GetParam().says));
  EXPECT_EQ(decision.wants.traffic->period, 60s);
}
INSTANTIATE_TEST_SUITE_P(
    Pair, Topology,
    testing::Values(Wrong{"another_workload", [](auto& traffic) { traffic.canary_selector = {{"app", "other"}}; },
                          "the canary Service web-canary does not select the pods of Deployment web"},
                    Wrong{"no_selector", [](auto& traffic) { traffic.canary_selector.clear(); }, "has no selector"},
                    Wrong{"stable_selects_both", [](auto& traffic) { traffic.stable_selector = {{"app", "web"}}; },
                          "the stable Service web selects the pods of Deployment web too"},
                    Wrong{"no_rule_with_both",
                          [](auto& traffic) { traffic.routes.front().route.splits.front().names_stable = false; },
                          "no rule of HTTPRoute web names both Services"}),
    [](const auto& info) { return info.param.name; });

TEST(Arming, ARouteThatCannotBeReadIsToldAndDisarmsNothing) {
  const auto unreadable = [](auto& traffic) {
    traffic.routes.front() = {traffic.routes.front().ref, base::Error{base::Fault::NotFound, "httproutes: 404"}, {}};
  };
  const auto decision = decide::decide(crashing().split(90, 10).traffic(unreadable), kNow);
  EXPECT_TRUE(decision.create);
  const auto quiet = decide::decide(healthy_one().split(90, 10).traffic(unreadable), kNow);
  EXPECT_THAT(api::find(quiet.status->conditions, "Ready")->message, HasSubstr("traffic can't be moved: httproutes: 404"));
}

TEST(Arming, ReadsRoutesSeldomWhileNothingHappens) {
  const auto decision = decide::decide(healthy_one().split(90, 10), kNow);
  ASSERT_TRUE(decision.wants.traffic);
  EXPECT_EQ(decision.wants.traffic->period, 30min);
}

// C23: what can be done is done.
World first_release() { return World().revision(2).pod("a").unready(5s).crash(1, 60s).crash(2, 30s).split(90, 10); }
RunFrom without_way_back() {
  return planned().change([](auto& run) { run.status.plan->chosen = api::Choice::None, run.status.plan->to = {}; });
}

TEST(NoWayBack, ACanaryStillLosesItsWeight) {
  const auto decision = decide::decide(first_release(), kNow);
  ASSERT_TRUE(decision.create);
  const auto planned = proceed(first_release().rollback(RunFrom(2)), {breached()});
  ASSERT_TRUE(planned.next.plan);
  EXPECT_EQ(planned.next.plan->chosen, api::Choice::None);
  EXPECT_EQ(stored(planned.next), planned.next);
  const auto out = go(first_release(), without_way_back().step(api::kStepTraffic, StepState::Running, 1s));
  EXPECT_EQ(writes_of_routes(out), 1);
}

TEST(NoWayBack, ItsTemplateStaysWithoutTraffic) {
  const auto out = go(first_release().split(100, 0), without_way_back().step(api::kStepTraffic, StepState::Running, 1s));
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "False NoGoodRevision");
  EXPECT_EQ(condition(out.next.conditions, "Restored"), "True WeightsMoved");
  EXPECT_EQ(condition(out.next.conditions, "Stalled"), "True NoGoodRevision");
  EXPECT_EQ(step(out.next, api::kStepRevert).substr(0, 7), "Skipped");
  EXPECT_TRUE(out.wants.traffic) << "it is held there";
}

RunFrom staying() {
  return without_way_back()
      .step(api::kStepTraffic, StepState::Done)
      .condition("TrafficMoved", Status::True, reason::kWeightsMoved)
      .condition("Restored", Status::True, reason::kWeightsMoved)
      .change([](auto& run) {
        run.status.traffic_moves = 1, run.status.traffic_generation = 1, run.status.last_traffic_move = kNow - 30s;
      });
}

TEST(NoWayBack, WeightThatComesBackIsTakenAwayAgain) {
  const auto out = go(first_release().traffic([](auto& traffic) { traffic.routes[0].route.generation = 9; }), staying());
  EXPECT_EQ(writes_of_routes(out), 1);
  EXPECT_EQ(condition(out.next.conditions, "Restored"), "Unknown MovingTraffic");
}

TEST(NoWayBack, TheNextReleaseEndsTheRun) {
  World next = first_release().split(100, 0);
  next.change([](auto& seen) { seen.target->pod_template = release("fix"); });
  EXPECT_EQ(condition(go(next, staying()).next.conditions, "Complete"), "True EndedByNewRelease");
  World left = first_release().split(100, 0);
  left.change([](auto& seen) { seen.policy.reset(); });
  EXPECT_EQ(condition(go(left, staying()).next.conditions, "Complete"), "True PolicyDeleted");
}

TEST(NoWayBack, WithoutReadyPodsItWaitsForThem) {
  const auto out = go(first_release().traffic([](auto& traffic) { traffic.stable_ready = 0; }),
                      without_way_back().step(api::kStepTraffic, StepState::Running, 31s));
  EXPECT_EQ(told(out), "False NoReadyPods");
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "False NoGoodRevision");
  EXPECT_EQ(condition(out.next.conditions, "Restored"), "Unknown MovingTraffic");
  EXPECT_EQ(condition(out.next.conditions, "Failed"), "False Running");
}

RunFrom failed_to_move() {
  return planned()
      .step(api::kStepTraffic, StepState::Failed, 60s)
      .condition("TrafficMoved", Status::False, reason::kRouteUnavailable);
}

TEST(Traffic, WhatCouldNotBeMovedInTimeIsMovedLater) {
  const auto late = go(crashing().split(90, 10), failed_to_move());
  EXPECT_EQ(writes_of_routes(late), 1);
  EXPECT_TRUE(reverts(late)) << "which does not wait for it";
  const auto healed = go(crashing().split(100, 0), failed_to_move());
  EXPECT_EQ(told(healed), "True WeightsMoved");
  EXPECT_EQ(step(healed.next, api::kStepTraffic).substr(0, 4), "Done");
  const auto old = go(crashing().split(100, 0, 90s), failed_to_move());
  EXPECT_EQ(told(old), "False RouteUnavailable") << "that reading is the one which failed";
}

// What keeps the template from being written keeps nobody from taking the traffic away.
TEST(Traffic, WaitsForNeitherPauseNorCap) {
  const auto full = [](World world) { return world.change([](auto& seen) { seen.reverting_elsewhere = 99; }); };
  for (const bool is_paused : {true, false}) {
    const auto held = [&](World world) { return is_paused ? world.paused() : full(world); };
    const auto plan = proceed(held(crashing().split(90, 10)).rollback(RunFrom(2)), {breached()});
    EXPECT_TRUE(plan.next.plan);
    const auto moves = go(held(crashing().split(90, 10)), moving());
    EXPECT_EQ(writes_of_routes(moves), 1);
    const auto waits = go(held(crashing().split(100, 0)), moving());
    EXPECT_EQ(told(waits), "True WeightsMoved");
    EXPECT_FALSE(reverts(waits));
    EXPECT_EQ(condition(waits.next.conditions, "Reverted"), is_paused ? "False TargetPaused" : "False CapReached");
  }
}

TEST(Traffic, OfAMirrorIsNamed) {
  const auto out =
      go(crashing().split(100, 0).traffic([](auto& traffic) { traffic.routes[0].route.mirrors = true; }), moving());
  EXPECT_THAT(api::find(out.next.conditions, "TrafficMoved")->message, HasSubstr("mirrors requests to the canary"));
}

TEST(Traffic, ThatCouldNotBeWrittenSaysWhy) {
  const auto out = go(crashing().split(90, 10),
                      moving(40s).condition("TrafficMoved", Status::False, reason::kMovingTraffic, 16s).change([](auto& run) {
                        run.status.traffic_moves = 1;
                        run.status.last_error = "weight: must be at most 1000000";
                      }));
  EXPECT_THAT(api::find(out.next.conditions, "TrafficMoved")->message, HasSubstr("must be at most 1000000"));
}

}  // namespace
