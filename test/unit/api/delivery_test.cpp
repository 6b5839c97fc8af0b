// Who brings a Deployment into the cluster, told by the marks that the tools leave on it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "api/codec.hpp"

namespace {

using api::Deliverer;
using nlohmann::json;

struct Marked {
  const char* name;
  json metadata;  // beside namespace "shop" and name "web"
  Deliverer by;
  const char* sign;
};
void PrintTo(const Marked& row, std::ostream* out) { *out << row.name; }

api::Delivery delivery(json metadata) {
  metadata.update({{"namespace", "shop"}, {"name", "web"}});
  return api::parse_deployment(json{{"metadata", std::move(metadata)}}.dump())->delivery;
}

class DeliveryOf : public testing::TestWithParam<Marked> {};
TEST_P(DeliveryOf, IsToldByItsMarks) {
  EXPECT_EQ(delivery(GetParam().metadata), (api::Delivery{GetParam().by, GetParam().sign}));
}

json labels(json of) { return {{"labels", std::move(of)}}; }
json annotations(json of) { return {{"annotations", std::move(of)}}; }
json written_by(const char* manager, const char* subresource = "") {
  return {{"managedFields",
           {{{"manager", "kubectl"}}, {{"manager", manager}, {"operation", "Apply"}, {"subresource", subresource}}}}};
}
json both(json one, const json& other) {
  one.update(other);
  return one;
}
json tracked_as(const std::string& id) { return annotations({{"argocd.argoproj.io/tracking-id", id}}); }
const json kKustomization =
    labels({{"kustomize.toolkit.fluxcd.io/name", "apps"}, {"kustomize.toolkit.fluxcd.io/namespace", "flux-system"}});
const json kHelmRelease = labels({{"helm.toolkit.fluxcd.io/name", "web"}, {"helm.toolkit.fluxcd.io/namespace", "shop"}});
const json kRelease = annotations({{"meta.helm.sh/release-name", "web"}, {"meta.helm.sh/release-namespace", "shop"}});

INSTANTIATE_TEST_SUITE_P(
    Marks, DeliveryOf,
    testing::Values(
        Marked{"none", json::object(), Deliverer::None, ""},
        Marked{"null", both(labels(nullptr), annotations(nullptr)), Deliverer::None, ""},
        Marked{"people", written_by("kubectl-client-side-apply"), Deliverer::None, ""},
        Marked{"argo_cd_by_annotation", tracked_as("shop-app:apps/Deployment:shop/web"), Deliverer::ArgoCD,
               "Application shop-app"},
        Marked{"argo_cd_in_any_namespace", tracked_as("team_app:apps/Deployment:shop/web"), Deliverer::ArgoCD,
               "Application team_app"},
        Marked{"not_a_copy_of_anothers_annotation", tracked_as("app:apps/Deployment:shop/other"), Deliverer::None, ""},
        Marked{"not_without_an_application", tracked_as(":apps/Deployment:shop/web"), Deliverer::None, ""},
        Marked{"argo_cd_by_label", labels({{"argocd.argoproj.io/instance", "app"}}), Deliverer::ArgoCD, "Application app"},
        Marked{"not_by_the_label_that_charts_set", labels({{"app.kubernetes.io/instance", "app"}}), Deliverer::None, ""},
        Marked{"argo_cd_by_its_writes", written_by("argocd-controller"), Deliverer::ArgoCD, "field manager argocd-controller"},
        Marked{"not_by_a_write_of_the_status", written_by("argocd-controller", "status"), Deliverer::None, ""},
        Marked{"kustomization", kKustomization, Deliverer::Flux, "Kustomization flux-system/apps"},
        Marked{"helm_release_of_flux", both(kHelmRelease, kRelease), Deliverer::Flux, "HelmRelease shop/web"},
        Marked{"flux_by_its_writes", written_by("kustomize-controller"), Deliverer::Flux, "field manager kustomize-controller"},
        Marked{"flux_by_its_writes_of_a_release", both(written_by("helm-controller"), kRelease), Deliverer::Flux,
               "field manager helm-controller"},
        Marked{"helm", both(written_by("helm"), kRelease), Deliverer::Helm, "release web"},
        Marked{"helm_by_its_writes", written_by("helm"), Deliverer::Helm, "field manager helm"},
        Marked{"argo_cd_before_what_it_took_over",
               both(both(labels({{"argocd.argoproj.io/instance", "app"}}), kRelease), written_by("helm")), Deliverer::ArgoCD,
               "Application app"}),
    [](const auto& info) { return info.param.name; });

TEST(Delivery, OfAHostileLengthIsCut) {
  const std::string name(100'000, 'x');
  EXPECT_EQ(delivery(tracked_as(name + ":apps/Deployment:shop/web")).sign.size(), std::string("Application ").size() + 253);
}

}  // namespace
