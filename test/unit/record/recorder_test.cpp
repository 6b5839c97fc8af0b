#include "record/recorder.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "api/codec.hpp"
#include "fake/fake_cluster.hpp"
#include "fake/manual_clock.hpp"
#include "fake/objects.hpp"
#include "record/event.hpp"

namespace {

using base::Fault;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

MATCHER_P(fails_with, fault, "") {
  if (arg.has_value()) return false;
  *result_listener << "which says: " << arg.error().what;
  return arg.error().fault == fault;
}

wire::Ref ref(const wire::Kind& kind, const std::string& name) { return {kind, fake::kNamespace, name, "", {}}; }

decide::CreateRollback asked(const std::string& name) {
  decide::CreateRollback out;
  out.name = name;
  out.spec.policy_name = "guard";
  return out;
}

// The lines that are logged while it lives.
class Logged {
 public:
  Logged() : before_(spdlog::default_logger()) {
    auto logger = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out_));
    logger->set_pattern(R"({"level":"%l",%v})");
    spdlog::set_default_logger(logger);
  }
  ~Logged() { spdlog::set_default_logger(before_); }

  std::vector<json> lines() const {
    std::vector<json> all;
    std::istringstream text(out_.str());
    for (std::string line; std::getline(text, line);) all.push_back(json::parse(line));
    return all;
  }
  std::string text() const { return out_.str(); }

 private:
  std::shared_ptr<spdlog::logger> before_;
  std::ostringstream out_;
};

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    user.create(fake::deployment_json("web", "app:1"));
    user.create(fake::policy_json("guard", "web"));
    user.create(fake::rollback_json("guard-x", "guard"));
  }

  template <class T>
  T read(const wire::Kind& kind, const std::string& name, base::Result<T> (*parse)(std::string_view)) const {
    return parse(user.get(ref(kind, name)).dump()).value();
  }
  api::RollbackPolicy policy() const { return read(wire::kPolicies, "guard", &api::parse_policy); }
  api::Rollback run(const std::string& name = "guard-x") const { return read(wire::kRollbacks, name, &api::parse_rollback); }

  decide::Snapshot world() const {
    decide::Snapshot out;
    out.key = {fake::kNamespace, "guard"};
    out.policy = policy();
    out.target = read(wire::kDeployments, "web", &api::parse_deployment);
    return out;
  }
  decide::RunUpdate update(const std::string& reason) const {
    auto next = run().status;
    api::set(next.conditions, {"Reverted", api::Status::False, reason, "not yet", 1, {}}, clock.now());
    return {run(), next};
  }
  decide::Decision say(const std::string& reason) const {
    decide::Decision out;
    out.events.push_back({decide::EventType::Warning, reason, "the note", "guard-x"});
    out.status = policy().status;
    out.status->observed_generation = 1;
    return out;
  }
  decide::Decision revert() const {
    decide::Decision out;
    decide::RevertTemplate step;
    step.target = {fake::kNamespace, "web"};
    step.rollback_name = "guard-x";
    step.rollback_uid = run().meta.uid;
    step.to_name = "web-1";
    out.plan.emplace_back(step);
    out.status = policy().status;
    out.status->observed_generation = 1;
    return out;
  }
  std::vector<std::string> told(const char* kind) const {
    std::vector<std::string> out;
    for (const auto& event : user.list(wire::kEvents, fake::kNamespace)) {
      if (event["regarding"]["kind"] == kind) out.push_back(event["reason"]);
    }
    return out;
  }
  std::vector<std::string> writes() const {
    std::vector<std::string> out;
    for (const auto& write : cluster.writes()) {
      out.push_back((write.accepted ? "" : "refused ") + write.verb + " " + std::string(write.kind.plural) +
                    (write.subresource.empty() ? "" : "/" + write.subresource));
    }
    return out;
  }

  fake::ManualClock clock;
  fake::FakeCluster cluster{clock};
  fake::Actor user = cluster.as_user();
  record::Metrics metrics{"1"};
  record::Recorder recorder{cluster, metrics, clock, "pod-1"};
};

TEST_F(RecorderTest, CreatesTheRollbackThatIsTheIntent) {
  decide::Decision decision;
  decision.create = asked("guard-y");
  auto& spec = decision.create->spec;
  spec.reason = std::string(3000, 'x');
  spec.trigger_name = "unstable";
  spec.from_uid = "0a1b2c3d-0000-4000-8000-000000000000";
  spec.from_number = 2;
  ASSERT_TRUE(recorder.intend(world(), decision));
  EXPECT_EQ(run("guard-y").spec.trigger_name, "unstable");
  EXPECT_EQ(run("guard-y").spec.from_number, 2);
  const json made = user.get(ref(wire::kRollbacks, "guard-y"));
  EXPECT_EQ(made["metadata"]["labels"]["rollback.riptide.dev/policy"], "guard");
  EXPECT_FALSE(made["metadata"].contains("ownerReferences"));
  EXPECT_FALSE(made["metadata"].contains("finalizers"));
}

TEST_F(RecorderTest, ARollbackThatIsThereAlreadyIsAConflict) {
  decide::Decision decision;
  decision.create = asked("guard-x");
  decision.runs.push_back(update("Pending"));
  EXPECT_THAT(recorder.intend(world(), decision), fails_with(Fault::Conflict));
  EXPECT_THAT(writes(), ElementsAre("refused create rollbacks"));
}

TEST_F(RecorderTest, ANameThatSomebodyTookIsToldAsSuch) {
  auto stranger = fake::rollback_json("guard-y", "another");
  user.create(stranger);
  decide::Decision decision;
  decision.create = asked("guard-y");
  const auto refused = recorder.intend(world(), decision);
  ASSERT_THAT(refused, fails_with(Fault::Invalid));
  EXPECT_THAT(refused.error().what, HasSubstr("taken by a Rollback of policy another"));
}

TEST_F(RecorderTest, WritesTheStatusOfARun) {
  decide::Decision decision;
  decision.runs.push_back(update("Pending"));
  ASSERT_TRUE(recorder.intend(world(), decision));
  EXPECT_EQ(run().status, decision.runs[0].next);
  EXPECT_EQ(run().meta.generation, 1);
}

TEST_F(RecorderTest, OnlyChangedFieldsOfAStatusAreWritten) {
  decide::Decision decision;
  decision.runs.push_back(update("Pending"));
  ASSERT_TRUE(recorder.intend(world(), decision));
  user.update({wire::kRollbacks, fake::kNamespace, "guard-x", "status", {}}, [](json& run) { run["status"]["reverts"] = 2; });
  decision.runs[0] = update("TargetPaused");
  ASSERT_TRUE(recorder.intend(world(), decision));
  EXPECT_THAT(cluster.writes().back().fields, ElementsAre("status.conditions"));
  EXPECT_EQ(run().status.reverts, 2);
}

// C47: a write wakes our own watch.
TEST_F(RecorderTest, NothingNewWritesNothingAndSaysNothing) {
  ASSERT_TRUE(recorder.settle(world(), say("Halted"), nullptr));
  decide::Decision decision;
  decision.runs.push_back({run(), run().status});
  decision.status = policy().status;
  const auto before = writes().size();
  const Logged logged;
  ASSERT_TRUE(recorder.intend(world(), decision));
  ASSERT_TRUE(recorder.settle(world(), decision, nullptr));
  EXPECT_THAT(writes(), SizeIs(before));
  EXPECT_THAT(logged.lines(), IsEmpty());
}

// R21
TEST_F(RecorderTest, AStatusOfAnotherVersionIsAConflict) {
  const auto seen = world();
  decide::Decision decision = say("Halted");
  decision.runs.push_back(update("Pending"));
  user.update(ref(wire::kPolicies, "guard"), [](json& policy) { policy["spec"]["mode"] = "Paused"; });
  user.update(ref(wire::kRollbacks, "guard-x"), [](json& run) { run["metadata"]["labels"]["x"] = "y"; });
  EXPECT_THAT(recorder.intend(seen, decision), fails_with(Fault::Conflict));
  EXPECT_THAT(recorder.settle(seen, decision, nullptr), fails_with(Fault::Conflict));
  EXPECT_EQ(policy().status, api::PolicyStatus());
  EXPECT_EQ(run().status, api::RollbackStatus());
}

TEST_F(RecorderTest, EventsAreOnPolicyAndTargetAndComeFirst) {
  ASSERT_TRUE(recorder.settle(world(), say("Halted"), nullptr));
  EXPECT_THAT(told("RollbackPolicy"), ElementsAre("Halted"));
  EXPECT_THAT(told("Deployment"), ElementsAre("Halted"));
  EXPECT_THAT(writes(), ElementsAre("create events", "create events", "patch rollbackpolicies/status"));
  EXPECT_EQ(policy().status.observed_generation, 1);
}

// Killed between Events and status: the next pass says it again.
TEST_F(RecorderTest, WhatWasSaidBeforeIsNoError) {
  const auto decision = say("Halted");
  cluster.cut_after(2);
  EXPECT_THROW((void)recorder.settle(world(), decision, nullptr), fake::Cut);
  cluster.revive();
  ASSERT_TRUE(recorder.settle(world(), decision, nullptr));
  EXPECT_THAT(told("RollbackPolicy"), SizeIs(1));
  EXPECT_THAT(told("Deployment"), SizeIs(1));
  EXPECT_EQ(policy().status.observed_generation, 1);
}

TEST_F(RecorderTest, AStatusWaitsForItsEvents) {
  cluster.fail_next(fake::calls_to("create", wire::kEvents), Fault::Unavailable);
  EXPECT_THAT(recorder.settle(world(), say("Halted"), nullptr), fails_with(Fault::Unavailable));
  EXPECT_EQ(policy().status, api::PolicyStatus());
}

class RefusedEventTest : public RecorderTest, public testing::WithParamInterface<Fault> {};

// A missing right on events must not silence the status as well.
TEST_P(RefusedEventTest, DoesNotHoldUpTheStatus) {
  cluster.fail_next(fake::calls_to("create", wire::kEvents), GetParam(), fake::kAlways);
  const Logged logged;
  ASSERT_TRUE(recorder.settle(world(), say("Halted"), nullptr));
  EXPECT_EQ(policy().status.observed_generation, 1);
  EXPECT_THAT(metrics.scrape(), HasSubstr("rollback_events_lost_total 2"));
  EXPECT_THAT(logged.text(), HasSubstr("event refused"));
}

INSTANTIATE_TEST_SUITE_P(ForGood, RefusedEventTest, testing::Values(Fault::Forbidden, Fault::Invalid, Fault::NotFound));

TEST_F(RecorderTest, WithoutPolicyTheTargetIsTold) {
  auto orphan = world();
  orphan.policy.reset();
  auto decision = say("PolicyDeleted");
  decision.status.reset();
  ASSERT_TRUE(recorder.intend(orphan, decision));
  ASSERT_TRUE(recorder.settle(orphan, decision, nullptr));
  EXPECT_THAT(told("RollbackPolicy"), IsEmpty());
  EXPECT_THAT(told("Deployment"), ElementsAre("PolicyDeleted"));
}

TEST_F(RecorderTest, WithoutTargetThePolicyIsTold) {
  auto lonely = world();
  lonely.target.reset();
  ASSERT_TRUE(recorder.settle(lonely, say("TargetNotFound"), nullptr));
  EXPECT_THAT(told("RollbackPolicy"), ElementsAre("TargetNotFound"));
  EXPECT_THAT(told("Deployment"), IsEmpty());
}

// C35: the attempt is counted in the run's status, so that a restart forgets none.
TEST_F(RecorderTest, ADeniedActIsCountedToldAndHandedBack) {
  auto decision = revert();
  decision.runs.push_back(update("Pending"));
  const auto seen = world();
  ASSERT_TRUE(recorder.intend(seen, decision));  // the run has another version now than the one that was seen
  const decide::StepError denied{0, {Fault::Invalid, "admission webhook says no"}};
  const Logged logged;
  EXPECT_THAT(recorder.settle(seen, decision, &denied), fails_with(Fault::Invalid));
  EXPECT_THAT(logged.text(), HasSubstr("\"runs\":\"guard-x\",\"events\":\"WriteDenied\""));
  EXPECT_EQ(run().status.attempts, 1);
  EXPECT_EQ(run().status.last_error, "admission webhook says no");
  EXPECT_EQ(api::find(run().status.conditions, "Reverted")->reason, "WriteDenied");
  EXPECT_THAT(told("RollbackPolicy"), ElementsAre("WriteDenied"));
  EXPECT_EQ(policy().status.observed_generation, 1);
}

TEST_F(RecorderTest, AMissingRightIsToldOnce) {
  const decide::StepError forbidden{0, {Fault::Forbidden, "cannot patch resource deployments"}};
  EXPECT_THAT(recorder.settle(world(), revert(), &forbidden), fails_with(Fault::Forbidden));
  EXPECT_EQ(api::find(run().status.conditions, "Reverted")->reason, "WriteFailed");
  EXPECT_EQ(api::find(run().status.conditions, "Reverted")->message, "cannot patch resource deployments");  // R27
  const auto before = writes().size();
  EXPECT_THAT(recorder.settle(world(), revert(), &forbidden), fails_with(Fault::Forbidden));
  EXPECT_THAT(writes(), SizeIs(before));
}

TEST_F(RecorderTest, AHandBackThatIsRefusedIsAnEvent) {
  auto decision = revert();
  decision.plan = {decide::GiveBackOwnership{{{fake::kNamespace, "web"}, "uid", "guard-x", run().meta.uid}}};
  const auto before = run().status;
  const decide::StepError denied{0, {Fault::Invalid, "admission webhook says no"}};
  ASSERT_TRUE(recorder.settle(world(), decision, nullptr, {denied})) << "no rollback depends on it";
  ASSERT_TRUE(recorder.settle(world(), decision, nullptr, {denied}));
  EXPECT_THAT(told("RollbackPolicy"), ElementsAre("WriteDenied"));
  EXPECT_THAT(told("Deployment"), ElementsAre("WriteDenied"));
  EXPECT_EQ(run().status, before);
}

TEST_F(RecorderTest, AnOldViewLeavesNoTrace) {
  const decide::StepError conflict{0, {Fault::Conflict, "it runs another template"}};
  auto decision = revert();
  decision.status.reset();
  const Logged logged;
  EXPECT_THAT(recorder.settle(world(), decision, &conflict), fails_with(Fault::Conflict));
  EXPECT_THAT(writes(), IsEmpty());
  EXPECT_THAT(logged.lines(), IsEmpty());
}

TEST_F(RecorderTest, TheErrorOfTheActComesBeforeThoseOfTheRecord) {
  cluster.fail_next(fake::calls_to("patch", wire::kPolicies, "status"), Fault::Unavailable);
  const decide::StepError forbidden{0, {Fault::Forbidden, "no"}};
  EXPECT_THAT(recorder.settle(world(), revert(), &forbidden), fails_with(Fault::Forbidden));
}

TEST_F(RecorderTest, PrunesThisVeryRollback) {
  decide::Decision decision;
  decision.prune = {run()};
  ASSERT_TRUE(recorder.settle(world(), decision, nullptr));
  EXPECT_EQ(user.find(ref(wire::kRollbacks, "guard-x")), std::nullopt);
  ASSERT_TRUE(recorder.settle(world(), decision, nullptr)) << "gone already";
  user.create(fake::rollback_json("guard-x", "guard"));
  ASSERT_TRUE(recorder.settle(world(), decision, nullptr));
  EXPECT_NE(user.find(ref(wire::kRollbacks, "guard-x")), std::nullopt) << "another one of that name";
}

TEST_F(RecorderTest, APassThatChangedSomethingIsOneLine) {
  auto decision = revert();
  decision.create = asked("guard-y");
  decision.runs.push_back(update("Pending"));
  decision.events = say("RollbackCreated").events;
  const auto seen = world();
  const Logged logged;
  ASSERT_TRUE(recorder.intend(seen, decision));
  ASSERT_TRUE(recorder.settle(seen, decision, nullptr));
  ASSERT_THAT(logged.lines(), SizeIs(1));
  EXPECT_THAT(
      logged.text(),
      HasSubstr(
          R"({"level":"info","msg":"pass wrote","policy":"shop/guard","pass":"2026-01-02T03:04:05.000000Z","created":"guard-y",)"
          R"("acted":"RevertTemplate to web-1","runs":"guard-x","events":"RollbackCreated","status":"written"})"));
}

TEST_F(RecorderTest, ARefusedIntentIsToldByThePolicyOnce) {
  const auto decision = revert();
  const base::Error error{base::Fault::Forbidden, "create rollbacks shop/guard-y: forbidden"};
  recorder.refused(world(), decision, error);
  const auto told_first = policy().status.conditions;
  EXPECT_THAT(api::find(told_first, "Ready")->message, HasSubstr("forbidden"));
  EXPECT_EQ(api::find(told_first, "Stalled")->reason, "WriteFailed");
  EXPECT_THAT(told("RollbackPolicy"), ElementsAre("WriteFailed"));
  const auto version = user.get(ref(wire::kPolicies, "guard"))["metadata"]["resourceVersion"];
  clock.advance(base::Millis{10'000});
  recorder.refused(world(), decision, error);
  EXPECT_EQ(user.get(ref(wire::kPolicies, "guard"))["metadata"]["resourceVersion"], version);
  EXPECT_THAT(told("RollbackPolicy"), ElementsAre("WriteFailed"));
}

TEST_F(RecorderTest, AnIntentThatNobodyAnsweredIsToldToo) {
  recorder.refused(world(), revert(), {Fault::Unavailable, "create rollbacks: 500 failed calling webhook"});
  EXPECT_EQ(api::find(policy().status.conditions, "Stalled")->reason, "WriteFailed");
  recorder.refused(world(), revert(), {Fault::Conflict, "it is there already"});
  EXPECT_EQ(api::find(policy().status.conditions, "Stalled")->message.find("already"), std::string::npos);
}

TEST_F(RecorderTest, EndsAndVerdictsAreMeasured) {
  decide::Decision decision;
  decision.runs.push_back({run(), run().status});
  api::set(decision.runs[0].next.conditions, {"Failed", api::Status::True, "Aborted", "a person ended it", 1, {}}, clock.now());
  decision.findings = {{"unstable", api::Verdict::Healthy, "WithinLimit", "", "2", {}}};
  ASSERT_TRUE(recorder.intend(world(), decision));
  ASSERT_TRUE(recorder.settle(world(), decision, nullptr));
  EXPECT_THAT(metrics.scrape(), HasSubstr("rollback_total{result=\"Aborted\",trigger=\"Manual\"} 1"));
  EXPECT_THAT(metrics.scrape(), HasSubstr("trigger_value{namespace=\"shop\",policy=\"guard\",trigger=\"unstable\"} 2"));
  recorder.forget({fake::kNamespace, "guard"});
  EXPECT_THAT(metrics.scrape(), Not(HasSubstr("policy=\"guard\"")));
}

TEST_F(RecorderTest, AnEndThatWasNotWrittenIsNotMeasured) {
  decide::Decision decision;
  decision.runs.push_back({run(), run().status});
  api::set(decision.runs[0].next.conditions, {"Failed", api::Status::True, "Aborted", "a person ended it", 1, {}}, clock.now());
  cluster.fail_next(fake::calls_to("patch", wire::kRollbacks, "status"), Fault::Unavailable);
  EXPECT_THAT(recorder.intend(world(), decision), fails_with(Fault::Unavailable));
  EXPECT_THAT(metrics.scrape(), HasSubstr("rollback_total{result=\"Aborted\",trigger=\"Manual\"} 0"));
}

}  // namespace
