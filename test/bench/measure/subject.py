"""One program under measurement: what it takes of memory and CPU, from /proc."""

import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from lib.poll import eventually

TICKS = os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 30


class Subject:
    """Started at once. `ready` is the address that answers 200 when all it watches is known; "" when it has none."""

    def __init__(self, command: list[str], log: Path, ready: str = "", environment: dict[str, str] | None = None) -> None:
        self.log, self.ready, self.begun = log, ready, time.monotonic()
        with log.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        self.proc = Path("/proc") / str(self.process.pid)

    def __enter__(self) -> "Subject":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def await_ready(self, within: float = 300) -> float:
        """Seconds since its start."""
        deadline = time.monotonic() + within
        while not self._answers():
            self.must_be_alive()
            assert time.monotonic() < deadline, f"not ready within {within:.0f} s; its log is {self.log}"
            time.sleep(0.02)
        return time.monotonic() - self.begun

    def must_be_alive(self) -> None:
        assert self.process.poll() is None, f"it ended with {self.process.returncode}; its log is {self.log}"

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        fields = (self.proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss(self) -> float:
        return self._status("VmRSS") / 1024

    def peak(self) -> float:
        return self._status("VmHWM") / 1024

    def threads(self) -> int:
        return self._status("Threads")

    def forget_peak(self) -> None:
        (self.proc / "clear_refs").write_text("5")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _status(self, name: str) -> int:
        return int(re.search(rf"^{name}:\s+(\d+)", (self.proc / "status").read_text(), re.MULTILINE)[1])

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.ready, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


def rests(subject: Subject, during: float = 3, within: float = 900, below: float = 0.1) -> None:
    """Returns when it has used less than `below` of a core for so many seconds."""

    def look() -> bool:
        before = subject.cpu()
        time.sleep(during)
        return subject.cpu() - before < below * during

    eventually(f"{subject.process.args[0]} rests", look, within, also=subject.must_be_alive)
