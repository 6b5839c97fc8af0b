#include "api/fields.hpp"
#include "api/text.hpp"

namespace api::fields {
namespace {

RunSettings read_settings(const json& of, const std::string& target) {
  const RunSettings defaults;
  const json& http = field(of, "http");
  return {
      .verification_timeout = seconds(of, "verificationTimeoutSeconds", defaults.verification_timeout),
      .http = http.is_object() ? std::optional(read_http(http)) : std::nullopt,
      .stabilization = seconds(of, "stabilizationDurationSeconds", defaults.stabilization),
      .stabilization_period = seconds(of, "stabilizationPeriodSeconds", defaults.stabilization_period),
      .max_depth = small_number(of, "maxDepth").value_or(defaults.max_depth),
      .ignore_template_keys = texts(of, "ignoreTemplateKeys"),
      .progress_deadline = seconds(of, "progressDeadlineSeconds", defaults.progress_deadline),
      .canary = read_canary(field(of, "traffic")),
      .blue_green = read_blue_green(field(of, "traffic"), target),
  };
}

// All numbers, also those that are defaults today: the plan is frozen, the defaults are not.
json write_settings(const RunSettings& settings) {
  json out{{"verificationTimeoutSeconds", settings.verification_timeout.count()},
           {"stabilizationDurationSeconds", settings.stabilization.count()},
           {"stabilizationPeriodSeconds", settings.stabilization_period.count()},
           {"maxDepth", settings.max_depth},
           {"progressDeadlineSeconds", settings.progress_deadline.count()}};
  if (settings.http) out["http"] = write_http(*settings.http);
  if (settings.canary) out["traffic"] = write_canary(*settings.canary);
  if (settings.blue_green) out["traffic"] = write_blue_green(*settings.blue_green);
  put(out, "ignoreTemplateKeys", settings.ignore_template_keys);
  return out;
}

}  // namespace

std::optional<Plan> read_plan(const json& of) {
  const auto version = small_number(of, "version");
  const auto chosen = from_text<Choice>(text(of, "chosen"));
  if ((version != kPlanVersion && version != kPlanVersionTraffic) || !chosen) return std::nullopt;
  return Plan{
      .version = *version,
      .target_name = text(of, "targetName"),
      .target_uid = text(of, "targetUID"),
      .from = read_revision(field(of, "from")),
      .to = read_revision(field(of, "to")),
      .back = field(of, "back").is_object() ? std::optional(read_revision(field(of, "back"))) : std::nullopt,
      .chosen = *chosen,
      .settings = read_settings(field(of, "settings"), text(of, "targetName")),
      .healthy_triggers = texts(of, "healthyTriggers"),
      .resolved = time_or_epoch(of, "resolvedTime"),
  };
}

json write_plan(const Plan& plan) {
  json out{{"version", plan.version},           {"targetName", plan.target_name}, {"targetUID", plan.target_uid},
           {"from", write_revision(plan.from)}, {"chosen", to_text(plan.chosen)}, {"settings", write_settings(plan.settings)}};
  if (plan.chosen != Choice::None) out["to"] = write_revision(plan.to);
  if (plan.back) out["back"] = write_revision(*plan.back);
  put(out, "healthyTriggers", plan.healthy_triggers);
  put(out, "resolvedTime", plan.resolved);
  return out;
}

}  // namespace api::fields
