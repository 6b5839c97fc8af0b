// Whatever the server, another client or a broken connection hands us, a codec answers with a value or with Invalid.
#include <random>

#include "expect.hpp"
#include "fake/objects.hpp"

namespace {

using nlohmann::json;

struct Kind {
  const char* name;
  json object;
  bool (*parses)(std::string_view text);  // false: Invalid
};

template <auto parse>
bool parses(std::string_view text) {
  const auto out = parse(text);
  if (!out) {
    EXPECT_EQ(out.error().fault, base::Fault::Invalid);
  }
  return out.has_value();
}

json with_status(json object, json status) {
  object["status"] = std::move(status);
  return object;
}

json deployment() {
  json object = fake::deployment_json("web", "web:1");
  object["metadata"]["managedFields"] = json::parse(R"([{"manager": "kubectl", "subresource": "status"}])");
  object["status"] = json::parse(R"({"replicas": 3, "conditions": [{"type": "Progressing", "reason": "X"}]})");
  return object;
}

json pod() {
  return json::parse(
      R"({"metadata": {"name": "p", "creationTimestamp": "2026-01-02T03:04:05Z", "ownerReferences": [{"controller": true}]},
    "spec": {"nodeName": "n", "initContainers": [{"name": "i", "restartPolicy": "Always"}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z"}],
      "initContainerStatuses": [{"name": "i", "state": {"waiting": {"reason": "R"}}}],
      "containerStatuses": [{"name": "c", "restartCount": 1, "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-01-02T03:04:05Z"}}}]}})");
}

std::vector<Kind> kinds() {
  return {{"Deployment", deployment(), parses<api::parse_deployment>},
          {"ReplicaSet", deployment(), parses<api::parse_replica_set>},
          {"Pod", pod(), parses<api::parse_pod>},
          {"RollbackPolicy", with_status(fake::policy_json("p", "web"), api::to_json(given::full_policy_status())),
           parses<api::parse_policy>},
          {"Rollback", with_status(fake::rollback_json("r", "p"), api::to_json(given::full_rollback_status())),
           parses<api::parse_rollback>}};
}

class OddShapes : public testing::TestWithParam<Kind> {};

TEST_P(OddShapes, AFieldOfAnotherTypeStopsNothing) {
  const std::vector<json> odd{nullptr,
                              "x",
                              "",
                              true,
                              -1,
                              2147483648,
                              18446744073709551615u,
                              1e300,
                              json::array(),
                              json::object(),
                              json::array({nullptr, json::array(), "x", 5, json::object()}),
                              json{{"a", {{"b", "c"}}}}};
  const json flat = GetParam().object.flatten();
  ASSERT_GT(flat.size(), 15u);
  for (const auto& [leaf, unused] : flat.items()) {
    for (json::json_pointer at(leaf); !at.empty(); at.pop_back()) {
      for (const json& value : odd) {
        json object = GetParam().object;
        object[at] = value;
        EXPECT_TRUE(GetParam().parses(object.dump())) << at << " = " << value;
      }
    }
  }
}

TEST_P(OddShapes, ACutTextIsInvalid) {
  const std::string whole = GetParam().object.dump();
  ASSERT_TRUE(GetParam().parses(whole));
  for (size_t length = 0; length < whole.size(); ++length) ASSERT_FALSE(GetParam().parses(whole.substr(0, length))) << length;
}

TEST_P(OddShapes, AnyBytesAreAnsweredWithAValueOrInvalid) {
  std::mt19937 dice(7);  // the same bytes in every run
  const std::string whole = GetParam().object.dump();
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole;
    for (int change = 0; change < 3; ++change) text[dice() % text.size()] = static_cast<char>(dice());
    refused += GetParam().parses(text) ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

TEST_P(OddShapes, UnknownFieldsAndLongTextsAreSkipped) {
  json object = GetParam().object;
  object["spec"]["ofTheFuture"] = json::array({json{{"a", std::string(1'500'000, 'x')}}});
  object["metadata"]["annotations"]["long"] = std::string(256 * 1024, 'y');
  EXPECT_TRUE(GetParam().parses(object.dump()));
}

INSTANTIATE_TEST_SUITE_P(Kinds, OddShapes, testing::ValuesIn(kinds()), [](const auto& info) { return info.param.name; });

}  // namespace
