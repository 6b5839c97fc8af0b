// A target that a tool delivers: what the policy says of it, and what is left to do when the tool has won.
#include "decide/gitops.hpp"

#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "stage.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Deliverer;
using api::Status;
using api::StepState;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

World delivered_by(Deliverer by, const std::string& sign) {
  return healthy_one().change([&](auto& world) { world.target->delivery = {by, sign}; });
}
const api::Condition* managed(const decide::Decision& decision) {
  return api::find(decision.status->conditions, "GitOpsManaged");
}

struct Row {
  const char* name;
  World world;
  const char* told;
  std::vector<const char*> says;
};
class GitOpsManaged : public testing::TestWithParam<Row> {};
TEST_P(GitOpsManaged, IsToldWithWhatWillHappenAndTheWaysOut) {
  decide::Snapshot world = GetParam().world;
  const auto decision = decide::decide(world, kNow);
  ASSERT_NE(managed(decision), nullptr);
  EXPECT_EQ(condition(decision.status->conditions, "GitOpsManaged"), GetParam().told);
  for (const char* words : GetParam().says) EXPECT_THAT(managed(decision)->message, HasSubstr(words));
  EXPECT_LT(managed(decision)->message.size(), 512U);
  carry_out(world, decision, kNow);
  EXPECT_TRUE(writes_nothing(world, decide::decide(world, kNow + 1s)));
}
INSTANTIATE_TEST_SUITE_P(By, GitOpsManaged,
                         testing::Values(Row{"nobody", healthy_one(), "False NotManaged", {"no sign of Argo CD, Flux or Helm"}},
                                         Row{"argo_cd",
                                             delivered_by(Deliverer::ArgoCD, "Application shop"),
                                             "True ArgoCD",
                                             {"Argo CD (Application shop) delivers Deployment web", "self-heal",
                                              "GitOpsConflict", "in Git", "--sync-policy none"}},
                                         Row{"flux",
                                             delivered_by(Deliverer::Flux, "Kustomization apps/shop"),
                                             "True Flux",
                                             {"Flux (Kustomization apps/shop)", "GitOpsConflict", "in Git", "flux suspend"}},
                                         Row{"helm",
                                             delivered_by(Deliverer::Helm, "release web"),
                                             "True Helm",
                                             {"Helm (release web)", "the next helm upgrade works as it is", "helm rollback"}},
                                         Row{"nobody_where_there_is_no_target",
                                             World().change([](auto& world) { world.target.reset(); }),
                                             "Unknown TargetNotFound",
                                             {}}),
                         [](const auto& info) { return info.param.name; });

TEST(GitOpsManaged, IsNoReasonToDoAnythingElse) {
  const World crashing = healthy_one().unready(5s).crash(1, 60s).crash(2, 30s);
  World managed_one = crashing;
  managed_one.change([](auto& world) { world.target->delivery = {Deliverer::ArgoCD, "Application shop"}; });
  EXPECT_TRUE(decide::decide(crashing, kNow).create);
  EXPECT_TRUE(decide::decide(managed_one, kNow).create);
}

// ---- after a GitOpsConflict: number 5 is the bad template that was put back a third time ----

RunFrom given_up() {
  return RunFrom(2)
      .plan(1)
      .settings([](auto& settings) { settings.canary = canary_pair(); })
      .reverts(3, 5)
      .step(api::kStepTraffic, StepState::Done)
      .condition("TrafficMoved", Status::True, reason::kWeightsMoved)
      .failed(reason::kGitOpsConflict)
      .change([](auto& run) {
        run.status.traffic_moves = 1, run.status.traffic_generation = 1, run.status.last_traffic_move = kNow - 30s;
      });
}
// The canary has its weight again, by a write (generation 3) after ours (2).
World put_back() {
  return World()
      .revision(1)
      .good()
      .revision(2)
      .bad()
      .change([](auto& world) { world.revisions.front().set.revision = 5; })
      .pod("a")
      .unready(5s)
      .crash(1, 60s)
      .crash(2, 30s)
      .split(50, 50)
      .traffic([](auto& traffic) { traffic.routes.front().route.generation = 3; });
}
int moves(const decide::Decision& decision) {
  return static_cast<int>(std::count_if(decision.plan.begin(), decision.plan.end(),
                                        [](const auto& step) { return std::holds_alternative<decide::MoveTraffic>(step); }));
}

TEST(AfterAGitOpsConflict, TheCanaryIsHeldAtZero) {
  decide::Snapshot world = put_back().rollback(given_up());
  const auto decision = decide::decide(world, kNow);
  EXPECT_EQ(moves(decision), 1);
  EXPECT_THAT(decision.plan, SizeIs(1)) << "and nothing else is written";
  ASSERT_TRUE(decision.wants.traffic);
  EXPECT_EQ(decision.wants.traffic->period, 5s);
  EXPECT_FALSE(decision.create);
  EXPECT_THAT(decision.runs, SizeIs(1));
  const auto& next = decision.runs.front().next;
  EXPECT_EQ(next.traffic_moves, 2);
  EXPECT_EQ(condition(next.conditions, "TrafficMoved"), "False MovingTraffic");
  EXPECT_EQ(condition(next.conditions, "Failed"), "True GitOpsConflict");
  EXPECT_EQ(condition(decision.status->conditions, "Stalled"), "True GitOpsConflict");
}

TEST(AfterAGitOpsConflict, WhatIsAtZeroIsOnlyLookedAt) {
  const decide::Snapshot world = put_back().split(100, 0).rollback(given_up());
  const auto decision = decide::decide(world, kNow);
  EXPECT_THAT(decision.plan, IsEmpty());
  EXPECT_EQ(decision.wants.traffic->period, 5s);
}

struct Free {
  const char* name;
  World world;
};
class NotHeld : public testing::TestWithParam<Free> {};
TEST_P(NotHeld, IsItsOwners) { EXPECT_EQ(moves(decide::decide(GetParam().world, kNow)), 0); }
INSTANTIATE_TEST_SUITE_P(
    Canary, NotHeld,
    testing::Values(Free{"once_another_template_is_live", put_back().rollback(given_up()).revision(6)},
                    Free{"when_the_same_comes_again_after_another",
                         put_back().rollback(given_up()).revision(6).shipped_again(5)},
                    Free{"of_another_end", put_back().rollback(given_up().failed(reason::kAborted))},
                    Free{"once_a_person_aborts_it", put_back().rollback(given_up().decided(api::DecisionState::Aborted))},
                    Free{"under_observe", put_back().rollback(given_up()).mode(api::Mode::Observe)},
                    Free{"by_the_kill_switch", put_back().rollback(given_up()).kill_switch()},
                    Free{"without_the_policy", put_back().rollback(given_up()).no_policy()},
                    Free{"whose_traffic_was_never_taken",
                         put_back().rollback(given_up().step(api::kStepTraffic, StepState::Failed).change([](auto& run) {
                           std::erase_if(run.status.steps, [](const auto& step) {
                             return step.name == api::kStepTraffic && step.state == StepState::Done;
                           });
                         }))},
                    Free{"of_another_target",
                         put_back().rollback(given_up().change([](auto& run) { run.status.plan->target_uid = "old"; }))}),
    [](const auto& info) { return info.param.name; });

TEST(AfterAGitOpsConflict, ARunByHandTakesOver) {
  const auto by_hand = RunFrom(2).plan(1).settings([](auto& settings) { settings.canary = canary_pair(); }).by_hand().age(10s);
  const auto decision = decide::decide(put_back().rollback(given_up()).rollback(by_hand), kNow);
  ASSERT_THAT(decision.plan, SizeIs(1));
  EXPECT_EQ(std::get<decide::MoveTraffic>(decision.plan.front()).rollback_name, "by-hand");
}

TEST(AfterAGitOpsConflict, ARefusedWriteIsToldAndTriedWithoutSayingAnythingNew) {
  decide::Snapshot world = put_back().rollback(given_up());
  auto& status = world.rollbacks.front().status;
  carry_out(world, decide::decide(world, kNow), kNow);
  status = decide::after_traffic_error(status, {base::Fault::Forbidden, "may not patch httproutes"}, kNow);
  const auto again = decide::decide(world, kNow + 5s);
  EXPECT_EQ(moves(again), 1);
  EXPECT_THAT(again.runs, IsEmpty());
}

}  // namespace
