"""The controller as a process of its own, limited to one namespace, so that killing it hits no other test."""

import itertools
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from lib.kubectl import environment
from lib.poll import eventually

BINARY = Path(__file__).resolve().parents[3] / "build/dev/controller/rollback-controller"
START_SECONDS = 30
STOP_SECONDS = 20
FIRST_PORT = 20000
PORTS_PER_WORKER = 1000
# All tests share one network namespace; each xdist worker has a range of its own ("gw3").
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_ports = itertools.count(FIRST_PORT + _worker * PORTS_PER_WORKER)


class Controller:
    """Started again after a kill, it goes on in the same log file and on the same ports."""

    def __init__(self, namespace: str, kubeconfig: Path, log: Path, *flags: str) -> None:
        self.log = log
        self.metrics, self.health = (f"127.0.0.1:{next(_ports)}" for _ in range(2))
        self.command = [str(BINARY), f"--kubeconfig={kubeconfig}", f"--namespace={namespace}", f"--lease-namespace={namespace}",
                        f"--metrics-address={self.metrics}", f"--health-address={self.health}", *flags]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Controller":
        self.launch()
        eventually("the controller is ready", lambda: self._answers("/readyz"), START_SECONDS, also=self.must_be_alive)
        return self

    def launch(self) -> None:
        """Without waiting until it is ready, which it may never be."""
        assert not self.is_alive(), "it runs already"
        with self.log.open("ab") as log:
            # In a session of its own, so that Ctrl-C is for whoever started it.
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment(), start_new_session=True)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def must_be_alive(self) -> None:
        if self.process is not None:
            assert self.process.poll() is None, f"the controller ended with {self.process.returncode}; its log is {self.log}"

    def kill(self) -> None:
        self._running().kill()
        self.process.wait()
        self.process = None

    def freeze(self) -> None:
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._running().send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """Asks it to end, and hands back its exit code."""
        process = self._running()
        process.terminate()
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as expired:
            raise AssertionError(f"the controller did not end within {STOP_SECONDS} s of SIGTERM") from expired
        finally:
            process.kill()
            process.wait()
            self.process = None

    def scrape(self) -> str:
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, "it does not run"
        return self.process

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.health}{path}", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False
