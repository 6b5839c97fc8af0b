// What the policy tells: its conditions, the Events, the list of last rollbacks.
#include "decide/story.hpp"

#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "stage.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::Status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

World restored(const RunFrom& run) {
  return World().revision(2).bad().revision(1).good().shipped_again(1).pod("a").rollback(run);
}
RunFrom stabilizing() { return RunFrom(2).plan(1).restored(); }
RunFrom stabilized() { return RunFrom(2).plan(1).restored().complete(reason::kStabilized); }

struct Row {
  const char* name;
  World world;
  const char* type;
  const char* told;
};
class Policy : public testing::TestWithParam<Row> {};

TEST_P(Policy, Tells) {
  const auto decision = decide::decide(GetParam().world, kNow);
  ASSERT_TRUE(decision.status);
  EXPECT_EQ(condition(decision.status->conditions, GetParam().type), GetParam().told)
      << api::find(decision.status->conditions, GetParam().type)->message;
}

World without_target() {
  return World().change([](auto& world) { world.target.reset(); });
}
World with_rival() {
  return crashing().change([](auto& world) { world.rival = decide::Rival{"older"}; });
}
World invalid() {
  return crashing().change([](auto& world) { world.policy->spec_error = "spec.triggers[0].memory.above: 16g is no quantity"; });
}
// Its template is another than that of the newest ReplicaSet, and what was told was told of that one.
World edited() {
  return healthy_one()
      .status([](auto& status) { api::set(status.conditions, {"Ready", Status::True, reason::kArmed, "", 1, {}}, kNow); })
      .change([](auto& world) { world.target->pod_template.exact = "edited"; });
}
World without_set() {
  return edited().change([](auto& world) { world.target->progressing_reason = "ReplicaSetCreateError"; });
}
World behind() {
  return World().revision(1).change([](auto& world) { world.target->meta.generation = 9; });
}

INSTANTIATE_TEST_SUITE_P(Ready, Policy,
                         testing::Values(Row{"armed", healthy_one(), "Ready", "True Armed"},
                                         Row{"observing", healthy_one().mode(api::Mode::Observe), "Ready", "True Observing"},
                                         Row{"paused", healthy_one().mode(api::Mode::Paused), "Ready", "True Paused"},
                                         Row{"invalid", invalid(), "Ready", "False InvalidSpec"},
                                         Row{"no_target", without_target(), "Ready", "False TargetNotFound"},
                                         Row{"an_older_policy_acts", with_rival(), "Ready", "False TargetConflict"},
                                         Row{"not_settled_at_the_first_look", behind(), "Ready", "False Settling"},
                                         Row{"a_new_template_while_paused", edited().paused(), "Ready", "False Settling"},
                                         Row{"nothing_is_judged_then", edited().paused(), "Triggered", "False NothingFired"},
                                         Row{"no_replica_set_can_be_made", without_set(), "Ready", "False Settling"},
                                         Row{"stalled", crashing().at(1).bad(), "Ready", "False NoGoodRevision"},
                                         Row{"rolling_back", restored(stabilizing()), "Ready", "True RollingBack"},
                                         Row{"rolling_back_under_observe_too", restored(stabilizing()).mode(api::Mode::Observe),
                                             "Ready", "True RollingBack"},
                                         Row{"rolled_back", restored(stabilized()), "Ready", "True RolledBack"},
                                         Row{"not_any_more_once_another_was_shipped", restored(stabilized()).revision(9),
                                             "Ready", "True Armed"}),
                         [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Others, Policy,
    testing::Values(Row{"reconciling", restored(stabilizing()), "Reconciling", "True RollbackInProgress"},
                    Row{"idle", restored(stabilized()), "Reconciling", "False Idle"},
                    Row{"not_stalled", healthy_one(), "Stalled", "False NotStalled"},
                    Row{"stalled_without_a_way_back", crashing().at(1).bad(), "Stalled", "True NoGoodRevision"},
                    Row{"target_found", healthy_one(), "TargetResolved", "True TargetFound"},
                    Row{"target_not_found", without_target(), "TargetResolved", "False TargetNotFound"},
                    Row{"no_sources_needed", healthy_one(), "SourcesAvailable", "True NotNeeded"},
                    Row{"sources_readable", healthy_one().triggers({memory()}), "SourcesAvailable", "True SourcesReadable"},
                    Row{"source_forbidden", healthy_one().triggers({memory()}).change([](auto& world) {
                          world.memory_problem = base::Error{base::Fault::Forbidden, "nodes/stats"};
                        }),
                        "SourcesAvailable", "False SourceForbidden"},
                    Row{"source_out", healthy_one().triggers({memory()}).change([](auto& world) {
                          world.memory_problem = base::Error{base::Fault::Unavailable, "node-1"};
                        }),
                        "SourcesAvailable", "False SourceUnavailable"},
                    Row{"nothing_fired", healthy_one(), "Triggered", "False NothingFired"},
                    Row{"created", crashing(), "Triggered", "True RollbackCreated"},
                    Row{"would", crashing().mode(api::Mode::Observe), "Triggered", "True WouldRollBack"},
                    Row{"nothing_is_judged_beside_a_rival", with_rival(), "Triggered", "False NothingFired"}),
    [](const auto& info) { return info.param.name; });

std::string message(const World& world, const char* type) {
  const auto decision = decide::decide(world, kNow);
  return api::find(decision.status->conditions, type)->message;
}

TEST(Story, IsOneSentence) {
  EXPECT_EQ(message(healthy_one(), "Ready"),
            "watching Deployment web, web-2 (revision 2); would go back to web-1 (revision 1)");
  const auto seen_ready = [](auto& world) { world.revisions.back().seen_ready = true; };
  EXPECT_EQ(message(World().revision(1).revision(2).soaking(1s).pod("a").change(seen_ready), "Ready"),
            "watching Deployment web, web-2 (revision 2); would go back to web-1 (revision 1), which is assumed to be good");
  EXPECT_EQ(message(World().revision(1), "Ready"),
            "watching Deployment web, web-1 (revision 1); there is no revision to go back to yet");
  EXPECT_EQ(
      message(World().revision(1).change([](auto& world) { world.target->revision_history_limit = 0; }), "Ready"),
      "watching Deployment web, web-1 (revision 1); there is no revision to go back to, for its revisionHistoryLimit is 0");
  EXPECT_EQ(message(healthy_one().triggers({memory()}).change([](auto& world) {
              world.memory_problem = base::Error{base::Fault::Unavailable, "node-1"};
            }),
                    "Ready"),
            "watching Deployment web, web-2 (revision 2); would go back to web-1 (revision 1); memory can't be judged, see "
            "SourcesAvailable");
  EXPECT_THAT(message(restored(stabilized()), "Ready"), HasSubstr(", from web-2 (revision 2) to web-1 (revision 1): "));
  EXPECT_THAT(message(with_rival(), "Ready"), HasSubstr("RollbackPolicy older is older and acts on Deployment web"));
  const auto crossed = crashing().change([](auto& world) { world.rival = decide::Rival{"older", "HTTPRoute web"}; });
  EXPECT_THAT(message(crossed, "Ready"), HasSubstr("RollbackPolicy older is older and moves the weights of HTTPRoute web"));
  EXPECT_THAT(message(invalid(), "Ready"), HasSubstr("spec.triggers[0].memory.above"));
  EXPECT_THAT(message(crashing().mode(api::Mode::Observe), "Ready"), HasSubstr("would go back to web-1 (revision 1)"));
  EXPECT_THAT(message(crashing().rollback(RunFrom(2).plan(1).failed(reason::kAborted)), "Triggered"),
              HasSubstr("kubectl create -n shop"));
}

TEST(Story, IsKeptWhileTheViewIsBehind) {
  auto world = healthy_one().snapshot();
  carry_out(world, decide::decide(world, kNow), kNow);
  const auto before = world.policy->status;
  world.target->meta.generation = 9;
  const auto decision = decide::decide(world, kNow + 1s);
  EXPECT_EQ(*decision.status, before);
}

TEST(LastRollbacks, AreTold) {
  const auto all = decide::decide(restored(stabilized().age(600s)), kNow).status->rollbacks;
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all.front().from, "web-2 (revision 2)");
  EXPECT_EQ(all.front().to, "web-1 (revision 1)");
  EXPECT_EQ(all.front().result, "Stabilized");
  EXPECT_EQ(all.front().started, kNow - 600s);
  EXPECT_EQ(all.front().ended, kNow - 10s);
}

TEST(LastRollbacks, AreTenAtMostAndOfThisPolicy) {
  auto world = healthy_one();
  for (int n = 10; n < 30; ++n) world.rollback(RunFrom(n).plan(1).complete(reason::kStabilized).age(Seconds{n * 3600}));
  EXPECT_THAT(decide::decide(world, kNow).status->rollbacks, SizeIs(10));
  const auto other = healthy_one().rollback(stabilized().change([](auto& run) { run.spec.policy_name = "other"; }));
  EXPECT_THAT(decide::decide(other, kNow).status->rollbacks, IsEmpty());
}

// ---- Events ----

RunFrom at_the_write() { return RunFrom(2).plan(1).step(api::kStepEvidence, api::StepState::Done); }

TEST(RunEvents, OfADenialAreMadeFromItsStatusToo) {
  const auto run = at_the_write().rollback();
  const auto events =
      decide::run_events({run, decide::after_error(run.status, {base::Fault::Invalid, "quota exceeded"}, kNow)});
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events.front().reason, reason::kWriteDenied);
  EXPECT_THAT(events.front().note, HasSubstr("quota exceeded"));
}

// C47: a source that fails in another way each time, or comes and goes, is one piece of news.
World measured() { return healthy_one().triggers({memory()}).samples({100, 100, 100}, 61s); }
base::Error no_answer(const std::string& why) { return {base::Fault::Unavailable, "the kubelet of n1 can't be asked: " + why}; }

TEST(Sources, OtherWordsAloneAreNoNews) {
  decide::Snapshot world = measured();
  world.memory_problem = no_answer("timed out");
  carry_out(world, decide::decide(world, kNow), kNow);
  world.memory_problem = no_answer("connection refused");
  EXPECT_TRUE(writes_nothing(world, decide::decide(world, kNow + 10s)));
  world.memory_problem = base::Error{base::Fault::Unavailable, "the kubelet of n2 can't be asked: timed out"};
  EXPECT_FALSE(writes_nothing(world, decide::decide(world, kNow + 20s)));
}

TEST(Sources, ACallThatIsLostNowAndThenIsNoNews) {
  decide::Snapshot world = healthy_one().triggers({memory()}).samples({100, 100, 100});
  carry_out(world, decide::decide(world, kNow), kNow);
  for (auto now = kNow + 10s; now < kNow + 600s; now += 10s) {
    const bool lost = (now - kNow) % 20s == 0s;
    world.memory_problem = lost ? std::optional(no_answer("timed out")) : std::nullopt;
    if (!lost) world.memory.front().samples = {{now, 1e8, 1e8}};
    const auto decision = decide::decide(world, now);
    EXPECT_THAT(decision.events, IsEmpty());
    EXPECT_EQ(condition(decision.status->conditions, "SourcesAvailable"), "True SourcesReadable");
    carry_out(world, decision, now);
  }
}

TEST(Stalled, WhileAWriteIsRefused) {
  const auto refused = RunFrom(2)
                           .plan(1)
                           .step(api::kStepEvidence, api::StepState::Done)
                           .condition("Reverted", Status::False, reason::kWriteFailed);
  const auto decision = decide::decide(crashing().rollback(refused), kNow);
  EXPECT_EQ(condition(decision.status->conditions, "Stalled"), "True WriteFailed");
}

TEST(Refused, DoesNotSayThatItWasCreated) {
  const decide::Snapshot world = crashing();
  const auto decision = decide::decide(world, kNow);
  ASSERT_TRUE(decision.create);
  const auto told = decide::refused(world, *decision.status, {base::Fault::Forbidden, "no"}, kNow).status;
  EXPECT_THAT(api::find(told.conditions, "Triggered")->message, testing::EndsWith("could not be created"));
}

TEST(Ended, LeavesNoCommandBehind) {
  const auto run =
      RunFrom(2).decided(api::DecisionState::Aborted).condition("Approved", Status::Unknown, reason::kWaitingForDecision);
  const auto out = proceed(World().revision(1).good().revision(2).rollback(run));
  EXPECT_EQ(condition(out.next.conditions, "Approved"), "Unknown Pending");
}

}  // namespace
