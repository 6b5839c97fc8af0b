#include "crash/stories.hpp"

#include "fake/kinds.hpp"

namespace crash {

void split(Stage& stage, int canary) {
  auto person = stage.person();
  person.create(fake::deployment_json("stable", "good", 2));
  for (const char* name : {"stable", "web"}) person.create(fake::service_json(name));
  person.create(fake::http_route_json("web", {{"stable", 100 - canary}, {"web", canary}}));
  person.update({fake::kHttpRoutes, fake::kNamespace, "web", "status", {}},
                [](auto& route) { route["status"] = fake::accepted_json(); });
  stage.edit_policy([](auto& policy) { policy["spec"]["traffic"] = fake::canary_json("stable", "web", "web"); });
}

namespace {

using fake::CrashLoop;

void good_then_bad(Stage& stage) {
  stage.controllers.behave("bad", CrashLoop{base::Millis{1000}});
  stage.deploy("good");
  stage.policy();
}

Scenario crash_loop() {
  return {"crash_loop",
          good_then_bad,
          {{6, [](Stage& stage) { stage.ship("bad"); }}},
          35,
          {1, "Rollback", {"Stabilized", "CriteriaHold"}}};
}

void short_deadline(nlohmann::json& policy) { policy["spec"]["triggers"][1]["progress"]["deadlineSeconds"] = 10; }

void canary_pair(Stage& stage) {
  good_then_bad(stage);
  split(stage);
}

Scenario canary() {
  return {"canary",
          canary_pair,
          {{6, [](Stage& stage) { stage.ship("bad"); }}},
          40,
          {1, "HTTPRoute", {"\"weight\": 100", "\"weight\": 0"}}};
}

// Who scales the stable side may let it have three pods, and it needs four for all of the traffic.
Scenario canary_with_autoscaler() {
  return {"canary_with_autoscaler",
          [](Stage& stage) {
            good_then_bad(stage);
            split(stage, 50);
            stage.person().create(fake::autoscaler_json("stable", 2, 3));
          },
          {{6, [](Stage& stage) { stage.ship("bad"); }}},
          50,
          {1, "", {"\"replicas\": 3", "\"minReplicas\": 2"}}};
}

// The Service selects Deployment "web"; "peer" runs what "web" ran before, with one pod too few.
void two_sides(Stage& stage) {
  good_then_bad(stage);
  auto person = stage.person();
  person.create(fake::deployment_json("peer", "good", 1));
  person.create(fake::service_json("web"));
  person.create(fake::endpoints_json("web", {"a-pod-of-peer"}));
  stage.edit_policy([](auto& policy) { policy["spec"]["traffic"] = fake::blue_green_json("web", "peer"); });
}

Scenario blue_green() {
  return {"blue_green", two_sides, {{6, [](Stage& stage) { stage.ship("bad"); }}}, 40, {1, "Service", {"\"app\": \"peer\""}}};
}

// What serves keeps the pods that it was given.
Scenario blue_green_with_autoscaler() {
  return {"blue_green_with_autoscaler",
          [](Stage& stage) {
            two_sides(stage);
            stage.person().create(fake::autoscaler_json("peer", 1, 5));
          },
          {{6, [](Stage& stage) { stage.ship("bad"); }}},
          45,
          {1, "HorizontalPodAutoscaler", {"\"minReplicas\": 2"}}};
}

void weights_put_back(Stage& stage) {
  stage.person().update({fake::kHttpRoutes, fake::kNamespace, "web", "", {}}, [](auto& route) {
    route["spec"] = fake::http_route_json("web", {{"stable", 90}, {"web", 10}})["spec"];
  });
}

// The run has given up on the template when the weights come back.
Scenario canary_put_back() {
  return {"canary_put_back",
          canary_pair,
          {{6, [](Stage& stage) { stage.ship("bad"); }},
           {14, [](Stage& stage) { stage.ship("bad"); }},
           {19, [](Stage& stage) { stage.ship("bad"); }},
           {24, [](Stage& stage) { stage.ship("bad"); }},
           {30, weights_put_back}},
          45,
          {3, "HTTPRoute", {"\"weight\": 100", "\"weight\": 0"}}};
}

// There is nothing to go back to, and somebody gives the canary its weight back.
Scenario canary_first_release() {
  return {"canary_first_release",
          [](Stage& stage) {
            stage.controllers.behave("bad", CrashLoop{base::Millis{1000}});
            stage.policy();
            stage.deploy("bad");
            split(stage);
          },
          {{15, weights_put_back}, {25, [](Stage& stage) { stage.ship("fix"); }}},
          35,
          {0, "HTTPRoute", {"\"weight\": 100", "\"weight\": 0"}}};
}

Scenario never_ready() {
  return {"never_ready",
          [](Stage& stage) {
            stage.controllers.behave("bad", fake::NeverReady{});
            stage.deploy("good");
            stage.policy(short_deadline);
          },
          {{6, [](Stage& stage) { stage.ship("bad"); }}},
          40,
          {1, "Rollback", {"Stabilized"}}};
}

// "worse" crashes; "middle", which was good, does not start any more; "good" is what is left.
Scenario restored_is_bad_too() {
  return {"restored_is_bad_too",
          [](Stage& stage) {
            stage.controllers.behave("worse", CrashLoop{base::Millis{1000}});
            stage.deploy("good");
            stage.policy(short_deadline);
          },
          {{6, [](Stage& stage) { stage.ship("middle"); }},
           {14,
            [](Stage& stage) {
              stage.ship("worse");
              stage.controllers.behave("middle", fake::NeverReady{});
            }}},
          60,
          {2, "Rollback", {"RestoredRevisionUnhealthy", "Stabilized"}}};
}

Scenario first_release_is_bad() {
  return {"first_release_is_bad",
          [](Stage& stage) {
            stage.controllers.behave("bad", CrashLoop{base::Millis{1000}});
            stage.policy();
            stage.deploy("bad");
          },
          {},
          20,
          {0, "RollbackPolicy", {"NoGoodRevision"}}};
}

Scenario fix_in_mid_run() {
  return {"fix_in_mid_run",
          good_then_bad,
          {{6, [](Stage& stage) { stage.ship("bad"); }}, {12, [](Stage& stage) { stage.ship("fix"); }}},
          35,
          {1, "Rollback", {"EndedByNewRelease"}}};
}

Scenario policy_deleted_in_mid_run() {
  return {"policy_deleted_in_mid_run",
          good_then_bad,
          {{6, [](Stage& stage) { stage.ship("bad"); }},
           {13, [](Stage& stage) { stage.person().remove({wire::kPolicies, fake::kNamespace, "web", "", {}}); }}},
          30,
          {1, "Rollback", {"PolicyDeleted"}}};
}

Scenario put_back_by_another() {
  return {"put_back_by_another",
          good_then_bad,
          {{6, [](Stage& stage) { stage.ship("bad"); }},
           {14, [](Stage& stage) { stage.ship("bad"); }},
           {19, [](Stage& stage) { stage.ship("bad"); }},
           {24, [](Stage& stage) { stage.ship("bad"); }}},
          45,
          {3, "Rollback", {"GitOpsConflict"}}};
}

Scenario by_hand() {
  return {"by_hand",
          [](Stage& stage) {
            stage.deploy("one");
            stage.policy([](auto& policy) { policy["spec"]["mode"] = "Paused"; });
          },
          {{6, [](Stage& stage) { stage.ship("two"); }},
           {12, [](Stage& stage) { stage.person().create(fake::rollback_json("please", "web")); }}},
          35,
          {1, "Rollback", {"ByPerson", "Stabilized"}}};
}

// The bad release takes five times what the good one takes.
Scenario takes_too_much_memory() {
  return {
      "takes_too_much_memory",
      [](Stage& stage) {
        stage.measure([](const std::string& image) { return image == "bad" ? 500e6 : 100e6; });
        stage.deploy("good");
        stage.policy([](auto& policy) {
          policy["spec"]["triggers"] = {
              {{"name", "memory"}, {"type", "Memory"}, {"memory", {{"measure", "RSS"}, {"above", "300M"}, {"forSeconds", 5}}}}};
        });
      },
      {{16, [](Stage& stage) { stage.ship("bad"); }}},
      90,
      {1, "Rollback", {"\"memory\"", "Stabilized"}}};
}

// What both releases need goes away after "bad" was rolled out: put back, "good" crashes too, before it counts as available.
Scenario not_the_releases_fault() {
  return {"not_the_releases_fault",
          [](Stage& stage) {
            good_then_bad(stage);
            stage.controllers.behave("bad", fake::HealthyThenCrash{base::Millis{12000}, CrashLoop{base::Millis{1000}}});
            stage.person().update({wire::kDeployments, fake::kNamespace, "web", "", {}},
                                  [](auto& web) { web["spec"]["minReadySeconds"] = 2; });
          },
          {{6, [](Stage& stage) { stage.ship("bad"); }},
           {16, [](Stage& stage) { stage.controllers.behave("good", CrashLoop{base::Millis{1000}}); }}},
          45,
          {1, "RollbackPolicy", {"NotRevisionSpecific"}}};
}

// Shipped again in another form that the policy is told to see through.
Scenario shipped_again() {
  return {"shipped_again",
          [](Stage& stage) {
            good_then_bad(stage);
            stage.edit_policy([](auto& policy) { policy["spec"]["revisions"]["ignoreTemplateKeys"] = {"build"}; });
          },
          {{6, [](Stage& stage) { stage.ship("bad"); }}, {28, [](Stage& stage) { stage.ship("bad", {{"build", "2"}}); }}},
          55,
          {2, "Rollback", {"Stabilized", "build"}}};
}

void ask(Stage& stage) {
  auto wanted = fake::rollback_json("please", "web");
  wanted["spec"]["decisions"] = {{{"step", "Revert"}, {"state", "Waiting"}}};
  stage.person().create(wanted);
}

Scenario asked(const std::string& name, const std::string& decision, Ending ending) {
  return {name,
          [](Stage& stage) {
            stage.deploy("one");
            stage.policy();
          },
          {{6, [](Stage& stage) { stage.ship("two"); }},
           {12, ask},
           {16,
            [decision](Stage& stage) {
              stage.person().update({wire::kRollbacks, fake::kNamespace, "please", "", {}},
                                    [&](auto& run) { run["spec"]["decisions"][0]["state"] = decision; });
            }}},
          38,
          std::move(ending)};
}

}  // namespace

std::vector<Scenario> stories() {
  return {crash_loop(),
          canary(),
          canary_with_autoscaler(),
          blue_green(),
          blue_green_with_autoscaler(),
          canary_put_back(),
          canary_first_release(),
          never_ready(),
          restored_is_bad_too(),
          first_release_is_bad(),
          fix_in_mid_run(),
          policy_deleted_in_mid_run(),
          put_back_by_another(),
          by_hand(),
          takes_too_much_memory(),
          not_the_releases_fault(),
          shipped_again(),
          asked("approved", "Approved", {1, "Rollback", {"Stabilized"}}),
          asked("aborted", "Aborted", {0, "Rollback", {"Aborted"}})};
}

}  // namespace crash
