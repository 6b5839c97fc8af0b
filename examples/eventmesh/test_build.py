"""build.sh: the image of the sample service, made from a cold and from a warm cache."""
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def build(output, cache, **env):
    return subprocess.run([HERE / "build.sh", output, "7"], env={**os.environ, "XDG_CACHE_HOME": str(cache), **env},
                          capture_output=True, text=True, check=False)


@pytest.fixture(name="compiled")
def go_cache():
    """Go's own cache is below XDG_CACHE_HOME; without the user's, the standard library would be compiled again."""
    go = os.environ.get("GO", "go")
    return subprocess.run([go, "env", "GOCACHE"], capture_output=True, text=True, check=True).stdout.strip()


def documents(archive):
    """The JSON documents of the archive: index, manifest, configuration."""
    with tarfile.open(archive) as tar:
        contents = [tar.extractfile(member).read() for member in tar]
    return [json.loads(content) for content in contents if content.startswith(b"{")]


def test_image_is_built_once_and_the_same_each_time(tmp_path, compiled):
    cold = build(tmp_path / "cold.tar", tmp_path / "cache", GOCACHE=compiled)
    assert cold.returncode == 0, cold.stderr
    assert "building the sample service" in cold.stderr
    warm = build(tmp_path / "warm.tar", tmp_path / "cache")
    assert (warm.returncode, warm.stderr) == (0, "")
    assert (tmp_path / "warm.tar").read_bytes() == (tmp_path / "cold.tar").read_bytes()

    found = documents(tmp_path / "warm.tar")
    (index,) = (document for document in found if "manifests" in document)
    assert index["manifests"][0]["annotations"]["io.containerd.image.name"] == "localhost/eventmesh:7"
    (config,) = (document["config"] for document in found if "rootfs" in document)
    assert config["Entrypoint"] == ["/eventmesh"]
    assert config["User"] == "65532"
    assert config["Env"] == ["EVENTMESH_VERSION=7"]
    (binary,) = (tmp_path / "cache").glob("riptide-cluster/eventmesh/*/eventmesh")
    bad = subprocess.run([binary], env={"ERROR_PERCENT": "much"}, capture_output=True, text=True, check=False)
    assert bad.returncode == 2
    assert 'ERROR_PERCENT="much": must be a number from 0 to 100' in bad.stderr


def test_missing_go_is_explained(tmp_path):
    done = build(tmp_path / "image.tar", tmp_path / "cache", GO="/absent/go")
    assert done.returncode == 1
    assert "'/absent/go' does not run; install Go 1.26 or newer" in done.stderr


def test_old_go_is_refused(tmp_path):
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho go1.19.8\n", encoding="utf-8")
    old.chmod(0o755)
    done = build(tmp_path / "image.tar", tmp_path / "cache", GO=str(old))
    assert done.returncode == 1
    assert f"'{old}' is go1.19.8; Go 1.26 or newer is needed" in done.stderr
