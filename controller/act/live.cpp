#include "act/live.hpp"

#include <fmt/format.h>

#include "api/codec.hpp"

namespace act {

using base::fail;
using base::Fault;

std::string describe(const wire::Ref& ref) { return fmt::format("{} {}/{}", ref.kind.name, ref.ns, ref.name); }

const json& at(const json& object, std::initializer_list<std::string_view> path) {
  static const json kNone;
  const json* here = &object;
  for (const auto key : path) {
    if (!here->is_object()) return kNone;
    const auto found = here->find(key);
    if (found == here->end()) return kNone;
    here = &*found;
  }
  return *here;
}

std::string text_at(const json& object, std::initializer_list<std::string_view> path) {
  const json& found = at(object, path);
  return found.is_string() ? found.get<std::string>() : std::string();
}

Result<json> read_live(wire::Api& api, const wire::Ref& ref, const std::string& uid) {
  const auto text = api.get(ref);
  if (!text && text.error().fault == Fault::NotFound) {
    return fail(Fault::Conflict, fmt::format("{} is gone since it was looked at: {}", describe(ref), text.error().what));
  }
  if (!text) return tl::unexpected(text.error());
  json object = json::parse(*text, nullptr, false);
  if (!object.is_object()) return fail(Fault::Unavailable, fmt::format("{}: the answer is no JSON object", describe(ref)));
  const std::string found = text_at(object, {"metadata", "uid"});
  if (found != uid) {
    return fail(Fault::Conflict, fmt::format("{} is another one now: uid {}, and {} was looked at", describe(ref), found, uid));
  }
  return object;
}

Result<void> check_unchanged(wire::Api& api, const wire::Ref& ref, const std::string& uid, std::int64_t generation) {
  const auto object = read_live(api, ref, uid);
  if (!object) return tl::unexpected(object.error());
  const json& found = at(*object, {"metadata", "generation"});
  if (!found.is_number_integer() || found.get<std::int64_t>() != generation) {
    return fail(Fault::Conflict, fmt::format("the spec of {} was changed: generation {}, and {} was looked at", describe(ref),
                                             found.dump(), generation));
  }
  return {};
}

Result<void> write(wire::Api& api, const wire::Ref& ref, const std::string& patch) {
  return api.json_patch(ref, patch).map([](const std::string&) {});
}

wire::Ref target_of(const decide::OnBadTarget& step) { return {wire::kDeployments, step.target.ns, step.target.name, "", {}}; }

Result<json> read_bad_target(wire::Api& api, const decide::OnBadTarget& step) {
  if (!step.policy_uid.empty()) {
    const wire::Ref policy{wire::kPolicies, step.target.ns, step.policy_name, "", {}};
    const auto same = check_unchanged(api, policy, step.policy_uid, step.policy_generation);
    if (!same) return tl::unexpected(same.error());
  }
  const wire::Ref rollback{wire::kRollbacks, step.target.ns, step.rollback_name, "", {}};
  const auto asked = check_unchanged(api, rollback, step.rollback_uid, step.rollback_generation);
  if (!asked) return tl::unexpected(asked.error());
  const wire::Ref ref = target_of(step);
  auto target = read_live(api, ref, step.target_uid);
  if (!target) return target;
  if (api::project_template(at(*target, {"spec", "template"})).exact != step.from_exact)
    return fail(Fault::Conflict, fmt::format("{} runs another template than the one that was judged", describe(ref)));
  return target;
}

}  // namespace act
