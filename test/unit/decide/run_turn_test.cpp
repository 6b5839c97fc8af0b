// A blue-green pair: the Service is turned to a side that can take the traffic, the side taken out goes back, the one that
// serves is watched.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "decide/topology.hpp"
#include "stage.hpp"
#include "steps.hpp"
#include "two_sides.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Status;
using api::StepState;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

int turns(const decide::Progress& out) { return count<decide::TurnService>(out); }
int reverts(const decide::Progress& out) { return count<decide::RevertTemplate>(out); }

std::string chosen(const World& world) {
  const auto found = decide::choose(world, *decide::current(world), decide::marks(world));
  return found ? found->revision->set.meta.name : "none";
}

TEST(BlueGreen, WhatTheOtherSideRunsIsTheWayBack) { EXPECT_EQ(chosen(before_two_sides()), "web-peer-7"); }

TEST(BlueGreen, WhatIsPreparedOnTheOtherSideIsNone) {
  World world = before_two_sides();
  world.change([](auto& seen) { seen.peer->revisions.front().set.meta.created = kNow - 1min; });
  EXPECT_EQ(chosen(world), "web-1");
  world.status([](auto& status) {
    status.marks.push_back({peer_ref().fingerprint, api::Mark::Good, "Soaked", "web-peer-7", kNow - 1h});
  });
  EXPECT_EQ(chosen(world), "web-peer-7") << "it has served, and was good";
}

TEST(BlueGreen, WhatIsBadOrHasNoWayBackIsNone) {
  World bad = before_two_sides();
  bad.status([](auto& status) {
    status.marks.push_back({peer_ref().fingerprint, api::Mark::Bad, "unstable", "web-peer-7", kNow - 1h});
  });
  EXPECT_EQ(chosen(bad), "web-1");
  EXPECT_EQ(chosen(before_two_sides().at(2).no_way_back().at(2)), "none");
}

TEST(BlueGreen, APlanNamesBothWays) {
  const auto out = proceed(before_two_sides().rollback(RunFrom(2)), {breached()});
  ASSERT_TRUE(out.next.plan);
  EXPECT_EQ(out.next.plan->version, api::kPlanVersionTraffic);
  EXPECT_EQ(out.next.plan->to, peer_ref());
  EXPECT_EQ(out.next.plan->back, shipped(1));
  EXPECT_EQ(out.next.plan->settings.blue_green, pair());
  EXPECT_EQ(stored(out.next), out.next);
}

TEST(BlueGreen, WithRevertNeverTheSideStays) {
  auto world = before_two_sides();
  world.policy([](auto& spec) { spec.blue_green = pair(false); });
  const auto out = proceed(world.rollback(RunFrom(2)), {breached()});
  ASSERT_TRUE(out.next.plan);
  EXPECT_FALSE(out.next.plan->back);
}

TEST(BlueGreen, TheServiceIsTurnedAtOnceIfTheOtherSideIsReady) {
  const auto out = proceed(before_two_sides().rollback(planned()));
  ASSERT_THAT(all<decide::TurnService>(out), SizeIs(1));
  const auto step = all<decide::TurnService>(out).front();
  EXPECT_EQ(step.service_uid, "service-uid");
  EXPECT_EQ(step.key, "track");
  EXPECT_EQ(step.from, "canary");
  EXPECT_EQ(step.to, "stable");
  EXPECT_EQ(out.next.traffic_moves, 1);
  EXPECT_EQ(reverts(out), 0);
}

World peer_of(int replicas, int available) {
  return before_two_sides().change([&](auto& seen) {
    seen.peer->target.replicas = replicas;
    seen.peer->revisions.front().set.available = available;
    seen.traffic.emplace();
    seen.traffic->taken = kNow;
    seen.traffic->autoscalers.emplace();
  });
}

TEST(BlueGreen, TheOtherSideIsScaledUpFirst) {
  const auto out = proceed(peer_of(0, 0).rollback(planned()));
  ASSERT_THAT(all<decide::ScalePeer>(out), SizeIs(1));
  EXPECT_EQ(all<decide::ScalePeer>(out).front().replicas, 3);
  EXPECT_EQ(told(out), "Unknown WaitingForCapacity");
  EXPECT_EQ(turns(out), 0);
  EXPECT_EQ(out.look_again, kNow + 30s);
}

TEST(BlueGreen, PodsAreWaitedForThirtySeconds) {
  const auto waiting = [](Seconds since) { return planned().step(api::kStepTraffic, StepState::Running, since); };
  EXPECT_EQ(turns(proceed(peer_of(3, 2).rollback(waiting(29s)))), 0);
  EXPECT_EQ(turns(proceed(peer_of(3, 2).rollback(waiting(30s)))), 1) << "two pods are better than a bad release";
  const auto none = proceed(peer_of(3, 0).rollback(waiting(30s)));
  EXPECT_EQ(told(none), "False NoReadyPods");
  ASSERT_EQ(reverts(none), 1) << "the revert goes on, in place";
  EXPECT_EQ(all<decide::RevertTemplate>(none).front().to_uid, shipped(1).uid);
}

TEST(BlueGreen, ASideThatRunsAnotherReleaseNowGetsNothing) {
  auto world = before_two_sides();
  world.change([](auto& seen) { seen.peer->target.pod_template = release("v9"); });
  const auto out = proceed(world.rollback(planned()));
  EXPECT_EQ(told(out), "False NoReadyPods");
  EXPECT_EQ(turns(out), 0);
}

// R14
TEST(BlueGreen, WhatIsBeingDeletedGetsNothing) {
  auto peer = before_two_sides();
  peer.change([](auto& seen) { seen.peer->target.meta.deleted = kNow; });
  auto service = before_two_sides();
  service.change([](auto& seen) { seen.service->meta.deleted = kNow; });
  for (const auto& [world, why] : {std::pair(peer, "False NoReadyPods"), std::pair(service, "False RouteUnavailable")}) {
    const auto out = proceed(World(world).rollback(planned()));
    EXPECT_EQ(told(out), why);
    EXPECT_EQ(turns(out), 0);
    EXPECT_EQ(reverts(out), 1) << "the revert goes on, in place";
  }
}

TEST(BlueGreen, WithNeitherWayTheRunEnds) {
  const auto out = proceed(peer_of(3, 0).rollback(planned(false).step(api::kStepTraffic, StepState::Running, 30s)));
  EXPECT_EQ(condition(out.next.conditions, "Failed"), "True GaveUp");
}

TEST(BlueGreen, ATurnThatIsNotSeenIsGivenUp) {
  EXPECT_EQ(turns(proceed(before_two_sides().rollback(turning(14s)))), 1) << "asked for again, and counted once";
  EXPECT_EQ(proceed(before_two_sides().rollback(turning(14s))).next.traffic_moves, 1);
  const auto out = proceed(before_two_sides().rollback(turning(15s)));
  EXPECT_EQ(told(out), "False RouteNotAccepted");
  EXPECT_EQ(reverts(out), 1);
}

TEST(BlueGreen, NothingIsTrueBeforeTheEndpointsAreRead) {
  const auto early = proceed(after_the_turn().traffic([](auto& traffic) { traffic.taken = kNow - 2s; }).rollback(turning()));
  EXPECT_EQ(told(early), "False MovingTraffic");
  EXPECT_EQ(early.wants.traffic->period, base::Millis{250});
  EXPECT_EQ(told(proceed(after_the_turn({"pod-a", "pod-of-peer"}).rollback(turning()))), "False MovingTraffic");
  EXPECT_EQ(told(proceed(after_the_turn({}).rollback(turning(14s)))), "False MovingTraffic");
  EXPECT_EQ(told(proceed(after_the_turn({}).rollback(turning(15s)))), "False NoReadyPods");
  EXPECT_EQ(told(proceed(after_the_turn().rollback(turning()))), "True ServiceTurned");
}

TEST(BlueGreen, TheSideTakenOutDrainsAndGoesBack) {
  const auto drains = proceed(after_the_turn().rollback(turned(true, 20s)));
  EXPECT_THAT(drains.steps, IsEmpty());
  EXPECT_EQ(condition(drains.next.conditions, "Reverted"), "False Draining");
  EXPECT_EQ(drains.look_again, kNow + 11s) << "what is stored lost its fraction of a second";
  const auto out = proceed(after_the_turn().rollback(turned(true, 31s)));
  ASSERT_EQ(reverts(out), 1);
  EXPECT_EQ(all<decide::RevertTemplate>(out).front().to_uid, shipped(1).uid);
  EXPECT_EQ(all<decide::RevertTemplate>(out).front().target.name, "web");
}

TEST(BlueGreen, TheSideThatServesIsVerified) {
  const auto out = proceed(after_the_turn().rollback(turned(false, 40s, false)), {healthy()});
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "False LeftAsItIs");
  EXPECT_EQ(condition(out.next.conditions, "Restored"), "True CriteriaHold");
  EXPECT_THAT(api::find(out.next.conditions, "Restored")->message, HasSubstr("web-peer-7"));
  EXPECT_EQ(reverts(out), 0);
}

// What serves is told by the Service and by pods that are there, not by a template that is back.
TEST(BlueGreen, ASideWithoutPodsIsNotRestored) {
  auto world = after_the_turn();
  world.change([](auto& seen) { seen.target->replicas = seen.target->available = 0; });
  const auto out = proceed(world.rollback(turned(false, 40s, false)), {healthy()});
  EXPECT_EQ(condition(out.next.conditions, "Restored").substr(0, 7), "Unknown");
  EXPECT_EQ(told(out), "False NoReadyPods");
}

TEST(BlueGreen, ASideThatTheServiceDoesNotSelectIsNotRestored) {
  auto world = before_two_sides().at(1);
  world.change([](auto& seen) {
    seen.service->selector["track"] = "stable";  // what it selects is gone, and nobody knows of a side
    seen.peer.reset();
    seen.target->pod_template = release("v1");
  });
  const auto out = proceed(world.rollback(turned()), {healthy()});
  EXPECT_EQ(condition(out.next.conditions, "Restored").substr(0, 7), "Unknown");
  EXPECT_EQ(told(out), "False NoReadyPods");
  EXPECT_THAT(api::find(out.next.conditions, "TrafficMoved")->message, HasSubstr("does not select web"));
}

TEST(BlueGreen, TheNextReleaseOnTheSideTakenOutIsLeftAlone) {
  auto world = after_the_turn();
  world.change([](auto& seen) { seen.peer->target.pod_template = release("v3"); });
  const auto out = proceed(world.rollback(turned()), {healthy()});
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "False LeftAsItIs");
  EXPECT_EQ(condition(out.next.conditions, "Restored"), "True CriteriaHold");
  EXPECT_THAT(out.steps, IsEmpty());
}

TEST(BlueGreen, ABreachOfTheSideThatServesEndsTheRun) {
  const auto out = proceed(after_the_turn().rollback(turned(false)), {breached()});
  EXPECT_EQ(condition(out.next.conditions, "Failed"), "True RestoredRevisionUnhealthy");
  const auto alike = proceed(after_the_turn().rollback(turned(false).to_was_healthy("unstable")), {breached()});
  EXPECT_EQ(condition(alike.next.conditions, "Failed"), "True NotRevisionSpecific");
}

TEST(BlueGreen, ATurnBackToTheBadReleaseIsUndone) {
  const auto early = proceed(before_two_sides().rollback(turned().change([](auto& run) { run.status.traffic_moves = 7; })));
  EXPECT_EQ(turns(early), 0) << "the back-off is at 60 s, and it was moved 40 s ago";
  EXPECT_EQ(told(early), "False MovingTraffic");
  const auto out = proceed(before_two_sides().rollback(turned()));
  EXPECT_EQ(turns(out), 1);
  EXPECT_EQ(out.next.traffic_moves, 2);
}

TEST(BlueGreen, ATurnToAnotherReleaseIsThatRelease) {
  const auto out = proceed(before_two_sides().revision(3).rollback(turned()));
  EXPECT_EQ(condition(out.next.conditions, "Failed"), "True Superseded");
}

TEST(BlueGreen, OwnershipOfAllThreeIsHandedBack) {
  auto world = after_the_turn();
  world.change([](auto& seen) { seen.service->owned_by_us = seen.target->owned_by_us = seen.peer->target.owned_by_us = true; });
  std::vector<std::string> names;
  for (const auto& step : all<decide::GiveBackOwnership>(proceed(world.rollback(turned(true, 20s)))))
    names.push_back((step.route ? step.route->kind + "/" : "") + step.object.name);
  EXPECT_THAT(names, testing::ElementsAre("web", "web-peer", "Service/web"));
}

TEST(BlueGreen, ATurnIsANewReign) {
  auto world = before_two_sides();
  world.soaking(600s);
  turn(world);
  const auto next = decide::decide(world, kNow);
  EXPECT_EQ(next.status->target_uid, "peer-uid");
  EXPECT_EQ(next.status->current_since, kNow);
  EXPECT_THAT(api::find(next.status->conditions, "Ready")->message, HasSubstr("web-peer"));
}

struct Mismatch {
  const char* name;
  std::function<void(decide::Snapshot&)> change;
  const char* says;
  friend void PrintTo(const Mismatch& mismatch, std::ostream* out) { *out << mismatch.name; }
};

class BlueGreenMismatch : public testing::TestWithParam<Mismatch> {};

TEST_P(BlueGreenMismatch, IsToldAndNothingIsJudged) {
  auto world = before_two_sides();
  world.change(GetParam().change);
  EXPECT_THAT(decide::topology_mismatch(world), HasSubstr(GetParam().says));
  const auto out = decide::decide(world, kNow);
  EXPECT_EQ(condition(out.status->conditions, "Ready"), "False TopologyMismatch");
  EXPECT_FALSE(out.create);
}

INSTANTIATE_TEST_SUITE_P(
    Of, BlueGreenMismatch,
    testing::Values(Mismatch{"no_service", [](auto& world) { world.service.reset(); }, "there is no Service web"},
                    Mismatch{"no_peer", [](auto& world) { world.peer.reset(); }, "there is no Deployment web-peer"},
                    Mismatch{"told_to_leave_it", [](auto& world) { world.moves_traffic = false; }, "--traffic=Disabled"},
                    Mismatch{"no_label", [](auto& world) { world.peer->target.pod_template.labels.erase("track"); },
                             "have no value of the label track"},
                    Mismatch{"same_label", [](auto& world) { world.peer->target.pod_template.labels["track"] = "canary"; },
                             "both Deployments have the label track=canary"},
                    Mismatch{"another_value", [](auto& world) { world.service->selector["track"] = "blue"; }, "has track=blue"},
                    Mismatch{"no_value", [](auto& world) { world.service->selector.erase("track"); }, "has track=(nothing)"},
                    Mismatch{"another_key", [](auto& world) { world.service->selector["tier"] = "front"; },
                             "has other keys too"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
