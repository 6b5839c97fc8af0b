#include "record/writes.hpp"

#include <string>

#include <fmt/format.h>

#include "api/codec.hpp"
#include "record/status.hpp"
#include "record/texts.hpp"

namespace record {
namespace {

using base::Fault;
using nlohmann::json;

constexpr std::size_t kReasonBytes = 1024;  // of spec.reason, as the CRD says
constexpr const char* kPolicyLabel = "rollback.riptide.dev/policy";

std::string text_of(const json& object) { return object.dump(-1, ' ', false, json::error_handler_t::replace); }

// The name is a digest of this policy and shipping, so what has it is ours, or was made by somebody to be in the way. That does
// not go away by looking again.
Result<void> is_taken(wire::Api& api, const api::Key& policy, const decide::CreateRollback& asked) {
  const auto text = api.get({wire::kRollbacks, policy.ns, asked.name, "", {}});
  if (!text) return tl::unexpected(text.error());
  const auto there = api::parse_rollback(*text);
  if (!there) return tl::unexpected(there.error());
  if (there->spec.policy_name == policy.name && there->spec.from_uid == asked.spec.from_uid) return {};
  return base::fail(
      Fault::Invalid,
      fmt::format("the name {} is taken by a Rollback of policy {} that was not made for this release; delete it: "
                  "kubectl delete rollback -n {} {}",
                  asked.name, there->spec.policy_name, policy.ns, asked.name));
}

}  // namespace

Result<void> create_rollback(wire::Api& api, const api::Key& policy, const decide::CreateRollback& asked) {
  auto spec = asked.spec;
  spec.reason = cut(spec.reason, kReasonBytes);
  const json object{
      {"apiVersion", api::kApiVersion},
      {"kind", wire::kRollbacks.name},
      {"metadata", {{"namespace", policy.ns}, {"name", asked.name}, {"labels", {{kPolicyLabel, label_value(policy.name)}}}}},
      {"spec", api::to_json(spec)}};
  const auto created = api.create({wire::kRollbacks, policy.ns}, text_of(object));
  if (created) return {};
  if (created.error().fault == Fault::Conflict) {
    if (auto taken = is_taken(api, policy, asked); !taken) return taken;
  }
  return tl::unexpected(created.error());
}

Result<Wrote> write_status(wire::Api& api, const wire::Kind& kind, const api::Meta& seen, const json& before,
                           const json& after) {
  const auto patch = status_patch(seen, before, bounded(after));
  if (!patch) return Wrote::Nothing;
  const auto written = api.json_patch({kind, seen.ns, seen.name, "status", {}}, *patch);
  if (!written) return tl::unexpected(written.error());
  return Wrote::Something;
}

Result<Wrote> remove_rollback(wire::Api& api, const api::Rollback& run) {
  const auto removed = api.remove({wire::kRollbacks, run.meta.ns, run.meta.name, "", {}}, run.meta.uid);
  if (removed) return Wrote::Something;
  const bool is_gone =
      removed.error().fault == Fault::NotFound || removed.error().fault == Fault::Conflict;  // or another one now
  if (is_gone) return Wrote::Nothing;
  return tl::unexpected(removed.error());
}

Result<Wrote> create_event(wire::Api& api, const json& event) {
  const auto created = api.create({wire::kEvents, event["metadata"]["namespace"].get<std::string>()}, text_of(event));
  if (created) return Wrote::Something;
  if (created.error().fault == Fault::Conflict) return Wrote::Nothing;
  return tl::unexpected(created.error());
}

}  // namespace record
