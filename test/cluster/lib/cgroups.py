"""The cluster's cgroup subtree: /<id>/system holds its programs, /<id>/kubepods the kubelet's containers.

Two layouts are known. On cgroup v2 there is one tree. On v1, alone or beside v2 ("hybrid"), every
controller has its tree; programs join only those that merely count or list (pids and, on a hybrid, the
v2 tree without controllers), containers are put into all of them by runc.
"""

import os
import signal
import time
from pathlib import Path

from lib.layout import Cluster
from lib.say import Failure

V2_CONTROLLERS = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")


def _mounted(kind: str) -> list[Path]:
    rows = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return [Path(row[1]) for row in rows if row[2] == kind]


def hierarchies() -> list[Path]:
    return _mounted("cgroup") + _mounted("cgroup2")


def is_v2() -> bool:
    return not _mounted("cgroup") and bool(_mounted("cgroup2"))


def _tracking() -> list[Path]:
    return _mounted("cgroup2") + [tree for tree in _mounted("cgroup") if tree.name == "pids"]


def _enable_controllers(group: Path) -> None:
    offered = (group / "cgroup.controllers").read_text().split()
    for controller in V2_CONTROLLERS:
        if controller in offered:
            (group / "cgroup.subtree_control").write_text(f"+{controller}")


def create(cluster: Cluster) -> None:
    for tree in hierarchies():
        group = tree / cluster.id
        group.mkdir(exist_ok=True)
        if is_v2():
            _enable_controllers(tree)
            _enable_controllers(group)
        for setting in ("cpuset.cpus", "cpuset.mems"):
            # A v1 cpuset without these takes no process, and its children inherit the lack.
            if (tree / setting).exists():
                (group / setting).write_text((tree / setting).read_text())
    for tree in _tracking():
        (tree / cluster.id / "system").mkdir(exist_ok=True)


def join(cluster: Cluster) -> None:
    """Moves the calling process among the cluster's programs, so that `down` ends it."""
    for tree in _tracking():
        (tree / cluster.id / "system" / "cgroup.procs").write_text(str(os.getpid()))


def groups(cluster: Cluster) -> list[Path]:
    """Every cgroup of the cluster, children before parents."""
    found = []
    for tree in hierarchies():
        for folder, _, _ in os.walk(tree / cluster.id, topdown=False):
            found.append(Path(folder))
    return found


def members(cluster: Cluster) -> set[int]:
    pids: set[int] = set()
    for group in groups(cluster):
        try:
            pids.update(map(int, (group / "cgroup.procs").read_text().split()))
        except OSError:
            continue  # removed since it was listed
    return pids


def clear(cluster: Cluster, seconds: float = 20) -> None:
    """Kills everything in the cluster's cgroups and removes them."""
    deadline = time.monotonic() + seconds
    while left := groups(cluster):
        for pid in members(cluster):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for group in left:
            try:
                group.rmdir()
            except OSError:
                pass  # not empty yet: a killed process leaves its cgroup only when it is gone
        if time.monotonic() > deadline:
            raise Failure(f"cgroups {', '.join(map(str, groups(cluster)))} can't be removed, processes "
                          f"{sorted(members(cluster))} do not end: look at them with ps, then try again")
        time.sleep(0.02)
