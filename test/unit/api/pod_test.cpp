#include "expect.hpp"

namespace {

using api::ContainerKind;
using given::at;
using nlohmann::json;

api::Pod pod(const std::string& text) {
  const auto seen = api::parse_pod(text);
  EXPECT_TRUE(seen.has_value()) << seen.error().what;
  return seen.value_or(api::Pod{});
}

TEST(ParsePod, ReadsEveryField) {
  const api::Pod seen = pod(R"({
    "metadata": {"namespace": "shop", "name": "web-1-x", "uid": "u", "labels": {"app": "web"}, "annotations": {"a": "b"},
      "ownerReferences": [{"kind": "ReplicaSet", "name": "web-1", "uid": "u-rs", "controller": true}]},
    "spec": {"nodeName": "node-1", "containers": [{"name": "app"}]},
    "status": {"phase": "Running", "reason": "Odd", "podIP": "10.0.0.7",
      "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T00:00:09Z"},
                     {"type": "DisruptionTarget", "status": "True"}],
      "containerStatuses": [{"name": "app", "restartCount": 2, "ready": true,
        "state": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-02T00:00:05Z"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-01-02T00:00:03Z"}}}]}})");
  api::Pod want;
  want.meta.ns = "shop";
  want.meta.name = "web-1-x";
  want.meta.uid = "u";
  want.meta.controller = api::Owner{"ReplicaSet", "web-1", "u-rs"};
  want.phase = "Running";
  want.reason = "Odd";
  want.node = "node-1";
  want.ip = "10.0.0.7";
  want.ready = true;
  want.ready_changed = at(9);
  want.disrupted = true;
  want.containers = {
      {"app", ContainerKind::App, 2, true, "", "", api::Ended{1, "Error", at(5)}, api::Ended{137, "OOMKilled", at(3)}}};
  EXPECT_EQ(seen, want);
}

// A pod that loops in its init container shows RESTARTS 0 to whoever looks only at the others.
TEST(ParsePod, InitContainersAreSeen) {
  const api::Pod seen = pod(R"({"spec": {"initContainers": [{"name": "migrate"}]}, "status": {
    "initContainerStatuses": [{"name": "migrate", "restartCount": 6, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                               "lastState": {"terminated": {"exitCode": 3}}}],
    "containerStatuses": [{"name": "web", "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing", "message": "why"}}}]}})");
  const std::vector<api::Container> want{
      {"migrate", ContainerKind::Init, 6, false, "CrashLoopBackOff", "", std::nullopt, api::Ended{3, "", {}}},
      {"web", ContainerKind::App, 0, false, "PodInitializing", "why", std::nullopt, std::nullopt}};
  EXPECT_EQ(seen.containers, want);
}

TEST(ParsePod, SidecarIsTheInitContainerThatAlwaysRestarts) {
  const api::Pod seen = pod(R"({"spec": {"initContainers": [{"name": "proxy", "restartPolicy": "Always"}, {"name": "once"},
                                                            {"name": "odd", "restartPolicy": 1}, "text"],
                                         "containers": [{"name": "proxy2", "restartPolicy": "Always"}]},
    "status": {"initContainerStatuses": [{"name": "proxy", "restartCount": 4}, {"name": "once"}, {"name": "odd"}, {"name": "gone"}],
               "containerStatuses": [{"name": "proxy2"}]}})");
  std::vector<ContainerKind> kinds;
  for (const auto& each : seen.containers) kinds.push_back(each.kind);
  EXPECT_EQ(kinds, (std::vector{ContainerKind::Sidecar, ContainerKind::Init, ContainerKind::Init, ContainerKind::Init,
                                ContainerKind::App}));
}

struct Scheduled {
  const char* name;
  const char* condition;
  bool unschedulable;
};
class Unschedulable : public testing::TestWithParam<Scheduled> {};
TEST_P(Unschedulable, Told) {
  EXPECT_EQ(pod(fmt::format(R"({{"status":{{"conditions":[{}]}}}})", GetParam().condition)).unschedulable,
            GetParam().unschedulable);
}
INSTANTIATE_TEST_SUITE_P(
    Conditions, Unschedulable,
    testing::Values(Scheduled{"no_room", R"({"type":"PodScheduled","status":"False","reason":"Unschedulable"})", true},
                    Scheduled{"gated", R"({"type":"PodScheduled","status":"False","reason":"SchedulingGated"})", false},
                    Scheduled{"placed", R"({"type":"PodScheduled","status":"True","reason":"Unschedulable"})", false},
                    Scheduled{"other", R"({"type":"Ready","status":"False","reason":"Unschedulable"})", false},
                    Scheduled{"null", "null", false}),
    [](const auto& info) { return info.param.name; });

TEST(ParsePod, ReadyIsOnlyTheStatusTrue) {
  for (const char* status : {R"("False")", R"("Unknown")", "true", "null"}) {
    const api::Pod seen = pod(fmt::format(
        R"({{"status":{{"conditions":[{{"type":"Ready","status":{},"lastTransitionTime":"2026-01-02T00:00:09Z"}}]}}}})",
        status));
    EXPECT_FALSE(seen.ready) << status;
    EXPECT_EQ(seen.ready_changed, at(9)) << status;
  }
}

TEST(ParsePod, AbsentAndOddPartsAreMissing) {
  for (const char* text :
       {"{}", R"({"metadata":null,"spec":null,"status":null})",
        R"({"status":{"phase":null,"containerStatuses":null,"initContainerStatuses":{},"conditions":"none"}})",
        R"({"metadata":{"ownerReferences":[{"kind":"ReplicaSet","controller":"true"},{"controller":false},null,1]}})"}) {
    EXPECT_EQ(pod(text), api::Pod{}) << text;
  }
}

struct Counter {
  const char* name;
  const char* text;
  int want;
};
class Restarts : public testing::TestWithParam<Counter> {};
TEST_P(Restarts, Read) {
  const api::Pod seen =
      pod(fmt::format(R"({{"status":{{"containerStatuses":[{{"name":"a","restartCount":{}}}]}}}})", GetParam().text));
  ASSERT_EQ(seen.containers.size(), 1u);
  EXPECT_EQ(seen.containers[0].restarts, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Counts, Restarts,
                         testing::Values(Counter{"plain", "7", 7}, Counter{"most", "2147483647", 2147483647},
                                         Counter{"beyond_int", "2147483648", 0},
                                         Counter{"unsigned_most", "18446744073709551615", 0}, Counter{"fraction", "7.5", 0},
                                         Counter{"text", R"("7")", 0}, Counter{"null", "null", 0}),
                         [](const auto& info) { return info.param.name; });

TEST(ParsePod, TerminatedWithoutDetailIsStillAnEnd) {
  const api::Pod seen = pod(R"({"status":{"containerStatuses":[{"name":"a","state":{"terminated":{}},"lastState":{}}]}})");
  ASSERT_EQ(seen.containers.size(), 1u);
  EXPECT_EQ(seen.containers[0].ended, api::Ended{});
  EXPECT_EQ(seen.containers[0].last_ended, std::nullopt);
}

TEST(ParsePod, ANameMayHoldAnything) {
  EXPECT_EQ(pod(R"({"metadata":{"name":"a\u0000\u202e\n\ud83d\ude00"}})").meta.name, std::string("a\0\u202e\n\U0001f600", 10));
}

}  // namespace
