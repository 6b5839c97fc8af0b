#include "fake/validate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fake/crd_schema.hpp"
#include "fake/kinds.hpp"

namespace fake {

using nlohmann::json;
using Refusal = std::optional<std::string>;

namespace {

const json& at(const json& object, const char* pointer) {
  static const json null;
  const json::json_pointer path(pointer);
  return object.contains(path) ? object.at(path) : null;
}

bool is_count(const json& value) { return value.is_null() || (value.is_number_integer() && value >= 0); }

Refusal deployment(const json& before, const json& after) {
  for (const char* path :
       {"/spec/replicas", "/spec/minReadySeconds", "/spec/progressDeadlineSeconds", "/spec/revisionHistoryLimit"}) {
    if (!is_count(at(after, path))) return fmt::format("{}: invalid value: must be an integer, 0 or more", path);
  }
  const json& containers = at(after, "/spec/template/spec/containers");
  if (!containers.is_array() || containers.empty()) return "spec.template.spec.containers: required value";
  const json& labels = at(after, "/spec/template/metadata/labels");
  const json& wanted = at(after, "/spec/selector/matchLabels");
  if (!wanted.is_object() || wanted.empty()) return "spec.selector: required value";
  for (const auto& [key, value] : wanted.items()) {
    if (!labels.contains(key) || labels.at(key) != value)
      return "spec.template.metadata.labels: `selector` does not match template `labels`";
  }
  if (!before.is_null() && at(before, "/spec/selector") != at(after, "/spec/selector"))
    return "spec.selector: field is immutable";
  return std::nullopt;
}

Refusal event(const json& after) {
  for (const char* name : {"eventTime", "reportingController", "reportingInstance", "action", "reason"}) {
    if (!after.contains(name) || after.at(name) == "") return fmt::format("{}: required value", name);
  }
  const std::string type = after.value("type", "");
  if (type != "Normal" && type != "Warning") return "type: invalid value: has invalid value";
  if (after.value("note", "").size() > 1024) return "note: invalid value: can have at most 1024 characters";
  return std::nullopt;
}

Refusal lease(const json& after) {
  const json& seconds = at(after, "/spec/leaseDurationSeconds");
  if (!seconds.is_null() && seconds <= 0) return "spec.leaseDurationSeconds: invalid value: must be greater than 0";
  return std::nullopt;
}

const json* decision_on(const json& decisions, const json& step) {
  const auto found = std::find_if(decisions.begin(), decisions.end(), [&](const json& d) { return d.at("step") == step; });
  return found == decisions.end() ? nullptr : &*found;
}

Refusal decisions(const json& before, const json& after) {
  for (const json& old : before) {
    const json* now = decision_on(after, old.at("step"));
    if (now == nullptr) return "spec.decisions: a decision cannot be removed";
    const json& from = old.at("state");
    const json& to = now->at("state");
    const bool is_allowed = from == to || from == "Waiting" || (from == "Approved" && to == "Aborted");
    if (!is_allowed) return fmt::format("spec.decisions: {} cannot become {}", from.dump(), to.dump());
  }
  for (const json& now : after) {
    const bool is_new = decision_on(before, now.at("step")) == nullptr;
    if (is_new && now.at("state") == "Waiting") return "spec.decisions: one that is added later must be Approved or Aborted";
  }
  return std::nullopt;
}

Refusal rollback_spec(const json& spec) {
  const json& from = at(spec, "/from/uid");
  if (!from.is_null() && from == at(spec, "/to/uid")) return "spec.to: must be another revision than from";
  if (spec.contains("previousRollbackName") != (spec.value("depth", 0) > 0))
    return "spec.depth: goes with previousRollbackName";
  return std::nullopt;
}

Refusal rollback(const json& before, const json& after) {
  if (auto why = rollback_spec(after.at("spec"))) return why;
  if (before.is_null()) return std::nullopt;
  json old_spec = before.at("spec");
  json new_spec = after.at("spec");
  const json none = json::array();
  if (auto why = decisions(old_spec.value("decisions", none), new_spec.value("decisions", none))) return why;
  old_spec.erase("decisions");
  new_spec.erase("decisions");
  if (old_spec != new_spec) return "spec: only decisions can change";
  const json& plan = at(before, "/status/plan");
  if (!plan.is_null() && plan != at(after, "/status/plan")) return "status.plan: is frozen once it is set";
  return std::nullopt;
}

Refusal policy(const json& before, const json& after) {
  if (!before.is_null() && at(before, "/spec/targetRef") != at(after, "/spec/targetRef")) return "spec.targetRef: is immutable";
  return std::nullopt;
}

}  // namespace

Refusal refusal(const wire::Kind& kind, const json& before, const json& after) {
  if (kind == wire::kDeployments) return deployment(before, after);
  if (kind == wire::kEvents) return event(after);
  if (kind == wire::kLeases) return lease(after);
  if (traits_of(kind).is_custom) {
    if (auto why = schema_refusal(kind, after)) return why;
  }
  if (kind == wire::kRollbacks) return rollback(before, after);
  if (kind == wire::kPolicies) return policy(before, after);
  return std::nullopt;
}

}  // namespace fake
