"""The API server takes what the chart gives, and holds people to it."""
import copy
import json
import time

import pytest
from conftest import Kubectl, hooks, of_kind, rendered

POLICY = {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "RollbackPolicy", "metadata": {"name": "web"},
          "spec": {"targetRef": {"kind": "Deployment", "name": "web"}}}
ROLLBACK = {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "Rollback", "metadata": {"name": "now"}, "spec": {"policyName": "web"}}


def test_every_object_is_taken(admin):
    admin("create", "namespace", "rollback-system")
    for document in rendered("--set=metrics.expose=true"):
        admin.must("apply", "--server-side", "--dry-run=server", "--filename=-", given=document)


def test_the_pods_pass_pod_security_restricted(admin, namespace):
    admin.must("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    for spec in (of_kind(rendered(), "Deployment")[0]["spec"]["template"]["spec"], of_kind(hooks(), "Pod")[0]["spec"]):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "controller"}, "spec": spec}
        admin.must("create", "serviceaccount", spec["serviceAccountName"], f"--namespace={namespace}")
        admin.must("create", f"--namespace={namespace}", "--dry-run=server", "--filename=-", given=pod)


RULES = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview"}


def allowed(account: str, release: str, where: str) -> set[tuple[str, str, str, str]]:
    """What `kubectl auth can-i --list` shows of a ServiceAccount of the release's namespace."""
    review = {**RULES, "spec": {"namespace": where}}
    told = Kubectl(f"system:serviceaccount:{release}:{account}").must(
        "create", "--raw=/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "--filename=-", given=review)
    status = json.loads(told)["status"]
    assert not status["incomplete"]
    return {(group, resource, verb, name) for rule in status["resourceRules"] for group in rule["apiGroups"]
            for resource in rule["resources"] for verb in rule["verbs"] for name in rule.get("resourceNames", [""])}


@pytest.mark.parametrize("options", [(), ("--set=traffic.enabled=false",), ("--set=kubelet.enabled=false",), "watchNamespace"],
                         ids=["whole cluster", "no traffic", "no kubelets", "one namespace"])
def test_the_account_may_do_what_the_rules_say_and_nothing_else(admin, namespace, options):
    """Beyond what every ServiceAccount may do."""
    where = (f"--namespace={namespace}", *((f"--set=watchNamespace={namespace}",) if options == "watchNamespace" else options))
    documents = [each for each in rendered(*where) if each["kind"].startswith(("Role", "ClusterRole")) and each["metadata"]["name"].startswith("rollback-controller")]
    try:
        for document in documents:
            admin.must("create", "--filename=-", given=document)
        rules = {(group, resource, verb, "") for role in documents for rule in role.get("rules", []) for group in rule["apiGroups"]
                 for resource in rule["resources"] for verb in rule["verbs"]}
        eventually_equal(lambda: allowed("rollback-controller", namespace, namespace) - allowed("nobody", namespace, namespace), rules)
        elsewhere = {right for right in rules if right[0] != "coordination.k8s.io"} if options != "watchNamespace" else set()
        assert allowed("rollback-controller", namespace, "default") - allowed("nobody", namespace, "default") == elsewhere
    finally:
        for document in documents:
            admin.must("delete", document["kind"], document["metadata"]["name"], *([f"--namespace={namespace}"] if "namespace" in document["metadata"] else []))


def eventually_equal(look, wanted) -> None:
    """A new binding takes a moment to be in force."""
    end = time.monotonic() + 20
    while (seen := look()) != wanted:
        assert time.monotonic() < end, seen ^ wanted
        time.sleep(0.2)


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


PAIR = {"serviceName": "web", "selectorKey": "slot", "peerRef": {"name": "green"}}
SPLIT = {"stableServiceName": "stable", "canaryServiceName": "web", "routeRefs": [{"name": "web"}]}


@pytest.mark.parametrize("traffic, words", [({"type": "BlueGreen", "blueGreen": PAIR}, "the Service and the peer"),
                                            ({"type": "Canary", "canary": SPLIT}, "every route")], ids=["blue-green", "canary"])
def test_traffic_needs_the_right_to_move_it(admin, guarded, traffic, words):
    policy = copy.deepcopy(POLICY)
    policy["spec"]["traffic"] = traffic
    outsider = Person(admin, guarded, "outsider", OURS, "patch deployments.apps")
    refused(lambda: outsider("create", "--dry-run=server", "--filename=-", given=policy), f"you may not patch {words}")
    assert outsider.create(POLICY).returncode == 0, "without traffic it needs no more than the Deployment"


def test_both_sides_and_the_service_are_enough_for_a_pair(admin, guarded):
    policy = copy.deepcopy(POLICY)
    policy["spec"]["traffic"] = {"type": "BlueGreen", "blueGreen": PAIR}
    half = Person(admin, guarded, "half", OURS, "patch deployments.apps")
    refused(lambda: half("create", "--dry-run=server", "--filename=-", given=policy), "the Service and the peer")
    assert Person(admin, guarded, "owner", OURS, "patch deployments.apps", "patch services").create(policy).returncode == 0


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
