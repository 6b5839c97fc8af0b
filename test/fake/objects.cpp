#include "fake/objects.hpp"

namespace fake {

using nlohmann::json;

namespace {

json container_json(const std::string& image) {
  return {{"name", "app"},
          {"image", image},
          {"imagePullPolicy", "IfNotPresent"},
          {"resources", json::object()},
          {"terminationMessagePath", "/dev/termination-log"},
          {"terminationMessagePolicy", "File"}};
}

json template_json(const std::string& app, const std::string& image) {
  return {{"metadata", {{"labels", {{"app", app}}}}},
          {"spec",
           {{"containers", json::array({container_json(image)})},
            {"dnsPolicy", "ClusterFirst"},
            {"restartPolicy", "Always"},
            {"schedulerName", "default-scheduler"},
            {"securityContext", json::object()},
            {"terminationGracePeriodSeconds", 30}}}};
}

json meta_json(const std::string& name, const std::string& ns) { return {{"name", name}, {"namespace", ns}}; }

}  // namespace

json deployment_json(const std::string& name, const std::string& image, int replicas, const std::string& ns) {
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", meta_json(name, ns)},
          {"spec",
           {{"replicas", replicas},
            {"selector", {{"matchLabels", {{"app", name}}}}},
            {"template", template_json(name, image)},
            {"strategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", "25%"}, {"maxUnavailable", "25%"}}}}},
            {"revisionHistoryLimit", 10},
            {"progressDeadlineSeconds", 600}}}};
}

json policy_json(const std::string& name, const std::string& target, const std::string& ns) {
  const json unstable{{"name", "unstable"}, {"type", "Failures"}, {"failures", {{"moreThan", 5}, {"windowSeconds", 600}}}};
  const json stuck{{"name", "stuck"}, {"type", "Progress"}, {"progress", {{"deadlineSeconds", 300}}}};
  return {{"apiVersion", "rollback.riptide.dev/v1alpha1"},
          {"kind", "RollbackPolicy"},
          {"metadata", meta_json(name, ns)},
          {"spec",
           {{"targetRef", {{"kind", "Deployment"}, {"name", target}}},
            {"mode", "Enforce"},
            {"triggers", json::array({unstable, stuck})},
            {"verification", {{"timeoutSeconds", 300}}},
            {"stabilization", {{"durationSeconds", 1800}, {"periodSeconds", 60}}},
            {"guards", {{"maxRollbacks", {{"count", 3}, {"windowSeconds", 86400}}}, {"suspectSeconds", 604800}}},
            {"revisions", {{"soakSeconds", 300}, {"maxDepth", 2}, {"ignoreTemplateKeys", json::array()}}},
            {"history", {{"limit", 10}}}}}};
}

json rollback_json(const std::string& name, const std::string& policy, const std::string& ns) {
  return {{"apiVersion", "rollback.riptide.dev/v1alpha1"},
          {"kind", "Rollback"},
          {"metadata", meta_json(name, ns)},
          {"spec", {{"policyName", policy}, {"strategy", "Immediate"}, {"depth", 0}}}};
}

json service_json(const std::string& name, const std::string& ns) {
  return {
      {"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", meta_json(name, ns)}, {"spec", {{"selector", {{"app", name}}}}}};
}

json autoscaler_json(const std::string& deployment, int min, int max, const std::string& ns) {
  return {{"apiVersion", "autoscaling/v2"},
          {"kind", "HorizontalPodAutoscaler"},
          {"metadata", meta_json(deployment, ns)},
          {"spec",
           {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", deployment}}},
            {"minReplicas", min},
            {"maxReplicas", max}}}};
}

json http_route_json(const std::string& name, const std::vector<std::pair<std::string, int>>& weights, const std::string& ns) {
  json backends = json::array();
  for (const auto& [service, weight] : weights)
    backends.push_back({{"group", ""}, {"kind", "Service"}, {"name", service}, {"port", 80}, {"weight", weight}});
  return {{"apiVersion", "gateway.networking.k8s.io/v1"},
          {"kind", "HTTPRoute"},
          {"metadata", meta_json(name, ns)},
          {"spec", {{"rules", json::array({{{"backendRefs", backends}}})}}}};
}

json accepted_json() {
  constexpr int kAnyGeneration = 1 << 20;
  const json accepted{{"type", "Accepted"}, {"status", "True"}, {"observedGeneration", kAnyGeneration}};
  return {{"parents", json::array({{{"conditions", json::array({accepted})}}})}};
}

json endpoints_json(const std::string& service, const std::vector<std::string>& pod_uids, const std::string& ns) {
  json out{{"apiVersion", "discovery.k8s.io/v1"},
           {"kind", "EndpointSlice"},
           {"metadata", meta_json(service + "-1", ns)},
           {"addressType", "IPv4"},
           {"endpoints", json::array()}};
  out["metadata"]["labels"]["kubernetes.io/service-name"] = service;
  for (const auto& uid : pod_uids)
    out["endpoints"].push_back({{"conditions", {{"ready", true}}}, {"targetRef", {{"kind", "Pod"}, {"uid", uid}}}});
  return out;
}

json blue_green_json(const std::string& service, const std::string& peer) {
  return {{"type", "BlueGreen"},
          {"blueGreen",
           {{"serviceName", service},
            {"selectorKey", "app"},
            {"peerRef", {{"kind", "Deployment"}, {"name", peer}}},
            {"drainSeconds", 2},
            {"revert", "Always"}}}};
}

json canary_json(const std::string& stable, const std::string& canary, const std::string& route) {
  return {{"type", "Canary"},
          {"canary",
           {{"stableServiceName", stable},
            {"canaryServiceName", canary},
            {"routeRefs", json::array({{{"group", "gateway.networking.k8s.io"}, {"kind", "HTTPRoute"}, {"name", route}}})}}}};
}

}  // namespace fake
