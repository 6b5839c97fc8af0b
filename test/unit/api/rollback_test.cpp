#include "expect.hpp"
#include "fake/objects.hpp"

namespace {

using nlohmann::json;

api::Rollback parsed(const json& object) {
  auto seen = api::parse_rollback(object.dump());
  EXPECT_TRUE(seen.has_value()) << seen.error().what;
  return seen.value_or(api::Rollback{});
}

TEST(ParseRollback, AskedForByAPersonHasAPolicyOnly) {
  const auto seen = parsed(fake::rollback_json("by-hand", "guard"));
  api::Rollback want;
  want.meta.ns = fake::kNamespace;
  want.meta.name = "by-hand";
  want.spec.policy_name = "guard";
  EXPECT_EQ(seen, want);
  EXPECT_TRUE(seen.by_hand());
}

TEST(RollbackSpec, IsReadAsItWasWritten) {
  for (const auto& spec : {api::RollbackSpec{}, given::full_rollback_spec()}) {
    EXPECT_EQ(parsed({{"spec", api::to_json(spec)}}).spec, spec);
  }
}

TEST(RollbackSpec, HasTheNamesOfTheSchema) {
  EXPECT_EQ(api::to_json(given::full_rollback_spec()), json::parse(R"({
    "policyName": "web", "reason": "too many failures", "triggerName": "unstable", "from": {"uid": "uid-bad", "number": 42},
    "to": {"uid": "uid-good"}, "previousRollbackName": "web-abc", "depth": 1,
    "decisions": [{"step": "Revert", "state": "Approved", "reason": "looks right"}]})"));
  api::RollbackSpec least;
  least.policy_name = "web";
  EXPECT_EQ(api::to_json(least), json::parse(R"({"policyName": "web"})"));
}

TEST(RollbackSpec, UnknownDecisionWaits) {
  const auto spec = parsed({{"spec", {{"decisions", {{{"step", "Revert"}, {"state", "approved"}}}}}}}).spec;
  ASSERT_EQ(spec.decisions.size(), 1u);
  EXPECT_EQ(spec.decisions[0].state, api::DecisionState::Waiting);
}

TEST(RollbackStatus, IsReadAsItWasWritten) {
  for (const auto& status : {api::RollbackStatus{}, given::full_rollback_status()}) {
    const auto seen = parsed({{"status", api::to_json(status)}});
    EXPECT_EQ(seen.status, status) << api::to_json(status).dump(1);
    EXPECT_FALSE(seen.plan_unknown);
  }
}

TEST(RollbackStatus, PlanOfDefaultsIsReadAsItWasWritten) {
  api::RollbackStatus status;
  status.plan.emplace();
  EXPECT_EQ(parsed({{"status", api::to_json(status)}}).status, status);
}

TEST(RollbackStatus, DefaultsAreLeftOut) { EXPECT_EQ(api::to_json(api::RollbackStatus{}), json::object()); }

// The defaults may change with the binary, a frozen plan may not.
TEST(RollbackStatus, PlanHoldsItsNumbersAlsoWhereTheyAreDefaults) {
  api::RollbackStatus status;
  status.plan.emplace();
  EXPECT_EQ(api::to_json(status)["plan"]["settings"], json::parse(R"({
    "verificationTimeoutSeconds": 300, "stabilizationDurationSeconds": 1800, "stabilizationPeriodSeconds": 60, "maxDepth": 2,
    "progressDeadlineSeconds": 300})"));
}

struct OddPlan {
  const char* name;
  const char* pointer;
  const char* value;
};
class UnknownPlan : public testing::TestWithParam<OddPlan> {};
TEST_P(UnknownPlan, IsNeverTakenForNone) {
  json object{{"status", api::to_json(given::full_rollback_status())}};
  object["status"][json::json_pointer(GetParam().pointer)] = json::parse(GetParam().value);
  const auto seen = parsed(object);
  EXPECT_TRUE(seen.plan_unknown);
  EXPECT_EQ(seen.status.plan, std::nullopt);
  EXPECT_EQ(seen.status.reverts, 1) << "the rest is read";
}
INSTANTIATE_TEST_SUITE_P(Plans, UnknownPlan,
                         testing::Values(OddPlan{"newer", "/plan/version", "3"}, OddPlan{"older", "/plan/version", "0"},
                                         OddPlan{"version_null", "/plan/version", "null"},
                                         OddPlan{"version_text", "/plan/version", R"("1")"},
                                         OddPlan{"version_beyond_int", "/plan/version", "4294967297"},
                                         OddPlan{"choice", "/plan/chosen", R"("Guessed")"}, OddPlan{"empty", "/plan", "{}"},
                                         OddPlan{"text", "/plan", R"("v1")"}, OddPlan{"list", "/plan", "[]"}),
                         [](const auto& info) { return info.param.name; });

TEST(ParseRollback, NullPlanIsNone) { EXPECT_FALSE(parsed({{"status", {{"plan", nullptr}}}}).plan_unknown); }

TEST(ParseRollback, FinishedIsCompleteOrFailed) {
  for (const auto& [type, status, finished] :
       std::vector<std::tuple<const char*, const char*, bool>>{{"Complete", "True", true},
                                                               {"Failed", "True", true},
                                                               {"Complete", "False", false},
                                                               {"Failed", "Unknown", false},
                                                               {"Restored", "True", false}}) {
    EXPECT_EQ(parsed({{"status", {{"conditions", {{{"type", type}, {"status", status}}}}}}}).finished(), finished)
        << type << status;
  }
}

}  // namespace
