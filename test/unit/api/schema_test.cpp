// The statuses that are written and the schemas in crds/ have the same fields: one that only the schema has is dead, one that
// only the code has is dropped by the server.
#include <filesystem>
#include <set>

#include "expect.hpp"
#include "fake/crd_schema.hpp"
#include "fake/objects.hpp"
#include "fake/yaml_json.hpp"

namespace {

using nlohmann::json;
using Paths = std::set<std::string>;

void add_schema_paths(const json& schema, const std::string& path, Paths& out) {
  if (schema.contains("items")) return add_schema_paths(schema.at("items"), path, out);
  if (!schema.contains("properties")) return;
  for (const auto& [name, member] : schema.at("properties").items()) {
    out.insert(path + "." + name);
    add_schema_paths(member, path + "." + name, out);
  }
}

void add_paths(const json& value, const std::string& path, Paths& out) {
  if (value.is_array()) {
    for (const json& item : value) add_paths(item, path, out);
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      out.insert(path + "." + name);
      add_paths(member, path + "." + name, out);
    }
  }
}

Paths paths_of_schema(const std::string& plural) {
  const auto crds = std::filesystem::path(__FILE__).parent_path() / "../../../crds";
  const json crd = fake::json_of_yaml_file((crds / ("rollback.riptide.dev_" + plural + ".yaml")).string());
  Paths out;
  add_schema_paths(crd.at("spec").at("versions").at(0).at("schema").at("openAPIV3Schema").at("properties").at("status"),
                   "status", out);
  return out;
}

Paths paths_of(const json& status) {
  Paths out;
  add_paths(status, "status", out);
  return out;
}

TEST(Schema, OfAPolicyHasTheFieldsThatAreWritten) {
  EXPECT_EQ(paths_of(api::to_json(given::full_policy_status())), paths_of_schema("rollbackpolicies"));
}

TEST(Schema, OfARollbackHasTheFieldsThatAreWritten) {
  auto status = given::full_rollback_status();
  Paths written = paths_of(api::to_json(status));
  status.plan->settings.canary.reset();
  status.plan->settings.blue_green = api::BlueGreenPair{"web", "slot", "web", "web-green"};
  written.merge(paths_of(api::to_json(status)));
  EXPECT_EQ(written, paths_of_schema("rollbacks"));
}

TEST(Schema, AcceptsWhatIsWritten) {
  json policy = fake::policy_json("guard", "web");
  for (const auto& status : {api::PolicyStatus{}, given::full_policy_status()}) {
    policy["status"] = api::to_json(status);
    EXPECT_EQ(fake::schema_refusal(wire::kPolicies, policy), std::nullopt);
  }
  json run = fake::rollback_json("run", "guard");
  api::RollbackStatus least;
  least.plan.emplace();
  least.evidence = {api::PodEvidence{}};
  for (const auto& status : {least, given::full_rollback_status()}) {
    run["status"] = api::to_json(status);
    EXPECT_EQ(fake::schema_refusal(wire::kRollbacks, run), std::nullopt);
  }
}

}  // namespace
