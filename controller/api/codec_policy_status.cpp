#include "api/codec.hpp"
#include "api/fields.hpp"
#include "api/text.hpp"

namespace api {
namespace {

using nlohmann::json;
using namespace fields;

TriggerStatus read_trigger_status(const json& of) {
  return {.name = text(of, "name"),
          .verdict = from_text<Verdict>(text(of, "verdict")).value_or(Verdict::Unknown),
          .reason = text(of, "reason"),
          .message = text(of, "message"),
          .value = text(of, "value"),
          .changed = time_or_epoch(of, "lastTransitionTime"),
          .refreshed = time(of, "lastRefreshTime")};
}

std::vector<MarkEntry> read_marks(const json& status) {
  std::vector<MarkEntry> out;
  for (const json& each : list(status, "marks")) {
    const auto mark = from_text<Mark>(text(each, "mark"));
    if (!mark) continue;  // neither word may be guessed: Good would be gone back to, Bad refused
    out.push_back({.fingerprint = text(each, "fingerprint"),
                   .mark = *mark,
                   .reason = text(each, "reason"),
                   .revision_name = text(each, "revisionName"),
                   .time = time_or_epoch(each, "time")});
  }
  return out;
}

Failure read_failure(const json& of) {
  return {.id = text(of, "id"),
          .revision_uid = text(of, "revisionUID"),
          .pod = text(of, "podName"),
          .container = text(of, "container"),
          .reason = text(of, "reason"),
          .exit_code = count(of, "exitCode"),
          .time = time_or_epoch(of, "time")};
}

RollbackBrief read_brief(const json& of) {
  return {.name = text(of, "name"),
          .from = text(of, "from"),
          .to = text(of, "to"),
          .result = text(of, "result"),
          .started = time_or_epoch(of, "startTime"),
          .ended = time(of, "endTime"),
          .announced = texts(of, "announced")};
}

json write_trigger_status(const TriggerStatus& trigger) {
  json out{{"name", trigger.name}, {"verdict", to_text(trigger.verdict)}};
  put(out, "reason", trigger.reason);
  put(out, "message", trigger.message);
  put(out, "value", trigger.value);
  put(out, "lastTransitionTime", trigger.changed);
  put(out, "lastRefreshTime", trigger.refreshed);
  return out;
}

json write_mark(const MarkEntry& entry) {
  json out{{"fingerprint", entry.fingerprint}, {"mark", to_text(entry.mark)}};
  put(out, "reason", entry.reason);
  put(out, "revisionName", entry.revision_name);
  put(out, "time", entry.time);
  return out;
}

json write_failure(const Failure& failure) {
  json out{{"id", failure.id}};
  put(out, "revisionUID", failure.revision_uid);
  put(out, "podName", failure.pod);
  put(out, "container", failure.container);
  put(out, "reason", failure.reason);
  put(out, "exitCode", failure.exit_code);
  put(out, "time", failure.time);
  return out;
}

json write_brief(const RollbackBrief& brief) {
  json out{{"name", brief.name}};
  put(out, "from", brief.from);
  put(out, "to", brief.to);
  put(out, "result", brief.result);
  put(out, "startTime", brief.started);
  put(out, "endTime", brief.ended);
  put(out, "announced", brief.announced);
  return out;
}

json write_target(const PolicyStatus& status) {
  json out = json::object();
  if (status.target_uid.empty()) return out;
  put(out, "uid", status.target_uid);
  if (status.current) out["revision"] = write_revision(*status.current);
  put(out, "sinceTime", status.current_since);
  if (status.current || status.complete) out["complete"] = status.complete ? "Yes" : "No";
  put(out, "soakingSinceTime", status.soaking_since);
  put(out, "healthyTriggers", status.healthy_once);
  put(out, "mostUpdated", status.most_updated);
  put(out, "mostAvailable", status.most_available);
  put(out, "progressTime", status.progressed);
  return out;
}

}  // namespace

PolicyStatus fields::read_policy_status(const json& status) {
  const json& target = field(status, "target");
  const json& revision = field(target, "revision");
  return {
      .observed_generation = number(status, "observedGeneration").value_or(0),
      .conditions = read_conditions(status),
      .target_uid = text(target, "uid"),
      .current = revision.is_object() ? std::optional(read_revision(revision)) : std::nullopt,
      .current_since = time(target, "sinceTime"),
      .complete = text(target, "complete") == "Yes",
      .soaking_since = time(target, "soakingSinceTime"),
      .healthy_once = texts(target, "healthyTriggers"),
      .most_updated = count(target, "mostUpdated"),
      .most_available = count(target, "mostAvailable"),
      .progressed = time(target, "progressTime"),
      .triggers = read_list<TriggerStatus>(status, "triggers", read_trigger_status),
      .marks = read_marks(status),
      .failures = read_list<Failure>(status, "failures", read_failure),
      .rollbacks = read_list<RollbackBrief>(status, "rollbacks", read_brief),
  };
}

nlohmann::json to_json(const PolicyStatus& status) {
  json out = json::object();
  put(out, "observedGeneration", status.observed_generation);
  put_object(out, "conditions", write_conditions(status.conditions));
  put_object(out, "target", write_target(status));
  put_object(out, "triggers", list_of(status.triggers, write_trigger_status));
  put_object(out, "marks", list_of(status.marks, write_mark));
  put_object(out, "failures", list_of(status.failures, write_failure));
  put_object(out, "rollbacks", list_of(status.rollbacks, write_brief));
  return out;
}

}  // namespace api
