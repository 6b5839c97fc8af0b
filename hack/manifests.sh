#!/bin/sh
# Renders the chart into manifests/, for those who do not use Helm; with a folder as argument, into that one.
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
