#!/bin/sh
# The file system of the image, made in the folder FOLDER: the controller of the release build and exactly the libraries it needs.
# Both ways to an image take it from here: Dockerfile, and hack/image.sh where there is no container builder.
set -eu
cd "$(dirname "$0")/.."
root=${1:?usage: image-root.sh FOLDER}
binary=build/release/controller/rollback-controller
rm -rf "$root"
mkdir -p "$root"
strip -o "$root/rollback-controller" "$binary"
hack/lddfiles.py "$binary" | while IFS='=' read -r file path; do
  mkdir -p "$root$(dirname "$path")"
  cp "$file" "$root$path"
done
