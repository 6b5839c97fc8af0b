// What test/contract cannot ask of a cluster without nodes: rollouts with running containers. Numbers, sets and conditions are
// held to the real controller there.
#include "fake/deployment_controller.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake/conditions.hpp"
#include "fake/manual_clock.hpp"
#include "fake/objects.hpp"

namespace fake {

using nlohmann::json;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using testing::UnorderedElementsAre;
using std::chrono_literals::operator""s;

class Rollouts : public testing::Test {
 protected:
  Rollouts() { person_.create(deployment_json("web", "app:1", 4)); }

  void ship(const std::string& image) {
    person_.update(web_, [&](json& d) { d["spec"]["template"]["spec"]["containers"][0]["image"] = image; });
  }
  void settle() { controllers_.settle(clock_.now()); }
  void run_for(base::Seconds time) {
    for (; time > 0s; time -= 1s) {
      clock_.advance(1s);
      settle();
    }
  }
  std::vector<json> pods_of(const std::string& image) {
    std::vector<json> out;
    for (json& pod : person_.list(wire::kPods, kNamespace)) {
      if (pod.at("spec").at("containers").at(0).at("image") == image) out.push_back(std::move(pod));
    }
    return out;
  }
  static json container(const json& pod) { return pod.at("status").at("containerStatuses").at(0); }
  static std::string ready(const json& pod) { return condition_of(pod.at("status"), "Ready").at("status"); }
  json status() { return person_.get(web_).at("status"); }
  std::string reason() { return condition_of(status(), "Progressing").at("reason"); }

  ManualClock clock_;
  FakeCluster cluster_{clock_};
  DeploymentController controllers_{cluster_};
  Actor person_ = cluster_.as_user();
  wire::Ref web_{wire::kDeployments, kNamespace, "web", "", {}};
};

TEST_F(Rollouts, HealthyReleaseReplacesTheOldOneWithinItsLimits) {
  settle();
  ship("app:2");
  std::vector<int> total;
  std::vector<int> available;
  for (int i = 0; i < 30; ++i) {
    controllers_.step(clock_.now());
    total.push_back(static_cast<int>(pods_of("app:1").size() + pods_of("app:2").size()));
    available.push_back(status().value("availableReplicas", 0));
  }
  EXPECT_THAT(total, Each(Le(5))) << "25 % above 4";
  EXPECT_THAT(available, Each(Ge(3))) << "25 % below 4";
  EXPECT_EQ(reason(), "NewReplicaSetAvailable");
  EXPECT_TRUE(pods_of("app:1").empty());
  EXPECT_EQ(pods_of("app:2").size(), 4U);
}

TEST_F(Rollouts, ReleaseThatIsNeverReadyHangsAndIsSaidToBeLate) {
  settle();
  controllers_.behave("app:2", NeverReady{});
  ship("app:2");
  settle();
  EXPECT_EQ(pods_of("app:1").size(), 3U);
  EXPECT_EQ(pods_of("app:2").size(), 2U);
  EXPECT_EQ(reason(), "ReplicaSetUpdated");
  clock_.advance(601s);
  settle();
  EXPECT_EQ(reason(), "ProgressDeadlineExceeded");
  EXPECT_EQ(status().value("availableReplicas", 0), 3);
}

TEST_F(Rollouts, CrashIsCountedAsAKubeletCounts) {
  controllers_.behave("app:1", CrashLoop{.every = 10s, .exit_code = 137, .reason = "OOMKilled"});
  controllers_.kubelet().restart_after(5s);
  settle();
  EXPECT_EQ(ready(pods_of("app:1").at(0)), "True");
  run_for(10s);
  const json crashed = pods_of("app:1").at(0);
  EXPECT_EQ(ready(crashed), "False");
  EXPECT_EQ(container(crashed).at("restartCount"), 0);
  EXPECT_EQ(container(crashed).at("state").at("waiting").at("reason"), "CrashLoopBackOff");
  const json end = container(crashed).at("lastState").at("terminated");
  EXPECT_EQ(end.at("exitCode"), 137);
  EXPECT_EQ(end.at("reason"), "OOMKilled");
  EXPECT_EQ(end.at("finishedAt"), base::to_rfc3339(clock_.now()));
  EXPECT_EQ(condition_of(crashed.at("status"), "Ready").at("lastTransitionTime"), base::to_rfc3339(clock_.now()));
  run_for(5s);
  const json again = pods_of("app:1").at(0);
  EXPECT_EQ(container(again).at("restartCount"), 1);
  EXPECT_TRUE(container(again).at("state").contains("running"));
  EXPECT_EQ(container(again).at("lastState").at("terminated"), end);
  EXPECT_EQ(ready(again), "True");
}

TEST_F(Rollouts, GoodReleaseMayTurnBadLater) {
  settle();
  controllers_.behave("app:1", HealthyThenCrash{.after = 60s, .then = {.every = 2s}});
  run_for(59s);
  EXPECT_EQ(container(pods_of("app:1").at(0)).at("restartCount"), 0);
  run_for(1s);
  EXPECT_TRUE(container(pods_of("app:1").at(0)).contains("/lastState/terminated"_json_pointer));
  EXPECT_EQ(reason(), "NewReplicaSetAvailable") << "Kubernetes does not look any more";
}

TEST_F(Rollouts, ImageThatIsNotThereNeverStarts) {
  controllers_.behave("app:1", ImagePullBackOff{});
  settle();
  const json pod = pods_of("app:1").at(0);
  EXPECT_EQ(pod.at("status").at("phase"), "Pending");
  EXPECT_EQ(container(pod).at("state").at("waiting").at("reason"), "ImagePullBackOff");
}

TEST_F(Rollouts, PodWithoutRoomStaysUnscheduled) {
  controllers_.behave("app:1", Unschedulable{});
  settle();
  const json pod = pods_of("app:1").at(0);
  EXPECT_FALSE(pod.at("spec").contains("nodeName"));
  EXPECT_EQ(condition_of(pod.at("status"), "PodScheduled").at("reason"), "Unschedulable");
}

TEST_F(Rollouts, InitContainersComeFirst) {
  person_.update(web_, [](json& d) {
    d["spec"]["template"]["spec"]["initContainers"] = json::array({{{"name", "migrate"}, {"image", "migrate:1"}}});
  });
  controllers_.behave("migrate:1", CrashLoop{.every = 5s});
  settle();
  const auto first = [&] { return pods_of("app:1").at(0).at("status"); };
  run_for(5s);
  EXPECT_EQ(first().at("phase"), "Pending");
  EXPECT_EQ(first().at("initContainerStatuses").at(0).at("restartCount"), 1);
  controllers_.behave("migrate:1", Healthy{});
  run_for(1s);
  EXPECT_EQ(first().at("initContainerStatuses").at(0).at("state").at("terminated").at("reason"), "Completed");
  EXPECT_EQ(first().at("phase"), "Running");
}

TEST_F(Rollouts, MinReadySecondsDelayAvailability) {
  person_.update(web_, [](json& d) { d["spec"]["minReadySeconds"] = 30; });
  settle();
  EXPECT_EQ(status().value("readyReplicas", 0), 4);
  EXPECT_EQ(status().value("availableReplicas", 0), 0);
  run_for(30s);
  EXPECT_EQ(status().value("availableReplicas", 0), 4);
}

TEST_F(Rollouts, DeletedPodsAreStoppedInTheirTimeAndReplaced) {
  settle();
  controllers_.kubelet().terminate_after(30s);
  const json gone = pods_of("app:1").at(0);
  person_.mark_deleted({wire::kPods, kNamespace, gone.at("metadata").at("name"), "", {}});
  settle();
  EXPECT_EQ(pods_of("app:1").size(), 5U);
  EXPECT_EQ(status().value("replicas", 0), 4) << "a terminating pod does not count";
  run_for(30s);
  EXPECT_EQ(pods_of("app:1").size(), 4U);
}

TEST_F(Rollouts, RecreateTakesAllAwayFirst) {
  person_.update(web_, [](json& d) { d["spec"]["strategy"] = {{"type", "Recreate"}}; });
  settle();
  ship("app:2");
  for (int i = 0; i < 20; ++i) {
    controllers_.step(clock_.now());
    EXPECT_TRUE(pods_of("app:1").empty() || pods_of("app:2").empty()) << "never side by side";
  }
  EXPECT_EQ(pods_of("app:2").size(), 4U);
}

TEST_F(Rollouts, TwoRunsAreTheSame) {
  const auto play = [] {
    ManualClock clock;
    FakeCluster cluster{clock};
    DeploymentController controllers{cluster};
    Actor person = cluster.as_user();
    person.create(deployment_json("web", "app:1", 4));
    controllers.behave("app:1", CrashLoop{.every = 3s});
    for (int i = 0; i < 10; ++i) {
      clock.advance(1s);
      controllers.settle(clock.now());
    }
    return cluster.drain(wire::kPods, 1000);
  };
  EXPECT_EQ(play(), play());
}

}  // namespace fake
