"""What the chart gives: who may do what, how the pod is confined, and which values it refuses."""
import subprocess

import pytest
import yaml
from conftest import CHART, ROOT, helm, hooks, of_kind, rendered

SCOPED = ("Role", "RoleBinding")


def rights(roles: list[dict]) -> set[tuple[str, str, str]]:
    return {(group, resource, verb) for role in roles for rule in role["rules"]
            for group in rule["apiGroups"] for resource in rule["resources"] for verb in rule["verbs"]}


def ours(documents: list[dict]) -> list[dict]:
    return [role for kind in ("Role", "ClusterRole") for role in of_kind(documents, kind) if role["metadata"]["name"].startswith("rollback-controller")]


def container(documents: list[dict]) -> dict:
    return of_kind(documents, "Deployment")[0]["spec"]["template"]["spec"]["containers"][0]


def test_the_manifests_are_what_the_chart_gives(tmp_path):
    subprocess.run([ROOT / "hack/manifests.sh", tmp_path], check=True)
    for name in ("install.yaml", "namespace-install.yaml"):
        assert (ROOT / "manifests" / name).read_text() == (tmp_path / name).read_text(), "run `make manifests`"


def test_crds_are_the_source_and_stay_after_an_uninstall():
    for crd in of_kind(rendered(), "CustomResourceDefinition"):
        source = yaml.safe_load((ROOT / "crds" / f"rollback.riptide.dev_{crd['spec']['names']['plural']}.yaml").read_text())
        assert crd["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
        assert crd == source
    assert not of_kind(rendered("--set=crds.enabled=false"), "CustomResourceDefinition")


def test_no_right_is_wide():
    for group, resource, verb in rights(ours(rendered())):
        assert "*" not in (group, resource, verb)
        assert resource != "secrets"
        assert verb not in ("escalate", "bind", "impersonate", "deletecollection")


def test_one_namespace_needs_nothing_of_the_cluster():
    documents = rendered("--set=watchNamespace=shop", "--set=crds.enabled=false")
    assert not [d["kind"] for d in documents if d["kind"].startswith(("Cluster", "Validating"))]
    assert {d["metadata"]["namespace"] for d in documents} == {"shop", "rollback-system"}
    assert "--namespace=shop" in container(documents)["args"]
    assert "--kubelet=Disabled" in container(documents)["args"]
    assert not [right for right in rights(ours(documents)) if right[1].startswith("nodes")]


def test_kubelets_are_asked_only_with_the_right():
    assert ("", "nodes/stats", "get") in rights(ours(rendered()))
    off = rendered("--set=kubelet.enabled=false")
    assert "--kubelet=Disabled" in container(off)["args"]
    assert not [right for right in rights(ours(off)) if right[1].startswith("nodes")]


def test_traffic_is_left_alone_only_if_asked_for():
    """The flag is not written else, for an image from before it would not start, and a `helm upgrade` may name one."""
    assert not [each for each in container(rendered())["args"] if each.startswith("--traffic")]
    off = rendered("--set=traffic.enabled=false")
    assert "--traffic=Disabled" in container(off)["args"]
    assert not [right for right in rights(ours(off)) if right[1] in ("services", "httproutes", "horizontalpodautoscalers")]


def test_the_pod_is_confined():
    pod = of_kind(rendered(), "Deployment")[0]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["containers"][0]["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def test_helm_test_may_only_look():
    made = hooks("--set=image.tag=dev")
    assert all(each["metadata"]["annotations"]["helm.sh/hook"] == "test" for each in made)
    assert {verb for _, _, verb in rights(of_kind(made, "Role"))} == {"get", "list"}
    assert all(rule.get("resourceNames") for rule in of_kind(made, "Role")[0]["rules"] if rule["verbs"] == ["get"])
    assert not [each["kind"] for each in hooks("--set=rbac.create=false") if each["kind"] != "Pod"]


def test_the_pod_of_helm_test_is_not_taken_for_the_controller():
    pod, deployment = of_kind(hooks(), "Pod")[0], of_kind(rendered(), "Deployment")[0]
    assert not deployment["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert pod["spec"]["containers"][0]["image"] == container(rendered())["image"]
    assert pod["spec"]["securityContext"] == deployment["spec"]["template"]["spec"]["securityContext"]


def test_metrics_stay_on_loopback_until_they_are_asked_for():
    assert "--metrics-address=127.0.0.1:8080" in container(rendered())["args"]
    assert not of_kind(rendered(), "Service")
    shown = rendered("--set=metrics.expose=true", "--set=metrics.serviceMonitor.enabled=true",
                     "--set=metrics.from[0].namespaceSelector.matchLabels.team=ops")
    assert "--metrics-address=0.0.0.0:8080" in container(shown)["args"]
    assert of_kind(shown, "ServiceMonitor") and of_kind(shown, "Service")
    allowed = of_kind(shown, "NetworkPolicy")[0]["spec"]["ingress"]
    assert {"ports": [{"port": "metrics"}], "from": [{"namespaceSelector": {"matchLabels": {"team": "ops"}}}]} in allowed


def test_a_digest_wins_over_the_tag():
    assert container(rendered("--set=image.tag=dev"))["image"] == "localhost/rollback-controller:dev"
    digest = "sha256:" + "a" * 64
    assert container(rendered("--set=image.tag=dev", f"--set=image.digest={digest}"))["image"] == f"localhost/rollback-controller@{digest}"


def test_a_single_replica_has_no_disruption_budget():
    assert of_kind(rendered(), "PodDisruptionBudget")
    assert not of_kind(rendered("--set=replicas=1"), "PodDisruptionBudget")


def test_the_file_is_what_the_values_say():
    text = of_kind(rendered("--set=config.killSwitch=true", "--set=kubelet.caConfigMap.name=kubelet-ca"), "ConfigMap")[0]["data"]["config.yaml"]
    assert yaml.safe_load(text) == {"killSwitch": True, "caps": {"simultaneousReverts": 10}, "evidence": "Full",
                                    "kubelet": {"caFile": "/etc/rollback-kubelet/ca.crt"}}


def test_the_notes_hold_the_readmes_first_policy():
    notes = (CHART / "templates/NOTES.txt").read_text().split("END")[1]
    plain = notes.replace("{{ with .Values.watchNamespace }}, namespace: {{ . }}{{ end }}", "").strip(" '\n")
    assert plain in (ROOT / "README.md").read_text()


WRONG = {
    "unknown": "imagee.tag=x", "unknown inside": "image.tagg=x", "no repository": "image.repository=", "digest without algorithm": "image.digest=abc",
    "pull policy": "image.pullPolicy=Sometimes", "no replica": "replicas=0", "many replicas": "replicas=50", "replicas as text": "replicas=two",
    "namespace with a slash": "watchNamespace=a/b", "namespace in capitals": "watchNamespace=Shop", "crds as text": "crds.enabled=maybe",
    "unknown of crds": "crds.kep=true", "kill switch as a number": "config.killSwitch=1", "unknown of config": "config.killswitch=true",
    "cap of none": "config.caps.simultaneousReverts=0", "cap as text": "config.caps.simultaneousReverts=many", "evidence": "config.evidence=Some",
    "kubelet as text": "kubelet.enabled=on", "config map in capitals": "kubelet.caConfigMap.name=CA", "key with a slash": "kubelet.caConfigMap.key=a/b",
    "metrics as a number": "metrics.expose=1", "interval without unit": "metrics.serviceMonitor.interval=30", "log level": "log.level=loud",
    "log as a word": "log=debug", "rbac as text": "rbac.create=nope", "no account": "serviceAccount.name=", "account with a dot": "serviceAccount.name=a.b",
    "quantity": "resources.limits.memory=lots", "unknown of resources": "resources.limit.memory=1Gi", "monitor of hidden metrics": "metrics.serviceMonitor.enabled=true",
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value_is_refused_by_its_name(value):
    done = helm(f"--set={value}")
    assert done.returncode != 0
    assert any(f"'{name}'" in done.stderr or f"/{name}'" in done.stderr or f".{name}" in done.stderr for name in value.split("=")[0].split("."))
