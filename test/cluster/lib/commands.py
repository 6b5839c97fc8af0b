"""Commands that finish, with errors a person can use."""

import os
import subprocess
from pathlib import Path

from lib.layout import HERE
from lib.say import Failure


def run(command: list[str | Path], why: str, stdin: str = "", environment: dict[str, str] | None = None) -> None:
    """Runs the command; when it fails, `why` opens the error that ends the tool."""
    try:
        done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, **(environment or {})})
    except FileNotFoundError:
        raise Failure(f"{why}: {command[0]} is not installed; "
                      f"{HERE}/packages.txt lists the Debian packages that are needed") from None
    if done.returncode != 0:
        raise Failure(f"{why}: `{' '.join(map(str, command))}` said: {done.stdout.strip()}")
