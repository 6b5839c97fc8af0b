// A namespace of its own on the API server of RBC_TEST_KUBECONFIG (test/cluster/cluster exec sets it).
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "contract/world.hpp"
#include "fake/objects.hpp"
#include "wire/api_client.hpp"
#include "wire/credentials.hpp"
#include "wire/http.hpp"

namespace contract {

namespace {

constexpr wire::Kind kNamespaces{"", "v1", "namespaces", "Namespace"};
constexpr wire::Kind kAdmissionPolicies{"admissionregistration.k8s.io", "v1", "validatingadmissionpolicies",
                                        "ValidatingAdmissionPolicy"};
constexpr wire::Kind kAdmissionBindings{"admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings",
                                        "ValidatingAdmissionPolicyBinding"};

const base::SystemClock kClock;

template <class T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// One client for all tests of the binary, as in the controller.
struct Client {
  std::unique_ptr<wire::Http> http;
  std::unique_ptr<wire::ApiClient> api;
};

std::string kubeconfig() {
  const char* path = std::getenv("RBC_TEST_KUBECONFIG");
  if (path == nullptr) throw std::runtime_error("RBC_TEST_KUBECONFIG is not set: run this under test/cluster/cluster exec");
  return path;
}

void install_crds() {
  const auto crds = std::filesystem::path(__FILE__).parent_path() / "../../../crds";
  const std::string command = fmt::format(
      "kubectl --kubeconfig '{0}' apply -f '{1}' >/dev/null && kubectl --kubeconfig '{0}' wait "
      "--for=condition=Established --timeout=30s -f '{1}' >/dev/null",
      kubeconfig(), crds.string());
  if (std::system(command.c_str()) != 0) throw std::runtime_error("the CRDs can't be installed: " + command);
}

Client connect() {
  wire::prepare_process();
  install_crds();
  wire::Endpoint endpoint = must(wire::endpoint_from_kubeconfig(kubeconfig(), "", kClock));
  Client client;
  client.http = must(wire::make_cpprest_http(endpoint.identity));
  client.api = std::make_unique<wire::ApiClient>(*client.http, std::move(endpoint), kClock, wire::ApiOptions{"test", {}});
  return client;
}

wire::Api& shared_api() {
  static const auto* client = new Client(connect());  // never destroyed: see wire::leave_process
  return *client->api;
}

class RealWorld final : public World {
 public:
  RealWorld() {
    static std::atomic<int> made{0};
    ns_ = fmt::format("contract-{}-{}", getpid(), ++made);
    own(kNamespaces, metadata("Namespace", "v1", ns_));
  }
  ~RealWorld() override {
    for (auto it = owned_.rbegin(); it != owned_.rend(); ++it) {
      const auto gone = api_.remove(it->ref, it->uid);
      if (!gone) ADD_FAILURE() << "left behind: " << it->ref.name << ": " << gone.error().what;
    }
  }
  wire::Api& api() override { return api_; }
  const std::string& ns() const override { return ns_; }
  void tick() override { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }
  void deny_labelled() override;

 private:
  struct Owned {
    wire::Ref ref;
    std::string uid;
  };

  static json metadata(const char* kind, const char* version, const std::string& name) {
    return {{"apiVersion", version}, {"kind", kind}, {"metadata", {{"name", name}}}};
  }
  // Cluster-scoped: removed at the end.
  void own(const wire::Kind& kind, const json& object) {
    const json made = json::parse(must(api_.create({kind, ""}, object.dump())));
    owned_.push_back({{kind, "", made.at("metadata").at("name"), "", {}}, uid_of(made)});
  }
  bool is_denied();

  wire::Api& api_ = shared_api();
  std::string ns_;
  std::vector<Owned> owned_;
  int probes_ = 0;
};

void RealWorld::deny_labelled() {
  json policy = metadata("ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1", ns_);
  policy["spec"] = {
      {"matchConstraints",
       {{"namespaceSelector", {{"matchLabels", {{"kubernetes.io/metadata.name", ns_}}}}},
        {"resourceRules",
         {{{"apiGroups", {"apps"}}, {"apiVersions", {"v1"}}, {"operations", {"UPDATE"}}, {"resources", {"deployments"}}}}}}},
      {"validations",
       {{{"expression", "oldObject.metadata.?labels.denied.orValue('') != 'yes'"}, {"message", "denied by the test"}}}}};
  json binding = metadata("ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io/v1", ns_);
  binding["spec"] = {{"policyName", ns_}, {"validationActions", {"Deny"}}};
  own(kAdmissionPolicies, policy);
  own(kAdmissionBindings, binding);
  for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30); !is_denied(); tick()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the admission policy does not come into force");
  }
}

// Asked with a Deployment of its own, so that the test's objects stay as they are.
bool RealWorld::is_denied() {
  json probe = fake::deployment_json("probe", "localhost/app:1", 0, ns_);
  probe["metadata"]["labels"] = {{"denied", "yes"}};
  if (auto made = api_.create({wire::kDeployments, ns_}, probe.dump()); !made && made.error().fault != base::Fault::Conflict)
    must(made);
  const json touch = json::array({op("add", "/metadata/labels/touched", std::to_string(++probes_))});
  const auto answer = api_.json_patch({wire::kDeployments, ns_, "probe", "", {}}, touch.dump());
  return !answer && answer.error().fault == base::Fault::Invalid;
}

}  // namespace

std::unique_ptr<World> make() { return std::make_unique<RealWorld>(); }

}  // namespace contract
