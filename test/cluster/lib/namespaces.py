"""The cluster's network namespace and, for a node, its mount namespace."""

import time
from pathlib import Path

from lib import processes
from lib.commands import run
from lib.layout import GATEWAY_IP, HERE, NODE_IP, Cluster
from lib.processes import Process
from lib.say import Failure


def create_network(cluster: Cluster) -> None:
    run(["ip", "netns", "add", cluster.id], "can't make a network namespace (root is needed)")
    # A bridge carries the node's address because kernels without the dummy device exist. The default
    # route leads nowhere; without one the kubelet finds no address of its own.
    for step in ("link set lo up", "link add node0 type bridge", f"addr add {NODE_IP}/24 dev node0",
                 "link set node0 up", f"route add default via {GATEWAY_IP} dev node0"):
        run(["ip", "-n", cluster.id, *step.split()], "can't set up the cluster's network")


def remove_network(cluster: Cluster) -> None:
    if cluster.netns.exists():
        run(["ip", "netns", "delete", cluster.id], "can't remove the network namespace")


def require_bridge_filter() -> None:
    """Without it a pod's connection to a Service whose pod is on the same bridge gets no answer."""
    if not Path("/proc/sys/net/bridge").exists():
        run(["modprobe", "br_netfilter"], "pods could not reach Services")


def create_mounts(cluster: Cluster) -> Process:
    """Starts the process whose mount namespace the node's programs share; the mounts end with it."""
    ready = cluster.dir / "mounts.ready"
    holder = processes.start(cluster, "mounts", [
        "unshare", "--mount", "--propagation", "private", "--", "sh", "-eu",
        str(HERE / "lib" / "mounts.sh"), str(cluster.dir), str(ready)])
    wait_for_file(cluster, holder, ready)
    return holder


def wait_for_file(cluster: Cluster, process: Process, ready: Path, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not ready.exists():
        if not process.alive() or time.monotonic() > deadline:
            raise Failure(f"{process.name} did not start: {processes.last_words(cluster, process.name)}")
        time.sleep(0.01)
