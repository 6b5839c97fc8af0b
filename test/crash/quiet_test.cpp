// A day in which nothing happens, on the manual clock.
#include <gmock/gmock.h>

#include "crash/scenario.hpp"

namespace {

using namespace std::chrono_literals;
using crash::Stage;

TEST(Quiet, ADayOfAHealthyWorkloadWritesNothingOnceItsRevisionIsMarkedGood) {
  Stage stage;
  int reading = 0;
  stage.measure([&](const std::string&) { return 100e6 + 1e6 * (++reading % 50); });
  stage.deploy("good", 3);
  stage.policy([](auto& policy) {
    policy["spec"]["triggers"].push_back(
        {{"name", "memory"}, {"type", "Memory"}, {"memory", {{"measure", "RSS"}, {"above", "300M"}}}});
  });
  crash::Machine machine(stage.cluster, stage.clock, stage.kubelets, stage.pods);
  const auto live = [&](base::Millis step, base::Millis time) {
    for (const auto end = stage.clock.now() + time; stage.clock.now() < end; stage.clock.advance(step)) {
      stage.controllers.step(stage.clock.now());
      machine.catch_up();
    }
  };
  live(1s, 1min);
  const auto policy = stage.person().get({wire::kPolicies, fake::kNamespace, "web", "", {}});
  ASSERT_EQ(policy.at("status").at("marks").at(0).at("mark"), "Good");
  const auto before = stage.cluster.writes().size();
  const int measured = reading;
  live(5s, 24h);
  EXPECT_EQ(stage.cluster.writes().size(), before);
  EXPECT_GT(reading - measured, 3 * 24 * 60);  // it did look, all day
}

}  // namespace
