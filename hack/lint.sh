#!/bin/sh
# Formatting, rooms, file sizes and scripts of the whole tree; clang-tidy on the files changed since main's last commit, or on all with --all.
set -eu
cd "$(dirname "$0")/.."
tools="$(hack/tools.sh)"
sources() { git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp'; }

sources | xargs "$tools/clang-format" --dry-run --Werror
hack/check_rooms.py
for script in $(git ls-files -- '*.sh'); do sh -n "$script"; done

if [ "${1:-}" = --all ]; then
  changed="$(git ls-files -- 'controller/*.cpp')"
else
  changed="$(git diff --name-only --diff-filter=d HEAD~1 -- 'controller/*.cpp' 2>/dev/null || true)"
fi
if [ -n "$changed" ]; then
  [ -e build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
  # clang does not read g++'s precompiled headers; it parses the same headers itself.
  mkdir -p build/tidy
  sed -E 's/ -include [^ ]*cmake_pch.hxx//; s/-Winvalid-pch//' build/dev/compile_commands.json >build/tidy/compile_commands.json
  echo "$changed" | xargs -n 4 -P 2 "$tools/clang-tidy" --quiet --extra-arg=-Wno-unknown-warning-option -p build/tidy
fi
