#include "expect.hpp"
#include "wire/api.hpp"

namespace {

using given::at;
using nlohmann::json;

constexpr const char* kDeployment = R"({
  "apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": {
    "namespace": "shop", "name": "web", "uid": "u-1", "resourceVersion": "77", "generation": 4,
    "creationTimestamp": "2026-01-02T00:00:01Z", "deletionTimestamp": "2026-01-02T00:00:02Z",
    "ownerReferences": [{"kind": "A", "name": "a", "uid": "u-a"}, {"kind": "B", "name": "b", "uid": "u-b", "controller": true}],
    "labels": {"app": "web"},
    "annotations": {"kubernetes.io/change-cause": "v4", "kubectl.kubernetes.io/last-applied-configuration": "{\"a\":1}",
                    "meta.helm.sh/release-name": "shop"}},
  "spec": {
    "replicas": 0, "paused": true, "minReadySeconds": 5, "progressDeadlineSeconds": 700, "revisionHistoryLimit": 3,
    "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "web:4"}]}}},
  "status": {
    "observedGeneration": 4, "replicas": 4, "updatedReplicas": 3, "readyReplicas": 2, "availableReplicas": 1,
    "conditions": [{"type": "Available", "reason": "X"}, {"type": "Progressing", "reason": "ReplicaSetUpdated"}]}})";

TEST(ParseDeployment, ReadsEveryField) {
  const auto seen = api::parse_deployment(kDeployment);
  ASSERT_TRUE(seen.has_value()) << seen.error().what;
  const api::Deployment want{
      .meta = {.ns = "shop",
               .name = "web",
               .uid = "u-1",
               .resource_version = "77",
               .generation = 4,
               .created = at(1),
               .deleted = at(2),
               .controller = api::Owner{"B", "b", "u-b"}},
      .delivery = {api::Deliverer::Helm, "release shop"},
      .replicas = 0,
      .paused = true,
      .min_ready_seconds = 5,
      .progress_deadline_seconds = 700,
      .revision_history_limit = 3,
      .pod_template = api::project_template(json::parse(kDeployment)["spec"]["template"]),
      .owned_by_us = false,
      .observed_generation = 4,
      .status_replicas = 4,
      .updated = 3,
      .ready = 2,
      .available = 1,
      .progressing_reason = "ReplicaSetUpdated",
  };
  EXPECT_EQ(*seen, want);
}

// The server leaves out what is 0 or was never set.
TEST(ParseDeployment, AbsentAndNullMeanWhatTheServerMeans) {
  for (const char* text : {"{}", R"({"metadata":null,"spec":null,"status":null})",
                           R"({"metadata":{"ownerReferences":null,"managedFields":null,"labels":null,"annotations":null},
            "spec":{"replicas":null,"paused":null,"template":null},"status":{"replicas":null,"conditions":null}})"}) {
    const auto seen = api::parse_deployment(text);
    ASSERT_TRUE(seen.has_value()) << seen.error().what;
    api::Deployment want;
    want.pod_template = api::project_template(nullptr);
    EXPECT_EQ(*seen, want) << text;
    EXPECT_EQ(seen->replicas, 1);
  }
}

struct Managed {
  const char* name;
  const char* entries;
  bool ours;
};
class OwnedByUs : public testing::TestWithParam<Managed> {};
TEST_P(OwnedByUs, Told) {
  const auto seen = api::parse_deployment(fmt::format(R"({{"metadata":{{"managedFields":{}}}}})", GetParam().entries));
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->owned_by_us, GetParam().ours);
}
INSTANTIATE_TEST_SUITE_P(
    Entries, OwnedByUs,
    testing::Values(Managed{"none", "[]", false}, Managed{"other", R"([{"manager":"kubectl","operation":"Update"}])", false},
                    Managed{"ours", R"([{"manager":"kubectl"},{"manager":"rollback-controller","operation":"Update"}])", true},
                    Managed{"status_only", R"([{"manager":"rollback-controller","subresource":"status"}])", false},
                    Managed{"empty_subresource", R"([{"manager":"rollback-controller","subresource":""}])", true},
                    Managed{"odd", R"([5,null,{"manager":7}])", false}),
    [](const auto& info) { return info.param.name; });

TEST(OwnedByUs, ManagerIsTheOneWeWriteAs) {
  const json entry{{"manager", wire::kFieldManager}};
  const json object{{"metadata", {{"managedFields", json::array({entry})}}}};
  EXPECT_TRUE(api::parse_deployment(object.dump())->owned_by_us);
}

TEST(ParseReplicaSet, ReadsEveryField) {
  const json pod_template{{"metadata", {{"labels", {{"app", "web"}, {"pod-template-hash", "abc"}}}}}};
  const json object{{"metadata",
                     {{"name", "web-abc"},
                      {"annotations",
                       {{"deployment.kubernetes.io/revision", "12"},
                        {"deployment.kubernetes.io/revision-history", "3,7"},
                        {api::kMarkAnnotation, "good"}}}}},
                    {"spec", {{"replicas", 3}, {"template", pod_template}}},
                    {"status", {{"replicas", 4}, {"readyReplicas", 2}, {"availableReplicas", 1}}}};
  const auto seen = api::parse_replica_set(object.dump());
  ASSERT_TRUE(seen.has_value()) << seen.error().what;
  EXPECT_EQ(seen->meta.name, "web-abc");
  EXPECT_EQ(seen->revision, 12);
  EXPECT_TRUE(seen->reused);
  EXPECT_EQ(seen->mark, "good");
  EXPECT_EQ(seen->replicas, 3);
  EXPECT_EQ(seen->status_replicas, 4);
  EXPECT_EQ(seen->ready, 2);
  EXPECT_EQ(seen->available, 1);
  EXPECT_EQ(seen->pod_template, api::project_template(pod_template));
}

TEST(ParseReplicaSet, AbsentMeansZeroButOneReplica) {
  const auto seen = api::parse_replica_set(R"({"spec":{},"status":{"replicas":null}})");
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->replicas, 1);
  EXPECT_EQ(seen->status_replicas, 0);
  EXPECT_EQ(seen->revision, 0);
  EXPECT_FALSE(seen->reused);
}

struct Numbered {
  const char* name;
  json annotation;
  std::int64_t want;
};
class RevisionNumber : public testing::TestWithParam<Numbered> {};
TEST_P(RevisionNumber, Read) {
  const json object{{"metadata", {{"annotations", {{api::kRevisionAnnotation, GetParam().annotation}}}}}};
  const auto seen = api::parse_replica_set(object.dump());
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->revision, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Annotations, RevisionNumber,
                         testing::Values(Numbered{"nine", "9", 9}, Numbered{"ten", "10", 10},
                                         Numbered{"long_one", "9007199254740993", 9007199254740993}, Numbered{"empty", "", 0},
                                         Numbered{"word", "latest", 0}, Numbered{"trailing", "9x", 0},
                                         Numbered{"blank", " 9", 0}, Numbered{"fraction", "9.5", 0},
                                         Numbered{"negative", "-9", 0}, Numbered{"too_big", "9223372036854775808", 0},
                                         Numbered{"number", 9, 0}, Numbered{"null", nullptr, 0}),
                         [](const auto& info) { return info.param.name; });

TEST(Parse, ErrorNamesTheKind) {
  EXPECT_THAT(api::parse_deployment("{"), is_invalid("Deployment: malformed JSON"));
  EXPECT_THAT(api::parse_replica_set("["), is_invalid("ReplicaSet: "));
  EXPECT_THAT(api::parse_pod(""), is_invalid("Pod: "));
  EXPECT_THAT(api::parse_policy("7"), is_invalid("RollbackPolicy: not a JSON object"));
  EXPECT_THAT(api::parse_rollback("null"), is_invalid("Rollback: not a JSON object"));
}

}  // namespace
