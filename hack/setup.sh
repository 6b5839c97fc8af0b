#!/bin/sh
# Installs what the build and the tests need on Debian 12 (as root), then runs the command that is given, if any:
#   hack/setup.sh make demo
# Does nothing where everything is there already.
set -eu
cd "$(dirname "$0")/.."

missing=""
for package in $(cat hack/packages.txt test/cluster/packages.txt test/bench/packages.txt); do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "setup: root is needed to install:$missing; run it with sudo" >&2
    exit 1
  fi
  echo "setup: installing$missing" >&2
  apt-get update -q
  # shellcheck disable=SC2086 # a list of names
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi

if [ $# -gt 0 ]; then exec "$@"; fi
