// A Deployment "web" that went from release 1 to release 2, with what a revert of it reads, in a cluster in memory.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "act/live.hpp"
#include "api/codec.hpp"
#include "api/meta.hpp"
#include "decide/decide.hpp"
#include "fake/fake_cluster.hpp"
#include "fake/manual_clock.hpp"
#include "fake/objects.hpp"

namespace act_test {

using nlohmann::json;

MATCHER_P(fails_with, fault, "") {
  if (arg.has_value()) return false;
  *result_listener << "which says: " << arg.error().what;
  return arg.error().fault == fault;
}

inline wire::Ref ref(const wire::Kind& kind, const std::string& name) { return {kind, fake::kNamespace, name, "", {}}; }
inline const wire::Ref kWeb = ref(wire::kDeployments, "web");

// What a person or a controller of Kubernetes does between our read and our write.
class Meddled final : public wire::Api {
 public:
  explicit Meddled(wire::Api& beneath) : beneath_(beneath) {}
  std::function<void()> before_patch = [] {};

  wire::Result<std::string> get(const wire::Ref& of) override { return beneath_.get(of); }
  wire::Result<std::string> list(const wire::Collection& of, int limit, const std::string& token) override {
    return beneath_.list(of, limit, token);
  }
  wire::Result<void> watch(const wire::Collection& of, const wire::WatchAsk& ask, const wire::LineSink& sink,
                           std::stop_token stop) override {
    return beneath_.watch(of, ask, sink, stop);
  }
  wire::Result<std::string> create(const wire::Collection& in, const std::string& body) override {
    return beneath_.create(in, body);
  }
  wire::Result<std::string> json_patch(const wire::Ref& of, const std::string& operations) override {
    before_patch();
    return beneath_.json_patch(of, operations);
  }
  wire::Result<void> remove(const wire::Ref& of, const std::string& uid) override { return beneath_.remove(of, uid); }

 private:
  wire::Api& beneath_;
};

class Shipped : public testing::Test {
 protected:
  Shipped() {
    auto deployment = fake::deployment_json("web", "app:1", 14);
    auto& metadata = deployment["metadata"];
    metadata["annotations"] = {{"team", "blue"}, {api::kRevisionAnnotation, "1"}, {api::kChangeCauseAnnotation, "release 1"}};
    metadata["annotations"][api::kLastAppliedAnnotation] = fake::deployment_json("web", "app:1").dump() + "\n";
    user.create(deployment);
    good_template = user.get(kWeb)["spec"]["template"];
    add_set("web-1", good_template, "release 1");
    user.update(kWeb, [](json& web) {
      web["spec"]["template"]["spec"]["containers"][0]["image"] = "app:2";
      web["metadata"]["annotations"][api::kChangeCauseAnnotation] = "release 2";
    });
    add_set("web-2", user.get(kWeb)["spec"]["template"], "release 2");
    user.create(fake::policy_json("guard", "web"));
    user.create(fake::rollback_json("guard-x", "guard"));
  }

  void add_set(const std::string& name, json pod_template, const std::string& cause) {
    pod_template["metadata"]["labels"][api::kTemplateHashLabel] = name;
    const json owner{
        {"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}, {"uid", uid(kWeb)}, {"controller", true}};
    json set{{"apiVersion", "apps/v1"},
             {"kind", "ReplicaSet"},
             {"metadata", {{"namespace", fake::kNamespace}, {"name", name}, {"ownerReferences", json::array({owner})}}},
             {"spec", {{"replicas", 0}, {"selector", {{"matchLabels", {{"app", "web"}}}}}, {"template", pod_template}}}};
    set["metadata"]["annotations"] = {{"deployment.kubernetes.io/desired-replicas", "4"}, {api::kChangeCauseAnnotation, cause}};
    user.create(set);
  }

  std::string uid(const wire::Ref& of) const { return user.get(of)["metadata"]["uid"]; }
  std::int64_t generation(const wire::Ref& of) const { return user.get(of)["metadata"]["generation"]; }
  json web() const { return user.get(kWeb); }

  decide::OnBadTarget on_bad_target() const {
    const auto policy = ref(wire::kPolicies, "guard");
    const auto rollback = ref(wire::kRollbacks, "guard-x");
    return {.target = {fake::kNamespace, "web"},
            .target_uid = uid(kWeb),
            .from_exact = api::project_template(web()["spec"]["template"]).exact,
            .rollback_name = "guard-x",
            .rollback_uid = uid(rollback),
            .rollback_generation = generation(rollback),
            .policy_name = "guard",
            .policy_uid = uid(policy),
            .policy_generation = generation(policy)};
  }
  decide::RevertTemplate step() const { return {on_bad_target(), "web-1", uid(ref(wire::kReplicaSets, "web-1"))}; }
  decide::GiveBackOwnership give_back() const { return {{{fake::kNamespace, "web"}, uid(kWeb), "web-run", "run-uid"}}; }

  fake::ManualClock clock;
  fake::FakeCluster cluster{clock};
  fake::Actor user = cluster.as_user("kubectl-client-side-apply");
  json good_template;
};

}  // namespace act_test
