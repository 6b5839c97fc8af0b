#!/usr/bin/env python3
"""Make an OCI image archive of local files, without a container builder or a registry.

The image has one layer. The same files and options give the same bytes: entries are sorted, owned by
root, dated 1970, and their modes are 0755 (directories, executables), 0644 (other files) or 1777
(directories that are sticky and writable by all, such as a /tmp).
"""
import argparse
import hashlib
import io
import json
import os
import platform
import posixpath
import re
import stat
import sys
import tarfile
from pathlib import Path, PurePosixPath

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
EPOCH = "1970-01-01T00:00:00Z"
FULL_NAME = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
TYPE = "application/vnd.oci.image"


class Refused(Exception):
    """The image cannot be made; the message says why and what to do."""


def split_pair(pair):
    source, found, target = pair.rpartition("=/")
    if not found or not source:
        raise Refused(f"'{pair}' is not FILE=/path/in/image")
    if ".." in target.split("/"):
        raise Refused(f"'{pair}': the path in the image must not contain '..'")
    return Path(source), posixpath.normpath("/" + target.lstrip("/"))


def copies(source, target):
    """Every (local path, path in the image) that copying source to target means.

    A symlink that was named itself is followed; those found inside a directory stay symlinks.
    """
    if not source.exists():
        raise Refused(f"{source}: no such file or directory")
    yield source.resolve(), target
    for folder, directories, files in os.walk(source):
        for name in directories + files:
            inside = Path(folder, name)
            yield inside, posixpath.join(target, inside.relative_to(source).as_posix())


def collect(pairs):
    """Maps each path in the image to its local path, or to None for a parent that had to be made."""
    tree = {}
    for pair in pairs:
        for source, target in copies(*split_pair(pair)):
            if target == "/":
                continue
            there = tree.get(target)
            if there and there != source and not (is_directory(there) and is_directory(source)):
                raise Refused(f"{target} is asked for twice: from {there} and from {source}")
            tree[target] = source
    for target in list(tree):
        for parent in list(PurePosixPath(target).parents)[:-1]:
            if not is_directory(tree.setdefault(str(parent), None)):
                raise Refused(f"{target} cannot be below {parent}, which is not a directory")
    return tree


def is_directory(source):
    return source is None or (source.is_dir() and not source.is_symlink())


def entry(target, source):
    info = tarfile.TarInfo(target.lstrip("/"))
    if source is None:
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        return info
    status = source.lstat()
    if stat.S_ISDIR(status.st_mode):
        shared = status.st_mode & 0o1002 == 0o1002
        info.type, info.mode = tarfile.DIRTYPE, 0o1777 if shared else 0o755
    elif stat.S_ISLNK(status.st_mode):
        info.type, info.mode, info.linkname = tarfile.SYMTYPE, 0o777, os.readlink(source)
    elif stat.S_ISREG(status.st_mode):
        info.mode, info.size = 0o755 if status.st_mode & 0o111 else 0o644, status.st_size
    else:
        raise Refused(f"{source} is neither a file, a directory nor a symlink: leave it out")
    return info


def layer_of(tree):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as layer:
        for target in sorted(tree):
            info = entry(target, tree[target])
            if info.isreg():
                with open(tree[target], "rb") as content:
                    layer.addfile(info, content)
            else:
                layer.addfile(info)
    return out.getvalue()


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def digest(blob):
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def described(media, blob, **more):
    return {"mediaType": media, "digest": digest(blob), "size": len(blob), **more}


def config_of(options, layer):
    run = {"User": options.user, "Env": options.env, "Cmd": options.cmd,
           "Entrypoint": options.entrypoint and [options.entrypoint],
           "Labels": dict(split_assignment("--label", label) for label in options.label),
           "ExposedPorts": {f"{port}/tcp": {} for port in options.expose}}
    return {"created": EPOCH, "os": "linux", "architecture": architecture(),
            "config": {name: value for name, value in run.items() if value},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
            "history": [{"created": EPOCH, "created_by": "hack/oci.py"}]}


def architecture():
    if platform.machine() not in ARCHITECTURES:
        raise Refused(f"no OCI name is known for machine {platform.machine()}: add it to ARCHITECTURES in {__file__}")
    return ARCHITECTURES[platform.machine()]


def split_assignment(option, text):
    name, found, value = text.partition("=")
    if not found or not name:
        raise Refused(f"{option} '{text}' is not NAME=VALUE")
    return name, value


def archive(options):
    """Maps each file name of the archive to its content."""
    if not FULL_NAME.fullmatch(options.name):
        raise Refused(f"--name '{options.name}' is not a full name such as localhost/eventmesh:1")
    for assignment in options.env:
        split_assignment("--env", assignment)
    layer = layer_of(collect(options.files))
    config = as_json(config_of(options, layer))
    manifest = as_json({"schemaVersion": 2, "mediaType": f"{TYPE}.manifest.v1+json",
                        "config": described(f"{TYPE}.config.v1+json", config),
                        "layers": [described(f"{TYPE}.layer.v1.tar", layer)]})
    # containerd takes the first as the full name; other tools know only the second.
    names = {"io.containerd.image.name": options.name, "org.opencontainers.image.ref.name": options.name}
    index = {"schemaVersion": 2, "mediaType": f"{TYPE}.index.v1+json",
             "manifests": [described(f"{TYPE}.manifest.v1+json", manifest, annotations=names,
                                     platform={"os": "linux", "architecture": architecture()})]}
    blobs = {"blobs/sha256/" + digest(blob).split(":")[1]: blob for blob in (layer, config, manifest)}
    return {"oci-layout": as_json({"imageLayoutVersion": "1.0.0"}), "index.json": as_json(index), **blobs}


def write(output, members):
    partial = output.with_name(output.name + ".partial")
    with tarfile.open(partial, mode="w") as out:
        for name in sorted(members):
            info = tarfile.TarInfo(name)
            info.size = len(members[name])
            out.addfile(info, io.BytesIO(members[name]))
    partial.replace(output)


def main(arguments):
    parser = argparse.ArgumentParser(prog="oci.py", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--output", required=True, type=Path, metavar="F.tar")
    parser.add_argument("--name", required=True, help="full name, for example localhost/eventmesh:1")
    parser.add_argument("--entrypoint", metavar="PATH", help="program to run")
    parser.add_argument("--cmd", action="append", default=[], metavar="ARG", help="argument of it; one that begins with '-' is written --cmd=-x")
    parser.add_argument("--user", help="user id, for example 65532; root without it")
    parser.add_argument("--env", action="append", default=[], metavar="K=V")
    parser.add_argument("--label", action="append", default=[], metavar="K=V")
    parser.add_argument("--expose", action="append", default=[], type=int, metavar="PORT")
    parser.add_argument("files", nargs="+", metavar="FILE=/path/in/image", help="file, or directory copied with all below it")
    options = parser.parse_args(arguments)
    try:
        write(options.output, archive(options))
    except (Refused, OSError) as error:
        print(f"oci.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
