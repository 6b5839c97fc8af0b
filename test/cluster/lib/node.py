"""Command lines of a node's programs, and what is put on it before the first pod."""

import hashlib
import sys
import time
from pathlib import Path

from lib import layout
from lib.commands import run
from lib.layout import Cluster
from lib.locks import locked
from lib.processes import Process, enter
from lib.programs import Programs
from lib.say import Failure
from lib.toolchain import cache

Command = list[str]
PAUSE_IMAGE = "localhost/pause:1"
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"


def containerd(cluster: Cluster, programs: Programs) -> Command:
    return [programs.path("containerd"), f"--config={cluster.conf}/containerd.toml"]


def kubelet(cluster: Cluster, programs: Programs) -> Command:
    return [programs.path("kubelet"), f"--config={cluster.conf}/kubelet.yaml",
            f"--kubeconfig={cluster.client_kubeconfig('node')}",
            f"--hostname-override={layout.NODE_NAME}", f"--node-ip={layout.NODE_IP}"]


def kube_proxy(cluster: Cluster, programs: Programs) -> Command:
    return [programs.path("kube-proxy"), f"--config={cluster.conf}/kube-proxy.yaml"]


def coredns(cluster: Cluster, programs: Programs) -> Command:
    return [programs.path("coredns"), f"-conf={cluster.conf}/Corefile"]


def pause_archive() -> Path:
    """The image that holds a pod's namespaces, built on first need."""
    source = layout.HERE / "pause.c"
    recipe = layout.ROOT / "hack" / "oci.py"
    digest = hashlib.sha256(source.read_bytes() + recipe.read_bytes()).hexdigest()[:16]
    folder = cache() / f"pause-{digest}"
    archive = folder / "pause.tar"
    with locked(folder / "lock"):
        if not archive.exists():
            fresh = folder / "fresh.tar"
            run(["gcc", "-static", "-Os", "-s", "-Wall", "-Wextra", "-Werror", "-o", folder / "pause", source],
                "can't build the pause program")
            run([sys.executable, recipe, "--output", fresh, "--name", PAUSE_IMAGE, "--entrypoint", "/pause",
                 f"{folder / 'pause'}=/pause"], "can't make the pause image")
            fresh.rename(archive)
    return archive


def load_images(cluster: Cluster, programs: Programs, mounts: Process, archives: list[Path],
                seconds: float = 20) -> None:
    """Imports archives into the container runtime, which may have been started just now."""
    socket = Path(f"/proc/{mounts.pid}/root{CONTAINERD_SOCKET}")
    deadline = time.monotonic() + seconds
    while not socket.exists():
        if time.monotonic() > deadline:
            raise Failure(f"containerd does not listen; {cluster.logs}/containerd.log tells why")
        time.sleep(0.02)
    for archive in archives:
        if not archive.is_file():
            raise Failure(f"{archive} is not a file: give image archives, as hack/oci.py makes them")
        run([*enter(cluster, mounts), programs.path("ctr"), "--namespace", "k8s.io",
             "images", "import", archive.resolve()], f"can't load {archive}")
