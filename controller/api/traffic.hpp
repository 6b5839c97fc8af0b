// How requests come to a workload. A canary pair: routes split them by weight between two Services; a kind of router is one row
// of `routers()`: where its weights lie and what they mean is data, not code. A blue-green pair: one Service selects one of two
// Deployments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/meta.hpp"
#include "base/result.hpp"

namespace api {

struct RouteRef {
  std::string group;
  std::string kind;
  std::string name;
  friend bool operator==(const RouteRef&, const RouteRef&) = default;
};

// Behind each of the two Services stands one workload; routes say how much each gets.
struct CanaryPair {
  std::vector<RouteRef> routes;
  std::string stable_service;
  std::string canary_service;
  friend bool operator==(const CanaryPair&, const CanaryPair&) = default;
};

// `key` of the Service's selector says which of two Deployments gets the traffic: the one whose pods have that label's value.
struct BlueGreenPair {
  std::string service;
  std::string key;
  std::string side, peer;  // the Deployments: targetRef and peerRef
  Seconds drain{30};       // between the turn and the revert of the side taken out
  bool reverts = true;     // revert: Always
  friend bool operator==(const BlueGreenPair&, const BlueGreenPair&) = default;
};

struct Service {
  Meta meta;
  Strings selector;
  bool owned_by_us = false;
  friend bool operator==(const Service&, const Service&) = default;
};

// A HorizontalPodAutoscaler of a Deployment.
struct Autoscaler {
  std::string name, uid;
  std::string target;  // the Deployment's name
  int min = 1, max = 1;
  bool owned_by_us = false;
  friend bool operator==(const Autoscaler&, const Autoscaler&) = default;
};

struct Router {
  enum class Says { Nothing, ByParent, ByItself };  // whether the router took our generation
  std::string_view group, version, plural, kind;
  std::string_view rules;     // in spec: the list of rules
  std::string_view backends;  // in a rule: the list of weighted backends
  std::string_view host;      // in a backend, as a JSON pointer: the Service; a host name may have the namespace behind a dot
  int most;                   // the highest weight that is allowed
  bool one_if_absent;         // a weight that is absent is 1; else it is 0, and weights that are all 0 are even
  Says says;                  // by status.parents[].conditions (Accepted), or status.conditions (Valid)
};

[[nodiscard]] const std::vector<Router>& routers();
[[nodiscard]] const Router* find_router(const RouteRef& ref);  // nullptr: not a kind that is known
[[nodiscard]] std::string describe(const RouteRef& ref);       // "HTTPRoute web"

// One rule that names the canary's Service. Weights as they take effect; a side that is named twice has both.
struct Split {
  size_t rule = 0;
  int stable = 0;
  int canary = 0;
  int sum = 0;  // of all backends of the rule
  bool names_stable = false;
  size_t stable_at = 0;           // the first backend of the stable side
  int stable_then = 0;            // its weight once it has the canary's too
  std::vector<size_t> canary_at;  // the canary's backends that have weight
  friend bool operator==(const Split&, const Split&) = default;
};

struct Route {
  std::string uid;
  std::int64_t generation = 0;
  std::vector<Split> splits;
  bool mirrors = false;  // copies of requests go to the canary, whatever its weight
  bool accepted = true;  // by the router, at this generation; true if its kind does not say
  bool owned_by_us = false;
  friend bool operator==(const Route&, const Route&) = default;
};

// `ns`: of the route, and of both Services. Never fails: what is odd is not a split.
[[nodiscard]] Route read_route(const nlohmann::json& object, const Router& router, const CanaryPair& pair, std::string_view ns);
[[nodiscard]] base::Result<Route> parse_route(std::string_view text, const Router& router, const CanaryPair& pair,
                                              std::string_view ns);
[[nodiscard]] base::Result<Service> parse_service(std::string_view text);
// The uids of the ready pods in a page of EndpointSlices.
[[nodiscard]] base::Result<std::vector<std::string>> parse_endpoints(std::string_view slices_text);
// Those of Deployments in a page of HorizontalPodAutoscalers.
[[nodiscard]] base::Result<std::vector<Autoscaler>> parse_autoscalers(std::string_view list_text);
[[nodiscard]] bool selects(const Strings& selector, const Strings& labels);  // an empty selector selects nothing

}  // namespace api
