// decide() is total: whatever it is given, it does not crash, keeps its promises, and deciding again on the unchanged world
// with the decision carried out comes to rest. That is what "a healthy hour writes nothing" stands on.
#include <gmock/gmock.h>

#include <algorithm>

#include "decide/reasons.hpp"
#include "random_world.hpp"
#include "stage.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
using decide::Decision;
using decide::Snapshot;

constexpr int kWorlds = 10'000;
constexpr int kWalks = 1'000;
constexpr int kStepsOfAWalk = 10;

bool holds_automatic_runs(const Snapshot& world) {
  return world.kill_switch || (world.policy && world.policy->spec.mode != api::Mode::Enforce);
}

const api::Rollback* run_of(const Snapshot& world, const std::string& uid) {
  const auto found =
      std::find_if(world.rollbacks.begin(), world.rollbacks.end(), [&](const auto& run) { return run.meta.uid == uid; });
  return found == world.rollbacks.end() ? nullptr : &*found;
}

bool has_run_by_hand(const Snapshot& world) {
  return std::any_of(world.rollbacks.begin(), world.rollbacks.end(),
                     [](const auto& run) { return run.by_hand() && !run.finished(); });
}

void check_create(const Snapshot& world, const Decision& decision) {
  if (!decision.create) return;
  const auto fired = std::find_if(decision.findings.begin(), decision.findings.end(), [&](const auto& finding) {
    return finding.trigger == decision.create->spec.trigger_name && finding.verdict == api::Verdict::Breached;
  });
  EXPECT_NE(fired, decision.findings.end()) << "no Rollback without a Breached verdict";
  EXPECT_FALSE(holds_automatic_runs(world));
  EXPECT_TRUE(world.policy && world.policy->spec_error.empty() && !world.rival);
  EXPECT_NE(decide::current(world), nullptr);
  for (const auto& run : world.rollbacks) EXPECT_NE(run.meta.name, decision.create->name) << "one run per shipping";
}

void check_write(const Snapshot& world, const decide::RevertTemplate& write) {
  const auto* run = run_of(world, write.rollback_uid);
  ASSERT_NE(run, nullptr);
  EXPECT_TRUE(run->by_hand() || !holds_automatic_runs(world)) << "a write of a run that is held";
  EXPECT_TRUE(run->status.plan) << "a write without a stored plan";
  EXPECT_FALSE(run->finished() || run->plan_unknown);
  ASSERT_TRUE(world.target);
  EXPECT_EQ(write.target_uid, world.target->meta.uid);
  EXPECT_EQ(write.from_exact, world.target->pod_template.exact);
  EXPECT_FALSE(world.target->paused);
  const auto* to = decide::find_revision(world, write.to_uid);
  ASSERT_NE(to, nullptr) << "a write of a revision that is gone";
}

void check_plan(const Snapshot& world, const Decision& decision) {
  EXPECT_TRUE(decision.plan.empty() || !holds_automatic_runs(world) || has_run_by_hand(world));
  for (const auto& step : decision.plan) {
    if (const auto* write = std::get_if<decide::RevertTemplate>(&step)) check_write(world, *write);
  }
}

// A finished run is final: only which spec was seen may change, and what is told of traffic that is held.
void check_final(const api::Rollback& run, api::RollbackStatus next) {
  if (!run.finished()) return;
  next.observed_generation = run.status.observed_generation;
  EXPECT_EQ(next, run.status);
}

// kstatus goes by the first of the two that is True.
void check_standing(const api::Conditions& all) {
  EXPECT_FALSE(api::is_true(all, "Reconciling") && api::is_true(all, "Stalled"));
}

void check_runs(const Snapshot& world, const Decision& decision) {
  if (decision.status) check_standing(decision.status->conditions);
  for (const auto& update : decision.runs) {
    check_final(update.run, update.next);
    check_standing(update.next.conditions);
    EXPECT_FALSE(update.run.plan_unknown);
    EXPECT_FALSE(api::is_true(update.next.conditions, "Complete") && api::is_true(update.next.conditions, "Failed"));
    EXPECT_TRUE(!update.run.status.plan || update.next.plan == update.run.status.plan) << "a plan is frozen";
    EXPECT_LE(update.next.reverts - update.run.status.reverts, 1);
  }
  for (const auto& old : decision.prune) EXPECT_TRUE(old.finished());
  EXPECT_EQ(decision.status.has_value(), world.policy.has_value());
}

void check_reasons(const Decision& decision) {
  for (const auto& reason : reasons_of(decision)) {
    EXPECT_NE(std::find(decide::reason::kAll.begin(), decide::reason::kAll.end(), reason), decide::reason::kAll.end())
        << reason << " is in no list";
  }
}

void check(const Snapshot& world, const Decision& decision) {
  check_create(world, decision);
  check_plan(world, decision);
  check_runs(world, decision);
  check_reasons(decision);
}

bool moves_no_run(const Snapshot& world, const Decision& decision) {
  const bool unfinished =
      std::any_of(world.rollbacks.begin(), world.rollbacks.end(), [](const auto& run) { return !run.finished(); });
  return !unfinished && !decision.create && decision.prune.empty();
}

// Without a run the second look changes nothing; a run may take some passes to its next wait, at the same time and without
// help.
void check_rest(Snapshot world, Instant now) {
  constexpr int kPassesOfARun = 24;
  int allowed = 1;
  for (int pass = 0; pass <= allowed; ++pass) {
    const auto decision = decide::decide(world, now);
    if (pass == 0 && !moves_no_run(world, decision)) allowed = kPassesOfARun;
    if (writes_nothing(world, decision)) {
      EXPECT_TRUE(!decision.look_again || *decision.look_again > now) << "a look at a time that is over never ends";
      return;
    }
    check(world, decision);
    carry_out(world, decision, now);
  }
  ADD_FAILURE() << "no rest after " << allowed << " passes";
}

TEST(Decide, IsTotalOnRandomWorlds) {
  for (int seed = 0; seed < kWorlds && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(static_cast<std::uint64_t>(seed));
    const Snapshot world = random_world(dice);
    check(world, decide::decide(world, kNow));
    check_rest(world, kNow);
  }
}

Snapshot sane_world(Dice& dice) {
  auto world = World()
                   .triggers({unstable(dice.below(4)), stuck(60s), memory()})
                   .revision(1, "r0")
                   .good()
                   .revision(2, "r1")
                   .seen_ready()
                   .revision(3, "r2")
                   .snapshot();
  auto& spec = world.policy->spec;
  if (dice.once_in(2)) spec.http = search_check();
  spec.stabilization = Seconds{dice.below(300)};
  spec.soak = Seconds{60 + dice.below(300)};
  spec.max_rollbacks = 1 + dice.below(4);
  return world;
}

TEST(Decide, IsTotalOnWhateverMayHappen) {
  for (int seed = 0; seed < kWalks && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(static_cast<std::uint64_t>(seed));
    Snapshot world = sane_world(dice);
    Instant now = kNow;
    for (int step = 0; step < kStepsOfAWalk && !HasFailure(); ++step) {
      SCOPED_TRACE(step);
      happen(world, dice, now);
      check_rest(world, now);
      const auto decision = decide::decide(world, now);
      check(world, decision);
      carry_out(world, decision, now);
      perform(world, decision.plan, now);
      now += Seconds{1 + dice.below(dice.once_in(4) ? 900 : 20)};
    }
  }
}

}  // namespace
