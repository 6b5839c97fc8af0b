// A manager that puts the bad template back each time, in all rooms on the manual clock.
#include <gmock/gmock.h>

#include "crash/scenario.hpp"

namespace {

using namespace std::chrono_literals;
using crash::has;
using nlohmann::json;
using testing::SizeIs;

constexpr auto kSyncs = 3s;

class GitOps : public testing::Test {
 protected:
  GitOps() {
    for (const char* image : {"bad", "worse"}) stage.controllers.behave(image, fake::CrashLoop{1s});
    stage.deploy("good");
    stage.policy();
    live(6s);
  }
  void live(base::Millis time) {
    for (const auto end = stage.clock.now() + time; stage.clock.now() < end; stage.clock.advance(1s)) {
      stage.controllers.step(stage.clock.now());
      machine.catch_up();
    }
  }
  // What its source says is applied at each sync, whatever runs.
  void synced(const std::string& image, base::Millis time) {
    for (const auto end = stage.clock.now() + time; stage.clock.now() < end; live(kSyncs)) {
      if (stage.image() != image) stage.ship(image);
    }
  }
  [[nodiscard]] int template_writes() const {  // by the controller, accepted
    int count = 0;
    for (const auto& write : stage.cluster.writes())
      count += write.accepted && std::count(write.fields.begin(), write.fields.end(), "spec.template") > 0;
    return count;
  }
  [[nodiscard]] json policy() { return stage.person().get({wire::kPolicies, fake::kNamespace, "web", "", {}}); }
  [[nodiscard]] json stalled() {
    const json seen = policy();
    for (const auto& condition : seen.at("status").at("conditions")) {
      if (condition.at("type") == "Stalled") return condition;
    }
    return nullptr;
  }
  // Said of the policy.
  [[nodiscard]] int events(const std::string& reason) {
    const auto all = stage.person().list(wire::kEvents, fake::kNamespace);
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const json& event) {
      return event.at("reason") == reason && event.at("regarding").at("kind") == "RollbackPolicy";
    }));
  }

  crash::Stage stage;
  crash::Machine machine{stage.cluster, stage.clock, stage.kubelets, stage.pods};
};

TEST_F(GitOps, TenMinutesOfItAreThreeWritesOneConditionAndOneEvent) {
  synced("bad", 1min);
  EXPECT_EQ(template_writes(), 3);
  const json early = stalled();
  ASSERT_EQ(early.at("reason"), "GitOpsConflict");
  ASSERT_EQ(early.at("status"), "True");

  synced("bad", 9min);

  EXPECT_EQ(template_writes(), 3);
  EXPECT_EQ(stage.image(), "bad");
  ASSERT_THAT(stage.rollbacks(), SizeIs(1));
  EXPECT_TRUE(has(stage.rollbacks().front(), "Failed", "True", "GitOpsConflict"));
  EXPECT_EQ(stalled(), early) << "said once, and it stays";
  EXPECT_TRUE(has(policy(), "Reconciling", "False"));
  EXPECT_EQ(events("GitOpsConflict"), 1);
  EXPECT_EQ(events("RollbackCreated"), 1);
}

TEST_F(GitOps, TheNextReleaseIsJudgedAsNew) {
  synced("bad", 1min);
  synced("fix", 30s);
  EXPECT_EQ(stage.image(), "fix");
  EXPECT_TRUE(has(policy(), "Stalled", "False"));
  stage.ship("worse");
  live(30s);
  EXPECT_THAT(stage.rollbacks(), SizeIs(2));
  EXPECT_NE(stage.image(), "worse");
}

}  // namespace
