#include "act/turn.hpp"

#include <fmt/format.h>

#include "act/live.hpp"
#include "act/patch.hpp"

namespace act {
namespace {

using base::fail;
using base::Fault;

// Whoever gets the traffic is there, stays, and has pods that take it.
Result<void> check_takes_traffic(wire::Api& api, const wire::Ref& ref, const std::string& uid) {
  const auto side = read_live(api, ref, uid);
  if (!side) return tl::unexpected(side.error());
  if (!at(*side, {"metadata", "deletionTimestamp"}).is_null())
    return fail(Fault::Conflict, fmt::format("{} is being deleted", describe(ref)));
  const json& available = at(*side, {"status", "availableReplicas"});
  if (!available.is_number_integer() || available.get<std::int64_t>() <= 0)
    return fail(Fault::Conflict, fmt::format("{} has no pod available any more", describe(ref)));
  return {};
}

}  // namespace

Result<void> scale_peer(wire::Api& api, const decide::ScalePeer& step) {
  if (const auto target = read_bad_target(api, step); !target) return tl::unexpected(target.error());
  const wire::Ref ref{wire::kDeployments, step.target.ns, step.peer_name, "", {}};
  const auto peer = read_live(api, ref, step.peer_uid);
  if (!peer) return tl::unexpected(peer.error());
  const json& present = at(*peer, {"spec", "replicas"});
  if (present.is_number_integer() && present.get<std::int64_t>() >= step.replicas) return {};
  Patch patch;
  patch.test("/metadata/uid", step.peer_uid).test("/spec/replicas", present).replace("/spec/replicas", step.replicas);
  return write(api, ref, patch.text());
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
  const wire::Ref peer{wire::kDeployments, step.target.ns, step.peer_name, "", {}};
  if (const auto ready = check_takes_traffic(api, peer, step.peer_uid); !ready) return ready;
  const std::string where = below("/spec/selector", step.key);
  Patch patch;
  patch.test("/metadata/uid", step.service_uid).test(where, step.from).replace(where, step.to);
  return write(api, ref, patch.text());
}

}  // namespace act
