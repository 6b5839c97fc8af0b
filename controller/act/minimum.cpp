#include "act/minimum.hpp"

#include <fmt/format.h>

#include "act/live.hpp"
#include "act/patch.hpp"

namespace act {
namespace {

using base::fail;
using base::Fault;

Result<std::int64_t> read_minimum(wire::Api& api, const wire::Ref& ref, const std::string& uid) {
  const auto autoscaler = read_live(api, ref, uid);
  if (!autoscaler) return tl::unexpected(autoscaler.error());
  const json& minimum = at(*autoscaler, {"spec", "minReplicas"});
  if (!minimum.is_number_integer()) return fail(Fault::Conflict, fmt::format("{} has no minReplicas any more", describe(ref)));
  return minimum.get<std::int64_t>();
}

Result<void> set_minimum(wire::Api& api, const wire::Ref& ref, const std::string& uid, std::int64_t from, int to) {
  Patch patch;
  patch.test("/metadata/uid", uid).test("/spec/minReplicas", from).replace("/spec/minReplicas", to);
  return write(api, ref, patch.text());
}

}  // namespace

Result<void> raise_minimum(wire::Api& api, const decide::RaiseMinimum& step) {
  if (const auto target = read_bad_target(api, step); !target) return tl::unexpected(target.error());
  const wire::Ref ref{wire::kAutoscalers, step.target.ns, step.autoscaler_name, "", {}};
  const auto present = read_minimum(api, ref, step.autoscaler_uid);
  if (!present) return tl::unexpected(present.error());
  if (*present >= step.to) return {};
  if (*present != step.from)
    return fail(Fault::Conflict,
                fmt::format("{} has minReplicas {} now, and {} was looked at", describe(ref), *present, step.from));
  return set_minimum(api, ref, step.autoscaler_uid, *present, step.to);
}

Result<void> restore_minimum(wire::Api& api, const decide::RestoreMinimum& step) {
  const wire::Ref ref{wire::kAutoscalers, step.object.ns, step.object.name, "", {}};
  const auto present = read_minimum(api, ref, step.uid);
  if (!present) return tl::unexpected(present.error());
  return *present == step.from ? set_minimum(api, ref, step.uid, step.from, step.to) : Result<void>{};
}

}  // namespace act
