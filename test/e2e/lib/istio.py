"""Istio's VirtualService as the API server of the tests knows it: any spec goes. Istio itself is not there.

A kind is the whole cluster's, and tests run side by side: those that need it may be many at a time, the one that needs it to be missing is alone.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.kubectl import Kubectl, Object

NAME = "virtualservices.networking.istio.io"
LOCK = Path(__file__).resolve().parents[3] / ".cluster" / ".istio.lock"


def install(kubectl: Kubectl) -> None:
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {**anything, "properties": {"spec": anything}}}}
    crd: Object = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": NAME},
                   "spec": {"group": "networking.istio.io", "scope": "Namespaced", "versions": [version],
                            "names": {"kind": "VirtualService", "plural": "virtualservices", "singular": "virtualservice"}}}
    kubectl.apply(crd)
    kubectl("wait", f"crd/{NAME}", "--for=condition=Established", "--timeout=30s")


@contextmanager
def installed(kubectl: Kubectl) -> Iterator[None]:
    """It is there, and stays there for whoever comes next."""
    with locked(fcntl.LOCK_SH):
        install(kubectl)
        yield


@contextmanager
def missing(kubectl: Kubectl) -> Iterator[None]:
    """It is not there, and may be installed."""
    with locked(fcntl.LOCK_EX):
        kubectl("delete", "crd", NAME, "--ignore-not-found")
        try:
            yield
        finally:
            kubectl("delete", "crd", NAME, "--ignore-not-found")


@contextmanager
def locked(how: int) -> Iterator[None]:
    with LOCK.open("w") as file:
        fcntl.flock(file, how)
        yield
