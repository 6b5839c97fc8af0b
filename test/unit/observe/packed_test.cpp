#include "observe/packed.hpp"

#include <gtest/gtest.h>

#include "unit/observe/given.hpp"

namespace observe {
namespace {

using given::kNow;
using std::chrono::seconds;

// Every field is another than its default, so that one which is left out shows.
api::Pod full_pod() {
  api::Container app{"app", api::ContainerKind::Sidecar, 3, true, "CrashLoopBackOff", "back-off", {}, {}};
  app.ended = api::Ended{-1, "OOMKilled", kNow - seconds{5}};
  app.last_ended = api::Ended{137, "Error", std::nullopt};
  api::Pod pod = given::ready(given::pod({app, given::Containers::running("b")}), kNow - seconds{9});
  pod.meta.resource_version = "18446744073709551615";
  pod.meta.generation = 4;
  pod.meta.deleted = kNow;
  pod.phase = "Failed";
  pod.reason = "Evicted";
  pod.node = "node-1";
  pod.ip = "10.0.0.1";
  pod.disrupted = true;
  pod.unschedulable = true;
  return pod;
}

api::ReplicaSet full_set() {
  api::ReplicaSet set;
  set.meta = full_pod().meta;
  set.meta.uid = "s1";
  set.revision = -7;
  set.reused = true;
  set.mark = "bad";
  set.replicas = 5;
  set.status_replicas = 4;
  set.ready = 3;
  set.available = 2;
  set.pod_template = {"exact", "body", {{"app", "web"}, {"tier", ""}}, {{"why", "a\nb"}}, 250, std::int64_t{1} << 40};
  return set;
}

template <class T>
void gives_back_all_that_is_not_kept_elsewhere(T object) {
  const Packed packed(object);
  EXPECT_EQ(packed.uid(), object.meta.uid);
  object.meta.ns.clear();
  object.meta.name.clear();
  object.meta.controller.reset();
  EXPECT_EQ(packed.unpack(), object);
}

TEST(ObservePacked, GivesBackAllThatIsNotKeptElsewhere) {
  ASSERT_EQ(full_pod().meta.uid, "p1");
  ASSERT_EQ(full_set().meta.uid, "s1");
  gives_back_all_that_is_not_kept_elsewhere(full_pod());
  gives_back_all_that_is_not_kept_elsewhere(full_set());
}

TEST(ObservePacked, ContentIsAllButTheVersion) {
  auto pod = full_pod();
  const Packed before(pod);
  pod.meta.resource_version = "7";
  EXPECT_TRUE(before.has_content_of(Packed(pod)));
  pod.containers[1].restarts = 1;
  EXPECT_FALSE(before.has_content_of(Packed(pod)));
}

TEST(ObservePacked, VersionThatIsNoNumberIsNone) {
  EXPECT_EQ(version_number("42"), 42u);
  for (const char* text : {"", "x", "42x", "-1", "18446744073709551616"}) EXPECT_EQ(version_number(text), 0u) << text;
}

// The cache holds tens of thousands of these: a pod as a cluster names it, with one container and one crash behind it.
TEST(ObservePacked, IsSmall) {
  auto app = given::Containers::running("app", 1);
  app.last_ended = given::ended(137, kNow, "OOMKilled");
  auto pod = given::ready(given::pod({app}), kNow);
  pod.meta.uid = "7d0ae331-97f9-4d43-94a5-8b3d0a3d0c55";
  pod.node = "ip-10-0-113-27.eu-central-1.compute.internal";
  pod.ip = "10.244.113.27";
  EXPECT_LE(Packed(pod).size(), 176u);
}

}  // namespace
}  // namespace observe
