"""Up, down and status of a cluster."""

import shutil
import time
from pathlib import Path

from lib import cgroups, namespaces, node, programs
from lib.layout import Cluster
from lib.running import Mode, Running
from lib.say import Failure, say
from lib.start import Start

NEEDED = {Mode.LIGHT: programs.LIGHT, Mode.CONTROLLERS: programs.LIGHT,
          Mode.NODE: programs.NODE, Mode.GATEWAY: programs.GATEWAY}


def clear(cluster: Cluster) -> None:
    """Ends and removes all of a cluster that the kernel knows; its files stay."""
    running = Running.load(cluster)
    for process in running.processes if running else []:
        process.kill()
    cgroups.clear(cluster)
    namespaces.remove_network(cluster)
    cluster.record.unlink(missing_ok=True)


def up(cluster: Cluster, mode: Mode) -> None:
    running = Running.load(cluster)
    if running and running.whole(cluster):
        if running.mode is not mode:
            raise Failure(f"cluster {cluster.name} is up already, as {running.mode.value!r}: "
                          "take it `down` first, or choose another --name")
        say(f"{cluster.name} is up already")
        return
    built = programs.build(NEEDED[mode])
    archive = node.pause_archive() if mode.runs_pods else None
    clear(cluster)
    _remove(cluster.dir)
    started = time.monotonic()
    try:
        Start(cluster, mode, built, archive).to_ready()
    except BaseException:
        clear(cluster)
        raise
    say(f"{cluster.name} is up after {time.monotonic() - started:.1f} s; "
        f"logs and audit.log are in {cluster.dir}")


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def down(cluster: Cluster) -> None:
    """Logs stay for whoever wants to know what happened; the next `up` removes them."""
    clear(cluster)
    if cluster.dir.exists():
        for thing in cluster.dir.iterdir():
            if thing not in (cluster.logs, cluster.audit_log, cluster.dir / "node"):
                _remove(thing) if thing.is_dir() else thing.unlink()
        for state in ("kubelet", "containerd", "cni", "sysctl"):
            _remove(cluster.dir / "node" / state)
    say(f"{cluster.name} is down")


def status(cluster: Cluster) -> bool:
    """Prints what runs; true when all of it does."""
    running = Running.load(cluster)
    if not running:
        print(f"{cluster.name}: down")
        return False
    whole = running.whole(cluster)
    print(f"{cluster.name}: {'up' if whole else 'broken'}, {running.mode.value}, "
          f"API server for the machine at https://127.0.0.1:{running.port}")
    for process in running.processes:
        print(f"  {process.name:24} {process.pid:8} {'running' if process.alive() else 'gone'}")
    return whole
