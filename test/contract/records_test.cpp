// What the server guarantees about our own records, and about leases and Events.
#include "contract/world.hpp"
#include "fake/objects.hpp"

namespace contract {

using base::Fault;

class Records : public Contract {
 protected:
  void SetUp() override { create(wire::kRollbacks, fake::rollback_json("run", "guard", ns())); }
  static json plan(const char* uid) {
    const json from{{"uid", "a"}, {"name", "web-a"}, {"number", 2}, {"fingerprint", "fa"}};
    const json to{{"uid", "b"}, {"name", "web-b"}, {"number", 1}, {"fingerprint", "fb"}};
    return {{"version", 1}, {"targetName", "web"}, {"targetUID", uid},         {"from", from},
            {"to", to},     {"chosen", "Good"},    {"settings", {{"any", 1}}}, {"resolvedTime", "2026-01-02T03:04:05Z"}};
  }
  base::Result<json> decide(const char* verb, const std::string& path, const json& value) {
    return try_patch(ref(wire::kRollbacks, "run"), json::array({op(verb, path, value)}));
  }
  static json decision(const char* state) { return {{"step", "Revert"}, {"state", state}}; }
  json event(const std::string& name) const {
    return {{"apiVersion", "events.k8s.io/v1"},
            {"kind", "Event"},
            {"metadata", {{"name", name}, {"namespace", ns()}}},
            {"eventTime", "2026-01-02T03:04:05.000000Z"},
            {"reportingController", "rollback-controller"},
            {"reportingInstance", "one"},
            {"action", "Rollback"},
            {"reason", "Reverted"},
            {"type", "Normal"},
            {"note", "web went back to revision 1"},
            {"regarding", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}, {"namespace", ns()}}}};
  }
};

TEST_F(Records, PlanIsFrozenOnceItIsSet) {
  const auto status = ref(wire::kRollbacks, "run", "status");
  ASSERT_TRUE(try_patch(status, json::array({op("add", "/status", {{"plan", plan("u-1")}})})));
  EXPECT_THAT(try_patch(status, json::array({op("replace", "/status/plan", plan("u-2"))})), is_fault(Fault::Invalid));
  EXPECT_THAT(try_patch(status, json::array({op("replace", "/status/plan/settings/any", 2)})), is_fault(Fault::Invalid));
  EXPECT_TRUE(try_patch(status, json::array({op("add", "/status/reverts", 1)})));
}

TEST_F(Records, OnlyDecisionsOfTheSpecCanChange) {
  EXPECT_THAT(decide("add", "/spec/reason", "other"), is_fault(Fault::Invalid));
  EXPECT_THAT(decide("replace", "/spec/policyName", "other"), is_fault(Fault::Invalid));
  EXPECT_THAT(decide("add", "/spec/decisions", json::array({decision("Waiting")})), is_fault(Fault::Invalid))
      << "it counted as Approved";
  EXPECT_TRUE(decide("add", "/spec/decisions", json::array({decision("Approved")})));
  EXPECT_THAT(decide("replace", "/spec/decisions/0/state", "Waiting"), is_fault(Fault::Invalid));
  EXPECT_TRUE(decide("replace", "/spec/decisions/0/state", "Aborted"));
  EXPECT_THAT(decide("replace", "/spec/decisions/0/state", "Approved"), is_fault(Fault::Invalid));
  EXPECT_THAT(decide("replace", "/spec/decisions", json::array()), is_fault(Fault::Invalid));
}

TEST_F(Records, WaitingDecisionIsTakenOnce) {
  json held = fake::rollback_json("held", "guard", ns());
  held["spec"]["decisions"] = json::array({decision("Waiting")});
  create(wire::kRollbacks, held);
  const auto held_ref = ref(wire::kRollbacks, "held");
  EXPECT_TRUE(try_patch(held_ref, json::array({op("test", "/spec/decisions/0/state", "Waiting"),
                                               op("replace", "/spec/decisions/0/state", "Approved")})));
  EXPECT_THAT(try_patch(held_ref, json::array({op("test", "/spec/decisions/0/state", "Waiting"),
                                               op("replace", "/spec/decisions/0/state", "Aborted")})),
              is_fault(Fault::Conflict));
}

TEST_F(Records, ContradictionsInARollbackAreRefused) {
  json deep = fake::rollback_json("deep", "guard", ns());
  deep["spec"]["depth"] = 1;
  EXPECT_THAT(try_create(wire::kRollbacks, deep), is_fault(Fault::Invalid)) << "no predecessor";
  json circle = fake::rollback_json("circle", "guard", ns());
  circle["spec"]["from"] = {{"uid", uid_of(read(ref(wire::kRollbacks, "run")))}, {"number", 2}};
  circle["spec"]["to"] = {{"uid", circle["spec"]["from"]["uid"]}};
  EXPECT_THAT(try_create(wire::kRollbacks, circle), is_fault(Fault::Invalid));
}

TEST_F(Records, TargetOfAPolicyIsImmutable) {
  create(wire::kPolicies, fake::policy_json("guard", "web", ns()));
  EXPECT_THAT(try_patch(ref(wire::kPolicies, "guard"), json::array({op("replace", "/spec/targetRef/name", "other")})),
              is_fault(Fault::Invalid));
}

TEST_F(Records, PolicyOfTheTestsIsAsStored) {
  const json wanted = fake::policy_json("guard", "web", ns());
  EXPECT_EQ(create(wire::kPolicies, wanted).at("spec"), wanted.at("spec")) << "fake::policy_json lacks a default";
  EXPECT_EQ(read(ref(wire::kRollbacks, "run")).at("spec"), fake::rollback_json("run", "guard", ns()).at("spec"));
}

TEST_F(Records, EventsAreCreatedOnce) {
  create(wire::kEvents, event("run.reverted"));
  EXPECT_THAT(try_create(wire::kEvents, event("run.reverted")), is_fault(Fault::Conflict));
}

TEST_F(Records, EventsNeedTheirFields) {
  for (const char* needed : {"eventTime", "reportingController", "reportingInstance", "action", "reason", "type"}) {
    json wanted = event("incomplete");
    wanted.erase(needed);
    EXPECT_THAT(try_create(wire::kEvents, wanted), is_fault(Fault::Invalid)) << needed;
  }
  json wordy = event("wordy");
  wordy["note"] = std::string(1025, 'x');
  EXPECT_THAT(try_create(wire::kEvents, wordy), is_fault(Fault::Invalid));
}

TEST_F(Records, LeaseIsTakenOverByOneOnly) {
  const std::string seen = version_of(lease("leader"));
  const auto take = [&](const char* who) {
    return try_patch(ref(wire::kLeases, "leader"),
                     json::array({op("test", "/metadata/resourceVersion", seen), op("replace", "/spec/holderIdentity", who),
                                  op("add", "/spec/renewTime", "2026-01-02T03:04:05.000006Z")}));
  };
  EXPECT_TRUE(take("two"));
  EXPECT_THAT(take("three"), is_fault(Fault::Conflict));
  const json spec = read(ref(wire::kLeases, "leader")).at("spec");
  EXPECT_EQ(spec.at("holderIdentity"), "two");
  EXPECT_EQ(spec.at("renewTime"), "2026-01-02T03:04:05.000006Z");
}

TEST_F(Records, LeaseOfNoDurationIsInvalid) {
  lease("leader");
  EXPECT_THAT(try_patch(ref(wire::kLeases, "leader"), json::array({op("replace", "/spec/leaseDurationSeconds", 0)})),
              is_fault(Fault::Invalid));
}

}  // namespace contract
