#!/bin/sh
# Renders the chart into manifests/, for those who do not use Helm, and the health checks there into a patch for Argo CD; with a
# folder as argument, into that one.
set -eu
cd "$(dirname "$0")/.."
into=${1:-manifests}
PATH="$(test/cluster/cluster build --helm):$PATH"

render() {  # render NAMESPACE [helm options]: what tells of Helm is left out
  namespace=$1
  shift
  helm template riptide-rollback helm/riptide-rollback --no-hooks --namespace "$namespace" --kube-version 1.31.0 --set crds.keep=false "$@" 2>/dev/null |
    sed -E '/^ *(helm.sh\/chart|app.kubernetes.io\/managed-by):/d; /^# Source:/d'
}

{
  cat <<'END'
# The whole cluster, without Helm: kubectl apply --server-side -f install.yaml. Made by hack/manifests.sh.
apiVersion: v1
kind: Namespace
metadata:
  name: rollback-system
  labels: {pod-security.kubernetes.io/enforce: restricted}
END
  render rollback-system
} >"$into/install.yaml"

{
  echo "# One namespace and no right outside of it: put yours in the place of my-namespace (sed s/my-namespace/.../g), then kubectl apply -f."
  echo "# The CRDs come first, from crds/, by someone who may install them. Made by hack/manifests.sh."
  render my-namespace --set watchNamespace=my-namespace --set crds.enabled=false
} >"$into/namespace-install.yaml"

mkdir -p "$into/argocd"
{
  cat <<'END'
# The health of our two kinds for Argo CD: kubectl patch configmap argocd-cm -n argocd --patch-file argocd-cm.yaml, or paste the
# keys below data into yours. Made by hack/manifests.sh.
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
data:
END
  for check in manifests/argocd/*.lua; do
    echo "  resource.customizations.health.rollback.riptide.dev_$(basename "$check" .lua): |"
    sed 's/^./    &/' "$check"
  done
} >"$into/argocd/argocd-cm.yaml"
