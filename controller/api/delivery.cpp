#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "api/fields.hpp"

namespace api::fields {
namespace {

// app.kubernetes.io/instance, which Argo CD tracks by unless told otherwise, is no proof: charts set it too.
constexpr const char* kArgoTracking = "argocd.argoproj.io/tracking-id";
constexpr const char* kArgoInstance = "argocd.argoproj.io/instance";
constexpr const char* kHelmRelease = "meta.helm.sh/release-name";
constexpr std::size_t kMostName = 253;  // an annotation may be of any length

struct FieldManager {
  std::string_view name;
  Deliverer by;
};
constexpr std::array kFieldManagers{FieldManager{"argocd-controller", Deliverer::ArgoCD},
                                    FieldManager{"kustomize-controller", Deliverer::Flux},
                                    FieldManager{"helm-controller", Deliverer::Flux}, FieldManager{"helm", Deliverer::Helm}};

// "shop:apps/Deployment:default/web", as Argo CD writes it; copied from another object it names that one.
std::string application(const json& metadata) {
  const std::string tracking = text(field(metadata, "annotations"), kArgoTracking);
  const std::string self = fmt::format(":apps/Deployment:{}/{}", text(metadata, "namespace"), text(metadata, "name"));
  if (tracking.size() > self.size() && tracking.ends_with(self))
    return tracking.substr(0, std::min(kMostName, tracking.size() - self.size()));
  return text(field(metadata, "labels"), kArgoInstance);
}

// What Flux's controller named so says: "Kustomization flux-system/apps", "" if it says nothing.
std::string flux(const json& metadata, const char* kind, const std::string& controller) {
  const json& labels = field(metadata, "labels");
  const std::string name = text(labels, controller + ".toolkit.fluxcd.io/name");
  return name.empty() ? "" : fmt::format("{} {}/{}", kind, text(labels, controller + ".toolkit.fluxcd.io/namespace"), name);
}

Delivery by_field_manager(const json& metadata) {
  const auto& entries = list(metadata, "managedFields");
  for (const auto& known : kFieldManagers) {
    const bool writes = std::any_of(entries.begin(), entries.end(), [&](const json& entry) {
      return text(entry, "manager") == known.name && text(entry, "subresource").empty();
    });
    if (writes) return {known.by, fmt::format("field manager {}", known.name)};
  }
  return {};
}

}  // namespace

const Keep& delivery_keep() {
  static const Keep wanted = [] {
    Keep all = keep({"labels"});
    for (const char* key : {kArgoTracking, kHelmRelease}) all.keys["annotations"].keys[key];
    return all;
  }();
  return wanted;
}

// Flux's Helm releases have Helm's mark too, so Flux is asked first.
Delivery read_delivery(const json& metadata) {
  if (auto name = application(metadata); !name.empty()) return {Deliverer::ArgoCD, "Application " + name};
  if (auto sign = flux(metadata, "Kustomization", "kustomize"); !sign.empty()) return {Deliverer::Flux, std::move(sign)};
  if (auto sign = flux(metadata, "HelmRelease", "helm"); !sign.empty()) return {Deliverer::Flux, std::move(sign)};
  Delivery writer = by_field_manager(metadata);
  const std::string release = text(field(metadata, "annotations"), kHelmRelease).substr(0, kMostName);
  const bool is_helms = writer.by == Deliverer::None || writer.by == Deliverer::Helm;
  return is_helms && !release.empty() ? Delivery{Deliverer::Helm, "release " + release} : writer;
}

}  // namespace api::fields
