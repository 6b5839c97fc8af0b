#include "act/ownership.hpp"

#include <tuple>

#include "act/live.hpp"
#include "act/patch.hpp"
#include "act/traffic.hpp"
#include "api/meta.hpp"

namespace act {
namespace {

constexpr const char* kItself = ".";  // in a field set: the parent itself, beside its members

bool is_ours(const json& entry) {
  return text_at(entry, {"manager"}) == wire::kFieldManager && text_at(entry, {"operation"}) == "Update" &&
         text_at(entry, {"subresource"}).empty();
}

// How many fields a field set names.
int count_fields(const json& set) {
  if (!set.is_object()) return 0;
  if (set.empty()) return 1;
  int count = 0;
  for (const auto& [key, below] : set.items()) count += count_fields(below);
  return count;
}

// Greater is a better heir; see the rule in the header. Nothing of /spec at all: none.
using Claim = std::tuple<bool, bool, int>;
std::optional<Claim> claim_of(const json& entry, const json& ours) {
  if (is_ours(entry) || !text_at(entry, {"subresource"}).empty()) return std::nullopt;
  if (text_at(entry, {"apiVersion"}) != text_at(ours, {"apiVersion"})) return std::nullopt;
  const json& spec = at(entry, {"fieldsV1", "f:spec"});
  const int of_template = count_fields(at(spec, {"f:template"}));
  const int of_spec = count_fields(spec);
  if (of_spec == 0) return std::nullopt;
  return Claim{of_template > 0, text_at(entry, {"operation"}) == "Apply", of_template > 0 ? of_template : of_spec};
}

json* heir_of(const json& ours, json& entries) {
  json* best = nullptr;
  std::optional<Claim> highest;
  for (json& entry : entries) {
    const auto claim = claim_of(entry, ours);
    if (!claim || (highest && *claim < *highest)) continue;
    if (highest && *claim == *highest && text_at(*best, {"manager"}) <= text_at(entry, {"manager"})) continue;
    best = &entry;
    highest = claim;
  }
  return best;
}

// A parent that is left without members would read as owned itself: it goes too.
json without_last_applied(json fields) {
  const auto metadata = fields.find("f:metadata");
  if (metadata == fields.end() || !metadata->is_object()) return fields;
  const auto annotations = metadata->find("f:annotations");
  if (annotations == metadata->end() || !annotations->is_object()) return fields;
  annotations->erase(std::string("f:") + api::kLastAppliedAnnotation);
  if (annotations->empty()) metadata->erase("f:annotations");
  if (metadata->empty()) fields.erase("f:metadata");
  return fields;
}

}  // namespace

json united(json one, const json& other) {
  if (!one.is_object()) return other;
  if (!other.is_object()) return one;
  if (one.empty() != other.empty()) {  // a field on one side, its members on the other
    if (one.empty()) one = other;
    one[kItself] = json::object();
    return one;
  }
  for (const auto& [key, below] : other.items()) {
    const auto found = one.find(key);
    if (found == one.end()) {
      one[key] = below;
    } else {
      *found = united(std::move(*found), below);
    }
  }
  return one;
}

std::optional<json> given_back(const json& managed_fields) {
  json kept = json::array();
  json ours = json::array();
  for (const json& entry : managed_fields) (is_ours(entry) ? ours : kept).push_back(entry);
  if (ours.empty()) return std::nullopt;
  for (const json& entry : ours) {
    json* heir = heir_of(entry, kept);
    if (!heir) continue;
    const json& fields = at(entry, {"fieldsV1"});
    const bool applies = text_at(*heir, {"operation"}) == "Apply";
    (*heir)["fieldsV1"] = united(at(*heir, {"fieldsV1"}), applies ? without_last_applied(fields) : fields);
  }
  if (kept.empty()) kept.push_back(json::object());  // an empty list is taken for a client that knows no managedFields
  return kept;
}

Result<void> give_back_ownership(wire::Api& api, const decide::GiveBackOwnership& step) {
  const wire::Ref ref = step.route ? route_of(*step.route, step.object.ns)
                                   : wire::Ref{wire::kDeployments, step.object.ns, step.object.name, "", {}};
  const auto object = read_live(api, ref, step.uid);
  if (!object) return tl::unexpected(object.error());
  const json& present = at(*object, {"metadata", "managedFields"});
  const auto next = given_back(present);
  if (!next) return {};
  Patch patch;
  patch.test("/metadata/uid", step.uid).test("/metadata/managedFields", present).replace("/metadata/managedFields", *next);
  return write(api, ref, patch.text());
}

}  // namespace act
