"""The cluster tool as its users call it, and what they see of it; shared by its tests."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from lib.layout import Cluster  # noqa: E402
from lib.processes import start_time  # noqa: E402
from lib.running import Running  # noqa: E402

TOOL = HERE / "cluster"
# Runs inside a cluster: python3 -c FETCH URL CA_FILE [TOKEN] prints the status and the body.
FETCH = """
import ssl, sys, urllib.error, urllib.request
url, authority, *token = sys.argv[1:]
headers = {"Authorization": "Bearer " + token[0]} if token else {}
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10,
                                    context=ssl.create_default_context(cafile=authority))
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())
"""


def tool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True)


def good(*arguments: str | Path) -> str:
    done = tool(*arguments)
    assert done.returncode == 0, f"cluster {arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def inside(cluster: Cluster, *command: str) -> str:
    return good("exec", "--name", cluster.name, "--", *command)


def fetch(cluster: Cluster, url: str, *token: str) -> tuple[int, str]:
    status, _, body = inside(cluster, sys.executable, "-c", FETCH, url, str(cluster.pki / "ca.crt"),
                             *token).partition(" ")
    return int(status), body.rstrip("\n")


def eventually(what: str, holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def processes_of(cluster: Cluster) -> list[str]:
    """Every process in the cluster's cgroups or with its folder on the command line.

    Zombies aside: they have ended and wait for the machine's init to notice."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or start_time(int(process.name)) is None:
            continue
        try:
            command = (process / "cmdline").read_text().replace("\0", " ")
            groups = (process / "cgroup").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        if f"/{cluster.id}" in groups or f"{cluster.dir}/" in command:
            found.append(f"{process.name}: {command}")
    return found


def interfaces() -> set[str]:
    return {entry["ifname"] for entry in json.loads(subprocess.check_output(["ip", "-json", "link"]))}


def traces(cluster: Cluster) -> list[str]:
    """What the machine still has of a cluster, files aside."""
    mounts = [line for line in Path("/proc/mounts").read_text().splitlines()
              if cluster.id in line or f"{cluster.dir}/" in line]
    namespaces = [line for line in subprocess.check_output(["ip", "netns"], text=True).splitlines()
                  if cluster.id in line]
    groups = list(map(str, Path("/sys/fs/cgroup").glob(f"**/{cluster.id}")))
    return processes_of(cluster) + mounts + namespaces + groups


def kill_all(cluster: Cluster) -> None:
    for process in Running.load(cluster).processes:
        os.kill(process.pid, signal.SIGKILL)
