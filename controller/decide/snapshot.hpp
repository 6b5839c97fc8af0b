// Everything one pass knows: one immutable value, made by observe, read by decide. Nothing here refers back to a cache.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/policy.hpp"
#include "api/rollback.hpp"
#include "api/workload.hpp"
#include "base/result.hpp"

namespace decide {

using api::Instant;
using api::Seconds;

// A ReplicaSet that the target owns (by uid), with its pods (by the owner chain, never by labels).
struct Revision {
  api::ReplicaSet set;
  std::string fingerprint;  // by the policy's ignoreTemplateKeys
  std::vector<api::Pod> pods;
  bool seen_ready = false;  // has a ready pod, or was seen with one since we watch
};

// The other side of a blue-green pair: the one that the Service does not select.
struct Side {
  api::Deployment target;
  std::vector<Revision> revisions;
};

// A pod that went from Ready to not Ready; `back` once it was Ready again.
struct LostReady {
  std::string pod_uid;
  std::string pod;
  std::string revision_uid;
  Instant at{};
  std::optional<Instant> back;
};

struct MemorySample {
  Instant taken{};  // the sample's own time: the kubelet measures every 10-15 s
  double rss_bytes = 0;
  double working_set_bytes = 0;
};
struct ContainerMemory {
  std::string pod_uid;
  std::string container;
  std::vector<MemorySample> samples;  // oldest first, times strictly rising
};

// The routes and Services of a canary pair, or the endpoints of a blue-green pair's Service, and who scales what is behind
// them, as last read.
struct RouteReading {
  api::RouteRef ref;
  std::optional<base::Error> problem;  // why `route` was not read
  api::Route route;
  friend bool operator==(const RouteReading&, const RouteReading&) = default;
};
struct Traffic {
  Instant taken{};                             // when reading began
  std::optional<base::Error> service_problem;  // why a selector was not read
  api::Strings stable_selector, canary_selector;
  std::vector<RouteReading> routes;
  std::optional<base::Error> endpoints_problem;    // why they were not read
  std::vector<std::string> endpoints;              // uids of the ready pods behind the Service
  std::optional<base::Error> autoscalers_problem;  // why they were not read
  std::optional<std::vector<api::Autoscaler>>
      autoscalers;  // of the namespace's Deployments; absent: not asked for, or not read
  // Pods behind the stable Service, as of this pass: those that are ready, those that their ReplicaSets ask for, and whose they
  // are.
  int stable_ready = 0;
  int stable_wanted = 0;
  std::vector<std::string> stable_deployments;

  // Begun at or after `since`, for a run. Times of steps are in whole seconds: a reading of the policy at rest may seem to be
  // one.
  [[nodiscard]] bool is_of_a_run(Instant since) const { return taken >= since && (autoscalers || autoscalers_problem); }
  [[nodiscard]] bool says_the_same(const Traffic& other) const {  // at another time
    return service_problem == other.service_problem && stable_selector == other.stable_selector &&
           canary_selector == other.canary_selector && routes == other.routes && endpoints_problem == other.endpoints_problem &&
           endpoints == other.endpoints && autoscalers_problem == other.autoscalers_problem && autoscalers == other.autoscalers;
  }
};

enum class Probed { Ok, Wrong, Unreachable };  // success status; an answer with another status; no answer
struct ProbeResult {
  std::string pod_uid;
  std::string pod;
  std::string check;
  Instant taken{};
  Probed outcome = Probed::Unreachable;
  std::string message;
};

// Another policy that is older, and therefore the one that acts.
struct Rival {
  std::string name;
  std::string route{};  // whose weights it moves the other way; empty: it has the same target
};

struct Permission {
  std::string right;  // as describe(Right) spells it
  bool is_allowed = false;
};

struct Snapshot {
  api::Key key;
  std::optional<api::RollbackPolicy> policy;  // absent: deleted
  std::optional<api::Deployment> target;      // absent: not there; of a blue-green pair: the side that the Service selects
  std::vector<Revision> revisions;            // of the target, highest number first
  std::optional<api::Service> service;        // of a blue-green pair; absent: not there
  std::optional<Side> peer;                   // of a blue-green pair; absent: not there
  std::vector<api::Rollback> rollbacks;       // that name this policy or are about this target; newest first, then by name
  std::optional<Rival> rival;
  std::vector<api::Failure> failures;  // seen by us, of this target's pods; status.failures are merged by decide
  std::vector<LostReady> lost_ready;
  std::vector<ContainerMemory> memory;
  std::optional<base::Error> memory_problem;              // why the memory source can't be read
  std::optional<Traffic> traffic;                         // that is wanted, once it was read
  base::Millis traffic_wanted_for{};                      // for so long by this process; 0: not yet
  std::vector<ProbeResult> probes;                        // the latest per pod and check
  std::optional<std::vector<api::PodEvidence>> evidence;  // of the unfinished Rollback, once fetched
  std::vector<Permission> permissions;                    // the answers that came so far to questions about this namespace
  bool kill_switch = false;
  bool moves_traffic = true;    // false: the operator is told to leave Services and routes alone
  int reverting_elsewhere = 0;  // unfinished reverts of other targets
  int max_reverting = 10;       // cap on simultaneous reverts
};

}  // namespace decide
