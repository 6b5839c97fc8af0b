#!/bin/sh
# Build the sample service and image it: build.sh OUT.tar VERSION makes localhost/eventmesh:VERSION.
# Go is $GO, or `go` on PATH; it must be 1.26 or newer. The binary is kept in the user's cache, by the digest of
# all that it is made of, so that a clean clone does not build it again.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: build.sh OUT.tar VERSION" >&2
    exit 2
fi
output=$1 version=$2
source=$(cd "$(dirname "$0")" && pwd)
go=${GO:-go}
flags="-trimpath -buildvcs=false -ldflags=-s"

export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS=
go_version=$("$go" env GOVERSION 2>/dev/null) || {
    echo "build.sh: '$go' does not run; install Go 1.26 or newer, or name one: GO=/path/to/go" >&2
    exit 1
}
if [ "$(printf '%s\n' go1.26 "$go_version" | sort -V | head -n 1)" != go1.26 ]; then
    echo "build.sh: '$go' is $go_version; Go 1.26 or newer is needed, name one: GO=/path/to/go" >&2
    exit 1
fi

digest=$({
    echo "$go_version $(uname -m) $flags"
    cd "$source"
    find . -name '*.go' ! -name '*_test.go' -o -name go.mod -o -name go.sum | LC_ALL=C sort | xargs sha256sum
} | sha256sum | cut -c 1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/riptide-cluster/eventmesh/$digest
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ ! -x "$cache/eventmesh" ]; then
    echo "build.sh: building the sample service with $go_version" >&2
    mkdir -p "$cache"
    # shellcheck disable=SC2086 # the flags are several words
    (cd "$source" && "$go" build -p 2 $flags -o "$scratch/eventmesh" .)
    # Seen by others only when whole, also when two build at once.
    cp "$scratch/eventmesh" "$cache/eventmesh.$$"
    mv "$cache/eventmesh.$$" "$cache/eventmesh"
fi

# DISK_MIB_PER_S writes there.
mkdir -m 1777 "$scratch/tmp"
"$source/../../hack/oci.py" --output "$output" --name "localhost/eventmesh:$version" \
    --entrypoint /eventmesh --user 65532 --env "EVENTMESH_VERSION=$version" --expose 8080 \
    --label "org.opencontainers.image.title=eventmesh" --label "org.opencontainers.image.version=$version" \
    "$cache/eventmesh=/eventmesh" "$scratch/tmp=/tmp"
