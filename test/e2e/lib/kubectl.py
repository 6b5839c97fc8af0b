"""kubectl, the oracle of these tests: what it says is what users see."""

import json
import os
import subprocess
from typing import Any

Object = dict[str, Any]
SECONDS = 60


def environment() -> dict[str, str]:
    """Of every program that talks to the cluster. Without the variable a test fails: it is never skipped."""
    kubeconfig = os.environ.get("RBC_TEST_KUBECONFIG")
    assert kubeconfig, "RBC_TEST_KUBECONFIG is not set: run these tests by test/e2e/run"
    return {**os.environ, "KUBECONFIG": kubeconfig}


class Kubectl:
    """kubectl in one namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["kubectl", f"--namespace={self.namespace}", *arguments], input=stdin, env=environment(),
                              capture_output=True, text=True, timeout=SECONDS, check=False)

    def __call__(self, *arguments: str, stdin: str | None = None) -> str:
        """What a call prints that must succeed."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}{done.stdout}"
        return done.stdout

    def get(self, kind: str, name: str) -> Object | None:
        text = self("get", kind, name, "--ignore-not-found", "--output=json", "--show-managed-fields")
        return json.loads(text) if text else None

    def must_get(self, kind: str, name: str) -> Object:
        found = self.get(kind, name)
        assert found, f"there is no {kind} {name}"
        return found

    def list(self, kind: str) -> list[Object]:
        """All of a kind, the oldest first."""
        items = json.loads(self("get", kind, "--output=json"))["items"]
        return sorted(items, key=lambda item: (item["metadata"]["creationTimestamp"], item["metadata"]["name"]))

    def apply(self, *manifests: Object) -> None:
        self("apply", "--filename=-", stdin=bundle(*manifests))

    def create(self, *manifests: Object) -> None:
        self("create", "--filename=-", stdin=bundle(*manifests))

    def patch(self, kind: str, name: str, change: Object) -> None:
        self("patch", kind, name, "--type=merge", f"--patch={json.dumps(change)}")


def bundle(*manifests: Object) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})


def conditions(of: Object | None) -> dict[str, Object]:
    """By type."""
    return {entry["type"]: entry for entry in (of or {}).get("status", {}).get("conditions", [])}
