#include <limits>

#include "expect.hpp"

namespace {

using nlohmann::json;

json pod_template() {
  return json::parse(
      R"({"metadata": {"labels": {"app": "web"}, "annotations": {"checksum/config": "1", "example.com/build": "7"}},
                         "spec": {"containers": [{"name": "app", "image": "web:1"}]}})");
}

api::Template with(std::string_view pointer, json value) {
  json changed = pod_template();
  changed[json::json_pointer(std::string(pointer))] = std::move(value);
  return api::project_template(std::move(changed));
}

std::string print(const api::Template& of, const std::vector<std::string>& ignore = {}) { return api::fingerprint(of, ignore); }

const api::Template kPlain = api::project_template(pod_template());

// Computed by another program: marks and plans of yesterday must mean the same to the binary of tomorrow.
TEST(Template, DigestsAreStable) {
  EXPECT_EQ(kPlain.exact, "6f42d340cae7480a");
  EXPECT_EQ(kPlain.body, "382d6fd43a1febd4");
  EXPECT_EQ(print(kPlain), "2b59fbef6426841e");
}

TEST(Template, KeepsLabelsAndAnnotations) {
  EXPECT_EQ(with("/metadata/labels/pod-template-hash", "abc").labels, (api::Strings{{"app", "web"}}));
  EXPECT_EQ(kPlain.annotations, (api::Strings{{"checksum/config", "1"}, {"example.com/build", "7"}}));
}

struct Same {
  const char* name;
  const char* pointer;
  json value;
};
class EqualTemplate : public testing::TestWithParam<Same> {};
TEST_P(EqualTemplate, IsTheSameInEveryWay) { EXPECT_EQ(with(GetParam().pointer, GetParam().value), kPlain); }
INSTANTIATE_TEST_SUITE_P(Spellings, EqualTemplate,
                         testing::Values(Same{"hash_of_the_replica_set", "/metadata/labels/pod-template-hash", "5d89"},
                                         Same{"null_time", "/metadata/creationTimestamp", nullptr}),
                         [](const auto& info) { return info.param.name; });

TEST(Template, EmptyMetadataIsAbsentMetadata) {
  const auto bare = api::project_template(json::parse(R"({"spec": {}})"));
  for (const char* metadata :
       {"{}", "null", R"({"labels": {}, "annotations": null})", R"({"labels": {"pod-template-hash": "a"}})"}) {
    EXPECT_EQ(api::project_template({{"metadata", json::parse(metadata)}, {"spec", json::object()}}), bare) << metadata;
  }
}

TEST(Template, OrderOfKeysDoesNotMatter) {
  const auto reordered = json::parse(R"({"spec": {"containers": [{"image": "web:1", "name": "app"}]},
    "metadata": {"annotations": {"example.com/build": "7", "checksum/config": "1"}, "labels": {"app": "web"}}})");
  EXPECT_EQ(api::project_template(reordered), kPlain);
}

struct Change {
  const char* name;
  const char* pointer;
  const char* value;
  bool new_release;
  std::vector<std::string> ignore = {};
};
class ChangedTemplate : public testing::TestWithParam<Change> {};
TEST_P(ChangedTemplate, IsAnotherTemplate) {
  const auto [name, pointer, value, new_release, ignore] = GetParam();
  const auto changed = with(pointer, value);
  EXPECT_NE(changed.exact, kPlain.exact);
  EXPECT_EQ(print(changed, ignore) != print(kPlain, ignore), new_release);
}
INSTANTIATE_TEST_SUITE_P(
    Changes, ChangedTemplate,
    testing::Values(Change{"image", "/spec/containers/0/image", "web:2", true},
                    Change{"label", "/metadata/labels/tier", "front", true},
                    Change{"configuration", "/metadata/annotations/checksum~1config", "2", true},
                    Change{"restart", "/metadata/annotations/kubectl.kubernetes.io~1restartedAt", "2026", false},
                    Change{"barrier", "/metadata/annotations/rollback.riptide.dev~1no-way-back", "schema", false},
                    Change{"label_of_ours", "/metadata/labels/rollback.riptide.dev~1x", "1", false},
                    Change{"lookalike_of_ours", "/metadata/labels/rollback.riptide.devil~1x", "1", true},
                    Change{"build", "/metadata/annotations/example.com~1build", "8", true},
                    Change{"ignored_build", "/metadata/annotations/example.com~1build", "8", false, {"example.com/build"}},
                    Change{"ignored_label", "/metadata/labels/build", "8", false, {"other", "build"}},
                    Change{"restart_label_is_no_stamp", "/metadata/labels/kubectl.kubernetes.io~1restartedAt", "1", true}),
    [](const auto& info) { return info.param.name; });

TEST(Fingerprint, LabelAndAnnotationAreNotTheSame) {
  EXPECT_NE(print(with("/metadata/labels/x", "1")), print(with("/metadata/annotations/x", "1")));
}

TEST(Fingerprint, AddingAnIgnoredKeyChangesNothing) {
  EXPECT_EQ(print(with("/metadata/annotations/stamp", "1"), {"stamp"}), print(kPlain, {"stamp"}));
}

struct Requests {
  const char* name;
  const char* containers;
  std::int64_t cpu_millis;
  std::int64_t memory_bytes;
};
class RequestsOfTemplate : public testing::TestWithParam<Requests> {};
TEST_P(RequestsOfTemplate, AreSummed) {
  const auto seen = api::project_template({{"spec", {{"containers", json::parse(GetParam().containers)}}}});
  EXPECT_EQ(seen.cpu_millis, GetParam().cpu_millis);
  EXPECT_EQ(seen.memory_bytes, GetParam().memory_bytes);
}
INSTANTIATE_TEST_SUITE_P(
    Containers, RequestsOfTemplate,
    testing::Values(Requests{"none", "[]", 0, 0}, Requests{"no_list", "null", 0, 0},
                    Requests{"two",
                             R"([{"resources": {"requests": {"cpu": "250m", "memory": "1Gi"}}},
                                 {"resources": {"requests": {"cpu": "1", "memory": "128974848000m"}, "limits": {"cpu": "9"}}}])",
                             1250, 1073741824 + 128974848},
                    Requests{"fractions_round_up", R"([{"resources": {"requests": {"cpu": "100u", "memory": "1m"}}}])", 1, 1},
                    Requests{"odd", R"([{"resources": {"requests": {"cpu": "16g", "memory": 5}}}, {"resources": null}, 7])", 0,
                             0},
                    Requests{"negative", R"([{"resources": {"requests": {"cpu": "-1", "memory": "-1Gi"}}}])", 0, 0},
                    Requests{"huge", R"([{"resources": {"requests": {"cpu": "1e400", "memory": "9E"}}},
                                         {"resources": {"requests": {"cpu": "-1e400", "memory": "9E"}}}])",
                             0, std::numeric_limits<std::int64_t>::max()}),
    [](const auto& info) { return info.param.name; });

TEST(Template, MadeOfAnyBytesItDoesNotThrow) {
  EXPECT_NE(with("/spec/containers/0/image", "\xff\xfe").exact, kPlain.exact);
  for (const json& odd :
       {json(), json(5), json("x"), json::array({1}), json{{"metadata", 5}}, json{{"metadata", {{"labels", "x"}}}}}) {
    EXPECT_EQ(api::project_template(odd).labels, api::Strings{});
  }
}

// The Deployment controller makes no new ReplicaSet for another spelling of the same quantity.
api::Template with_quantities(const std::string& memory, const std::string& cpu) {
  return with("/spec", {{"containers",
                         {{{"name", "app"},
                           {"resources", {{"limits", {{"memory", memory}}}, {"requests", {{"cpu", cpu}}}}},
                           {"env", {{{"name", "M"}, {"valueFrom", {{"resourceFieldRef", {{"divisor", cpu}}}}}}}}}}},
                        {"overhead", {{"memory", memory}}},
                        {"volumes", {{{"name", "v"}, {"emptyDir", {{"sizeLimit", memory}}}}}}});
}
TEST(Template, SpellingOfQuantitiesDoesNotMatter) {
  EXPECT_EQ(with_quantities("1Gi", "1"), with_quantities("1073741824", "1000m"));
  EXPECT_NE(with_quantities("1Gi", "1").exact, with_quantities("1G", "1").exact);
  EXPECT_NE(with_quantities("1Gi", "1").exact, with_quantities("no quantity", "1").exact);
}
TEST(Template, WhatOnlyLooksLikeAQuantityStays) {
  const auto labelled = [](const char* value) { return with("/metadata/labels", {{"limits", value}}); };
  EXPECT_NE(labelled("1k"), labelled("1000"));
  const auto argued = [](const char* value) { return with("/spec/containers/0/args", {value}); };
  EXPECT_NE(argued("1k"), argued("1000"));
}

}  // namespace
