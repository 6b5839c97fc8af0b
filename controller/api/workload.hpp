// Projections of the cluster's objects: only what decisions need, small enough for tens of thousands of pods.
// Absent numbers are 0 as the API server means them (replicas: 1). Contract of the codecs: api/codec.hpp.
#pragma once

#include <string>
#include <vector>

#include "api/meta.hpp"

namespace api {

// What is kept of a pod template. Two templates are the same release if their fingerprints are equal.
struct Template {
  std::string exact;  // digest of the whole template, pod-template-hash aside
  std::string body;   // digest of the template without its metadata's labels and annotations
  Strings labels;     // pod-template-hash aside
  Strings annotations;
  std::int64_t cpu_millis = 0;  // sum of the containers' requests
  std::int64_t memory_bytes = 0;
  friend bool operator==(const Template&, const Template&) = default;
};

// Identity of a release over restarts: without restartedAt, our own keys, and the annotation or label keys in `ignore`.
[[nodiscard]] std::string fingerprint(const Template& of, const std::vector<std::string>& ignore);

// The tool that brings a workload into the cluster, and may bring an older state of it back.
enum class Deliverer { None, ArgoCD, Flux, Helm };
struct Delivery {
  Deliverer by = Deliverer::None;
  std::string sign;  // what it was told by: "Application shop", "field manager helm"
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

struct Deployment {
  Meta meta;  // without labels and annotations: `delivery` is what is told by them
  Delivery delivery;
  int replicas = 1;
  bool paused = false;
  int min_ready_seconds = 0;
  int progress_deadline_seconds = 600;
  int revision_history_limit = 10;
  Template pod_template;
  bool owned_by_us = false;  // managedFields holds an entry of ours outside status

  std::int64_t observed_generation = 0;
  int status_replicas = 0;
  int updated = 0;
  int ready = 0;
  int available = 0;
  std::string progressing_reason;  // of the condition Progressing, "" if absent
  friend bool operator==(const Deployment&, const Deployment&) = default;
};

struct ReplicaSet {
  Meta meta;
  std::int64_t revision = 0;  // deployment.kubernetes.io/revision; 0 if absent or broken
  bool reused = false;        // it was current before under another number (revision-history)
  std::string mark;           // what a person says of it (rollback.riptide.dev/mark), as it is written
  int replicas = 0;
  int status_replicas = 0;
  int ready = 0;
  int available = 0;
  Template pod_template;
  friend bool operator==(const ReplicaSet&, const ReplicaSet&) = default;
};

enum class ContainerKind { Init, Sidecar, App };  // Sidecar: an init container with restartPolicy Always

struct Ended {
  int exit_code = 0;
  std::string reason;
  std::optional<Instant> finished;
  friend bool operator==(const Ended&, const Ended&) = default;
};

struct Container {
  std::string name;
  ContainerKind kind = ContainerKind::App;
  int restarts = 0;
  bool ready = false;
  std::string waiting;              // state.waiting.reason, "" if not waiting
  std::string waiting_message;      // in the kubelet's words, such as which image can't be pulled
  std::optional<Ended> ended;       // state.terminated
  std::optional<Ended> last_ended;  // lastState.terminated
  friend bool operator==(const Container&, const Container&) = default;
};

struct Pod {
  Meta meta;
  std::string phase;
  std::string reason;  // status.reason: Evicted, NodeShutdown, ...
  std::string node;
  std::string ip;                        // status.podIP
  bool ready = false;                    // condition Ready
  std::optional<Instant> ready_changed;  // its lastTransitionTime
  bool disrupted = false;                // condition DisruptionTarget
  bool unschedulable = false;            // condition PodScheduled=False, reason Unschedulable
  std::vector<Container> containers;
  friend bool operator==(const Pod&, const Pod&) = default;
};

}  // namespace api
