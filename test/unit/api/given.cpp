#include "expect.hpp"

namespace given {
namespace {

api::Conditions conditions() {
  return {{.type = "Ready",
           .status = api::Status::True,
           .reason = "Armed",
           .message = "Watching web.",
           .observed_generation = 3,
           .changed = at(1)}};
}

api::Plan plan() {
  return {
      .version = api::kPlanVersionTraffic,
      .target_name = "web",
      .target_uid = "uid-web",
      .from = {"uid-bad", "web-bad", 42, "f1"},
      .to = {"uid-good", "web-good", 41, "f2"},
      .back = api::RevisionRef{"uid-back", "web-back", 40, "f3"},
      .chosen = api::Choice::Assumed,
      .settings = {.verification_timeout = api::Seconds{100},
                   .http = api::HttpChecks{8080, api::Seconds{7}, {{"search", "POST", "/search", "{}", "text/plain"}}},
                   .stabilization = api::Seconds{0},
                   .stabilization_period = api::Seconds{30},
                   .max_depth = 5,
                   .ignore_template_keys = {"example.com/build"},
                   .progress_deadline = api::Seconds{900},
                   .canary = api::CanaryPair{{{"g", "HTTPRoute", "web"}}, "web", "web-canary"}},
      .healthy_triggers = {"unstable"},
      .resolved = at(2),
  };
}

}  // namespace

api::PolicyStatus full_policy_status() {
  return {
      .observed_generation = 3,
      .conditions = conditions(),
      .target_uid = "uid-web",
      .current = api::RevisionRef{"uid-1", "web-1", 7, "f1"},
      .current_since = at(3),
      .complete = true,
      .soaking_since = at(4),
      .healthy_once = {"unstable", "stuck"},
      .most_updated = 3,
      .most_available = 2,
      .progressed = at(5),
      .triggers = {{"unstable", api::Verdict::Breached, "TooMany", "6 > 5", "6", at(6), at(7)}},
      .marks = {{"f1", api::Mark::Bad, "Breached", "web-1", at(8)}, {"f2", api::Mark::Good, "Soaked", "web-0", at(9)}},
      .failures = {{"uid-pod/app/1", "uid-1", "web-1-x", "app", "OOMKilled", 137, at(10)}},
      .rollbacks = {{"web-abc", "web-1", "web-0", "Stabilized", at(11), at(12), {"RollbackCreated"}}},
  };
}

api::RollbackStatus full_rollback_status() {
  return {
      .observed_generation = 2,
      .conditions = conditions(),
      .plan = plan(),
      .reverts = 1,
      .revert_number = 42,
      .attempts = 4,
      .last_attempt = at(13),
      .last_error = "denied by quota",
      .traffic_moves = 2,
      .traffic_generation = 9,
      .last_traffic_move = at(18),
      .raised = api::Raised{"stable", "uid-scaler", 2, 5, api::Raise::Refused, "may not patch"},
      .most_updated = 3,
      .most_available = 1,
      .progressed = at(14),
      .checklist = {{"memory", api::CheckState::Confirmed, "731Mi", at(15)}},
      .steps = {{api::kStepRevert, api::StepState::Done, at(16), at(17), "put back"}},
      .evidence = {{"web-1-x", "app", 137, "OOMKilled", "why", "now", "before"}},
  };
}

api::RollbackSpec full_rollback_spec() {
  return {
      .policy_name = "web",
      .reason = "too many failures",
      .trigger_name = "unstable",
      .from_uid = "uid-bad",
      .from_number = 42,
      .to_uid = "uid-good",
      .previous = "web-abc",
      .depth = 1,
      .decisions = {{api::kStepRevert, api::DecisionState::Approved, "looks right"}},
  };
}

}  // namespace given
