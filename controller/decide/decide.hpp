// What can be decided. Start here: `decide` takes everything a pass knows and the time, and answers with what to write, what to
// do, what to measure next and when to look again. It is pure and total: no I/O, no clock, no log, no exception; bad input is a
// finding.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "decide/snapshot.hpp"

namespace decide {

// One trigger's verdict on the current revision. No data, NaN, stale and outage are Unknown, and Unknown never fires.
struct Finding {
  std::string trigger;
  api::Verdict verdict = api::Verdict::Unknown;
  std::string reason;
  std::string message;
  std::string value;
  std::optional<Instant> look_again;  // when time alone may change the verdict
};

// ---- what to write before acting ----
struct CreateRollback {
  std::string name;
  api::RollbackSpec spec;
};
struct RunUpdate {    // the next status of a Rollback; written only if it differs from what is there
  api::Rollback run;  // as seen: its resourceVersion is the precondition
  api::RollbackStatus next;
};

// ---- what to do ----
// What every such write depends on: that the target still runs the template with digest `from_exact`, and that neither the
// policy (uid, generation) nor the Rollback (uid, generation) changed since they were seen.
struct OnBadTarget {
  api::Key target;
  std::string target_uid;
  std::string from_exact;
  std::string rollback_name;
  std::string rollback_uid;
  std::int64_t rollback_generation = 0;
  std::string policy_name;
  std::string policy_uid;  // empty: the policy is gone and the run goes on without it
  std::int64_t policy_generation = 0;
};
// Give the canary's weight to the stable Service, on every rule of the route that names both.
struct MoveTraffic : OnBadTarget {
  api::RouteRef route;
  std::string route_uid;
  api::CanaryPair pair;
};
// Raise the replicas of the side of a blue-green pair that is to serve; never lowers them.
struct ScalePeer : OnBadTarget {
  std::string peer_name;
  std::string peer_uid;
  int replicas = 0;
};
// Raise the minimum of a HorizontalPodAutoscaler, so that who gets the traffic has the pods for it.
struct RaiseMinimum : OnBadTarget {
  std::string autoscaler_name;
  std::string autoscaler_uid;
  int from = 0;
  int to = 0;
};
// Turn the Service's selector to the other side: the value of one key.
struct TurnService : OnBadTarget {
  std::string service_name;
  std::string service_uid;
  std::string peer_name;  // the Deployment that gets the traffic
  std::string peer_uid;
  std::string key;
  std::string from;
  std::string to;
};
// Replace the target's template by that of `to`.
struct RevertTemplate : OnBadTarget {
  std::string to_name;
  std::string to_uid;
};
// What depends on no template: the object is given back to those whose it is.
struct GiveBack {
  api::Key object;
  std::string uid;
  std::string rollback_name;
  std::string rollback_uid;
};
// Hand the ownership of what we wrote back to the managers that had it.
struct GiveBackOwnership : GiveBack {
  std::optional<api::RouteRef> route{};  // a kind of router, Service or HorizontalPodAutoscaler; absent: a Deployment
};
// Lower the minimum of a HorizontalPodAutoscaler to what it was, if it still is what we made it.
struct RestoreMinimum : GiveBack {
  int from = 0;
  int to = 0;
};
using Step = std::variant<MoveTraffic, ScalePeer, RaiseMinimum, TurnService, RevertTemplate, GiveBackOwnership, RestoreMinimum>;
// What a step gives back, if that is all it does: no rollback depends on it. nullptr: the step carries the rollback out.
[[nodiscard]] const GiveBack* tidies(const Step& step);

// ---- what to say ----
enum class EventType { Normal, Warning };
struct Event {
  EventType type = EventType::Normal;
  std::string reason;  // one of doc/status.md
  std::string note;
  std::string about;  // makes the name, with the reason: the same about and reason is the same Event
};

// ---- what to measure, off the workers ----
struct EvidenceWant {
  std::string rollback_uid;
  std::vector<api::PodEvidence> pods;  // pod and container to read, exit code and reason already known
};
struct ProbeWant {
  api::HttpChecks http;
  Seconds period{5};
  struct Target {
    std::string pod_uid, pod, ip;
  };
  std::vector<Target> pods;
};
struct TrafficWant {
  std::variant<api::CanaryPair, api::BlueGreenPair> of;
  base::Millis period{0};
  bool with_autoscalers = true;  // of the namespace
  friend bool operator==(const TrafficWant&, const TrafficWant&) = default;
};
// Something that the controller may have to do in the policy's namespace.
struct Right {
  std::string verb, group, resource, subresource{};
  friend auto operator<=>(const Right&, const Right&) = default;
};
[[nodiscard]] std::string describe(const Right& right);  // "patch rollbacks.rollback.riptide.dev/status"

struct Wants {
  std::vector<std::string> memory_nodes;  // nodes whose kubelet is asked
  std::optional<ProbeWant> probe;
  std::optional<EvidenceWant> evidence;
  std::optional<TrafficWant> traffic;
  std::vector<Right> rights;  // asked for before they are needed
};

struct Decision {
  std::optional<CreateRollback> create;
  std::vector<RunUpdate> runs;
  std::vector<Step> plan;
  std::vector<Event> events;
  std::optional<api::PolicyStatus> status;  // absent: the policy is gone
  std::vector<Finding> findings;
  std::vector<api::Rollback> prune;  // finished ones beyond history.limit, or 30 days old if the policy is gone
  Wants wants;
  std::optional<Instant> look_again;  // absent: only a change wakes us
};

[[nodiscard]] Decision decide(const Snapshot& world, Instant now);

// How the run's status goes on after a write was tried and failed: a denied revert counts an attempt, and whatever is not just
// an old view of ours is told.
[[nodiscard]] api::RollbackStatus after_error(const api::RollbackStatus& status, const base::Error& error, Instant now);
[[nodiscard]] api::RollbackStatus after_traffic_error(const api::RollbackStatus& status, const base::Error& error, Instant now);
// A minimum that could not be raised: refused for good, the run goes on without it.
[[nodiscard]] api::RollbackStatus after_raise_error(const api::RollbackStatus& status, const base::Error& error, Instant now);

// The step of a plan that failed, and how; those behind it were not tried.
struct StepError {
  std::size_t step = 0;
  base::Error error;
};

}  // namespace decide
