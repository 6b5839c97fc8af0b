// The write: evidence first and never for long, once per shipping of the bad template, bounded in every way.
#include <gmock/gmock.h>

#include "decide/reasons.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
namespace reason = decide::reason;
using api::StepState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

RunFrom planned(Seconds evidence_ago = 10s) {
  return RunFrom(2).plan(1).step(api::kStepEvidence, StepState::Running, evidence_ago);
}
RunFrom ready() { return RunFrom(2).plan(1).step(api::kStepEvidence, StepState::Done); }
// The bad template again: the revision of number 2 was shipped again as number 4, after ours had been number 3.
World put_back(const RunFrom& run, int number = 4) {
  return World()
      .revision(1)
      .good()
      .shipped_again(1)
      .revision(2)
      .change([&](auto& world) {
        for (auto& revision : world.revisions) revision.set.revision = revision.set.meta.uid == "rs-2" ? number : number - 1;
        std::sort(world.revisions.begin(), world.revisions.end(),
                  [](const auto& a, const auto& b) { return a.set.revision > b.set.revision; });
        world.target->pod_template = world.revisions.front().set.pod_template;
      })
      .rollback(run);
}

const decide::RevertTemplate* write_of(const decide::Progress& out) {
  return out.steps.empty() ? nullptr : std::get_if<decide::RevertTemplate>(&out.steps.front());
}
std::string failed(const decide::Progress& out) { return condition(out.next.conditions, "Failed"); }

TEST(Write, SaysWhatItReplacesAndOnWhoseBehalf) {
  const auto out = proceed(bad_runs().rollback(ready()), {breached()});
  const auto* write = write_of(out);
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(write->target, (api::Key{"shop", "web"}));
  EXPECT_EQ(write->target_uid, kTargetUid);
  EXPECT_EQ(write->from_exact, release("v2").exact);
  EXPECT_EQ(write->to_uid, "rs-1");
  EXPECT_EQ(write->to_name, "web-1");
  EXPECT_EQ(write->rollback_name, ready().rollback().meta.name);
  EXPECT_EQ(write->rollback_generation, 1);
  EXPECT_EQ(write->policy_uid, kPolicyUid);
  EXPECT_EQ(write->policy_generation, 1);
  EXPECT_EQ(out.next.reverts, 1);
  EXPECT_EQ(out.next.revert_number, 2);
  EXPECT_EQ(step(out.next, api::kStepRevert), "Running");
}

TEST(Write, GoesOnWithoutThePolicy) {
  const auto out = proceed(bad_runs().no_policy().rollback(ready()));
  ASSERT_NE(write_of(out), nullptr);
  EXPECT_EQ(write_of(out)->policy_uid, "");
}

TEST(Write, TriedAgainCountsOnce) {
  const auto run = ready().change([](auto& entry) { entry.status.reverts = 1, entry.status.revert_number = 2; });
  const auto out = proceed(bad_runs().rollback(run), {breached()});
  EXPECT_NE(write_of(out), nullptr);
  EXPECT_EQ(out.next.reverts, 1);
}

TEST(Write, WaitsWhileTheViewIsBehind) {
  const auto out =
      proceed(bad_runs().rollback(ready()).change([](auto& world) { world.target->meta.generation = 9; }), {breached()});
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_EQ(out.next.reverts, 0);
}

// ---- evidence ----

TEST(Evidence, IsWaitedForAtMost3s) {
  const auto waiting = proceed(bad_runs().pod("a").rollback(planned(2s)), {breached()});
  EXPECT_THAT(waiting.steps, IsEmpty());
  EXPECT_EQ(waiting.look_again, kNow + 1s);
  EXPECT_TRUE(waiting.wants.evidence);
  EXPECT_EQ(waiting.next.reverts, 0);
  const auto late = proceed(bad_runs().pod("a").rollback(planned(3s)), {breached()});
  EXPECT_NE(write_of(late), nullptr);
  EXPECT_EQ(step(late.next, api::kStepEvidence), "Failed not answered within 3 s");
}

TEST(Evidence, IsKeptAndTheWriteFollowsAtOnce) {
  const auto out = proceed(bad_runs().rollback(planned(0s)).change([](auto& world) {
    world.evidence = std::vector<api::PodEvidence>{{"web-2-a", "web", 137, "OOMKilled", "", "now", "before"}};
  }),
                           {breached()});
  EXPECT_NE(write_of(out), nullptr);
  EXPECT_THAT(out.next.evidence, SizeIs(1));
  EXPECT_EQ(step(out.next, api::kStepEvidence), "Done 1 pods");
}

// ---- obstacles ----

TEST(Obstacle, APausedTargetIsWaitedFor) {
  const auto out = proceed(bad_runs().paused().rollback(ready()), {breached()});
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "False TargetPaused");
  EXPECT_EQ(failed(out), "False Running");
}

TEST(Obstacle, TheRevisionToGoToIsGone) {
  const auto out = proceed(World().revision(2).rollback(ready()), {breached()});
  EXPECT_EQ(failed(out), "True GaveUp");
  EXPECT_THAT(out.steps, IsEmpty());
}

struct BreathRow {
  const char* name;
  RunFrom run;
  decide::Finding finding;
  bool writes;
};
class BeforeItsFirstWrite : public testing::TestWithParam<BreathRow> {};
TEST_P(BeforeItsFirstWrite, AsksAgain) {
  const auto out = proceed(bad_runs().rollback(GetParam().run), {GetParam().finding});
  EXPECT_EQ(write_of(out) != nullptr, GetParam().writes);
  EXPECT_EQ(condition(out.next.conditions, "Reverted") == "Unknown TriggerNotBreached", !GetParam().writes);
}

RunFrom asked_for(int reverts, int number) {
  return ready().age(601s).change([=](auto& run) { run.status.reverts = reverts, run.status.revert_number = number; });
}

INSTANTIATE_TEST_SUITE_P(Run, BeforeItsFirstWrite,
                         testing::Values(BreathRow{"not_while_young", ready().age(600s), healthy(), true},
                                         BreathRow{"an_old_one_whose_trigger_is_healthy", ready().age(601s), healthy(), false},
                                         BreathRow{"an_old_one_whose_trigger_is_unknown", ready().age(601s), unknown(), false},
                                         BreathRow{"an_old_one_whose_trigger_is_breached", ready().age(601s), breached(), true},
                                         BreathRow{"an_old_one_whose_write_was_not_accepted_yet", asked_for(1, 2), healthy(),
                                                   false},
                                         BreathRow{"not_one_by_hand", ready().by_hand().age(601s), healthy(), true}),
                         [](const auto& info) { return info.param.name; });

TEST(AfterItsFirstWrite, NoTriggerIsAskedAnyMore) {
  EXPECT_NE(write_of(proceed(put_back(ready().age(601s).reverts(1, 2)), {healthy()})), nullptr);
}

// ---- denials ----

TEST(Denial, IsCountedAndNamed) {
  const auto next = decide::after_error(ready().rollback().status, {base::Fault::Invalid, "quota exceeded"}, kNow);
  EXPECT_EQ(next.attempts, 1);
  EXPECT_EQ(next.last_attempt, kNow);
  EXPECT_EQ(next.last_error, "quota exceeded");
  EXPECT_EQ(condition(next.conditions, "Reverted"), "False WriteDenied");
}

TEST(Denial, OfARightIsNamedAndNotCounted) {
  const auto next = decide::after_error(ready().rollback().status, {base::Fault::Forbidden, "may not patch"}, kNow);
  EXPECT_EQ(next.attempts, 0);
  EXPECT_EQ(condition(next.conditions, "Reverted"), "False WriteFailed");
}

// R20: told, for a webhook or a server that is out lasts; not counted, for it says nothing about the write.
TEST(Denial, OfNobodyIsToldAndNotCounted) {
  for (const auto fault : {base::Fault::Unavailable, base::Fault::Throttled}) {
    const auto next = decide::after_error(ready().rollback().status, {fault, "failed calling webhook"}, kNow);
    EXPECT_EQ(condition(next.conditions, "Reverted"), "False WriteFailed");
    EXPECT_EQ(next.last_error, "failed calling webhook");
    EXPECT_EQ(next.attempts, 0);
  }
}

TEST(Denial, IsNothingIfOnlyOurViewWasOld) {
  for (const auto fault : {base::Fault::Conflict, base::Fault::NotFound, base::Fault::Expired})
    EXPECT_EQ(decide::after_error(ready().rollback().status, {fault, "later"}, kNow), ready().rollback().status);
}

TEST(Denial, BacksOffLongerEachTime) {
  std::vector<Seconds> waits;
  for (int attempts = 1; attempts <= 4; ++attempts) {
    const auto run = ready().change([=](auto& entry) {
      entry.status.reverts = 1, entry.status.revert_number = 2;
      entry.status.attempts = attempts;
      entry.status.last_attempt = kNow;
    });
    const auto out = proceed(bad_runs().rollback(run), {breached()});
    EXPECT_THAT(out.steps, IsEmpty());
    waits.push_back(std::chrono::duration_cast<Seconds>(*out.look_again - kNow));
    EXPECT_NE(write_of(proceed(bad_runs().rollback(run), {breached()}, *out.look_again)), nullptr);
  }
  EXPECT_THAT(waits, ElementsAre(5s, 10s, 20s, 40s));
}

TEST(Denial, TheFifthIsTheLast) {
  const auto out = proceed(bad_runs().rollback(ready().change([](auto& run) {
    run.status.attempts = 5;
    run.status.last_error = "quota exceeded";
  })),
                           {breached()});
  EXPECT_EQ(failed(out), "True GaveUp");
  EXPECT_THAT(api::find(out.next.conditions, "Failed")->message, HasSubstr("quota exceeded"));
  EXPECT_THAT(out.steps, IsEmpty());
}

// ---- undone by somebody else ----

TEST(PutBack, IsWrittenAgainAndTellsThatNothingHoldsAnyMore) {
  const auto run = RunFrom(2).plan(1).restored().change([](auto& entry) {
    entry.status.progressed = kNow - 9999s;
    entry.status.most_updated = 3;
    entry.status.most_available = 3;
  });
  const auto out = proceed(put_back(run));
  EXPECT_NE(write_of(out), nullptr);
  EXPECT_EQ(out.next.reverts, 2);
  EXPECT_EQ(out.next.revert_number, 4);
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "False Pending");
  EXPECT_EQ(condition(out.next.conditions, "Restored"), "False Pending");
  EXPECT_EQ(step(out.next, api::kStepRevert), "Running the bad template was put back: written again");
  EXPECT_EQ(step(out.next, api::kStepRollout), "") << "there is a new rollout to wait for";
  EXPECT_EQ(out.next.progressed, std::nullopt) << "and the deadline of the one before is not its own";
  EXPECT_EQ(out.next.most_available, 0);
}

TEST(PutBack, IsAssertedTwiceAndThenLeftAlone) {
  EXPECT_NE(write_of(proceed(put_back(RunFrom(2).plan(1).reverts(2, 4), 6))), nullptr);
  const auto out = proceed(put_back(RunFrom(2).plan(1).reverts(3, 6), 8));
  EXPECT_EQ(failed(out), "True GitOpsConflict");
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_EQ(out.next.reverts, 3);
  EXPECT_EQ(out.next.revert_number, 8) << "the shipping that is left alone";
}

TEST(PutBack, IsHeldLikeAnyWrite) {
  const auto out = proceed(put_back(RunFrom(2).plan(1).reverted()).kill_switch());
  EXPECT_THAT(out.steps, IsEmpty());
  EXPECT_EQ(out.next.reverts, 1);
  EXPECT_EQ(condition(out.next.conditions, "Reverted"), "False Pending");
}

TEST(PutBack, AsARestartOfTheBadReleaseIsThatRelease) {
  auto world = World().revision(1).good().shipped_again(1).revision(5, "v2").rollback(RunFrom(2).plan(1).reverts(1, 2));
  const auto out =
      proceed(world.change([](auto& seen) { seen.target->pod_template.annotations[api::kRestartedAtAnnotation] = "now"; }));
  EXPECT_NE(write_of(out), nullptr);
  EXPECT_EQ(out.next.revert_number, 5);
}

}  // namespace
