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

}  // namespace fake
