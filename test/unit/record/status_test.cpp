#include "record/status.hpp"

#include <filesystem>

#include <gmock/gmock.h>

#include "api/codec.hpp"
#include "fake/yaml_json.hpp"

namespace {

using nlohmann::json;
using record::bounded;
using record::kMostStatusBytes;
using record::status_patch;

api::Meta seen() {
  api::Meta out;
  out.uid = "u1";
  out.resource_version = "7";
  return out;
}

struct Row {
  const char* name;
  json before;
  json after;
  json want;  // the operations after the two tests; null: nothing is written
};
class StatusPatchTest : public testing::TestWithParam<Row> {};

TEST_P(StatusPatchTest, NamesOnlyWhatDiffers) {
  const auto patch = status_patch(seen(), GetParam().before, GetParam().after);
  if (GetParam().want.is_null()) {
    EXPECT_EQ(patch, std::nullopt);
    return;
  }
  ASSERT_TRUE(patch);
  json want = json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", "u1"}},
                           {{"op", "test"}, {"path", "/metadata/resourceVersion"}, {"value", "7"}}});
  want.insert(want.end(), GetParam().want.begin(), GetParam().want.end());
  EXPECT_EQ(json::parse(*patch), want);
}

const json kNone = json::object();
INSTANTIATE_TEST_SUITE_P(
    Rows, StatusPatchTest,
    testing::Values(
        Row{"nothing", {{"a", 1}}, {{"a", 1}}, nullptr},  //
        Row{"nothing_of_nothing", kNone, kNone, nullptr},
        Row{"the_first",
            kNone,
            {{"a", 1}, {"b", 2}},
            json::array({{{"op", "add"}, {"path", "/status"}, {"value", {{"a", 1}, {"b", 2}}}}})},
        Row{"changed",
            {{"a", 1}, {"b", {{"c", 1}}}},
            {{"a", 1}, {"b", {{"c", 2}}}},
            json::array({{{"op", "add"}, {"path", "/status/b"}, {"value", {{"c", 2}}}}})},
        Row{"new", {{"a", 1}}, {{"a", 1}, {"b", 2}}, json::array({{{"op", "add"}, {"path", "/status/b"}, {"value", 2}}})},
        Row{"gone", {{"a", 1}, {"b", 2}}, {{"a", 1}}, json::array({{{"op", "remove"}, {"path", "/status/b"}}})}),
    [](const auto& info) { return info.param.name; });

json crd_status(const std::string& plural) {
  const auto root = std::filesystem::path(__FILE__).parent_path() / "../../..";
  const json crd = fake::json_of_yaml_file(root / "crds" / ("rollback.riptide.dev_" + plural + ".yaml"));
  return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"];
}

// A status in which every string is `characters` long, and every list as long as it may be.
json filled(const json& schema, std::size_t characters) {
  if (schema.contains("items")) {
    json list = json::array();
    for (int i = 0; i < schema.value("maxItems", 1); ++i) list.push_back(filled(schema["items"], characters));
    return list;
  }
  if (schema.value("type", "") == "object") {
    json object = json::object();
    const json properties = schema.value("properties", json::object());
    for (const auto& [name, below] : properties.items()) object[name] = filled(below, characters);
    return object;
  }
  const std::size_t most = schema.value("maxLength", 10);
  return schema.value("type", "") == "string" ? json(std::string(std::min(characters, most), 'x')) : json(1);
}

// Where a string that the CRD limits is longer than that.
void find_too_long(const json& schema, const json& value, const std::string& path, std::vector<std::string>& out) {
  if (schema.contains("items")) {
    for (const auto& item : value) find_too_long(schema["items"], item, path + "[]", out);
  } else if (value.is_object()) {
    for (const auto& [name, below] : value.items()) find_too_long(schema["properties"][name], below, path + "." + name, out);
  } else if (value.is_string() && value.get<std::string>().size() > schema.value("maxLength", std::size_t{1} << 20)) {
    out.push_back(path);
  }
}

// A text longer than its field would have the whole status refused, in the middle of an incident.
TEST(BoundedTest, FreeTextsFitTheSchema) {
  api::PolicyStatus policy;
  const std::string endless(20'000, 'x');
  policy.conditions.push_back({"Ready", api::Status::True, "Armed", endless, 1, {}});
  policy.triggers.push_back({"t", api::Verdict::Unknown, "NoReadings", endless, endless, {}, {}});
  policy.failures.push_back({"id", "uid", "pod", "app", endless, 1, {}});
  api::RollbackStatus run;
  run.conditions = policy.conditions;
  run.last_error = endless;
  run.checklist.push_back({"memory", api::CheckState::Unknown, endless, {}});
  run.steps.push_back({"Revert", api::StepState::Running, {}, {}, endless});
  run.evidence.push_back({"pod", "app", 1, endless, endless, endless, endless});
  std::vector<std::string> too_long;
  find_too_long(crd_status("rollbackpolicies"), bounded(api::to_json(policy)), "policy", too_long);
  find_too_long(crd_status("rollbacks"), bounded(api::to_json(run)), "rollback", too_long);
  EXPECT_THAT(too_long, testing::IsEmpty());
}

TEST(BoundedTest, TheFullestStatusKeepsItsBound) {
  for (const char* plural : {"rollbackpolicies", "rollbacks"}) {
    SCOPED_TRACE(plural);
    auto status = filled(crd_status(plural), 20'000);
    if (status.contains("plan")) status["plan"]["settings"].erase("http");  // the bodies are the policy's own
    EXPECT_LT(bounded(status).dump().size(), kMostStatusBytes);
  }
}

TEST(BoundedTest, WhatFitsIsNotTouched) {
  const json status{{"conditions", json::array({{{"message", std::string(1024, 'x')}}})},
                    {"evidence", {{"pods", json::array({{{"current", std::string(5120, 'y')}}})}}}};
  EXPECT_EQ(bounded(status), status);
}

TEST(BoundedTest, OfALogTheEndStays) {
  const json status{{"evidence", {{"pods", json::array({{{"current", std::string(6000, 'x') + "panic: out of memory"}}})}}}};
  EXPECT_THAT(bounded(status)["evidence"]["pods"][0]["current"].get<std::string>(), testing::EndsWith("x"
                                                                                                      "panic: out of memory"));
}

}  // namespace
