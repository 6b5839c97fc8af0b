// RollbackPolicy: what must never happen to a workload (crds/rollback.riptide.dev_rollbackpolicies.yaml is the schema; the API
// server fills the defaults, so a field absent here is one the server could not know).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/condition.hpp"
#include "api/meta.hpp"
#include "api/traffic.hpp"

namespace api {

enum class Mode { Enforce, Observe, Paused };
enum class Measure { RSS, WorkingSet };
enum class Verdict { Healthy, Breached, Unknown };
enum class Mark { Good, Bad };

[[nodiscard]] std::string_view to_text(Mode mode);
[[nodiscard]] std::string_view to_text(Measure measure);
[[nodiscard]] std::string_view to_text(Verdict verdict);
[[nodiscard]] std::string_view to_text(Mark mark);

struct MemoryTrigger {
  Measure measure = Measure::RSS;
  std::string above_text;  // as written
  double above_bytes = 0;
  Seconds for_seconds{30};
  friend bool operator==(const MemoryTrigger&, const MemoryTrigger&) = default;
};
struct FailuresTrigger {
  int more_than = 0;
  Seconds window{600};
  friend bool operator==(const FailuresTrigger&, const FailuresTrigger&) = default;
};
struct ProgressTrigger {
  Seconds deadline{300};
  friend bool operator==(const ProgressTrigger&, const ProgressTrigger&) = default;
};

struct Trigger {
  std::string name;
  std::variant<MemoryTrigger, FailuresTrigger, ProgressTrigger> rule;
  friend bool operator==(const Trigger&, const Trigger&) = default;
};

struct HttpCheck {
  std::string name;
  std::string method = "GET";
  std::string path;
  std::string body;
  std::string content_type = "application/json";
  friend bool operator==(const HttpCheck&, const HttpCheck&) = default;
};
struct HttpChecks {
  int port = 0;
  Seconds timeout{5};
  std::vector<HttpCheck> checks;
  friend bool operator==(const HttpChecks&, const HttpChecks&) = default;
};

struct PolicySpec {
  std::string target_name;  // of a Deployment in the same namespace
  Mode mode = Mode::Enforce;
  std::vector<Trigger> triggers;
  // spec.traffic, one of them at most; neither: the pods are the traffic.
  std::optional<CanaryPair> canary;
  std::optional<BlueGreenPair> blue_green{};
  Seconds verification_timeout{300};
  std::optional<HttpChecks> http;
  Seconds stabilization{1800};
  Seconds stabilization_period{60};
  int max_rollbacks = 3;
  Seconds max_rollbacks_window{86400};
  Seconds suspect{604800};
  Seconds soak{300};
  int max_depth = 2;
  std::vector<std::string> ignore_template_keys;
  int history_limit = 10;
  friend bool operator==(const PolicySpec&, const PolicySpec&) = default;
};

// A revision as people see it. Identity is the uid; the number changes with every undo; the fingerprint is the release.
struct RevisionRef {
  std::string uid;
  std::string name;
  std::int64_t number = 0;
  std::string fingerprint;
  friend bool operator==(const RevisionRef&, const RevisionRef&) = default;
};

struct TriggerStatus {
  std::string name;
  Verdict verdict = Verdict::Unknown;
  std::string reason;
  std::string message;
  std::string value;
  Instant changed{};                 // last change of verdict
  std::optional<Instant> refreshed;  // while Breached, every 30 s
  friend bool operator==(const TriggerStatus&, const TriggerStatus&) = default;
};

struct MarkEntry {
  std::string fingerprint;
  Mark mark = Mark::Good;
  std::string reason;
  std::string revision_name;
  Instant time{};
  friend bool operator==(const MarkEntry&, const MarkEntry&) = default;
};

// One counted failure; `id` is the same for the same failure, whoever saw it and when.
struct Failure {
  std::string id;
  std::string revision_uid;
  std::string pod;
  std::string container;  // "" if the pod as a whole
  std::string reason;
  int exit_code = 0;
  Instant time{};
  friend bool operator==(const Failure&, const Failure&) = default;
};

struct RollbackBrief {
  std::string name;
  std::string from;
  std::string to;
  std::string result;  // reason of Complete or Failed; "" while it runs
  Instant started{};
  std::optional<Instant> ended;
  std::vector<std::string> announced{};  // reasons of the Events said of it: each is said once, also over a crash
  friend bool operator==(const RollbackBrief&, const RollbackBrief&) = default;
};

struct PolicyStatus {
  std::int64_t observed_generation = 0;
  Conditions conditions;
  std::string target_uid;
  std::optional<RevisionRef> current;
  std::optional<Instant> current_since;   // when it became current: nothing from before counts against it
  bool complete = false;                  // the current revision was once completely rolled out
  std::optional<Instant> soaking_since;   // available and without a breach since; goes on once marked, for it ends a halt
  std::vector<std::string> healthy_once;  // triggers that were Healthy while the current revision ran
  // Progress of the current revision: the most updated and available seen, and when a new most was last reached.
  int most_updated = 0;
  int most_available = 0;
  std::optional<Instant> progressed;
  std::vector<TriggerStatus> triggers;
  std::vector<MarkEntry> marks;
  std::vector<Failure> failures;
  std::vector<RollbackBrief> rollbacks;  // newest first
  friend bool operator==(const PolicyStatus&, const PolicyStatus&) = default;
};

struct RollbackPolicy {
  Meta meta;
  PolicySpec spec;
  std::string spec_error;  // why the spec can't be used, naming the field; "" if it can
  PolicyStatus status;
  friend bool operator==(const RollbackPolicy&, const RollbackPolicy&) = default;
};

}  // namespace api
