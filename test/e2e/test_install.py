"""Installed as a user would: helm install into a namespace of the Pod Security level restricted, a policy, and then a bad release."""

import json
import re
import time
from pathlib import Path

from lib import chart
from lib.manifests import config, confined, deployment, from_config, released
from lib.scene import Scene


def test_a_bad_release_goes_back_by_itself(installed: Scene) -> None:
    web = installed.given(confined(deployment())).rolled_out()
    web.policy()
    good = web.is_good()
    web.ship(CRASH_AFTER_S=1)
    web.rolls_back(within=120).becomes("Restored")
    web.serves(good)
    assert len(installed.template_writes()) == 1


FIVE_LINES = re.search(r"```yaml\n(.*?)```", (Path(__file__).parents[2] / "README.md").read_text(), re.DOTALL)[1]  # its first policy


def test_three_commands_and_a_rollback_within_two_minutes(unprepared: Scene) -> None:
    scene = unprepared
    web = scene.given(deployment()).rolled_out()
    good = web.template()
    begun = time.monotonic()
    chart.install(scene.namespace)
    scene.kubectl("apply", "--filename=-", stdin=FIVE_LINES)
    scene.eventually("it is guarded", lambda: web.tells("Ready", "Armed"))
    scene.kubectl("set", "env", "deployment/web", "CRASH_AFTER_S=1")
    scene.eventually("`kubectl describe` shows the rollback", lambda: "TemplateRestored" in scene.kubectl("describe", "rollbackpolicy", "web"), 120)
    assert time.monotonic() - begun <= 120
    web.serves(good)


def test_uninstalled_in_mid_run_nothing_hangs(installed: Scene) -> None:
    web = installed.given(confined(released(deployment(), START_DELAY_S=from_config("start")))).rolled_out()
    web.policy()
    web.is_good()
    installed.kubectl.apply(config(start=10))
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    web.rolls_back().reaches("Rollout")
    installed.rights.were_taken = True  # the chart's go with it, while the pods still end
    chart.must("uninstall", chart.RELEASE, f"--namespace={installed.namespace}", "--wait", "--timeout=60s")
    installed.eventually("nothing of the chart is left", lambda: not owned(installed))
    assert not [each for kind in ("rollbackpolicies", "rollbacks", "deployments") for each in installed.kubectl.list(kind)
                if each["metadata"].get("finalizers")]
    installed.kubectl("delete", "rollbackpolicy,rollback", "--all", "--timeout=20s")
    assert installed.kubectl("get", "riptide", "--output=name") == ""
    installed.kubectl("delete", "namespace", installed.namespace, "--timeout=50s")


def owned(scene: Scene) -> str:
    """What of the chart is in its namespace. The Lease is the controller's own."""
    kinds = "deployments,replicasets,pods,configmaps,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets,secrets"
    return scene.kubectl("get", kinds, "--selector=app.kubernetes.io/part-of=riptide-rollback", "--output=name")


def test_helm_test_says_that_it_works_and_leaves_nothing(installed: Scene) -> None:
    before = owned(installed)
    chart.must("test", chart.RELEASE, f"--namespace={installed.namespace}", "--timeout=60s")
    assert owned(installed) == before


def test_helm_test_says_what_is_wrong(installed: Scene) -> None:
    installed.kubectl("scale", "deployment", chart.DEPLOYMENT, "--replicas=0")
    installed.eventually("no controller is left", lambda: installed.kubectl.must_get("deployment", chart.DEPLOYMENT)["status"].get("replicas", 0) == 0)
    done = chart.helm("test", chart.RELEASE, f"--namespace={installed.namespace}", "--timeout=60s")
    assert done.returncode != 0
    assert "no pod of the Deployment" in installed.kubectl("logs", f"{chart.DEPLOYMENT}-test")


def test_one_of_two_may_be_evicted_and_not_the_last_one(installed: Scene) -> None:
    first, second = (pod["metadata"]["name"] for pod in installed.kubectl.list("pods"))
    assert evict(installed, first) == ""
    assert "disruption budget" in evict(installed, second)


def evict(scene: Scene, pod: str) -> str:
    """What the API server has against it."""
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": scene.namespace}}
    return scene.kubectl.run("create", f"--raw=/api/v1/namespaces/{scene.namespace}/pods/{pod}/eviction", "--filename=-",
                             stdin=json.dumps(eviction)).stderr
