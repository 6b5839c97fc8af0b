#include "expect.hpp"
#include "fake/objects.hpp"

namespace {

using api::Seconds;
using nlohmann::json;

api::RollbackPolicy parsed(const json& object) {
  auto seen = api::parse_policy(object.dump());
  EXPECT_TRUE(seen.has_value()) << seen.error().what;
  return seen.value_or(api::RollbackPolicy{});
}

TEST(ParsePolicy, FiveLinesAreWhatTheServerFillsIn) {
  const auto seen = parsed(fake::policy_json("guard", "web"));
  api::PolicySpec want;
  want.target_name = "web";
  want.triggers = {{"unstable", api::FailuresTrigger{5, Seconds{600}}}, {"stuck", api::ProgressTrigger{Seconds{300}}}};
  EXPECT_EQ(seen.spec, want);
  EXPECT_EQ(seen.spec_error, "");
  EXPECT_EQ(seen.meta.key(), (api::Key{fake::kNamespace, "guard"}));
  EXPECT_EQ(seen.status, api::PolicyStatus{});
}

TEST(ParsePolicy, ReadsEveryField) {
  const auto seen = parsed({{"spec", json::parse(R"({
    "targetRef": {"kind": "Deployment", "name": "web"}, "mode": "Observe",
    "triggers": [{"name": "memory", "type": "Memory", "memory": {"measure": "WorkingSet", "above": "1.5Gi", "forSeconds": 0}},
                 {"name": "unstable", "type": "Failures", "failures": {"moreThan": 0, "windowSeconds": 10}},
                 {"name": "stuck", "type": "Progress", "progress": {"deadlineSeconds": 20}}],
    "traffic": {"type": "Canary", "canary": {"stableServiceName": "web", "canaryServiceName": "web-canary", "routeRefs": [
      {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "web"}]}},
    "verification": {"timeoutSeconds": 11, "http": {"port": 8080, "timeoutSeconds": 2, "checks": [
      {"name": "search", "method": "POST", "path": "/search", "body": "{}", "contentType": "text/plain"},
      {"name": "health", "path": "/health"}]}},
    "stabilization": {"durationSeconds": 0, "periodSeconds": 5},
    "guards": {"maxRollbacks": {"count": 1, "windowSeconds": 60}, "suspectSeconds": 61},
    "revisions": {"soakSeconds": 0, "maxDepth": 1, "ignoreTemplateKeys": ["a", "b/c"]},
    "history": {"limit": 4}})")}});
  const api::HttpChecks http{
      8080,
      Seconds{2},
      {{"search", "POST", "/search", "{}", "text/plain"}, {"health", "GET", "/health", "", "application/json"}}};
  const api::PolicySpec want{
      .target_name = "web",
      .mode = api::Mode::Observe,
      .triggers = {{"memory", api::MemoryTrigger{api::Measure::WorkingSet, "1.5Gi", 1610612736, Seconds{0}}},
                   {"unstable", api::FailuresTrigger{0, Seconds{10}}},
                   {"stuck", api::ProgressTrigger{Seconds{20}}}},
      .canary = api::CanaryPair{{{"gateway.networking.k8s.io", "HTTPRoute", "web"}}, "web", "web-canary"},
      .verification_timeout = Seconds{11},
      .http = http,
      .stabilization = Seconds{0},
      .stabilization_period = Seconds{5},
      .max_rollbacks = 1,
      .max_rollbacks_window = Seconds{60},
      .suspect = Seconds{61},
      .soak = Seconds{0},
      .max_depth = 1,
      .ignore_template_keys = {"a", "b/c"},
      .history_limit = 4,
  };
  EXPECT_EQ(seen.spec, want);
  EXPECT_EQ(seen.spec_error, "");
}

TEST(ParsePolicy, ReadsABlueGreenPair) {
  json object = fake::policy_json("guard", "web");
  object["spec"]["traffic"] = json::parse(R"({"type": "BlueGreen", "blueGreen": {"serviceName": "web", "selectorKey": "slot",
    "peerRef": {"kind": "Deployment", "name": "web-green"}, "drainSeconds": 5, "revert": "Never"}})");
  const auto seen = parsed(object);
  EXPECT_EQ(seen.spec_error, "");
  EXPECT_EQ(seen.spec.blue_green, (api::BlueGreenPair{"web", "slot", "web", "web-green", Seconds{5}, false}));
  EXPECT_FALSE(seen.spec.canary);
  EXPECT_EQ(seen.spec.ignore_template_keys, (std::vector<std::string>{"slot"})) << "one release on either side";
}

TEST(ParseService, KeepsSelectorAndOwner) {
  const auto service = api::parse_service(R"({"metadata": {"name": "web", "namespace": "shop", "uid": "u", "labels": {"a": "b"},
    "managedFields": [{"manager": "rollback-controller", "operation": "Update"}]}, "spec": {"selector": {"slot": "blue"}}})");
  ASSERT_TRUE(service);
  EXPECT_EQ(service->selector, (api::Strings{{"slot", "blue"}}));
  EXPECT_TRUE(service->owned_by_us);
}

TEST(ParseEndpoints, NamesThePodsThatAreReady) {
  const auto ready = api::parse_endpoints(R"({"items": [{"endpoints": [
      {"conditions": {"ready": true}, "targetRef": {"uid": "a"}}, {"conditions": {"ready": false}, "targetRef": {"uid": "b"}}]},
    {"endpoints": [{"conditions": {}, "targetRef": {"uid": "c"}}, {"conditions": {"ready": true}}]}, {"endpoints": null}]})");
  ASSERT_TRUE(ready);
  EXPECT_EQ(*ready, (std::vector<std::string>{"a", "c"})) << "what does not say is ready; what is no pod has no uid";
}

struct Unusable {
  const char* name;
  const char* pointer;
  const char* value;
  const char* error;
};
class UnusableSpec : public testing::TestWithParam<Unusable> {};
TEST_P(UnusableSpec, NamesTheField) {
  json object = fake::policy_json("guard", "web");
  object["spec"]["triggers"][0] =
      json::parse(R"({"name": "memory", "type": "Memory", "memory": {"measure": "RSS", "above": "600M"}})");
  object["spec"]["triggers"][2] =
      json::parse(R"({"name": "f", "type": "Failures", "failures": {"moreThan": 5, "windowSeconds": 60}})");
  object["spec"]["verification"]["http"] =
      json::parse(R"({"port": 80, "checks": [{"name": "a", "path": "/"}, {"name": "b", "path": "/"}]})");
  ASSERT_EQ(parsed(object).spec_error, "");
  object["spec"][json::json_pointer(GetParam().pointer)] = json::parse(GetParam().value);
  EXPECT_EQ(parsed(object).spec_error, GetParam().error);
}
constexpr const char* kBadQuantity =
    "spec.triggers[0].memory.above must be a quantity of bytes above 0, such as 600M, 512Mi or 1.5Gi";
constexpr const char* kBadTraffic =
    "spec.traffic must be of type Canary, with the field canary, or of type BlueGreen, with the field blueGreen";
INSTANTIATE_TEST_SUITE_P(
    Specs, UnusableSpec,
    testing::Values(
        Unusable{"blue_green_without_a_service", "/traffic",
                 R"({"type": "BlueGreen", "blueGreen": {"selectorKey": "slot", "peerRef": {"name": "b"}}})",
                 "spec.traffic.blueGreen must name a Service and a key of its selector: serviceName and selectorKey"},
        Unusable{
            "peer_that_is_the_target", "/traffic",
            R"({"type": "BlueGreen", "blueGreen": {"serviceName": "s", "selectorKey": "slot", "peerRef": {"name": "web"}}})",
            "spec.traffic.blueGreen.peerRef must name another Deployment of this namespace than targetRef"},
        Unusable{"unit", "/triggers/0/memory/above", R"("600MB")", kBadQuantity},
        Unusable{"lower_case_unit", "/triggers/0/memory/above", R"("16g")", kBadQuantity},
        Unusable{"no_quantity", "/triggers/0/memory/above", R"("")", kBadQuantity},
        Unusable{"quantity_as_number", "/triggers/0/memory/above", "600", kBadQuantity},
        Unusable{"zero", "/triggers/0/memory/above", R"("0")", kBadQuantity},
        Unusable{"negative", "/triggers/0/memory/above", R"("-1Gi")", kBadQuantity},
        Unusable{"infinite", "/triggers/0/memory/above", R"("1e400")", kBadQuantity},
        Unusable{"measure", "/triggers/0/memory/measure", R"("VSZ")",
                 "spec.triggers[0].memory.measure must be one of RSS, WorkingSet"},
        Unusable{"no_measure", "/triggers/0/memory/measure", "null",
                 "spec.triggers[0].memory.measure must be one of RSS, WorkingSet"},
        Unusable{"member_missing", "/triggers/0/type", R"("Progress")",
                 "spec.triggers[0].progress.deadlineSeconds must be a whole number from 1 on"},
        Unusable{"type", "/triggers/1/type", R"("Latency")", "spec.triggers[1].type must be one of Memory, Failures, Progress"},
        Unusable{"trigger_name", "/triggers/1/name", "null", "spec.triggers[1].name must not be empty"},
        Unusable{"more_than", "/triggers/2/failures/moreThan", "null",
                 "spec.triggers[2].failures.moreThan must be a whole number from 0 on"},
        Unusable{"more_than_fraction", "/triggers/2/failures/moreThan", "5.5",
                 "spec.triggers[2].failures.moreThan must be a whole number from 0 on"},
        Unusable{"window", "/triggers/2/failures/windowSeconds", R"("60s")",
                 "spec.triggers[2].failures.windowSeconds must be a whole number from 1 on"},
        Unusable{"window_beyond_int", "/triggers/2/failures/windowSeconds", "4294967296",
                 "spec.triggers[2].failures.windowSeconds must be a whole number from 1 on"},
        Unusable{"deadline", "/triggers/1/progress/deadlineSeconds", "0",
                 "spec.triggers[1].progress.deadlineSeconds must be a whole number from 1 on"},
        Unusable{"no_triggers", "/triggers", "[]", "spec.triggers must name at least one trigger"},
        Unusable{"triggers_null", "/triggers", "null", "spec.triggers must name at least one trigger"},
        Unusable{"traffic_type", "/traffic", R"({"type": "BlueGreen"})", kBadTraffic},
        Unusable{"one_service", "/traffic",
                 R"({"type": "Canary", "canary": {"stableServiceName": "a", "canaryServiceName": "a", "routeRefs": []}})",
                 "spec.traffic.canary must name two different Services: stableServiceName and canaryServiceName"},
        Unusable{"no_route", "/traffic",
                 R"({"type": "Canary", "canary": {"stableServiceName": "a", "canaryServiceName": "b", "routeRefs": []}})",
                 "spec.traffic.canary.routeRefs must name at least one route"},
        Unusable{"unknown_route", "/traffic",
                 R"({"type": "Canary", "canary": {"stableServiceName": "a", "canaryServiceName": "b",
                     "routeRefs": [{"group": "networking.k8s.io", "kind": "Ingress", "name": "web"}]}})",
                 "spec.traffic.canary.routeRefs[0] must name a route of a kind that is known"},
        Unusable{"mode", "/mode", R"("enforce")", "spec.mode must be one of Enforce, Observe, Paused"},
        Unusable{"mode_number", "/mode", "1", "spec.mode must be one of Enforce, Observe, Paused"},
        Unusable{"target_kind", "/targetRef/kind", R"("StatefulSet")", "spec.targetRef.kind must be Deployment"},
        Unusable{"target_name", "/targetRef/name", R"("")", "spec.targetRef.name must name a Deployment of this namespace"},
        Unusable{"port", "/verification/http/port", "65536", "spec.verification.http.port must be from 1 to 65535"},
        Unusable{"no_port", "/verification/http/port", "null", "spec.verification.http.port must be from 1 to 65535"},
        Unusable{"path", "/verification/http/checks/1/path", R"("@evil.example/")",
                 "spec.verification.http.checks[1].path must begin with '/'"}),
    [](const auto& info) { return info.param.name; });

TEST(ParsePolicy, FirstReasonIsTold) {
  EXPECT_EQ(api::parse_policy("{}")->spec_error, "spec.targetRef.kind must be Deployment");
}

TEST(ParsePolicy, OddOptionalNumbersAreTheDefaults) {
  json object = fake::policy_json("guard", "web");
  const auto plain = parsed(object).spec;
  object["spec"]["verification"] = {{"timeoutSeconds", -1}, {"http", "none"}};
  object["spec"]["stabilization"] = {{"durationSeconds", 1e300}, {"periodSeconds", "60"}};
  object["spec"]["guards"] = json::array();
  object["spec"]["revisions"] = {
      {"soakSeconds", nullptr}, {"maxDepth", 18446744073709551615u}, {"ignoreTemplateKeys", {1, nullptr}}};
  object["spec"]["history"] = nullptr;
  EXPECT_EQ(parsed(object).spec, plain);
}

TEST(PolicyStatus, IsReadAsItWasWritten) {
  for (const auto& status : {api::PolicyStatus{}, given::full_policy_status()}) {
    EXPECT_EQ(parsed({{"status", api::to_json(status)}}).status, status) << api::to_json(status).dump(1);
  }
}

TEST(PolicyStatus, EveryPartAloneIsReadAsItWasWritten) {
  const json whole = api::to_json(given::full_policy_status());
  for (const json& path :
       {json("target"), json("triggers"), json("marks"), json("failures"), json("rollbacks"), json("conditions")}) {
    const auto status = parsed({{"status", {{path.get<std::string>(), whole.at(path.get<std::string>())}}}}).status;
    EXPECT_EQ(parsed({{"status", api::to_json(status)}}).status, status);
    EXPECT_EQ(api::to_json(status).size(), 1u);
  }
}

TEST(PolicyStatus, DefaultsAreLeftOut) {
  EXPECT_EQ(api::to_json(api::PolicyStatus{}), json::object());
  api::PolicyStatus status;
  status.target_uid = "u";
  status.triggers.resize(1);
  status.triggers[0].name = "unstable";
  EXPECT_EQ(api::to_json(status), json::parse(R"({"target": {"uid": "u"}, "triggers": [
    {"name": "unstable", "verdict": "Unknown", "lastTransitionTime": "1970-01-01T00:00:00Z"}]})"));
}

TEST(PolicyStatus, TimesAreWholeSeconds) {
  api::PolicyStatus status;
  status.target_uid = "u";
  status.current_since = given::at(5) + std::chrono::milliseconds{999};
  EXPECT_EQ(parsed({{"status", api::to_json(status)}}).status.current_since, given::at(5));
}

TEST(PolicyStatus, UnknownWordsDecideNothing) {
  const auto status = parsed({{"status", json::parse(R"({
    "triggers": [{"name": "a", "verdict": "breached"}], "marks": [{"fingerprint": "f", "mark": "Great"}, {"fingerprint": "g", "mark": "Bad"}],
    "conditions": [{"type": "Ready", "status": "true"}], "target": {"uid": "u", "complete": "yes", "revision": "web-1"}})")}})
                          .status;
  EXPECT_EQ(status.triggers.at(0).verdict, api::Verdict::Unknown);
  ASSERT_EQ(status.marks.size(), 1u);
  EXPECT_EQ(status.marks[0].fingerprint, "g");
  EXPECT_EQ(status.conditions.at(0).status, api::Status::Unknown);
  EXPECT_FALSE(status.complete);
  EXPECT_EQ(status.current, std::nullopt);
}

}  // namespace
