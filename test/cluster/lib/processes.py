"""Programs of a cluster: started in its namespaces and cgroups, known by pid and start time."""

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lib import cgroups
from lib.layout import Cluster


@dataclass(frozen=True)
class Process:
    name: str
    pid: int
    started: int  # clock ticks since boot: a pid that was given away again is told by it

    def alive(self) -> bool:
        return start_time(self.pid) == self.started

    def kill(self) -> None:
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)


def start_time(pid: int) -> int | None:
    """None when there is no such process, or only its zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return None if fields[0] in "ZX" else int(fields[19])


def enter(cluster: Cluster, mount_holder: Process | None, folder: str = "/") -> list[str]:
    """Command prefix that runs a command in the cluster's namespaces and in `folder`.

    `ip netns exec` would mount /sys anew and so hide the cgroups."""
    prefix = ["nsenter", f"--net={cluster.netns}"]
    if mount_holder:
        prefix.append(f"--mount=/proc/{mount_holder.pid}/ns/mnt")
    return [*prefix, f"--wdns={folder}", "--"]


def log_file(cluster: Cluster, name: str) -> Path:
    return cluster.logs / f"{name}.log"


def start(cluster: Cluster, name: str, command: list[str], environment: dict[str, str] | None = None) -> Process:
    """Starts a detached program whose output goes to its log file."""
    # Appending: Envoy opens its own output once more for the log of requests.
    with open(log_file(cluster, name), "a") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cluster.dir,
                                 start_new_session=True, preexec_fn=lambda: cgroups.join(cluster),
                                 env={**os.environ, **(environment or {})})
    started = start_time(child.pid)
    return Process(name, child.pid, started if started is not None else -1)


def last_words(cluster: Cluster, name: str, lines: int = 15) -> str:
    return "\n".join(log_file(cluster, name).read_text(errors="replace").splitlines()[-lines:])
