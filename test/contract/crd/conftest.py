"""What the CRD tests share: kubectl against the cluster of RBC_TEST_KUBECONFIG, and the CRDs installed there."""

import os
import pathlib
import subprocess
import time
import uuid

import pytest

CRDS = pathlib.Path(__file__).resolve().parents[3] / "crds"


class Kubectl:
    """kubectl with one kubeconfig and one namespace; `run` hands back the finished process, `ok` demands success."""

    def __init__(self, kubeconfig, cache, namespace):
        self.base = ["kubectl", f"--kubeconfig={kubeconfig}", f"--cache-dir={cache}", f"--namespace={namespace}"]
        self.namespace = namespace

    def run(self, *args, stdin=None):
        return subprocess.run([*self.base, *args], input=stdin, capture_output=True, text=True, timeout=60, check=False)

    def ok(self, *args, stdin=None):
        done = self.run(*args, stdin=stdin)
        assert done.returncode == 0, f"kubectl {' '.join(args)}: {done.stderr}"
        return done.stdout

    def poll(self, *args, deadline=30.0):
        """Run until it succeeds: for what the API server publishes a moment after the CRD was stored."""
        end = time.monotonic() + deadline
        while (done := self.run(*args)).returncode != 0:
            assert time.monotonic() < end, f"kubectl {' '.join(args)}, for {deadline} s: {done.stderr}"
            time.sleep(0.2)
        return done.stdout


@pytest.fixture(scope="session")
def kubectl(tmp_path_factory):
    kubeconfig = os.environ.get("RBC_TEST_KUBECONFIG")
    if not kubeconfig:
        pytest.fail("RBC_TEST_KUBECONFIG is not set: run this by test/cluster/cluster exec -- pytest test/contract/crd")
    tool = Kubectl(kubeconfig, tmp_path_factory.mktemp("kubectl"), f"crd-{uuid.uuid4().hex[:8]}")
    tool.ok("apply", f"--filename={CRDS}")
    tool.ok("wait", f"--filename={CRDS}", "--for=condition=Established", "--timeout=30s")
    tool.poll("get", "riptide")  # the category is published last
    tool.ok("create", "namespace", tool.namespace)
    yield tool
    tool.ok("delete", "rollbackpolicies,rollbacks", "--all")
    tool.ok("delete", "namespace", tool.namespace, "--wait=false")  # a light cluster has nobody to finish it
