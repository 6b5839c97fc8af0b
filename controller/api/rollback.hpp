// Rollback: one durable run. Creating it is the intent; `plan` is what was resolved, frozen; steps are read from the world.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/policy.hpp"

namespace api {

inline constexpr int kPlanVersion = 1;
inline constexpr int kPlanVersionTraffic = 2;  // with traffic: a binary that does not know it must not skip the traffic

enum class DecisionState { Waiting, Approved, Aborted };
enum class StepState { Waiting, Running, Done, Skipped, Failed };
enum class CheckState { Confirmed, NotSeen, Unknown };
enum class Raise { Asked, Done, Refused };
// Why `to` was chosen: marked good, assumed, asked for by the Rollback; or that there is none.
enum class Choice { Good, Assumed, Asked, None };

[[nodiscard]] std::string_view to_text(DecisionState state);
[[nodiscard]] std::string_view to_text(StepState state);
[[nodiscard]] std::string_view to_text(CheckState state);
[[nodiscard]] std::string_view to_text(Raise state);
[[nodiscard]] std::string_view to_text(Choice choice);

// The steps of strategy Immediate, in order.
inline constexpr const char* kStepPreflight = "Preflight";
inline constexpr const char* kStepTraffic = "Traffic";
inline constexpr const char* kStepEvidence = "Evidence";
inline constexpr const char* kStepRevert = "Revert";
inline constexpr const char* kStepRollout = "Rollout";
inline constexpr const char* kStepVerify = "Verify";
inline constexpr const char* kStepStabilize = "Stabilize";

struct StepDecision {
  std::string step;
  DecisionState state = DecisionState::Waiting;
  std::string reason;
  friend bool operator==(const StepDecision&, const StepDecision&) = default;
};

struct RollbackSpec {
  std::string policy_name;
  std::string reason;        // for people
  std::string trigger_name;  // empty: asked for by a person
  std::string from_uid;      // empty: the one that is current when the plan is made
  std::int64_t from_number = 0;
  std::string to_uid;    // empty: the policy's choice
  std::string previous;  // the Rollback whose restored revision failed
  int depth = 0;
  std::vector<StepDecision> decisions;
  friend bool operator==(const RollbackSpec&, const RollbackSpec&) = default;
};

struct RunSettings {
  Seconds verification_timeout{300};
  std::optional<HttpChecks> http;
  Seconds stabilization{1800};
  Seconds stabilization_period{60};
  int max_depth = 2;
  std::vector<std::string> ignore_template_keys;
  Seconds progress_deadline{300};  // of the restored revision's rollout
  std::optional<CanaryPair> canary{};
  std::optional<BlueGreenPair> blue_green{};
  friend bool operator==(const RunSettings&, const RunSettings&) = default;
};

struct Plan {
  int version = kPlanVersion;
  std::string target_name;
  std::string target_uid;
  RevisionRef from;
  RevisionRef to;                     // of a blue-green pair: what the other side runs
  std::optional<RevisionRef> back{};  // of a blue-green pair: what the side taken out goes back to; absent: it stays as it is
  Choice chosen = Choice::Good;
  RunSettings settings;
  std::vector<std::string> healthy_triggers;  // that `to` was judged Healthy on before
  Instant resolved{};
  friend bool operator==(const Plan&, const Plan&) = default;
};

struct Check {
  std::string name;
  CheckState state = CheckState::Unknown;
  std::string evidence;
  Instant time{};
  friend bool operator==(const Check&, const Check&) = default;
};

struct StepStatus {
  std::string name;
  StepState state = StepState::Waiting;
  std::optional<Instant> started;
  std::optional<Instant> ended;
  std::string message;
  friend bool operator==(const StepStatus&, const StepStatus&) = default;
};

struct PodEvidence {
  std::string pod;
  std::string container;
  int exit_code = 0;
  std::string reason;
  std::string message;     // why its container waits, in the kubelet's words
  std::string current{};   // last lines of the running instance
  std::string previous{};  // last lines of the one before
  friend bool operator==(const PodEvidence&, const PodEvidence&) = default;
};

// The minimum of an autoscaler, raised so that who gets the traffic has the pods for it.
struct Raised {
  std::string name, uid;  // of the HorizontalPodAutoscaler
  int from = 0, to = 0;   // minReplicas
  Raise state = Raise::Asked;
  std::string message{};  // why it was refused
  friend bool operator==(const Raised&, const Raised&) = default;
};

struct RollbackStatus {
  std::int64_t observed_generation = 0;
  Conditions conditions;
  std::optional<Plan> plan;
  int reverts = 0;                 // template writes asked for; raised before each
  std::int64_t revert_number = 0;  // the number of `from` when the last was asked for: a higher one means it was undone
  int attempts = 0;                // denied writes
  std::optional<Instant> last_attempt;
  std::string last_error;
  int traffic_moves = 0;  // times that weights were to be taken away; raised before each
  std::int64_t traffic_generation =
      0;  // of the routes, all together, when it was last asked for: a higher one means it came back
  std::optional<Instant> last_traffic_move;
  std::optional<Raised> raised{};  // until it was given back, after the end
  int most_updated = 0;
  int most_available = 0;
  std::optional<Instant> progressed;  // when the restored rollout last reached a new most
  std::vector<Check> checklist;
  std::vector<StepStatus> steps;
  std::vector<PodEvidence> evidence;
  friend bool operator==(const RollbackStatus&, const RollbackStatus&) = default;
};

struct Rollback {
  Meta meta;
  RollbackSpec spec;
  RollbackStatus status;
  bool plan_unknown = false;  // status.plan has a version that this binary does not know
  friend bool operator==(const Rollback&, const Rollback&) = default;

  [[nodiscard]] bool finished() const { return is_true(status.conditions, "Complete") || is_true(status.conditions, "Failed"); }
  // Finished, and nothing is left to give back.
  [[nodiscard]] bool at_rest() const { return finished() && !status.raised; }
  [[nodiscard]] bool by_hand() const { return spec.trigger_name.empty(); }
};

}  // namespace api
