#include "observe/observer.hpp"

#include <gmock/gmock.h>

#include "unit/observe/given.hpp"
#include "unit/observe/texts.hpp"

namespace observe {
namespace {

using api::Key;
using given::kNow;
using std::chrono::seconds;
using testing::SizeIs;

const Key kWeb{"shop", "web"};

struct World {
  fake::ManualClock clock;
  given::FakeKubelets kubelets;
  given::ScriptedHttp http;
  given::ScriptedApi api;
  Hold hold;
  Cache cache{clock, kept_kinds(true), {}, [](const Key&) {}};
  Collector collector{{kubelets, http, api}, clock, EvidenceLines::Full, [](const Key&) {}};
  Observer observer{cache, collector, [this] { return hold; }};

  void fill() {
    for (const auto& kind : kept_kinds(true)) {
      cache.begin({kind, ""});
      cache.end({kind, ""});
    }
  }
  void put(const wire::Kind& kind, const given::json& object) { ASSERT_TRUE(cache.apply({kind, ""}, "ADDED", object.dump())); }
  void put_chain() {
    put(wire::kPolicies, given::policy_text());
    put(wire::kDeployments, given::deployment_text());
    put(wire::kReplicaSets, given::set_text());
    put(wire::kPods, given::pod_text());
  }
  decide::Snapshot look() { return observer.look(kWeb).value().value(); }
};

TEST(ObserveObserver, NothingIsDecidedBeforeTheCachesAreFull) {
  World world;
  const auto seen = world.observer.look(kWeb);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().fault, base::Fault::Unavailable);
}

TEST(ObserveObserver, NothingToLookAt) {
  World world;
  world.fill();
  const auto seen = world.observer.look(kWeb);
  ASSERT_TRUE(seen);
  EXPECT_FALSE(*seen);
}

TEST(ObserveObserver, ConfigurationCountsAtOnce) {
  World world;
  world.fill();
  world.put_chain();
  EXPECT_FALSE(world.look().kill_switch);
  world.hold = {true, 3};
  EXPECT_TRUE(world.look().kill_switch);
  EXPECT_EQ(world.look().max_reverting, 3);
}

TEST(ObserveObserver, MemoryOfThePodsOfTheTarget) {
  World world;
  world.fill();
  world.put_chain();
  world.kubelets.set("node-1", {{"p1", "app", {kNow, 5, 6}}, {"stranger", "app", {kNow, 7, 8}}});
  decide::Wants wants;
  wants.memory_nodes = {"node-1"};
  world.observer.want(kWeb, wants);
  world.collector.run_due();
  const auto seen = world.look();
  ASSERT_THAT(seen.memory, SizeIs(1));
  EXPECT_EQ(seen.memory[0].pod_uid, "p1");
  EXPECT_EQ(seen.memory[0].samples.at(0).rss_bytes, 5);
  EXPECT_FALSE(seen.memory_problem);
}

TEST(ObserveObserver, ProblemAndChecksAreTold) {
  World world;
  world.fill();
  world.put_chain();
  world.http.answers.push_back(wire::Response{200, {}, ""});
  decide::Wants wants;
  wants.memory_nodes = {"node-1"};
  wants.probe.emplace();
  wants.probe->http.checks = {{"health", "GET", "/health", "", ""}};
  wants.probe->pods = {{"p1", "web-a-1", "10.0.0.1"}};
  world.observer.want(kWeb, wants);
  world.collector.run_due();
  EXPECT_TRUE(world.look().memory_problem);
  EXPECT_THAT(world.look().probes, SizeIs(1));
}

TEST(ObserveObserver, EvidenceIsOfTheUnfinishedRunOnly) {
  World world;
  world.fill();
  world.put_chain();
  world.put(wire::kRollbacks, given::rollback_text());
  decide::Wants wants;
  wants.evidence = decide::EvidenceWant{"run-web-run", {{"web-a-1", "app", 1, "Error", "", "", ""}}};
  world.observer.want(kWeb, wants);
  world.collector.run_due();
  ASSERT_TRUE(world.look().evidence);
  EXPECT_THAT(*world.look().evidence, SizeIs(1));
  world.put(wire::kRollbacks, given::rollback_text({.true_conditions = {"Complete"}}));
  EXPECT_FALSE(world.look().evidence);
}

}  // namespace
}  // namespace observe
