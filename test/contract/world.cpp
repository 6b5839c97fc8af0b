#include "contract/world.hpp"

#include <chrono>

#include "fake/objects.hpp"

namespace contract {

namespace {

base::Result<json> parsed(const base::Result<std::string>& text) {
  return text.map([](const std::string& t) { return json::parse(t); });
}

json or_fail(const base::Result<json>& result, const char* what, const std::string& name) {
  if (result) return *result;
  ADD_FAILURE() << what << " " << name << ": " << result.error().what;
  return nullptr;
}

}  // namespace

wire::Ref Contract::ref(const wire::Kind& kind, const std::string& name, const std::string& subresource) const {
  return {kind, ns(), name, subresource, {}};
}

json Contract::create(const wire::Kind& kind, const json& object) {
  return or_fail(try_create(kind, object), "create", object.at("metadata").value("name", ""));
}

json Contract::read(const wire::Ref& of) { return or_fail(parsed(api().get(of)), "get", of.name); }

json Contract::patch(const wire::Ref& of, const json& operations) {
  return or_fail(try_patch(of, operations), "patch", of.name);
}

base::Result<json> Contract::try_create(const wire::Kind& kind, const json& object) {
  return parsed(api().create({kind, ns()}, object.dump()));
}

base::Result<json> Contract::try_patch(const wire::Ref& of, const json& operations) {
  return parsed(api().json_patch(of, operations.dump()));
}

base::Result<json> Contract::try_list(const wire::Kind& kind, int limit, const std::string& continue_token) {
  return parsed(api().list({kind, ns()}, limit, continue_token));
}

json Contract::deployment(const std::string& name, const std::string& image, int replicas) const {
  return fake::deployment_json(name, image, replicas, ns());
}

json Contract::lease(const std::string& name) {
  return create(wire::kLeases, {{"apiVersion", "coordination.k8s.io/v1"},
                                {"kind", "Lease"},
                                {"metadata", {{"name", name}, {"namespace", ns()}}},
                                {"spec", {{"holderIdentity", "one"}, {"leaseDurationSeconds", 15}}}});
}

bool Contract::eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    world_->tick();
  }
  return true;
}

std::string version_of(const json& object) { return object.at("metadata").at("resourceVersion"); }

std::string uid_of(const json& object) { return object.at("metadata").at("uid"); }

json op(const char* verb, const std::string& path, const json& value) {
  return {{"op", verb}, {"path", path}, {"value", value}};
}

json remove_op(const std::string& path) { return {{"op", "remove"}, {"path", path}}; }

}  // namespace contract
