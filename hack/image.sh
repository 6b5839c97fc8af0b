#!/bin/sh
# The image as an OCI archive, without a container builder: build/image/rollback-controller.tar, named localhost/rollback-controller:TAG
# (the chart's version unless one is given).
set -eu
cd "$(dirname "$0")/.."
tag=${1:-$(sed -n 's/^appVersion: //p' helm/riptide-rollback/Chart.yaml)}
cmake --preset release >/dev/null
cmake --build --preset release --target rollback-controller
hack/image-root.sh build/image/root
hack/oci.py --output build/image/rollback-controller.tar --name "localhost/rollback-controller:$tag" \
  --user 65532 --entrypoint /rollback-controller --expose 8080 --expose 8081 build/image/root=/
