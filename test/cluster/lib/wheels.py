"""Programs that come in Python packages, installed into virtual environments of the cache."""

import subprocess
import sys
from pathlib import Path

from lib.say import Failure


def install(venv: Path, *wanted: str | Path) -> None:
    """Makes `venv` anew with what pip is asked for in `wanted`."""
    for command in ([sys.executable, "-m", "venv", "--clear", venv],
                    [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]):
        if subprocess.run(command, stdout=sys.stderr).returncode != 0:
            raise Failure(f"could not install {' '.join(map(str, wanted))} into {venv}: the lines above say why; "
                          "python3-venv and the Python package registry are needed")
