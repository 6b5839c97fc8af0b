"""What the tests of the cluster tool share."""

import os
import subprocess
from pathlib import Path

import pytest
from usage import HERE

from lib import layout, toolchain

PROBE_IMAGE = "localhost/cluster-probe:1"


@pytest.fixture(scope="session")
def probe_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("probe")
    subprocess.run([toolchain.find_go(), "build", "-trimpath", "-o", folder / "probe", HERE / "testdata" / "probe.go"],
                   env={**os.environ, "CGO_ENABLED": "0"}, check=True)
    subprocess.run([layout.ROOT / "hack" / "oci.py", "--output", folder / "probe.tar", "--name", PROBE_IMAGE,
                    "--entrypoint", "/probe", f"{folder / 'probe'}=/probe"], check=True)
    return folder / "probe.tar"
