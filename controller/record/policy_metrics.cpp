#include "record/policy_metrics.hpp"

#include <algorithm>
#include <array>

#include "api/codec.hpp"
#include "decide/reasons.hpp"

namespace record {
namespace {

namespace reason = decide::reason;

constexpr std::array kResults{reason::kStabilized,
                              reason::kEndedByNewRelease,
                              reason::kPolicyDeleted,
                              reason::kSuperseded,
                              reason::kAborted,
                              reason::kRestoredRevisionUnhealthy,
                              reason::kNotRevisionSpecific,
                              reason::kGitOpsConflict,
                              reason::kTargetDeleted,
                              reason::kGaveUp};
constexpr std::array kSteps{api::kStepPreflight, api::kStepEvidence, api::kStepRevert,
                            api::kStepRollout,   api::kStepVerify,   api::kStepStabilize};
constexpr const char* kByHand = "Manual";
constexpr const char* kGone = "Unknown";  // the policy, or its trigger of that name, is gone
constexpr std::array kTypes{"Memory", "Failures", "Progress", kByHand, kGone};

const prometheus::Histogram::BucketBoundaries kStepSeconds{0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600};

const char* type_of(const api::Trigger& trigger) {
  struct Name {
    const char* operator()(const api::MemoryTrigger&) const { return "Memory"; }
    const char* operator()(const api::FailuresTrigger&) const { return "Failures"; }
    const char* operator()(const api::ProgressTrigger&) const { return "Progress"; }
  };
  return std::visit(Name{}, trigger.rule);
}

const char* trigger_of(const api::Rollback& run, const std::optional<api::RollbackPolicy>& policy) {
  if (run.by_hand()) return kByHand;
  if (!policy) return kGone;
  for (const auto& trigger : policy->spec.triggers) {
    if (trigger.name == run.spec.trigger_name) return type_of(trigger);
  }
  return kGone;
}

// Of Complete or Failed once it is True; "" before.
std::string result_of(const api::RollbackStatus& status) {
  for (const char* type : {"Complete", "Failed"}) {
    const auto* condition = api::find(status.conditions, type);
    if (condition && condition->status == api::Status::True) return condition->reason;
  }
  return {};
}

bool has_ended(const api::RollbackStatus& status, const std::string& step) {
  return std::any_of(status.steps.begin(), status.steps.end(),
                     [&](const api::StepStatus& each) { return each.name == step && each.ended.has_value(); });
}

double number_of(api::Verdict verdict) {
  switch (verdict) {
    case api::Verdict::Healthy:
      return 0;
    case api::Verdict::Breached:
      return 1;
    case api::Verdict::Unknown:
      return -1;
  }
  return -1;
}

// The series of one policy in one family, by trigger: those without a number go.
void replace(prometheus::Family<prometheus::Gauge>& family, const api::Key& policy,
             std::map<std::string, prometheus::Gauge*>& shown, const std::map<std::string, double>& numbers) {
  std::erase_if(shown, [&](const auto& each) {
    if (numbers.contains(each.first)) return false;
    family.Remove(each.second);
    return true;
  });
  for (const auto& [trigger, number] : numbers) {
    auto& gauge = family.Add({{"namespace", policy.ns}, {"policy", policy.name}, {"trigger", trigger}});
    gauge.Set(number);
    shown[trigger] = &gauge;
  }
}

}  // namespace

PolicyMetrics::PolicyMetrics(prometheus::Registry& registry)
    : values_(prometheus::BuildGauge()
                  .Name("trigger_value")
                  .Help("What a trigger last measured on the current revision")
                  .Register(registry)),
      verdicts_(prometheus::BuildGauge()
                    .Name("trigger_verdict")
                    .Help("A trigger's verdict on the current revision: 0 Healthy, 1 Breached, -1 Unknown")
                    .Register(registry)),
      rollbacks_(prometheus::BuildCounter()
                     .Name("rollback_total")
                     .Help("Rollbacks that have ended, by result and type of trigger")
                     .Register(registry)),
      durations_(prometheus::BuildHistogram()
                     .Name("rollback_duration_seconds")
                     .Help("How long the steps of Rollbacks took")
                     .Register(registry)),
      lost_events_(prometheus::BuildCounter()
                       .Name("rollback_events_lost_total")
                       .Help("Events that the API server refused for good")
                       .Register(registry)
                       .Add({})) {
  for (const char* type : kTypes) {
    for (const char* result : kResults) rollbacks_.Add({{"result", result}, {"trigger", type}});
  }
  for (const char* step : kSteps) durations_.Add({{"step", step}}, kStepSeconds);
}

void PolicyMetrics::show(const api::Key& policy, const std::vector<decide::Finding>& findings) {
  std::map<std::string, double> values;
  std::map<std::string, double> verdicts;
  for (const auto& finding : findings) {
    verdicts[finding.trigger] = number_of(finding.verdict);
    if (const auto number = api::parse_quantity(finding.value)) values[finding.trigger] = *number;
  }
  shown_.with([&](auto& all) {
    replace(values_, policy, all[policy].values, values);
    replace(verdicts_, policy, all[policy].verdicts, verdicts);
    if (verdicts.empty()) all.erase(policy);
  });
}

void PolicyMetrics::forget(const api::Key& policy) { show(policy, {}); }

void PolicyMetrics::moved(const api::Rollback& run, const api::RollbackStatus& after,
                          const std::optional<api::RollbackPolicy>& policy) {
  const std::string result = result_of(after);
  if (!result.empty() && result_of(run.status).empty()) {
    rollbacks_.Add({{"result", result}, {"trigger", trigger_of(run, policy)}}).Increment();
  }
  for (const auto& step : after.steps) {
    if (!step.started || !step.ended || has_ended(run.status, step.name)) continue;
    const std::chrono::duration<double> took = *step.ended - *step.started;
    durations_.Add({{"step", step.name}}, kStepSeconds).Observe(took.count());
  }
}

void PolicyMetrics::lost_event() { lost_events_.Increment(); }

}  // namespace record
