#include "api/codec.hpp"
#include "api/fields.hpp"
#include "api/text.hpp"

namespace api {
namespace {

using nlohmann::json;
using namespace fields;

// An unknown word waits: it must not approve anything.
StepDecision read_decision(const json& of) {
  return {.step = text(of, "step"),
          .state = from_text<DecisionState>(text(of, "state")).value_or(DecisionState::Waiting),
          .reason = text(of, "reason")};
}

RollbackSpec read_spec(const json& spec) {
  const json& from = field(spec, "from");
  return {
      .policy_name = text(spec, "policyName"),
      .reason = text(spec, "reason"),
      .trigger_name = text(spec, "triggerName"),
      .from_uid = text(from, "uid"),
      .from_number = number(from, "number").value_or(0),
      .to_uid = text(field(spec, "to"), "uid"),
      .previous = text(spec, "previousRollbackName"),
      .depth = count(spec, "depth"),
      .decisions = read_list<StepDecision>(spec, "decisions", read_decision),
  };
}

Check read_check(const json& of) {
  return {.name = text(of, "name"),
          .state = from_text<CheckState>(text(of, "state")).value_or(CheckState::Unknown),
          .evidence = text(of, "evidence"),
          .time = time_or_epoch(of, "time")};
}

StepStatus read_step(const json& of) {
  return {.name = text(of, "name"),
          .state = from_text<StepState>(text(of, "state")).value_or(StepState::Waiting),
          .started = time(of, "startTime"),
          .ended = time(of, "endTime"),
          .message = text(of, "message")};
}

std::optional<Raised> read_raised(const json& of) {
  if (!of.is_object()) return std::nullopt;
  return Raised{.name = text(of, "autoscalerName"),
                .uid = text(of, "autoscalerUID"),
                .from = count(of, "minReplicas"),
                .to = count(of, "raisedTo"),
                .state = from_text<Raise>(text(of, "state")).value_or(Raise::Asked),
                .message = text(of, "message")};
}

PodEvidence read_evidence(const json& of) {
  return {.pod = text(of, "name"),
          .container = text(of, "container"),
          .exit_code = count(of, "exitCode"),
          .reason = text(of, "reason"),
          .message = text(of, "message"),
          .current = text(of, "current"),
          .previous = text(of, "previous")};
}

RollbackStatus read_status(const json& status) {
  const json& progress = field(status, "progress");
  return {
      .observed_generation = number(status, "observedGeneration").value_or(0),
      .conditions = read_conditions(status),
      .plan = read_plan(field(status, "plan")),
      .reverts = count(status, "reverts"),
      .revert_number = number(status, "revertNumber").value_or(0),
      .attempts = count(status, "attempts"),
      .last_attempt = time(status, "lastAttemptTime"),
      .last_error = text(status, "lastError"),
      .traffic_moves = count(status, "trafficMoves"),
      .traffic_generation = number(status, "trafficGeneration").value_or(0),
      .last_traffic_move = time(status, "lastTrafficMoveTime"),
      .raised = read_raised(field(status, "capacity")),
      .most_updated = count(progress, "mostUpdated"),
      .most_available = count(progress, "mostAvailable"),
      .progressed = time(progress, "progressTime"),
      .checklist = read_list<Check>(status, "checklist", read_check),
      .steps = read_list<StepStatus>(status, "steps", read_step),
      .evidence = read_list<PodEvidence>(field(status, "evidence"), "pods", read_evidence),
  };
}

// A plan that is there in whatever form is never taken for none: without one, a new plan would be made and acted on.
Rollback read_rollback(const json& object) {
  const json& status = field(object, "status");
  Rollback out{.meta = read_meta(object), .spec = read_spec(field(object, "spec")), .status = read_status(status)};
  out.plan_unknown = !field(status, "plan").is_null() && !out.status.plan;
  return out;
}

json write_decision(const StepDecision& decision) {
  json out{{"step", decision.step}, {"state", to_text(decision.state)}};
  put(out, "reason", decision.reason);
  return out;
}

json write_check(const Check& check) {
  json out{{"name", check.name}, {"state", to_text(check.state)}};
  put(out, "evidence", check.evidence);
  put(out, "time", check.time);
  return out;
}

json write_step(const StepStatus& step) {
  json out{{"name", step.name}, {"state", to_text(step.state)}};
  put(out, "startTime", step.started);
  put(out, "endTime", step.ended);
  put(out, "message", step.message);
  return out;
}

json write_raised(const Raised& raised) {
  json out{{"autoscalerName", raised.name},
           {"autoscalerUID", raised.uid},
           {"minReplicas", raised.from},
           {"raisedTo", raised.to},
           {"state", to_text(raised.state)}};
  put(out, "message", raised.message);
  return out;
}

json write_evidence(const PodEvidence& evidence) {
  json out{{"name", evidence.pod}, {"container", evidence.container}};
  put(out, "exitCode", evidence.exit_code);
  put(out, "reason", evidence.reason);
  put(out, "message", evidence.message);
  put(out, "current", evidence.current);
  put(out, "previous", evidence.previous);
  return out;
}

json write_progress(const RollbackStatus& status) {
  json out = json::object();
  put(out, "mostUpdated", status.most_updated);
  put(out, "mostAvailable", status.most_available);
  put(out, "progressTime", status.progressed);
  return out;
}

}  // namespace

Result<Rollback> parse_rollback(std::string_view text) { return parse<Rollback>("Rollback", text, own_keep(), read_rollback); }

nlohmann::json to_json(const RollbackSpec& spec) {
  json out{{"policyName", spec.policy_name}};
  put(out, "reason", spec.reason);
  put(out, "triggerName", spec.trigger_name);
  json from = json::object();
  put(from, "uid", spec.from_uid);
  put(from, "number", spec.from_number);
  put_object(out, "from", std::move(from));
  if (!spec.to_uid.empty()) out["to"] = {{"uid", spec.to_uid}};
  put(out, "previousRollbackName", spec.previous);
  put(out, "depth", spec.depth);
  put_object(out, "decisions", list_of(spec.decisions, write_decision));
  return out;
}

nlohmann::json to_json(const RollbackStatus& status) {
  json out = json::object();
  put(out, "observedGeneration", status.observed_generation);
  put_object(out, "conditions", write_conditions(status.conditions));
  if (status.plan) out["plan"] = write_plan(*status.plan);
  put(out, "reverts", status.reverts);
  put(out, "revertNumber", status.revert_number);
  put(out, "attempts", status.attempts);
  put(out, "lastAttemptTime", status.last_attempt);
  put(out, "lastError", status.last_error);
  put(out, "trafficMoves", status.traffic_moves);
  put(out, "trafficGeneration", status.traffic_generation);
  put(out, "lastTrafficMoveTime", status.last_traffic_move);
  if (status.raised) out["capacity"] = write_raised(*status.raised);
  put_object(out, "progress", write_progress(status));
  put_object(out, "checklist", list_of(status.checklist, write_check));
  put_object(out, "steps", list_of(status.steps, write_step));
  json pods = list_of(status.evidence, write_evidence);
  if (!pods.empty()) out["evidence"] = {{"pods", std::move(pods)}};
  return out;
}

}  // namespace api
