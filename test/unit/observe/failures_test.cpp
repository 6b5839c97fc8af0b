#include "observe/failures.hpp"

#include <gmock/gmock.h>

#include "unit/observe/given.hpp"

namespace observe {
namespace {

using api::Container;
using api::ContainerKind;
using api::Failure;
using api::Pod;
using given::ended;
using given::kNow;
using given::pod;
using testing::ElementsAre;
using testing::IsEmpty;
using Given = given::Containers;
using std::chrono::seconds;

const Instant kBefore = kNow - seconds{7};

std::vector<Failure> first_sight(const Pod& after) { return failures_of(nullptr, after, "set-a", kNow); }
std::vector<Failure> change(const Pod& before, const Pod& after) { return failures_of(&before, after, "set-a", kNow); }

std::vector<std::string> ids(const std::vector<Failure>& failures) {
  std::vector<std::string> out;
  for (const auto& failure : failures) out.push_back(failure.id);
  return out;
}

Container down(const std::string& name, int restarts, int exit_code) {
  Container out = Given::named(name, restarts);
  out.ended = ended(exit_code, kBefore);
  return out;
}
Container looping(const std::string& name, int restarts, int exit_code) {
  Container out = Given::waiting(name, "CrashLoopBackOff", restarts);
  out.last_ended = ended(exit_code, kBefore);
  return out;
}
Container running_again(const std::string& name, int restarts, int exit_code) {
  Container out = Given::running(name, restarts);
  out.last_ended = ended(exit_code, kBefore);
  return out;
}
Container as(ContainerKind kind, Container container) {
  container.kind = kind;
  return container;
}

TEST(ObserveFailures, EndIsTold) {
  const auto found = change(pod(), pod({down("app", 0, 137)}));
  EXPECT_THAT(found, ElementsAre(Failure{"p1/app/1", "set-a", "web-1", "app", "Error", 137, kBefore}));
}

TEST(ObserveFailures, OneEndIsOneFailureInEveryStateThatTellsOfIt) {
  const Pod states[] = {pod({down("app", 0, 1)}), pod({looping("app", 0, 1)}), pod({running_again("app", 1, 1)})};
  for (const auto& state : states) EXPECT_THAT(ids(change(pod(), state)), ElementsAre("p1/app/1"));
  EXPECT_THAT(change(states[0], states[1]), IsEmpty());
  EXPECT_THAT(change(states[1], states[2]), IsEmpty());
  EXPECT_THAT(change(states[0], states[2]), IsEmpty());
}

TEST(ObserveFailures, EndsBetweenTwoLooksCount) {
  const auto found = change(pod(), pod({running_again("app", 3, 1)}));
  EXPECT_THAT(ids(found), ElementsAre("p1/app/1", "p1/app/2", "p1/app/3"));
  for (const auto& failure : found) EXPECT_EQ(failure.time, kBefore);
}

TEST(ObserveFailures, TwoKnownEndsHaveTheirOwnTimes) {
  auto both = down("app", 1, 1);
  both.last_ended = ended(2, kNow - seconds{60});
  const auto found = change(pod(), pod({both}));
  ASSERT_THAT(ids(found), ElementsAre("p1/app/1", "p1/app/2"));
  EXPECT_EQ(found[0].time, kNow - seconds{60});
  EXPECT_EQ(found[1].time, kBefore);
}

TEST(ObserveFailures, EndWithoutTimeHappenedWhenSeen) {
  auto end = down("app", 0, 1);
  end.ended->finished.reset();
  EXPECT_EQ(change(pod(), pod({end})).at(0).time, kNow);
  end.ended->finished = Instant{};  // what a runtime says that does not know it
  EXPECT_EQ(change(pod(), pod({end})).at(0).time, kNow);
}

TEST(ObserveFailures, SuccessOfAnAppContainerCounts) {
  EXPECT_THAT(ids(change(pod(), pod({down("app", 0, 0)}))), ElementsAre("p1/app/1"));
}

TEST(ObserveFailures, EndThatTheKubeletInfersIsInTheRestartCount) {
  auto lost = Given::waiting("app", "ContainerCreating", 1);
  lost.last_ended = api::Ended{137, "ContainerStatusUnknown", std::nullopt};
  EXPECT_THAT(ids(change(pod(), pod({lost}))), ElementsAre("p1/app/1"));
  auto pulling = lost;
  pulling.waiting = "ErrImagePull";
  EXPECT_THAT(ids(change(pod({lost}), pod({pulling}))), ElementsAre("p1/app/waiting/1"));
}

TEST(ObserveFailures, FirstSightGivesTheLastEndOnly) {
  auto app = looping("app", 6, 1);
  auto side = as(ContainerKind::Sidecar, running_again("proxy", 4, 1));
  side.last_ended->finished = kNow - seconds{3};
  EXPECT_THAT(ids(first_sight(pod({app, side}))), ElementsAre("p1/proxy/4"));
  EXPECT_THAT(ids(first_sight(pod({app}))), ElementsAre("p1/app/7"));
}

TEST(ObserveFailures, FirstSightOfOldRestartsWithoutAnEndGivesNothing) {
  EXPECT_THAT(first_sight(pod({Given::running("app", 9)})), IsEmpty());
}

// An init container in a crash loop, one that failed once and then succeeded, and a sidecar.
TEST(ObserveFailures, InitContainerInACrashLoopCounts) {
  const auto init = as(ContainerKind::Init, Given::waiting("migrate", "CrashLoopBackOff", 6));
  const auto found = first_sight(pod({init, Given::waiting("web", "PodInitializing")}));
  ASSERT_THAT(ids(found), ElementsAre("p1/migrate/7"));
  EXPECT_EQ(found[0].container, "migrate");
}
TEST(ObserveFailures, InitContainerThatSucceededInTheEndDoesNot) {
  auto init = as(ContainerKind::Init, down("migrate", 1, 0));
  init.last_ended = ended(1, kNow - seconds{90});
  EXPECT_THAT(first_sight(pod({init, Given::running("web")})), IsEmpty());
}
TEST(ObserveFailures, SidecarCountsAsARunningContainer) {
  const auto sidecar = as(ContainerKind::Sidecar, running_again("proxy", 4, 0));
  EXPECT_THAT(ids(first_sight(pod({sidecar, Given::running("web")}))), ElementsAre("p1/proxy/4"));
}
TEST(ObserveFailures, SuccessOfAnInitContainerIsNone) {
  const auto done = as(ContainerKind::Init, down("migrate", 0, 0));
  const auto going = as(ContainerKind::Init, Given::running("migrate"));
  EXPECT_THAT(change(pod({going}), pod({done, Given::running("web")})), IsEmpty());
}

class WaitingErrorTest : public testing::TestWithParam<const char*> {};
TEST_P(WaitingErrorTest, EntryIsAFailure) {
  const auto found = change(pod({Given::waiting("app", "ContainerCreating")}), pod({Given::waiting("app", GetParam())}));
  EXPECT_THAT(found, ElementsAre(Failure{"p1/app/waiting/0", "set-a", "web-1", "app", GetParam(), 0, kNow}));
}
INSTANTIATE_TEST_SUITE_P(ObserveFailures, WaitingErrorTest,
                         testing::Values("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName",
                                         "CreateContainerConfigError", "CreateContainerError"));

TEST(ObserveFailures, MovingAmongErrorsIsTheSameEntry) {
  const auto pulling = pod({Given::waiting("app", "ErrImagePull")});
  EXPECT_THAT(change(pulling, pod({Given::waiting("app", "ImagePullBackOff")})), IsEmpty());
}

TEST(ObserveFailures, ErrorAfterARestartIsAnotherEntryBesideTheEnd) {
  auto pulling = Given::waiting("app", "ErrImagePull", 0);
  pulling.last_ended = ended(1, kBefore);
  EXPECT_THAT(ids(change(pod(), pod({pulling}))), ElementsAre("p1/app/1", "p1/app/waiting/0"));
}

TEST(ObserveFailures, ErrorAtFirstSightIsAsOldAsThePod) {
  const auto found = first_sight(pod({Given::waiting("app", "ImagePullBackOff")}));
  ASSERT_THAT(ids(found), ElementsAre("p1/app/waiting/0"));
  EXPECT_EQ(found[0].time, kNow - seconds{3600});
}

// A container that can't be started was made and has ended: told by the error first, by its end later, it is one failure.
TEST(ObserveFailures, FailedStartIsOneEnd) {
  const auto creating = pod({Given::waiting("app", "ContainerCreating")});
  const auto error = pod({Given::waiting("app", "RunContainerError")});
  auto end = Given::waiting("app", "RunContainerError");
  end.last_ended = ended(128, kBefore, "StartError");
  EXPECT_THAT(ids(change(creating, error)), ElementsAre("p1/app/1"));
  EXPECT_THAT(ids(change(creating, pod({end}))), ElementsAre("p1/app/1"));
  EXPECT_THAT(change(error, pod({end})), IsEmpty());
  EXPECT_THAT(change(pod({end}), pod({looping("app", 0, 128)})), IsEmpty());
}

TEST(ObserveFailures, PodThatFailedWithoutAnyEnd) {
  auto failed = pod({});
  failed.phase = "Failed";
  failed.reason = "DeadlineExceeded";
  auto pending = pod({});
  pending.phase = "Pending";
  EXPECT_THAT(change(pending, failed), ElementsAre(Failure{"p1/failed", "set-a", "web-1", "", "DeadlineExceeded", 0, kNow}));
  EXPECT_THAT(change(failed, failed), IsEmpty());
  EXPECT_EQ(first_sight(failed).at(0).time, kNow - seconds{3600});
}

TEST(ObserveFailures, PodThatFailedByItsContainerIsThatEndOnly) {
  auto failed = pod({down("app", 0, 1)});
  failed.phase = "Failed";
  EXPECT_THAT(ids(change(pod(), failed)), ElementsAre("p1/app/1"));
  EXPECT_THAT(change(pod({down("app", 0, 1)}), failed), IsEmpty());
}

// A node's trouble is put aside; a crash seen before it was counted then.
struct Aside {
  const char* name;
  std::function<void(Pod&)> happens;
};
class PutAsideTest : public testing::TestWithParam<Aside> {};
TEST_P(PutAsideTest, IsNoFailureOfTheRevision) {
  const auto before = given::ready(pod(), kNow - seconds{100});
  auto after = pod({down("app", 0, 137)});
  GetParam().happens(after);
  EXPECT_THAT(change(before, after), IsEmpty());
  EXPECT_THAT(first_sight(after), IsEmpty());
  EXPECT_FALSE(lost_ready(&before, after, "set-a", kNow));
}
Aside with_reason(const char* reason) {
  return {reason, [reason](Pod& pod) {
            pod.phase = "Failed";
            pod.reason = reason;
          }};
}
INSTANTIATE_TEST_SUITE_P(ObserveFailures, PutAsideTest,
                         testing::Values(Aside{"deleted", [](Pod& pod) { pod.meta.deleted = kNow; }},
                                         Aside{"disrupted", [](Pod& pod) { pod.disrupted = true; }}, with_reason("Evicted"),
                                         with_reason("OutOfcpu"), with_reason("NodeAffinity"),
                                         with_reason("UnexpectedAdmissionError"), with_reason("NodeShutdown"),
                                         with_reason("NodeLost"), with_reason("Terminated"), with_reason("Preempting"),
                                         with_reason("Shutdown")),
                         [](const auto& info) { return info.param.name; });

TEST(ObserveFailures, CrashBeforeTheEvictionCounts) {
  const auto crashed = pod({down("app", 0, 1)});
  auto evicted = crashed;
  evicted.phase = "Failed";
  evicted.reason = "Evicted";
  EXPECT_THAT(ids(change(pod(), crashed)), ElementsAre("p1/app/1"));
  EXPECT_THAT(change(crashed, evicted), IsEmpty());
}

TEST(ObserveFailures, UnschedulablePodIsNone) {
  auto waiting = pod({});
  waiting.phase = "Pending";
  waiting.unschedulable = true;
  EXPECT_THAT(first_sight(waiting), IsEmpty());
}

TEST(ObserveFailures, AbsurdRestartCountIsBounded) {
  const auto found = change(pod(), pod({looping("app", std::numeric_limits<int>::max(), 1)}));
  EXPECT_EQ(found.size(), 256u);
  EXPECT_EQ(found.back().id, "p1/app/2147483648");
}

TEST(ObserveFailures, RestartCountThatGoesBackIsNone) {
  EXPECT_THAT(change(pod({running_again("app", 5, 1)}), pod({Given::running("app", 0)})), IsEmpty());
}

TEST(ObserveLostReady, IsTheStepFromReadyToNot) {
  const auto up = given::ready(pod(), kNow - seconds{100});
  auto down = given::unready(pod());
  down.ready_changed = kNow - seconds{2};
  const auto lost = lost_ready(&up, down, "set-a", kNow);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->pod_uid, "p1");
  EXPECT_EQ(lost->pod, "web-1");
  EXPECT_EQ(lost->revision_uid, "set-a");
  EXPECT_EQ(lost->at, kNow - seconds{2});
  EXPECT_FALSE(lost->back);
  down.ready_changed.reset();
  EXPECT_EQ(lost_ready(&up, down, "set-a", kNow)->at, kNow);
}

// The node controller writes so for the pods of a node that does not answer any more.
TEST(ObserveLostReady, OfAPodWhoseContainersAreAllReadyIsItsNodes) {
  const auto up = given::ready(pod(), kNow - seconds{100});
  auto down = pod();
  for (auto& container : down.containers) container.ready = true;
  EXPECT_FALSE(lost_ready(&up, down, "set-a", kNow));
}

TEST(ObserveFailures, ANodeThatWasResetEndsNoContainer) {
  auto before = pod();
  auto after = pod();
  after.containers[0].restarts = 1;
  after.containers[0].last_ended = api::Ended{255, "Unknown", kNow};
  EXPECT_THAT(failures_of(&before, after, "set-a", kNow), IsEmpty());
}

TEST(ObserveLostReady, OtherStepsAreNone) {
  const auto up = given::ready(pod(), kNow);
  EXPECT_FALSE(lost_ready(nullptr, pod(), "set-a", kNow));
  const auto never = pod();
  EXPECT_FALSE(lost_ready(&never, never, "set-a", kNow));
  EXPECT_FALSE(lost_ready(&never, up, "set-a", kNow));
  EXPECT_FALSE(lost_ready(&up, up, "set-a", kNow));
}

}  // namespace
}  // namespace observe
