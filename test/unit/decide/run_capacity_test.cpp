// Who gets the traffic has the pods for it: the minimum of its autoscaler is raised once, and given back after the end.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "stage.hpp"
#include "steps.hpp"
#include "two_sides.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Raise;
using api::Status;
using api::StepState;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

api::Autoscaler scaler(int min, int max, bool is_ours = false, const std::string& target = "stable") {
  return {target, "scaler-uid", target, min, max, is_ours};
}
api::Raised raised(Raise state, int from = 2, int to = 6) { return {"stable", "scaler-uid", from, to, state}; }

// Half of the traffic goes to the canary, so the stable side needs twice its three pods.
World canary(const api::Autoscaler& by, Seconds read_ago = 0s) {
  return World()
      .revision(1)
      .good()
      .revision(2)
      .pod("a")
      .unready(5s)
      .crash(1, 60s)
      .crash(2, 30s)
      .split(50, 50, read_ago)
      .traffic([&](auto& traffic) {
        traffic.stable_deployments = {"stable"};
        traffic.autoscalers.emplace({by});
      });
}
RunFrom moving(Seconds since = 1s) {
  return RunFrom(2)
      .plan(1)
      .settings([](auto& settings) { settings.canary = canary_pair(); })
      .step(api::kStepEvidence, StepState::Done)
      .step(api::kStepTraffic, StepState::Running, since);
}
RunFrom moving(const api::Raised& what, Seconds since = 1s) {
  return moving(since).change([&](auto& run) { run.status.raised = what; });
}
decide::Progress go(World world, const RunFrom& run) { return proceed(world.rollback(run), {breached()}); }

TEST(CanaryCapacity, RaisesTheMinimumAndWaitsForThePods) {
  const auto out = go(canary(scaler(2, 10)), moving());
  ASSERT_THAT(all<decide::RaiseMinimum>(out), SizeIs(1));
  const auto step = all<decide::RaiseMinimum>(out).front();
  EXPECT_EQ(step.autoscaler_uid, "scaler-uid");
  EXPECT_EQ(std::pair(step.from, step.to), std::pair(2, 6));
  EXPECT_EQ(out.next.raised, raised(Raise::Asked)) << "kept before it is written";
  EXPECT_EQ(stored(out.next), out.next);
  EXPECT_EQ(told(out), "Unknown WaitingForCapacity");
  EXPECT_THAT(api::find(out.next.conditions, "TrafficMoved")->message,
              AllOf(HasSubstr("needs 6"), HasSubstr("raised from 2 to 6 for this run")));
  EXPECT_THAT(all<decide::MoveTraffic>(out), IsEmpty());
}

TEST(CanaryCapacity, GoesToItsMaximumAtMost) {
  const auto out = go(canary(scaler(2, 4)), moving());
  ASSERT_THAT(all<decide::RaiseMinimum>(out), SizeIs(1));
  EXPECT_EQ(all<decide::RaiseMinimum>(out).front().to, 4);
  const auto full = go(canary(scaler(2, 3)), moving());
  EXPECT_THAT(all<decide::MoveTraffic>(full), SizeIs(1)) << "three pods are there, and no more can come";
}

TEST(CanaryCapacity, WaitsForWhatWasAskedForHoweverManyAreReadyMeanwhile) {
  const auto more = canary(scaler(6, 10)).traffic([](auto& traffic) { traffic.stable_ready = traffic.stable_wanted = 5; });
  EXPECT_THAT(api::find(go(more, moving(raised(Raise::Asked))).next.conditions, "TrafficMoved")->message, HasSubstr("needs 6"));
  const auto there = canary(scaler(6, 10)).traffic([](auto& traffic) { traffic.stable_ready = traffic.stable_wanted = 6; });
  EXPECT_THAT(all<decide::MoveTraffic>(go(there, moving(raised(Raise::Done)))), SizeIs(1));
  EXPECT_THAT(all<decide::MoveTraffic>(go(canary(scaler(6, 10)), moving(raised(Raise::Done), 30s))), SizeIs(1));
}

// A crash between the intent and the write, or a read that is older: it is asked for again. Once it was seen, who lowers it
// wants it so.
TEST(CanaryCapacity, IsRaisedOnlyOnceInARun) {
  EXPECT_THAT(all<decide::RaiseMinimum>(go(canary(scaler(2, 10)), moving(raised(Raise::Asked)))), SizeIs(1));
  EXPECT_EQ(go(canary(scaler(6, 10)), moving(raised(Raise::Asked))).next.raised, raised(Raise::Done));
  EXPECT_THAT(all<decide::RaiseMinimum>(go(canary(scaler(2, 10)), moving(raised(Raise::Done)))), IsEmpty());
}

TEST(CanaryCapacity, OfAnAutoscalerThatMayNotBeChangedIsToldAndNotWaitedFor) {
  auto refused = decide::after_raise_error(moving(raised(Raise::Asked)).rollback().status,
                                           {base::Fault::Forbidden, "may not patch it"}, kNow);
  ASSERT_EQ(refused.raised->state, Raise::Refused);
  EXPECT_EQ(refused.raised->message, "may not patch it");
  const auto out = go(canary(scaler(2, 10)), moving(*refused.raised));
  EXPECT_THAT(all<decide::RaiseMinimum>(out), IsEmpty());
  EXPECT_THAT(all<decide::MoveTraffic>(out), SizeIs(1));
  const auto waits =
      go(canary(scaler(2, 10)).traffic([](auto& traffic) { traffic.stable_wanted = 4; }), moving(*refused.raised));
  EXPECT_THAT(api::find(waits.next.conditions, "TrafficMoved")->message, HasSubstr("could not be raised: may not patch it"));
}

TEST(CanaryCapacity, AWriteThatMayStillGetThroughIsTriedAgain) {
  const auto status = moving(raised(Raise::Asked)).rollback().status;
  for (const auto fault : {base::Fault::Conflict, base::Fault::Unavailable, base::Fault::Throttled})
    EXPECT_EQ(decide::after_raise_error(status, {fault, "not now"}, kNow), status);
}

struct Leaves {
  const char* name;
  std::function<void(decide::Traffic&)> change;
  friend void PrintTo(const Leaves& leaves, std::ostream* out) { *out << leaves.name; }
};
class CapacityLeavesAlone : public testing::TestWithParam<Leaves> {};
TEST_P(CapacityLeavesAlone, WhatItCanNotTell) {
  const auto out = go(canary(scaler(2, 10)).traffic(GetParam().change), moving());
  EXPECT_THAT(all<decide::RaiseMinimum>(out), IsEmpty());
  EXPECT_FALSE(out.next.raised);
}
INSTANTIATE_TEST_SUITE_P(
    Autoscalers, CapacityLeavesAlone,
    testing::Values(Leaves{"of_another_deployment",
                           [](auto& traffic) { traffic.autoscalers.emplace({scaler(2, 10, false, "other")}); }},
                    Leaves{"of_two_deployments", [](auto& traffic) { traffic.stable_deployments.emplace_back("more"); }},
                    Leaves{"of_what_is_scaled_to_0", [](auto& traffic) { traffic.stable_ready = traffic.stable_wanted = 0; }},
                    Leaves{"of_two_autoscalers", [](auto& traffic) { traffic.autoscalers->push_back(scaler(1, 8)); }},
                    Leaves{"with_minimum_enough", [](auto& traffic) { traffic.autoscalers.emplace({scaler(6, 10)}); }},
                    Leaves{"that_are_not_known",
                           [](auto& traffic) {
                             traffic.autoscalers.reset();
                             traffic.autoscalers_problem = base::Error{base::Fault::Forbidden, "may not list them"};
                           }}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(CanaryCapacity, TellsThePodsThatDidNotCome) {
  const auto message = [](const decide::Progress& out) { return api::find(out.next.conditions, "TrafficMoved")->message; };
  const auto out = go(canary(scaler(6, 10)), moving(raised(Raise::Done), 31s));
  EXPECT_THAT(all<decide::MoveTraffic>(out), SizeIs(1));
  EXPECT_THAT(message(out), HasSubstr("raised from 2 to 6 for this run; 3 of 6 pods were ready when the traffic was moved"));
  EXPECT_EQ(stored(out.next), out.next);
  const auto most = go(canary(scaler(4, 4)), moving(raised(Raise::Done, 2, 4), 1s));
  EXPECT_THAT(message(most), HasSubstr("raised from 2 to 4, its maximum, for this run"));
}

// The give-back of the run before was refused, so its minimum is still there.
TEST(CanaryCapacity, OfAnEarlierRunIsTakenOver) {
  const auto earlier = [](int to) {
    return RunFrom(1).plan(1).complete(reason::kStabilized).change([=](auto& run) {
      run.meta.name = "earlier";
      run.meta.uid = "earlier-uid";
      run.status.raised = raised(Raise::Done, 2, to);
    });
  };
  const auto more = proceed(canary(scaler(4, 10)).rollback(moving()).rollback(earlier(4)), {breached()});
  EXPECT_EQ(more.next.raised, raised(Raise::Asked, 2, 6)) << "and not from 4";
  ASSERT_THAT(all<decide::RaiseMinimum>(more), SizeIs(1));
  EXPECT_EQ(all<decide::RaiseMinimum>(more).front().from, 4) << "what is there now";
  const auto enough = proceed(canary(scaler(7, 10)).rollback(moving()).rollback(earlier(7)), {breached()});
  EXPECT_EQ(enough.next.raised, raised(Raise::Asked, 2, 7));
  EXPECT_THAT(all<decide::RaiseMinimum>(enough), IsEmpty());
}

// In the second in which the run began the policy at rest was read too, and does not say who scales.
TEST(CanaryCapacity, IsJudgedByAReadingThatKnowsWhoScales) {
  const auto out = go(canary(scaler(2, 10)).traffic([](auto& traffic) { traffic.autoscalers.reset(); }), moving());
  EXPECT_THAT(out.steps, IsEmpty());
  ASSERT_TRUE(out.wants.traffic);
  EXPECT_TRUE(out.wants.traffic->with_autoscalers);
}

TEST(CanaryCapacity, ThatCouldNotBeSeenToIsToldWithTheWeights) {
  const auto out = go(canary(scaler(2, 10)).split(100, 0).traffic([](auto& traffic) {
    traffic.autoscalers.reset();
    traffic.autoscalers_problem = base::Error{base::Fault::Forbidden, "may not list them"};
  }),
                      moving());
  EXPECT_EQ(told(out), "True WeightsMoved");
  EXPECT_THAT(api::find(out.next.conditions, "TrafficMoved")->message,
              HasSubstr("who scales it is not known: may not list them"));
}

TEST(CanaryCapacity, OwnershipIsHandedBackAtOnce) {
  const auto out = go(canary(scaler(6, 10, true)), moving(raised(Raise::Asked)));
  ASSERT_THAT(all<decide::GiveBackOwnership>(out), SizeIs(1));
  EXPECT_EQ(all<decide::GiveBackOwnership>(out).front().route->kind, "HorizontalPodAutoscaler");
}

// Ten seconds ago.
RunFrom ended(const api::Raised& what) {
  return moving(what)
      .change([](auto& run) { run.status.traffic_moves = 1, run.status.last_traffic_move = kNow - 60s; })
      .condition("Failed", Status::True, reason::kAborted, 10s);
}
std::vector<std::pair<int, int>> restored(const decide::Progress& out) {
  std::vector<std::pair<int, int>> found;
  for (const auto& step : all<decide::RestoreMinimum>(out)) found.emplace_back(step.from, step.to);
  return found;
}

TEST(Minimum, IsGivenBackAfterTheEnd) {
  const auto out = go(canary(scaler(6, 10)), ended(raised(Raise::Done)));
  EXPECT_THAT(restored(out), ElementsAre(std::pair(6, 2)));
  EXPECT_TRUE(out.next.raised) << "until it is seen";
  const auto seen = go(canary(scaler(2, 10, true)), ended(raised(Raise::Done)));
  EXPECT_THAT(restored(seen), IsEmpty());
  EXPECT_THAT(all<decide::GiveBackOwnership>(seen), SizeIs(1));
  EXPECT_TRUE(seen.next.raised);
  const auto done = go(canary(scaler(2, 10)), ended(raised(Raise::Done)));
  EXPECT_THAT(done.steps, IsEmpty());
  EXPECT_FALSE(done.next.raised);
  EXPECT_FALSE(done.wants.traffic);
}

TEST(Minimum, IsGivenBackOnlyByAReadingFromAfterTheEnd) {
  const auto out = go(canary(scaler(2, 10), 10s), ended(raised(Raise::Asked)));
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_TRUE(out.next.raised) << "the write may have come after the reading";
  ASSERT_TRUE(out.wants.traffic);
}

TEST(Minimum, IsNotGivenBackWhileAnotherRunIsUnderWay) {
  const auto next = moving().change([](auto& run) { run.meta.name = "next", run.meta.uid = "next-uid"; });
  const auto out = proceed(canary(scaler(6, 10)).rollback(ended(raised(Raise::Done))).rollback(next));
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_TRUE(out.next.raised);
}

TEST(Minimum, ThatSomebodyChangedIsTheirs) {
  for (const auto& by : {scaler(3, 10), scaler(6, 10, false, "stable")}) {
    auto what = raised(Raise::Done);
    if (by.min == 6) what.state = Raise::Refused;  // what we never wrote
    const auto out = go(canary(by), ended(what));
    EXPECT_THAT(out.steps, IsEmpty());
    EXPECT_FALSE(out.next.raised);
  }
  const auto gone =
      go(canary(scaler(6, 10)).traffic([](auto& traffic) { traffic.autoscalers.emplace(); }), ended(raised(Raise::Done)));
  EXPECT_FALSE(gone.next.raised);
}

TEST(Minimum, IsLeftWhileTheOperatorIsHeld) {
  const auto out = go(canary(scaler(6, 10)).kill_switch(), ended(raised(Raise::Done)));
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_TRUE(out.next.raised);
}

TEST(Minimum, IsGivenBackWhenThePolicyIsGone) {
  auto world = canary(scaler(6, 10)).rollback(ended(raised(Raise::Done)));
  world.change([](auto& seen) { seen.policy.reset(); });
  const auto out = decide::decide(world, kNow);
  EXPECT_THAT(out.plan, SizeIs(1));
  EXPECT_THAT(out.prune, IsEmpty());
}

World two_sides(int replicas, const api::Autoscaler& by) {
  return before_two_sides().change([&](auto& seen) {
    seen.peer->target.replicas = replicas;
    seen.peer->revisions.front().set.available = replicas;
    seen.traffic.emplace();
    seen.traffic->taken = kNow;
    seen.traffic->autoscalers.emplace({by});
  });
}

TEST(BlueGreenCapacity, IsAskedOfTheAutoscaler) {
  const auto out = proceed(two_sides(1, scaler(1, 10, false, "web-peer")).rollback(planned()));
  ASSERT_THAT(all<decide::RaiseMinimum>(out), SizeIs(1));
  EXPECT_EQ(all<decide::RaiseMinimum>(out).front().to, 3);
  EXPECT_THAT(all<decide::ScalePeer>(out), IsEmpty());
  EXPECT_EQ(told(out), "Unknown WaitingForCapacity");
}

TEST(BlueGreenCapacity, OfASideAt0IsAskedOfBoth) {
  const auto out = proceed(two_sides(0, scaler(1, 2, false, "web-peer")).rollback(planned()));
  EXPECT_THAT(all<decide::RaiseMinimum>(out), SizeIs(1));
  ASSERT_THAT(all<decide::ScalePeer>(out), SizeIs(1));
  EXPECT_EQ(all<decide::ScalePeer>(out).front().replicas, 2) << "more would be taken away again";
}

TEST(BlueGreenCapacity, IsAskedForOnceItIsKnownWhoScales) {
  auto world = two_sides(1, scaler(1, 10, false, "other"));
  EXPECT_THAT(all<decide::ScalePeer>(proceed(World(world).rollback(planned()))), SizeIs(1));
  world.change([](auto& seen) { seen.traffic.reset(); });
  const auto out = proceed(world.rollback(planned()));
  EXPECT_THAT(out.steps, IsEmpty());
  ASSERT_TRUE(out.wants.traffic);
  EXPECT_EQ(told(out), "Unknown WaitingForCapacity");
}

TEST(BlueGreenCapacity, OfTheSideThatServesStays) {
  const auto run = turned()
                       .change([](auto& entry) { entry.status.raised = raised(Raise::Done, 1, 3); })
                       .condition("Complete", Status::True, reason::kStabilized, 10s);
  const auto with = [](auto& seen) { seen.traffic->autoscalers.emplace({scaler(3, 10, false, "web-peer")}); };
  const auto serves = proceed(after_the_turn().change(with).rollback(run));
  EXPECT_THAT(serves.steps, IsEmpty());
  EXPECT_FALSE(serves.next.raised);
  auto back = before_two_sides();
  back.change([&](auto& seen) { seen.traffic = after_the_turn().snapshot().traffic; }).change(with);
  EXPECT_THAT(restored(proceed(back.rollback(run))), ElementsAre(std::pair(3, 1))) << "the Service was turned back meanwhile";
}

}  // namespace
