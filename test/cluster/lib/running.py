"""What is recorded of a cluster that is up, or was until something killed it."""

import json
from enum import Enum

from lib.api import Api
from lib.layout import Cluster
from lib.processes import Process


class Mode(Enum):
    LIGHT = "light"
    CONTROLLERS = "light with controllers"
    NODE = "node"
    GATEWAY = "node with gateway"

    @property
    def runs_pods(self) -> bool:
        return self in (Mode.NODE, Mode.GATEWAY)


class Running:
    def __init__(self, mode: Mode, found: list[Process], port: int = 0) -> None:
        self.mode, self.processes, self.port = mode, found, port

    @classmethod
    def load(cls, cluster: Cluster) -> "Running | None":
        try:
            saved = json.loads(cluster.record.read_text())
        except FileNotFoundError:
            return None
        return cls(Mode(saved["mode"]), [Process(**p) for p in saved["processes"]], saved["port"])

    def save(self, cluster: Cluster) -> None:
        fresh = cluster.record.with_suffix(".fresh")
        fresh.write_text(json.dumps({"mode": self.mode.value, "port": self.port,
                                     "processes": [vars(p) for p in self.processes]}, indent=2) + "\n")
        fresh.rename(cluster.record)

    def mounts(self) -> Process | None:
        return next((p for p in self.processes if p.name == "mounts"), None)

    def whole(self, cluster: Cluster) -> bool:
        """Everything that was started runs, and the API server says that it is ready."""
        alive = bool(self.port) and all(p.alive() for p in self.processes)
        return alive and Api(cluster, self.port).get("/readyz")[0] == 200
