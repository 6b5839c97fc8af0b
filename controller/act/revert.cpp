#include "act/revert.hpp"

#include <optional>

#include <fmt/format.h>

#include "act/last_applied.hpp"
#include "act/live.hpp"
#include "act/patch.hpp"
#include "api/codec.hpp"

namespace act {
namespace {

using base::fail;
using base::Fault;

constexpr size_t kMostAnnotationBytes = 256 * 1024;  // of all keys and values of an object: the API server's limit

std::optional<std::string> annotation(const json& object, const char* key) {
  const json& found = at(object, {"metadata", "annotations", key});
  return found.is_string() ? std::optional(found.get<std::string>()) : std::nullopt;
}

// The template as a person would have written it: what the Deployment controller adds for its own use is left out.
json template_of(const json& replica_set) {
  json out = at(replica_set, {"spec", "template"});
  const auto metadata = out.find("metadata");
  if (metadata == out.end() || !metadata->is_object()) return out;
  if (metadata->contains("creationTimestamp") && metadata->at("creationTimestamp").is_null())
    metadata->erase("creationTimestamp");
  const auto labels = metadata->find("labels");
  if (labels != metadata->end() && labels->is_object()) labels->erase(api::kTemplateHashLabel);
  return out;
}

// Under a `test` of the present value. An object without annotations is left without: none of ours would be worth a write over
// those that someone else adds meanwhile.
void take_over(Patch& patch, const json& deployment, const char* key, const Change& change) {
  if (!change.is_one() || !at(deployment, {"metadata", "annotations"}).is_object()) return;
  const std::string path = below("/metadata/annotations", key);
  patch.test(path, change.from ? json(*change.from) : json());  // null: that there is none
  if (!change.to) {
    patch.remove(path);
  } else if (change.from) {
    patch.replace(path, *change.to);
  } else {
    patch.add(path, *change.to);
  }
}

size_t annotation_bytes(const json& object) {
  size_t sum = 0;
  for (const auto& [key, value] : at(object, {"metadata", "annotations"}).items()) {
    sum += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  }
  return sum;
}

// Too big an annotation would have the whole write refused, and a revert matters more than a tidy next apply.
bool fits(const json& deployment, const std::string& present, const std::string& next) {
  return annotation_bytes(deployment) - present.size() + next.size() <= kMostAnnotationBytes;
}

bool is_owned_by(const json& object, const std::string& uid) {
  for (const json& owner : at(object, {"metadata", "ownerReferences"})) {
    if (at(owner, {"controller"}) == json(true) && text_at(owner, {"uid"}) == uid) return true;
  }
  return false;
}

Result<json> read_revision(wire::Api& api, const decide::RevertTemplate& step) {
  const wire::Ref ref{wire::kReplicaSets, step.target.ns, step.to_name, "", {}};
  auto set = read_live(api, ref, step.to_uid);
  if (!set) return set;
  if (!is_owned_by(*set, step.target_uid)) {
    return fail(Fault::Conflict, fmt::format("{} does not belong to Deployment {} any more", describe(ref), step.target.name));
  }
  if (!at(*set, {"spec", "template"}).is_object())
    return fail(Fault::Unavailable, fmt::format("{}: no template in the answer", describe(ref)));
  return set;
}

}  // namespace

std::string revert_patch(const json& deployment, const json& replica_set) {
  const json restored = template_of(replica_set);
  Patch patch;
  patch.test("/metadata/uid", at(deployment, {"metadata", "uid"}));
  patch.test("/spec/paused", at(deployment, {"spec", "paused"}));  // null: that it is absent
  patch.test("/spec/template", at(deployment, {"spec", "template"})).replace("/spec/template", restored);
  const Change cause{annotation(deployment, api::kChangeCauseAnnotation), annotation(replica_set, api::kChangeCauseAnnotation)};
  take_over(patch, deployment, api::kChangeCauseAnnotation, cause);
  if (const auto applied = annotation(deployment, api::kLastAppliedAnnotation)) {
    const auto next = agreeing(*applied, at(deployment, {"spec", "template"}), restored, cause);
    if (next && fits(deployment, *applied, *next)) take_over(patch, deployment, api::kLastAppliedAnnotation, {applied, next});
  }
  return patch.text();
}

Result<void> revert_template(wire::Api& api, const decide::RevertTemplate& step) {
  const auto target = read_bad_target(api, step);
  if (!target) return tl::unexpected(target.error());
  const wire::Ref ref = target_of(step);
  if (at(*target, {"spec", "paused"}) == json(true))
    return fail(Fault::Conflict, fmt::format("{} was paused: its template is left alone until it is resumed", describe(ref)));
  const auto revision = read_revision(api, step);
  if (!revision) return tl::unexpected(revision.error());
  return write(api, ref, revert_patch(*target, *revision));
}

}  // namespace act
