#include "decide/gitops.hpp"

#include <fmt/format.h>

#include "decide/reasons.hpp"

namespace decide {
namespace {

using api::Deliverer;
using api::Status;

const char* name_of(Deliverer by) {
  switch (by) {
    case Deliverer::None:
      return "something";
    case Deliverer::ArgoCD:
      return "Argo CD";
    case Deliverer::Flux:
      return "Flux";
    case Deliverer::Helm:
      return "Helm";
  }
  return "something";
}

const char* reason_of(Deliverer by) {
  switch (by) {
    case Deliverer::None:
      return reason::kNotManaged;
    case Deliverer::ArgoCD:
      return reason::kArgoCD;
    case Deliverer::Flux:
      return reason::kFlux;
    case Deliverer::Helm:
      return reason::kHelm;
  }
  return reason::kNotManaged;
}

// What follows "after a rollback".
const char* outlook(Deliverer by) {
  switch (by) {
    case Deliverer::None:
      return "";
    case Deliverer::ArgoCD:
      return "its next sync puts the bad template back if self-heal is on; that is undone twice at most, then Stalled says "
             "GitOpsConflict. Ways out: revert the release in Git, or pause auto-sync until the fix is there: argocd app set "
             "NAME --sync-policy none";
    case Deliverer::Flux:
      return "its next reconciliation puts the bad template back (that of a HelmRelease only with drift detection); that is "
             "undone twice at most, then Stalled says GitOpsConflict. Ways out: revert the release in Git, or suspend it until "
             "the fix is there: flux suspend kustomization NAME, or helmrelease NAME";
    case Deliverer::Helm:
      return "nothing puts the bad template back by itself, and the next helm upgrade works as it is; until then the release "
             "that Helm remembers is the bad one: helm rollback makes both agree";
  }
  return "";
}

}  // namespace

std::string deliverer(const api::Deployment& target) {
  const auto& [by, sign] = target.delivery;
  return by == Deliverer::None ? name_of(by) : fmt::format("{} ({})", name_of(by), sign);
}

api::Condition gitops_managed(const Snapshot& world) {
  const auto say = [](Status status, const char* why, std::string message) {
    return api::Condition{"GitOpsManaged", status, why, std::move(message), 0, {}};
  };
  if (!world.target) return say(Status::Unknown, reason::kTargetNotFound, "there is no target to look at");
  const auto by = world.target->delivery.by;
  if (by == Deliverer::None) return say(Status::False, reason_of(by), "no sign of Argo CD, Flux or Helm");
  return say(Status::True, reason_of(by),
             fmt::format("{} delivers Deployment {}; after a rollback {}", deliverer(*world.target), world.target->meta.name,
                         outlook(by)));
}

}  // namespace decide
