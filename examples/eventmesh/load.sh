#!/bin/sh
# Build the sample service and load it into an embedded cluster: load.sh CLUSTER VERSION... makes localhost/eventmesh:<version>
# for each. Go is $GO, or the one with which the cluster's programs are built.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: load.sh CLUSTER VERSION..." >&2
    exit 2
fi
name=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
cluster=$here/../../test/cluster
GO=${GO:-$(cd "$cluster" && /usr/bin/python3 -B -c 'from lib.toolchain import find_go; print(find_go())')}
export GO
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for version in "$@"; do
    "$here/build.sh" "$scratch/$version.tar" "$version"
done
"$cluster/cluster" load-image --name "$name" "$scratch"/*.tar
