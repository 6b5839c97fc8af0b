// The verbs of the Kubernetes API that we use. Bodies are JSON texts: what is kept of them is the business of api/.
// Thread rule: safe from every thread; calls block.
//
// Errors (base::Fault), the same for the real server and for the fake (test/contract holds both to it):
//   404 NotFound; 409 Conflict (also AlreadyExists); 410 Expired; 401 and RBAC's 403 Forbidden; 403 of quota or admission
//   Invalid; 422 with causes Invalid; 422 without causes after a JSON patch: Conflict if a `test` no longer holds on a fresh
//   read, else Invalid; other 4xx Invalid; 429 Throttled (Error::what names Retry-After); 5xx and no answer Unavailable.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wire {

using base::Result;

struct Kind {
  std::string_view group;  // "" is core
  std::string_view version;
  std::string_view plural;
  std::string_view name;  // "Pod": for messages and for objects we create
  friend bool operator==(const Kind&, const Kind&) = default;
};

inline constexpr Kind kPods{"", "v1", "pods", "Pod"};
inline constexpr Kind kDeployments{"apps", "v1", "deployments", "Deployment"};
inline constexpr Kind kReplicaSets{"apps", "v1", "replicasets", "ReplicaSet"};
inline constexpr Kind kEvents{"events.k8s.io", "v1", "events", "Event"};
inline constexpr Kind kLeases{"coordination.k8s.io", "v1", "leases", "Lease"};
inline constexpr Kind kPolicies{"rollback.riptide.dev", "v1alpha1", "rollbackpolicies", "RollbackPolicy"};
inline constexpr Kind kRollbacks{"rollback.riptide.dev", "v1alpha1", "rollbacks", "Rollback"};
inline constexpr Kind kServices{"", "v1", "services", "Service"};
inline constexpr Kind kEndpointSlices{"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"};
inline constexpr Kind kAutoscalers{"autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"};
inline constexpr Kind kNodes{"", "v1", "nodes", "Node"};
inline constexpr Kind kAccessReviews{"authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"};

using Query = std::vector<std::pair<std::string, std::string>>;

struct Ref {
  Kind kind;
  std::string ns;  // empty for cluster-scoped objects
  std::string name;
  std::string subresource;  // "", "status", "log", ...
  Query query;
};

struct Collection {
  Kind kind;
  std::string ns;           // empty: all namespaces
  std::string labels = {};  // of a list, a label selector; empty: everything
};

struct WatchAsk {
  std::string resource_version;
  int timeout_seconds = 300;  // the server ends the stream after this
};

// One line of a watch as the server sent it: {"type": "...", "object": {...}}. False ends the watch.
using LineSink = std::function<bool(std::string_view line)>;

class Api {
 public:
  virtual ~Api() = default;
  [[nodiscard]] virtual Result<std::string> get(const Ref& ref) = 0;
  // One page: the List object's text. `continue_token` is empty for the first page.
  [[nodiscard]] virtual Result<std::string> list(const Collection& of, int limit, const std::string& continue_token) = 0;
  // Returns without error when the server or `stop` ended the stream; bookmarks are always asked for.
  [[nodiscard]] virtual Result<void> watch(const Collection& of, const WatchAsk& ask, const LineSink& sink,
                                           std::stop_token stop) = 0;
  // create, patch and remove carry our field manager; they answer with the object as the server stored it.
  [[nodiscard]] virtual Result<std::string> create(const Collection& in, const std::string& body) = 0;
  [[nodiscard]] virtual Result<std::string> json_patch(const Ref& ref, const std::string& operations) = 0;
  [[nodiscard]] virtual Result<void> remove(const Ref& ref, const std::string& uid) = 0;  // only this very object
};

inline constexpr std::string_view kFieldManager = "rollback-controller";

}  // namespace wire
