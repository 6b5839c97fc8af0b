"""The programs of test/bench/tools."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BINARY = ROOT / "build/bench/tools"
SECONDS = 1800


def build() -> None:
    go = subprocess.run([ROOT / "test/cluster/cluster", "go"], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run([go, "build", "-o", BINARY, "."], cwd=ROOT / "test/bench/tools", check=True)


def call(verb: str, stdin: str | None = None, **options: object) -> str:
    """What a call prints that must succeed."""
    done = subprocess.run([BINARY, verb, *flags(options)], input=stdin, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, f"tools {verb}: {done.stderr}"
    return done.stdout


def flags(options: dict[str, object]) -> list[str]:
    return [f"--{name.replace('_', '-')}={value if isinstance(value, (str, int, Path)) else json.dumps(value)}" for name, value in options.items()]


class Server:
    """One that runs until it is left."""

    def __init__(self, verb: str, **options: object) -> None:
        self.process = subprocess.Popen([BINARY, verb, *flags(options)], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line == "ready\n", f"tools {verb} ended with {self.process.wait()}"

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
