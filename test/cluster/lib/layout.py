"""Where a cluster keeps its things, and the names and addresses that are fixed."""

import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lib.locks import locked
from lib.say import Failure

HERE = Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]

NODE_NAME = "node-1"
# Every cluster has a network namespace of its own, so all of them use the same addresses and ports.
NODE_IP = "10.200.0.1"
GATEWAY_IP = "10.200.0.254"
POD_CIDR = "10.244.0.0/16"
SERVICE_CIDR = "10.96.0.0/16"
KUBERNETES_IP = "10.96.0.1"
DNS_IP = "10.96.0.10"
DNS_DOMAIN = "cluster.local"
API_PORT = 6443

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")


@dataclass(frozen=True)
class Cluster:
    name: str
    root: Path = ROOT

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise Failure(f"cluster name {self.name!r} is not usable: at most 32 of a-z, 0-9 and -, "
                          "neither first nor last a -")

    @property
    def id(self) -> str:
        """Name of the network namespace and of the cgroups; differs between two clones on one machine."""
        return f"rbc-{self.name}-{hashlib.sha256(bytes(self.root)).hexdigest()[:6]}"

    @property
    def dir(self) -> Path:
        return self.root / ".cluster" / self.name

    @property
    def pki(self) -> Path:
        return self.dir / "pki"

    @property
    def conf(self) -> Path:
        return self.dir / "conf"

    @property
    def logs(self) -> Path:
        return self.dir / "logs"

    @property
    def audit_log(self) -> Path:
        return self.dir / "audit.log"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's, for programs inside the cluster's network namespace."""
        return self.dir / "kubeconfig"

    @property
    def host_kubeconfig(self) -> Path:
        """The administrator's, through the loopback port of the machine."""
        return self.dir / "kubeconfig-host"

    def client_kubeconfig(self, certificate: str) -> Path:
        """Of one of the cluster's own programs."""
        return self.dir / f"{certificate}.kubeconfig"

    @property
    def record(self) -> Path:
        return self.dir / "cluster.json"

    @property
    def netns(self) -> Path:
        return Path("/run/netns") / self.id

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Only one `up`, `down` or `load-image` of a cluster at a time."""
        home = self.dir.parent
        home.mkdir(exist_ok=True)
        (home / ".gitignore").write_text("*\n")
        with locked(home / f".{self.name}.lock"):
            yield
