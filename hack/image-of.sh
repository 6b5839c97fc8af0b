#!/bin/sh
# The image of an earlier commit, by that commit's own build: image-of.sh COMMIT TAG prints the path of its archive. It is built once;
# the history must hold the commit.
set -eu
cd "$(dirname "$0")/.."
commit=${1:?usage: image-of.sh COMMIT TAG}
tag=${2:?usage: image-of.sh COMMIT TAG}
if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
  echo "image-of.sh: $commit is not in this clone: get the history with git fetch --unshallow" >&2
  exit 1
fi
source=build/previous/$commit
archive=$source/build/image/rollback-controller.tar
if [ ! -e "$archive" ]; then
  rm -rf "$source"
  mkdir -p "$source"
  git archive "$commit" | tar -x -C "$source"
  "$source/hack/image.sh" "$tag" >&2
fi
echo "$archive"
