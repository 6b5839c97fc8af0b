#!/bin/sh
# Prints the bin folder of a virtual environment with the pinned tools of hack/requirements.txt, made on first need and kept
# outside the clone.
set -eu
cd "$(dirname "$0")"
venv="${XDG_CACHE_HOME:-$HOME/.cache}/riptide-rollback/tools-$(sha256sum requirements.txt | cut -c1-12)"
if [ ! -e "$venv/ready" ]; then
  rm -rf "$venv"
  /usr/bin/python3 -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --require-hashes --no-deps -r requirements.txt >&2
  touch "$venv/ready"
fi
echo "$venv/bin"
