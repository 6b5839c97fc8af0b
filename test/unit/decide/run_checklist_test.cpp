// The six lines of the checklist, from what is known; and which pods' last words are kept.
#include <gmock/gmock.h>

#include "decide/run_parts.hpp"
#include "world.hpp"

namespace {

using namespace decide_test;
using api::CheckState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<api::Check> checklist(const decide::Snapshot& world, const std::vector<decide::Finding>& findings) {
  const auto marks = decide::marks(world);
  return decide::checklist({world, decide::current(world), findings, nullptr, marks, kNow}, world.rollbacks.front());
}

World two_triggers() { return World().triggers({memory(), unstable()}).revision(1).revision(2).pod("a").rollback(RunFrom(2)); }

TEST(Checklist, HasTheSixLinesOfTheRunbook) {
  std::vector<std::string> names;
  for (const auto& line : checklist(two_triggers(), {})) names.push_back(line.name);
  EXPECT_THAT(names, ElementsAre("GoldenTests", "PerformanceBaseline", "MemoryLimit", "ErrorLogs", "AffectedComponents",
                                 "RollbackImpact"));
}

TEST(Checklist, TellsMemoryAsItWasJudged) {
  const auto state = [](const World& world, const std::vector<decide::Finding>& findings) {
    return checklist(world, findings)[2].state;
  };
  EXPECT_EQ(state(two_triggers(), {breached("memory")}), CheckState::Confirmed);
  EXPECT_EQ(state(two_triggers(), {healthy("memory")}), CheckState::NotSeen);
  EXPECT_EQ(state(two_triggers(), {unknown("memory")}), CheckState::Unknown);
  EXPECT_EQ(state(two_triggers(), {breached("unstable")}), CheckState::Unknown);
  EXPECT_EQ(state(two_triggers().triggers({unstable()}), {breached("unstable")}), CheckState::Unknown);
}

TEST(Checklist, BelievesTheRunThatAsksForMemorysSake) {
  auto world = World().triggers({memory()}).revision(1).revision(2).rollback(RunFrom(2).change([](auto& run) {
    run.spec.trigger_name = "memory";
    run.spec.reason = "memory: above";
  }));
  const auto line = checklist(world, {})[2];  // no reading, as after a restart
  EXPECT_EQ(line.state, CheckState::Confirmed);
  EXPECT_EQ(line.evidence, "memory: above");
}

TEST(Checklist, TellsWhetherAContainerEnded) {
  EXPECT_EQ(checklist(two_triggers(), {})[3].state, CheckState::NotSeen);
  const auto line = checklist(
      two_triggers().pod_is([](api::Pod& pod) { pod.containers.front().last_ended = api::Ended{137, "OOMKilled", kNow}; }),
      {})[3];
  EXPECT_EQ(line.state, CheckState::Confirmed);
  EXPECT_THAT(line.evidence, HasSubstr("web-2-a/web ended: OOMKilled, exit code 137"));
}

TEST(Checklist, AnInitContainerThatIsDoneIsNoError) {
  const auto with_init = two_triggers().pod_is([](api::Pod& pod) {
    api::Container init;
    init.name = "prepare";
    init.kind = api::ContainerKind::Init;
    init.ended = api::Ended{0, "Completed", kNow - 60s};
    pod.containers.insert(pod.containers.begin(), init);
  });
  EXPECT_EQ(checklist(with_init, {})[3].state, CheckState::NotSeen);
}

TEST(Checklist, TellsTheImpact) {
  EXPECT_EQ(checklist(two_triggers().counts(2, 1, 4), {})[5].evidence, "2 of 3 replicas run the revision, 1 ready");
  EXPECT_THAT(checklist(World().revision(1).revision(2).rollback(RunFrom(2).by_hand()), {})[5].evidence,
              HasSubstr("asked for by a person"));
}

std::vector<std::string> evidence_of(const decide::Snapshot& world, const std::string& uid = "rs-2") {
  const auto marks = decide::marks(world);
  std::vector<std::string> pods;
  for (const auto& pod : decide::evidence_pods({world, decide::current(world), {}, nullptr, marks, kNow}, uid))
    pods.push_back(pod.pod + " " + pod.reason + pod.message);
  return pods;
}

World three_pods_one_failing() {
  return World().revision(1).revision(2).pod("a").pod("b").pod("c").pod_is(
      [](api::Pod& pod) { pod.containers.front().waiting = "ImagePullBackOff"; });
}

TEST(EvidencePods, AreThoseThatFailFirstAndThreeAtMost) {
  EXPECT_THAT(evidence_of(three_pods_one_failing().pod("d")), ElementsAre("web-2-c ImagePullBackOff", "web-2-a ", "web-2-b "));
}

TEST(EvidencePods, TellWhatTheKubeletSaysOfTheOnesThatNeverStarted) {
  const auto waiting = [](const char* why, bool ended) {
    return World().revision(2).pod("a").pod_is([=](api::Pod& pod) {
      auto& app = pod.containers.front();
      app.waiting = why;
      app.waiting_message = ": in its words";
      if (ended) app.last_ended = api::Ended{1, "Error", kNow};
    });
  };
  EXPECT_THAT(evidence_of(waiting("ErrImagePull", false)), ElementsAre("web-2-a ErrImagePull: in its words"));
  EXPECT_THAT(evidence_of(waiting("CrashLoopBackOff", true)), ElementsAre("web-2-a Error")) << "not how long it waits";
}

TEST(EvidencePods, AreAlsoThoseThatWereEvicted) {
  EXPECT_THAT(evidence_of(World().revision(2).pod("a").pod_is([](api::Pod& pod) {
                pod.phase = "Failed";
                pod.containers.front().ended = api::Ended{1, "Error", kNow};
              })),
              ElementsAre("web-2-a Error"));
}

TEST(EvidencePods, OfARevisionThatIsGoneAreNone) { EXPECT_THAT(evidence_of(three_pods_one_failing(), "rs-7"), IsEmpty()); }

}  // namespace
