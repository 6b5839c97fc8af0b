"""Renders the chart; the API server of RBC_TEST_KUBECONFIG says what it thinks of the result."""
import json
import os
import subprocess
import uuid
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm/riptide-rollback"


def helm(*options: str) -> subprocess.CompletedProcess:
    return subprocess.run(["helm", "template", "riptide", str(CHART), "--namespace=rollback-system", *options], capture_output=True, text=True)


def rendered(*options: str) -> list[dict]:
    """What is installed."""
    return documents("--no-hooks", *options)


def hooks(*options: str) -> list[dict]:
    """What `helm test` makes, and takes away again."""
    return documents("--show-only=templates/tests/check.yaml", *options)


def documents(*options: str) -> list[dict]:
    done = helm(*options)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(documents: list[dict], kind: str) -> list[dict]:
    return [document for document in documents if document["kind"] == kind]


class Kubectl:
    """As an administrator, or as somebody else who is in no group."""

    def __init__(self, user: str = "") -> None:
        self._as = [f"--as={user}"] if user else []

    def __call__(self, *arguments: str, given: object = None) -> subprocess.CompletedProcess:
        config = f"--kubeconfig={os.environ['RBC_TEST_KUBECONFIG']}"
        return subprocess.run(["kubectl", config, *self._as, *arguments], input=json.dumps(given) if given else None, capture_output=True, text=True)

    def must(self, *arguments: str, given: object = None) -> str:
        done = self(*arguments, given=given)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def admin() -> Kubectl:
    kubectl = Kubectl()
    kubectl.must("apply", "--server-side", f"--filename={ROOT / 'crds'}")
    kubectl.must("wait", "--for=condition=Established", "--timeout=30s", f"--filename={ROOT / 'crds'}")
    return kubectl


@pytest.fixture
def namespace(admin: Kubectl):
    name = f"chart-{uuid.uuid4().hex[:8]}"
    admin.must("create", "namespace", name)
    yield name
    admin.must("delete", "namespace", name, "--wait=false")
