"""Commands inside a running cluster."""

import os
from pathlib import Path

from lib import cgroups, node, processes, programs
from lib.layout import Cluster
from lib.programs import Programs
from lib.running import Running
from lib.say import Failure


def search_path(built: Programs) -> str:
    return os.pathsep.join([built.search_path(), os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def client_environment(cluster: Cluster, file: Path) -> dict[str, str]:
    """For kubectl and its like. Clusters share an address, so they must not share a discovery cache."""
    return {"KUBECONFIG": str(file), "KUBECACHEDIR": str(cluster.dir / "kube-cache")}


def running_cluster(cluster: Cluster) -> Running:
    running = Running.load(cluster)
    mounts = running.mounts() if running else None
    if not running or not cluster.netns.exists() or (mounts and not mounts.alive()):
        raise Failure(f"cluster {cluster.name} is not up: run `test/cluster/cluster up --name {cluster.name}`")
    return running


def execute(cluster: Cluster, command: list[str]) -> None:
    """Becomes the command, inside the cluster, in the caller's folder."""
    running = running_cluster(cluster)
    environment = {**os.environ, **client_environment(cluster, cluster.kubeconfig),
                   "RBC_TEST_KUBECONFIG": str(cluster.kubeconfig), "PATH": search_path(programs.built())}
    prefix = processes.enter(cluster, running.mounts(), os.getcwd())
    cgroups.join(cluster)
    os.execvpe(prefix[0], [*prefix, *command], environment)


def load(cluster: Cluster, archives: list[Path]) -> None:
    mounts = running_cluster(cluster).mounts()
    if not mounts:
        raise Failure(f"cluster {cluster.name} is a light one and runs no pods: take it `down`, then `up` without --light")
    node.load_images(cluster, programs.built(), mounts, archives)
