"""The program that says what kstatus and Argo CD make of an object, built on first need from pinned Go modules."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/cluster"))
from lib.programs import ENVIRONMENT  # noqa: E402
from lib.toolchain import find_go  # noqa: E402

Object = dict[str, Any]
Look = Callable[[list[Object]], list[dict[str, str]]]


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> Look:
    """Of each object: `kstatus`, `health` by our Lua, and the latter's `message`."""
    program = tmp_path_factory.mktemp("health") / "health"
    subprocess.run([find_go(), "build", "-o", program, "."], cwd=Path(__file__).parent, env={**os.environ, **ENVIRONMENT}, check=True)

    def ask(objects: list[Object]) -> list[dict[str, str]]:
        done = subprocess.run([program, ROOT / "manifests/argocd"], input="\n".join(map(json.dumps, objects)), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        verdicts = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(verdicts) == len(objects)
        return verdicts
    return ask
