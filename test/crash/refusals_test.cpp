// What an API server that refuses, throttles or tells late does to a rollback, in all rooms on the manual clock.
#include <gmock/gmock.h>

#include "crash/stories.hpp"
#include "fake/kinds.hpp"

namespace {

using namespace std::chrono_literals;
using base::Fault;
using crash::has;
using testing::SizeIs;

class Refusals : public testing::Test {
 protected:
  Refusals() {
    stage.controllers.behave("bad", fake::CrashLoop{1s});
    stage.deploy("good");
    stage.policy();
    live(6s);
    stage.ship("bad");
  }
  void live(base::Millis time) {
    for (const auto end = stage.clock.now() + time; stage.clock.now() < end; stage.clock.advance(1s)) {
      stage.controllers.step(stage.clock.now());
      machine.catch_up();
    }
  }
  // Of the Deployment by the controller, through the port.
  int patches(bool accepted) const {
    int count = 0;
    for (const auto& write : stage.cluster.writes())
      count += write.kind == wire::kDeployments && write.verb == "patch" && write.accepted == accepted;
    return count;
  }
  void refuse(Fault fault, int times) { stage.cluster.fail_next(fake::calls_to("patch", wire::kDeployments), fault, times); }

  crash::Stage stage;
  crash::Machine machine{stage.cluster, stage.clock, stage.kubelets, stage.pods};
};

TEST_F(Refusals, ADenialIsTriedFiveTimesInTenMinutesAndNotAgain) {  // C35
  refuse(Fault::Invalid, fake::kAlways);
  live(600s);
  EXPECT_EQ(patches(false), 5);
  ASSERT_THAT(stage.rollbacks(), SizeIs(1));
  EXPECT_TRUE(has(stage.rollbacks().front(), "Failed", "True", "GaveUp"));
  EXPECT_EQ(stage.image(), "bad");
}

TEST_F(Refusals, AThrottledRunGoesOn) {  // R20
  refuse(Fault::Throttled, 3);
  live(30s);
  EXPECT_EQ(patches(false), 3);
  ASSERT_THAT(stage.rollbacks(), SizeIs(1));
  EXPECT_TRUE(has(stage.rollbacks().front(), "Complete", "True", "Stabilized"));
  EXPECT_FALSE(stage.rollbacks().front().at("status").contains("attempts"));
  EXPECT_EQ(stage.image(), "good");
}

TEST_F(Refusals, AMissingRightIsTriedOnceASecondAtMostAndHeals) {  // R27
  refuse(Fault::Forbidden, fake::kAlways);
  live(60s);
  EXPECT_LE(patches(false), 60);  // pods crash all the time, and each time it is looked at
  EXPECT_TRUE(has(stage.rollbacks().front(), "Reverted", "False", "WriteFailed"));
  stage.cluster.stop_failing();
  live(60s);
  EXPECT_TRUE(has(stage.rollbacks().front(), "Complete", "True", "Stabilized"));
}

// Nobody lets it hand back what it wrote, on any object: that is untidy, and no reason to leave traffic on a bad release.
class Untidy : public Refusals {
 protected:
  void refuse_hand_backs() {
    stage.cluster.fail_next(
        [](const fake::Call& call) {
          return call.verb == "patch" && call.body.find("/metadata/managedFields") != std::string::npos;
        },
        Fault::Invalid, fake::kAlways);
  }
  int refused() const {
    const auto& all = stage.cluster.writes();
    return static_cast<int>(
        std::count_if(all.begin(), all.end(), [](const auto& write) { return write.verb == "patch" && !write.accepted; }));
  }
};

TEST_F(Untidy, ARollbackGoesOnInItsTime) {
  refuse_hand_backs();
  live(30s);
  ASSERT_THAT(stage.rollbacks(), SizeIs(1));
  EXPECT_TRUE(has(stage.rollbacks().front(), "Complete", "True", "Stabilized"));
  EXPECT_EQ(stage.image(), "good");
  EXPECT_LE(refused(), 4) << "of a run of 20 s: after 5 s, 10 s, 20 s";
}

TEST_F(Untidy, ACanaryLosesItsWeightThoughTheMinimumStaysOurs) {
  crash::split(stage, 50);
  stage.person().create(fake::autoscaler_json("stable", 2, 6));
  refuse_hand_backs();
  live(40s);
  ASSERT_THAT(stage.rollbacks(), SizeIs(1));
  EXPECT_TRUE(has(stage.rollbacks().front(), "TrafficMoved", "True", "WeightsMoved"));
  EXPECT_TRUE(has(stage.rollbacks().front(), "Complete", "True", "Stabilized"));
  EXPECT_EQ(stage.image(), "good");
  EXPECT_LE(refused(), 15) << "of three objects";
}

TEST_F(Refusals, OnALateWatchNothingIsDoneTwice) {  // C43
  while (stage.rollbacks().empty()) live(1s);
  machine.watches_are_late(true);
  live(5s);
  machine.watches_are_late(false);
  live(30s);
  ASSERT_THAT(stage.rollbacks(), SizeIs(1));
  EXPECT_TRUE(has(stage.rollbacks().front(), "Complete", "True", "Stabilized"));
  int template_writes = 0;
  for (const auto& write : stage.cluster.writes())
    template_writes += write.accepted && std::count(write.fields.begin(), write.fields.end(), "spec.template");
  EXPECT_EQ(template_writes, 1);
}

}  // namespace
