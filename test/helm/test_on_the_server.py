"""The API server takes what the chart gives, and holds people to it."""
import copy
import time

import pytest
from conftest import Kubectl, of_kind, rendered

POLICY = {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "RollbackPolicy", "metadata": {"name": "web"},
          "spec": {"targetRef": {"kind": "Deployment", "name": "web"}}}
ROLLBACK = {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "Rollback", "metadata": {"name": "now"}, "spec": {"policyName": "web"}}


def test_every_object_is_taken(admin):
    admin("create", "namespace", "rollback-system")
    for document in rendered("--set=metrics.expose=true"):
        admin.must("apply", "--server-side", "--dry-run=server", "--filename=-", given=document)


def test_the_pod_passes_pod_security_restricted(admin, namespace):
    admin.must("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    deployment = of_kind(rendered(), "Deployment")[0]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "controller"}, "spec": deployment["spec"]["template"]["spec"]}
    admin.must("create", "serviceaccount", pod["spec"]["serviceAccountName"], f"--namespace={namespace}")
    admin.must("create", f"--namespace={namespace}", "--dry-run=server", "--filename=-", given=pod)


@pytest.fixture
def guarded(admin, namespace):
    """The two admission policies, for one namespace only, so that no other test of the server is held to them."""
    documents = copy.deepcopy([d for d in rendered() if d["kind"].startswith("ValidatingAdmissionPolicy")])
    for document in documents:
        document["metadata"]["name"] += f"-{namespace}"
        if document["kind"].endswith("Binding"):
            document["spec"]["policyName"] += f"-{namespace}"
            document["spec"]["matchResources"] = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
        admin.must("create", "--filename=-", given=document)
    yield namespace
    for document in documents:
        admin.must("delete", document["kind"].lower(), document["metadata"]["name"])


class Person:
    def __init__(self, admin: Kubectl, namespace: str, name: str, *rights: str) -> None:
        self._namespace = namespace
        self.kubectl = Kubectl(name)
        for number, right in enumerate(rights):
            verbs, resources = right.split(" ")
            admin.must("create", "role", f"{name}-{number}", f"--verb={verbs}", f"--resource={resources}", f"--namespace={namespace}")
            admin.must("create", "rolebinding", f"{name}-{number}", f"--role={name}-{number}", f"--user={name}", f"--namespace={namespace}")

    def __call__(self, *arguments: str, given: object = None):
        return self.kubectl(*arguments, f"--namespace={self._namespace}", given=given)

    def create(self, thing: dict):
        return self("create", "--filename=-", given=thing)

    def decide(self, state: str):
        decisions = f'{{"spec":{{"decisions":[{{"step":"Revert","state":"{state}"}}]}}}}'
        return self("patch", "rollback", "now", "--type=merge", f"--patch={decisions}")


OURS = "create,get,patch rollbackpolicies.rollback.riptide.dev,rollbacks.rollback.riptide.dev"


def refused(attempt, words: str) -> None:
    """A new admission policy takes a moment to be in force."""
    end = time.monotonic() + 20
    while words not in (said := attempt().stderr):
        assert time.monotonic() < end, said
        time.sleep(0.2)


def test_a_policy_needs_the_right_to_patch_its_deployment(admin, guarded):
    outsider = Person(admin, guarded, "outsider", OURS)
    owner = Person(admin, guarded, "owner", OURS, "patch deployments.apps")
    refused(lambda: outsider("create", "--dry-run=server", "--filename=-", given=POLICY), "you may not patch the Deployment web")
    assert owner.create(POLICY).returncode == 0
    change = outsider("patch", "rollbackpolicy", "web", "--type=merge", '--patch={"spec":{"mode":"Paused"}}')
    assert "you may not patch the Deployment web" in change.stderr
    assert outsider("label", "rollbackpolicy", "web", "team=a").returncode == 0


def test_a_rollback_needs_the_right_to_patch_its_policy(admin, guarded):
    maker = Person(admin, guarded, "maker", "create,get rollbacks.rollback.riptide.dev")
    refused(lambda: maker("create", "--dry-run=server", "--filename=-", given=ROLLBACK), "you may not patch the RollbackPolicy web")
    assert Person(admin, guarded, "owner", OURS).create(ROLLBACK).returncode == 0


def test_only_approvers_decide(admin, guarded):
    owner = Person(admin, guarded, "owner", OURS)
    approver = Person(admin, guarded, "approver", OURS, "approve rollbacks.rollback.riptide.dev")
    assert owner.create(ROLLBACK).returncode == 0
    refused(lambda: owner("patch", "rollback", "now", "--type=merge", "--dry-run=server",
                                '--patch={"spec":{"decisions":[{"step":"Revert","state":"Aborted"}]}}'), "needs the verb approve")
    assert approver.decide("Aborted").returncode == 0
