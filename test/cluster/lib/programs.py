"""The cluster's programs, built from pinned Go modules on first need and kept in a cache outside the clone."""

import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lib.layout import HERE
from lib.locks import locked
from lib.say import Failure, say
from lib.toolchain import cache, find_go, version

KUBERNETES_VERSION = "v1.37.2"


def _version_flags() -> list[str]:
    """Without them the API server calls itself v0.0.0 and clients that parse its version fail."""
    variables = {"gitVersion": KUBERNETES_VERSION}
    variables["gitMajor"], variables["gitMinor"], _ = KUBERNETES_VERSION[1:].split(".")
    return [f"-X k8s.io/component-base/version.{name}={value}" for name, value in variables.items()]


LINK_FLAGS = " ".join(["-s", "-w", *_version_flags()])
BUILD_FLAGS = ["-trimpath", "-ldflags", LINK_FLAGS]
ENVIRONMENT = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}

_KUBERNETES = "k8s.io/kubernetes/cmd"
_CONTAINERD = "github.com/containerd/containerd/v2/cmd"
# module folder -> program -> package
PACKAGES = {
    "etcd": {"etcd": "go.etcd.io/etcd/server/v3"},
    "kubernetes": {name: f"{_KUBERNETES}/{name}" for name in (
        "kube-apiserver", "kube-controller-manager", "kubectl", "kube-scheduler", "kubelet", "kube-proxy")},
    "containerd": {name: f"{_CONTAINERD}/{name}" for name in ("containerd", "containerd-shim-runc-v2", "ctr")},
    "coredns": {"coredns": "github.com/coredns/coredns"},
    "helm": {"helm": "helm.sh/helm/v4/cmd/helm"},
}
LIGHT = {"etcd": ["etcd"], "kubernetes": ["kube-apiserver", "kube-controller-manager", "kubectl"]}
NODE = {module: list(PACKAGES[module]) for module in ("etcd", "kubernetes", "containerd", "coredns")}
HELM = {"helm": ["helm"]}


@dataclass(frozen=True)
class Programs:
    """Folders of built programs, one per module."""

    folders: dict[str, Path]

    def path(self, program: str) -> str:
        for module, packages in PACKAGES.items():
            if program in packages and (self.folders[module] / program).exists():
                return str(self.folders[module] / program)
        raise Failure(f"{program} is not built: run `test/cluster/cluster build`")

    def search_path(self, modules: Iterable[str] = PACKAGES) -> str:
        return os.pathsep.join(str(self.folders[module]) for module in modules)


def built() -> Programs:
    """Where the programs are, or would be."""
    go_version = version(find_go()) or ""
    return Programs({module: cache() / _digest(module, go_version) / "bin" for module in PACKAGES})


def build(wanted: dict[str, list[str]]) -> Programs:
    """Builds what is missing of `wanted` (module -> programs)."""
    go = find_go()
    programs = built()
    for module, names in wanted.items():
        folder = programs.folders[module]
        if all((folder / name).exists() for name in names):
            continue
        with locked(folder.parent / "lock"):
            missing = [name for name in names if not (folder / name).exists()]
            if missing:
                _build(go, module, missing, folder)
    return programs


def _digest(module: str, go_version: str) -> str:
    digest = hashlib.sha256()
    for file in ("go.mod", "go.sum"):
        digest.update((HERE / "modules" / module / file).read_bytes())
    digest.update(repr([BUILD_FLAGS, sorted(ENVIRONMENT.items()), go_version]).encode())
    return f"{module}-{digest.hexdigest()[:16]}"


def _build(go: str, module: str, names: list[str], folder: Path) -> None:
    """One invocation for all programs of a module: they share most of their packages."""
    packages = [PACKAGES[module][name] for name in names]
    source = HERE / "modules" / module
    environment = {**os.environ, **ENVIRONMENT}
    started = time.monotonic()
    say(f"building {', '.join(names)} (once; minutes on two cores)")
    total = _count_packages(go, source, environment, packages)
    fresh = folder.parent / "fresh"
    fresh.mkdir(exist_ok=True)
    target = str(fresh / names[0]) if len(names) == 1 else f"{fresh}/"
    _watched([go, "build", "-v", *BUILD_FLAGS, "-o", target, *packages], source, environment, module, total)
    folder.mkdir(exist_ok=True)
    for name in names:
        os.rename(fresh / name, folder / name)
    say(f"built {', '.join(names)} in {time.monotonic() - started:.0f} s")


def _count_packages(go: str, source: Path, environment: dict[str, str], packages: list[str]) -> int:
    """How many packages a cold build compiles; downloads the modules on the way."""
    listing = subprocess.run([go, "list", "-deps", *packages], cwd=source, env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if listing.returncode != 0:
        raise Failure(f"the modules of {source} could not be resolved:\n{listing.stderr[-2000:]}")
    return len(listing.stdout.splitlines())


def _watched(command: list[str], source: Path, environment: dict[str, str], module: str, total: int) -> None:
    """Runs the build, says every 15 s how far it is, and fails with its last words."""
    process = subprocess.Popen(command, cwd=source, env=environment, stderr=subprocess.PIPE, text=True)
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stderr), daemon=True)
    started = time.monotonic()
    reader.start()
    while True:
        try:
            process.wait(timeout=15)
            break
        except subprocess.TimeoutExpired:
            say(f"  {module}: {len(lines)} of at most {total} packages, {time.monotonic() - started:.0f} s")
    reader.join()
    if process.returncode != 0:
        raise Failure(f"building {module} failed:\n{''.join(lines[-30:])}")
