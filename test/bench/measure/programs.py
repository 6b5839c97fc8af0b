"""The peers' programs, which `cluster build --peers` has built."""

import os
import shutil
from pathlib import Path

VARIABLE = "RBC_BENCH_PEERS"


def path_of(program: str) -> str:
    found = shutil.which(program, path=os.environ.get(VARIABLE, ""))
    assert found, f"{program} is not in {VARIABLE}: run test/bench/bench, which builds it"
    return found


def manifests(module: str) -> Path:
    """The CRDs of the module's own version."""
    return next(Path(folder).parent / "manifests" for folder in os.environ[VARIABLE].split(os.pathsep) if f"/{module}-" in folder)
