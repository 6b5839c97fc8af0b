#include "act/turn.hpp"

#include <fmt/format.h>

#include "act/live.hpp"
#include "act/patch.hpp"

namespace act {

using base::fail;
using base::Fault;

Result<void> scale_peer(wire::Api& api, const decide::ScalePeer& step) {
  if (const auto target = read_bad_target(api, step); !target) return tl::unexpected(target.error());
  const wire::Ref ref{wire::kDeployments, step.target.ns, step.peer_name, "", {}};
  const auto peer = read_live(api, ref, step.peer_uid);
  if (!peer) return tl::unexpected(peer.error());
  const json& present = at(*peer, {"spec", "replicas"});
  if (present.is_number_integer() && present.get<std::int64_t>() >= step.replicas) return {};
  Patch patch;
  patch.test("/metadata/uid", step.peer_uid).test("/spec/replicas", present).replace("/spec/replicas", step.replicas);
  const auto written = api.json_patch(ref, patch.text());
  if (!written) return tl::unexpected(written.error());
  return {};
}

Result<void> turn_service(wire::Api& api, const decide::TurnService& step) {
  if (const auto target = read_bad_target(api, step); !target) return tl::unexpected(target.error());
  const wire::Ref ref{wire::kServices, step.target.ns, step.service_name, "", {}};
  const auto service = read_live(api, ref, step.service_uid);
  if (!service) return tl::unexpected(service.error());
  const std::string present = text_at(*service, {"spec", "selector", step.key});
  if (present == step.to) return {};
  if (present != step.from)
    return fail(Fault::Conflict,
                fmt::format("{} selects {}={} now, and {} was looked at", describe(ref), step.key, present, step.from));
  const std::string where = below("/spec/selector", step.key);
  Patch patch;
  patch.test("/metadata/uid", step.service_uid).test(where, step.from).replace(where, step.to);
  const auto written = api.json_patch(ref, patch.text());
  if (!written) return tl::unexpected(written.error());
  return {};
}

}  // namespace act
