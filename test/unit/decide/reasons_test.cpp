// doc/status.md and what can be said are the same: every reason has a row, every row is said by some world below, and every
// condition and Event of these worlds stands in the table of its own kind.
#include "decide/reasons.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "decide/story.hpp"
#include "stage.hpp"
#include "two_sides.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::DecisionState;
using testing::ContainerEq;
using testing::Contains;

using Sections = std::map<std::string, std::set<std::string>>;

// The first column of each table, by the heading above it.
Sections documented() {
  std::ifstream file(RBC_SOURCE_DIR "/doc/status.md");
  EXPECT_TRUE(file.is_open());
  Sections sections;
  std::string heading;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ") || line.starts_with("### ")) heading = line.substr(line.find(' ') + 1);
    if (line.starts_with("| `")) sections[heading].insert(line.substr(3, line.find('`', 3) - 3));
  }
  return sections;
}

World measured() { return World().triggers({memory()}).revision(1).good().revision(2).pod("a"); }
World unreadable(base::Fault fault) {
  return measured().change([=](auto& world) { world.memory_problem = base::Error{fault, "no answer"}; });
}
World rolling_out(Seconds age) { return World().triggers({stuck()}).revision(1).good().revision(2).age(age).counts(1, 0, 4); }
World back() { return World().revision(2).revision(1).good().shipped_again(1).pod("a"); }
World gone(World world) {
  return world.change([](auto& seen) { seen.target.reset(); });
}
World fails_too() { return back().triggers({unstable(1), stuck()}).crash(1, 20s).crash(2, 10s); }

RunFrom at_the_write() { return RunFrom(2).plan(1).step(api::kStepEvidence, api::StepState::Done); }
RunFrom moving(Seconds since = 1s) {
  return at_the_write()
      .settings([](auto& settings) { settings.canary = canary_pair(); })
      .step(api::kStepTraffic, api::StepState::Running, since);
}
RunFrom written() { return RunFrom(2).plan(1).reverts(1, 2); }
RunFrom rolled_out() { return RunFrom(2).plan(1).rolled_out(); }
RunFrom verifying(Seconds since) {
  return rolled_out()
      .settings([](auto& settings) { settings.http = search_check(); })
      .step(api::kStepVerify, api::StepState::Running, since);
}
World unknown_plan() {
  return healthy_one().rollback(RunFrom(2).change([](auto& run) { run.plan_unknown = true; }));
}
World delivered_by(api::Deliverer by) {
  return healthy_one().change([=](auto& world) { world.target->delivery = {by, "app"}; });
}
World put_back() { return bad_runs().rollback(RunFrom(2).plan(1).reverts(3, 1)); }

std::vector<decide::Permission> no_right_to_patch() {
  return {{"create rollbacks.rollback.riptide.dev", true},
          {"patch rollbacks.rollback.riptide.dev/status", true},
          {"patch deployments.apps", false}};
}

std::map<std::string, World> worlds() {
  return {
      {reason::kArmed, healthy_one()},
      {reason::kObserving, healthy_one().mode(api::Mode::Observe)},
      {reason::kPaused, crashing().mode(api::Mode::Paused)},
      {reason::kInvalidSpec,
       bad_runs().rollback(RunFrom(2)).change([](auto& world) { world.policy->spec_error = "spec.triggers: odd"; })},
      {reason::kTargetNotFound, gone(healthy_one())},
      {reason::kTargetConflict, healthy_one().change([](auto& world) { world.rival = decide::Rival{"older"}; })},
      {reason::kRollingBack, back().rollback(written())},
      {reason::kRolledBack, back().rollback(RunFrom(2).plan(1).restored().complete(reason::kStabilized))},
      {reason::kSettling, World().revision(1).change([](auto& world) { world.target->meta.generation = 9; })},
      {reason::kForbidden, healthy_one().change([](auto& world) { world.permissions = no_right_to_patch(); })},
      {reason::kRollbackInProgress, bad_runs().rollback(RunFrom(2)).rollback(RunFrom(2).by_hand().age(600s))},
      {reason::kIdle, healthy_one()},
      {reason::kTopologyMismatch, healthy_one().split(9, 1).traffic([](auto& traffic) { traffic.canary_selector.clear(); })},
      {reason::kMovingTraffic, crashing().split(9, 1).rollback(moving())},
      {reason::kWeightsMoved, crashing().split(10, 0).rollback(moving())},
      {reason::kWaitingForCapacity,
       crashing().split(9, 1).traffic([](auto& traffic) { traffic.stable_ready = 2; }).rollback(moving())},
      {reason::kNoReadyPods,
       crashing().split(9, 1).traffic([](auto& traffic) { traffic.stable_ready = 0; }).rollback(moving(31s))},
      {reason::kRouteUnavailable, crashing().split(9, 1, 60s).rollback(moving(31s))},
      {reason::kRouteNotAccepted,
       crashing()
           .split(10, 0)
           .traffic([](auto& traffic) { traffic.routes[0].route.accepted = false; })
           .rollback(moving().condition("TrafficMoved", api::Status::False, reason::kMovingTraffic, 16s))},
      {reason::kNoGoodRevision, World().revision(2).pod("a").unready(5s).crash(1, 60s).crash(2, 30s)},
      {reason::kHalted, fails_too().rollback(RunFrom(2).plan(1).reverted().failed(reason::kRestoredRevisionUnhealthy))},
      {reason::kNotRevisionSpecific, fails_too().rollback(written().to_was_healthy("unstable"))},
      {reason::kGitOpsConflict, put_back()},
      {reason::kNotStalled, healthy_one()},
      {reason::kTargetFound, healthy_one()},
      {reason::kSourcesReadable, measured().samples({1})},
      {reason::kSourceForbidden, unreadable(base::Fault::Forbidden)},
      {reason::kSourceUnavailable, unreadable(base::Fault::Unavailable)},
      {reason::kNotNeeded, healthy_one()},
      {reason::kNothingFired, healthy_one()},
      {reason::kRollbackCreated, crashing().rollback(RunFrom(2))},
      {reason::kWouldRollBack, crashing().mode(api::Mode::Observe)},
      {reason::kAlreadyRolledBack, crashing().rollback(at_the_write().failed(reason::kAborted))},
      {reason::kKillSwitch, crashing().kill_switch()},
      {reason::kPlanVersionUnknown, unknown_plan()},
      {reason::kArgoCD, delivered_by(api::Deliverer::ArgoCD)},
      {reason::kFlux, delivered_by(api::Deliverer::Flux)},
      {reason::kHelm, delivered_by(api::Deliverer::Helm)},
      {reason::kNotManaged, delivered_by(api::Deliverer::None)},
      {reason::kAutomatic, crashing().rollback(at_the_write())},
      {reason::kByPerson, bad_runs().rollback(at_the_write().by_hand())},
      {reason::kRevisionTooOld, bad_runs().rollback(RunFrom(2).decided(DecisionState::Waiting, reason::kRevisionTooOld))},
      {reason::kWaitingForDecision, bad_runs().rollback(RunFrom(2).decided(DecisionState::Waiting))},
      {reason::kNotEnforcing, crashing().mode(api::Mode::Observe).rollback(at_the_write())},
      {reason::kTriggerNotBreached, bad_runs().rollback(RunFrom(2).age(601s))},
      {reason::kTemplateRestored, back().counts(1, 0, 4).rollback(written())},
      {reason::kServiceTurned, after_the_turn().rollback(turning())},
      {reason::kDraining, after_the_turn().rollback(turned(true, 20s))},
      {reason::kLeftAsItIs, after_the_turn().rollback(turned(false, 40s, false))},
      {reason::kPending, crashing().rollback(RunFrom(2))},
      {reason::kTargetPaused, bad_runs().paused().rollback(at_the_write())},
      {reason::kCapReached,
       crashing().rollback(RunFrom(2)).change([](auto& world) { world.reverting_elsewhere = world.max_reverting; })},
      {reason::kCriteriaHold, back().rollback(rolled_out())},
      {reason::kWaitingForRollout, back().counts(1, 0, 4).rollback(written())},
      {reason::kVerifying, back().rollback(verifying(60s))},
      {reason::kVerificationInconclusive, back().rollback(verifying(300s))},
      {reason::kRunning, back().rollback(written())},
      {reason::kStabilized, back().rollback(RunFrom(2).plan(1).restored(1800s))},
      {reason::kEndedByNewRelease, back().rollback(RunFrom(2).plan(1).restored()).revision(9)},
      {reason::kPolicyNotFound, bad_runs().no_policy().rollback(RunFrom(2).by_hand())},
      {reason::kPolicyDeleted, back().rollback(rolled_out()).no_policy()},
      {reason::kSuperseded, back().rollback(written()).revision(9)},
      {reason::kAborted, bad_runs().rollback(RunFrom(2).decided(DecisionState::Aborted))},
      {reason::kRestoredRevisionUnhealthy, fails_too().rollback(written())},
      {reason::kTargetDeleted, gone(bad_runs().rollback(at_the_write()))},
      {reason::kGaveUp, World().revision(1).revision(2).rollback(RunFrom(2))},
      {reason::kWithinLimit, healthy_one()},
      {reason::kMemoryAboveLimit, measured().samples({900, 900, 900})},
      {reason::kFailureLimitExceeded, crashing().triggers({unstable(1)})},
      {reason::kEveryPodCrashed, crashing()},
      {reason::kDeadlineExceeded, rolling_out(400s).counts(0, 0, 3)},
      {reason::kKnownBad, World().revision(1).good().revision(2).bad().pod("a").pod("b").crash(1, 5s)},
      {reason::kNoReadings, measured()},
      {reason::kReadingsStale, measured().samples({100}, 90s)},
      {reason::kUnschedulable, rolling_out(400s).pod("a").unschedulable()},
      {reason::kRolledOut, healthy_one()},
      {reason::kProgressing, rolling_out(60s)},
  };
}

// What is said of a write that was refused.
std::map<std::string, decide::RunUpdate> refusals() {
  const auto run = at_the_write().rollback();
  const auto after = [&](base::Fault fault) {
    return decide::RunUpdate{run, decide::after_error(run.status, {fault, "no"}, kNow)};
  };
  return {{reason::kWriteDenied, after(base::Fault::Invalid)}, {reason::kWriteFailed, after(base::Fault::Forbidden)}};
}

TEST(Reasons, EachIsExplainedAndNothingElseIs) {
  std::set<std::string> rows;
  for (const auto& [heading, reasons] : documented()) rows.insert(reasons.begin(), reasons.end());
  EXPECT_THAT(rows, ContainerEq(std::set<std::string>(reason::kAll.begin(), reason::kAll.end())));
}

TEST(Reasons, EachIsListedOnce) {
  EXPECT_EQ(std::set<std::string_view>(reason::kAll.begin(), reason::kAll.end()).size(), reason::kAll.size());
}

TEST(Reasons, EachIsSaidByAWorld) {
  std::set<std::string> said;
  for (const auto& [name, world] : worlds()) {
    EXPECT_THAT(reasons_of(decide::decide(world, kNow)), Contains(name));
    said.insert(name);
  }
  for (const auto& [name, update] : refusals()) {
    EXPECT_EQ(condition(update.next.conditions, "Reverted"), "False " + name);
    said.insert(name);
  }
  EXPECT_THAT(said, ContainerEq(std::set<std::string>(reason::kAll.begin(), reason::kAll.end())));
}

// Complete and Failed mirror each other: the one that is False has the reason of the one that is True. So do Reconciling and
// Stalled, and at the end of a run they have its reason.
void expect_documented(const Sections& sections, const api::Conditions& all) {
  for (const auto& condition : all) {
    const bool is_standing = condition.type == "Reconciling" || condition.type == "Stalled";
    auto of_type = sections.at(condition.type);
    const auto add = [&](const char* type) { of_type.insert(sections.at(type).begin(), sections.at(type).end()); };
    if (is_standing) add("Stalled");
    if (is_standing || condition.type == "Complete" || condition.type == "Failed") {
      add("Complete");
      add("Failed");
    }
    EXPECT_THAT(of_type, Contains(condition.reason)) << condition.type;
  }
}

void expect_documented(const Sections& sections, const std::vector<decide::Event>& events) {
  for (const auto& event : events) EXPECT_THAT(sections.at("Events"), Contains(event.reason));
}

TEST(Reasons, StandInTheTableOfTheirCondition) {
  const auto sections = documented();
  for (const auto& [name, world] : worlds()) {
    SCOPED_TRACE(name);
    const auto decision = decide::decide(world, kNow);
    if (decision.status) expect_documented(sections, decision.status->conditions);
    for (const auto& update : decision.runs) expect_documented(sections, update.next.conditions);
    for (const auto& finding : decision.findings)
      EXPECT_THAT(sections.at("Verdicts of the triggers"), Contains(finding.reason));
    expect_documented(sections, decision.events);
  }
  for (const auto& [name, update] : refusals()) {
    expect_documented(sections, update.next.conditions);
    expect_documented(sections, decide::run_events(update));
  }
}

}  // namespace
