// R27: a right that a rollback would miss is told before it is needed.
#include "decide/rights.hpp"

#include <set>

#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "two_sides.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> wanted(const World& world) {
  std::vector<std::string> out;
  for (const auto& right : decide::decide(world, kNow).wants.rights) out.push_back(describe(right));
  return out;
}
std::string told(const World& world, const char* type) {
  return condition(decide::decide(world, kNow).status->conditions, type);
}
// The answers about everything that the policy needs: yes, but for what is missing.
World answered(World world, const std::set<std::string>& missing) {
  const auto needed = wanted(world);
  return world.change([&](auto& seen) {
    seen.permissions.clear();
    for (const auto& right : needed) seen.permissions.push_back({right, !missing.contains(right)});
  });
}
World without_right(const World& world) { return answered(world, {"patch deployments.apps"}); }

TEST(Rights, AreThoseThatARollbackOfThisPolicyNeeds) {
  const std::vector<std::string> plain{"create rollbacks.rollback.riptide.dev", "patch rollbacks.rollback.riptide.dev/status",
                                       "patch deployments.apps"};
  EXPECT_EQ(wanted(healthy_one()), plain);
  auto canary = plain;
  canary.emplace_back("patch horizontalpodautoscalers.autoscaling");
  canary.emplace_back("patch httproutes.gateway.networking.k8s.io");
  EXPECT_EQ(wanted(healthy_one().split(90, 10)), canary);
  auto pair = plain;
  pair.emplace_back("patch services");
  pair.emplace_back("patch horizontalpodautoscalers.autoscaling");
  EXPECT_EQ(wanted(before_two_sides()), pair);
}

TEST(Rights, AreOfNoInterestWhileNothingWillBeDone) {
  EXPECT_THAT(wanted(healthy_one().mode(api::Mode::Observe)), IsEmpty());
  EXPECT_THAT(wanted(healthy_one().change([](auto& seen) { seen.rival = decide::Rival{"older"}; })), IsEmpty());
}

TEST(Rights, ThatAreMissingAreToldByName) {
  const World world = without_right(healthy_one());
  EXPECT_EQ(told(world, "Ready"), "False Forbidden");
  EXPECT_EQ(told(world, "Stalled"), "True Forbidden");
  const auto decision = decide::decide(world, kNow);
  EXPECT_THAT(api::find(decision.status->conditions, "Ready")->message, HasSubstr("no right to patch deployments.apps;"));
  ASSERT_THAT(decision.events, SizeIs(1));
  EXPECT_EQ(decision.events.front().reason, reason::kForbidden);
  EXPECT_FALSE(decision.findings.empty()) << "it is judged all the same";
}

TEST(Rights, ToRaiseAMinimumIsMissedByWhatWouldBeLackedWithoutIt) {
  const char* const raise = "patch horizontalpodautoscalers.autoscaling";
  const auto message = [](const World& world) {
    return api::find(decide::decide(world, kNow).status->conditions, "Ready")->message;
  };
  const World canary = healthy_one().split(90, 10);
  EXPECT_THAT(message(answered(canary, {raise})), HasSubstr("would move traffic without raising minReplicas for it"));
  EXPECT_THAT(message(answered(canary, {raise, "patch deployments.apps"})), HasSubstr("would fail"));
}

TEST(Rights, ThatAreMissingKeepNoRollbackFromBeingTried) {
  const auto decision = decide::decide(without_right(crashing()), kNow);
  EXPECT_TRUE(decision.create) << "the answer of the moment counts, not the one that was asked for before";
}

TEST(Rights, AreToldAsBeforeUntilTheyWereAskedFor) {
  World world = without_right(healthy_one());
  const auto first = *decide::decide(world, kNow).status;
  world.status([&](auto& status) { status = first; }).change([](auto& seen) { seen.permissions.pop_back(); });
  const auto after_a_restart = decide::decide(world, kNow);
  EXPECT_EQ(*after_a_restart.status, first);
  EXPECT_THAT(after_a_restart.events, IsEmpty());
  EXPECT_EQ(told(World(world).mode(api::Mode::Observe), "Ready"), "True Observing");
  world = answered(world, {});
  EXPECT_EQ(told(world, "Ready"), "True Armed");
  EXPECT_EQ(told(world, "Stalled"), "False NotStalled");
}

}  // namespace
