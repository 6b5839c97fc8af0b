"""Real accidents of single containers: their processes are ours to kill and to stop, for the node runs on this machine."""

import os
import signal
from pathlib import Path

from lib.kubectl import Object


def id_of(pod: Object, container: str) -> str:
    """Of the running instance; "" while there is none."""
    for status in pod["status"].get("containerStatuses", []):
        if status["name"] == container and "running" in status["state"]:
            return status["containerID"].removeprefix("containerd://")
    return ""


def signal_container(pod: Object, container: str, number: signal.Signals) -> None:
    identity = id_of(pod, container)
    assert identity, f"container {container} of {pod['metadata']['name']} does not run"
    found = [int(process.name) for process in Path("/proc").iterdir() if process.name.isdigit() and is_in(process, identity)]
    assert found, f"container {identity} has no process"
    for process in found:
        os.kill(process, number)


def is_in(process: Path, container: str) -> bool:
    """By its control groups, which the container runtime names after the container."""
    try:
        return container in (process / "cgroup").read_text()
    except OSError:  # it ended while we looked
        return False
