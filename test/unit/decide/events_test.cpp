// Which Events are said of a policy and its runs, and that each is said once.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "stage.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using testing::ElementsAre;
using testing::IsEmpty;

World without_target() {
  return World().change([](auto& world) { world.target.reset(); });
}
World restored(const RunFrom& run) {
  return World().revision(2).bad().revision(1).good().shipped_again(1).pod("a").rollback(run);
}
RunFrom stabilized() { return RunFrom(2).plan(1).restored().complete(reason::kStabilized); }

std::vector<std::string> said(const decide::Decision& decision) {
  std::vector<std::string> words;
  for (const auto& event : decision.events)
    words.push_back(std::string(event.type == decide::EventType::Normal ? "Normal " : "Warning ") + event.reason);
  return words;
}

struct EventRow {
  const char* name;
  World world;
  std::vector<std::string> events;
};
class Says : public testing::TestWithParam<EventRow> {};
TEST_P(Says, OnceAndNotAgain) {
  decide::Snapshot world = GetParam().world;
  const auto decision = decide::decide(world, kNow);
  EXPECT_EQ(said(decision), GetParam().events);
  carry_out(world, decision, kNow);
  world.rollbacks = GetParam().world.snapshot().rollbacks;  // an old view of the runs says nothing twice
  EXPECT_THAT(said(decide::decide(world, kNow + 1s)), IsEmpty());
}

RunFrom at_the_write() { return RunFrom(2).plan(1).step(api::kStepEvidence, api::StepState::Done); }
const char* const kCreated = "Warning RollbackCreated";

INSTANTIATE_TEST_SUITE_P(
    Event, Says,
    testing::Values(
        EventRow{"nothing_of_a_healthy_service", healthy_one(), {}},
        EventRow{"what_it_would_do", crashing().mode(api::Mode::Observe), {"Warning WouldRollBack"}},
        EventRow{"that_it_is_held", crashing().kill_switch(), {"Warning KillSwitch"}},
        EventRow{"that_it_cannot_go_on", crashing().at(1).bad(), {"Warning NoGoodRevision"}},
        EventRow{"that_the_target_is_missing", without_target(), {"Warning TargetNotFound"}},
        EventRow{"that_a_source_is_out",
                 healthy_one().triggers({memory()}).change([](auto& world) {
                   world.memory_problem = base::Error{base::Fault::Forbidden, "nodes/stats"};
                 }),
                 {"Warning SourceForbidden"}},
        EventRow{"what_it_created", crashing().rollback(at_the_write()), {kCreated}},
        EventRow{"what_a_person_created", bad_runs().rollback(at_the_write().by_hand()), {"Normal RollbackCreated"}},
        EventRow{"that_the_template_is_back",
                 World().revision(2).revision(1).good().shipped_again(1).counts(1, 0, 4).rollback(at_the_write().reverts(1, 2)),
                 {kCreated, "Normal TemplateRestored"}},
        EventRow{"that_it_ended_well",
                 restored(RunFrom(2).plan(1).restored(1800s)),
                 {kCreated, "Normal TemplateRestored", "Normal CriteriaHold", "Normal Stabilized"}},
        EventRow{
            "that_it_failed", restored(at_the_write().decided(api::DecisionState::Aborted)), {kCreated, "Warning Aborted"}},
        EventRow{"that_it_waits_for_a_person",
                 bad_runs().rollback(at_the_write().decided(api::DecisionState::Waiting)),
                 {kCreated, "Warning WaitingForDecision"}},
        EventRow{"that_the_revision_is_too_old",
                 bad_runs().rollback(at_the_write().decided(api::DecisionState::Waiting, reason::kRevisionTooOld)),
                 {kCreated, "Warning RevisionTooOld"}},
        EventRow{"that_the_target_is_paused", bad_runs().paused().rollback(at_the_write()), {kCreated, "Warning TargetPaused"}},
        EventRow{"one_of_a_template_that_is_put_back_each_time",
                 crashing().bad().rollback(RunFrom(2).plan(1).reverts(3, 1)),
                 {kCreated, "Warning GitOpsConflict"}},
        EventRow{"no_second_one_of_what_cannot_be_used",
                 crashing().change([](auto& world) { world.policy->spec_error = "spec.triggers: odd"; }),
                 {"Warning InvalidSpec"}},
        EventRow{"no_history_that_a_new_policy_finds", restored(stabilized()), {}}),
    [](const auto& info) { return info.param.name; });

TEST(RunEvents, AreOnlyWhatIsNewOfARunWhosePolicyIsGone) {
  const auto all = said(decide::decide(restored(RunFrom(2).plan(1).restored()).no_policy(), kNow));
  EXPECT_THAT(all, ElementsAre("Normal PolicyDeleted"));
}

TEST(EventNames, AreOnePerShippingAndOnePerRun) {
  const auto event_of = [](const World& world) { return decide::decide(world, kNow).events.back().about; };
  EXPECT_EQ(event_of(crashing().mode(api::Mode::Observe)), std::string(kPolicyUid) + "/rs-2/2");
  EXPECT_EQ(event_of(restored(RunFrom(2).plan(1).restored(1800s))), RunFrom(2).rollback().meta.uid);
}

}  // namespace
