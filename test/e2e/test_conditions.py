"""What is missing is told by a condition at once, and once it is there the condition heals by itself."""

import json

from lib.kubectl import conditions
from lib.manifests import deployment, failures, memory, policy
from lib.scene import Scene

def test_a_missing_target(scene: Scene) -> None:
    scene.start_controller()
    scene.kubectl.apply(policy("web"))
    scene.eventually("the target is missed", lambda: ready(scene) == ("False", "TargetNotFound"))

    web = scene.given(deployment(replicas=1))

    web.tells("TargetResolved", "TargetFound", "True")
    web.tells("Ready", "Armed", "True")

    scene.kubectl("delete", "deployment", "web")
    web.tells("TargetResolved", "TargetNotFound", "False")


def ready(scene: Scene) -> tuple[str, str]:
    found = conditions(scene.kubectl.get("rollbackpolicy", "web")).get("Ready", {})
    return found.get("status", ""), found.get("reason", "")


def test_a_missing_right_to_write_the_template(scene: Scene) -> None:
    web = scene.given(deployment()).rolled_out()
    scene.start_controller()
    web.policy(failures())
    good = web.is_good()
    scene.rights.take("patch", "deployments")
    web.ship(CRASH_AFTER_S=1)
    run = web.rolls_back()
    run.says("Reverted", "WriteFailed")

    scene.rights.give_back("patch", "deployments")

    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(scene.template_writes()) == 1


def test_a_right_that_a_rollback_would_miss_is_told_before_it_is_needed(scene: Scene) -> None:
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.rights.take("patch", "deployments")
    scene.start_controller()
    web.policy(failures())
    told = web.tells("Ready", "Forbidden", "False")
    assert "patch deployments.apps" in told["message"]
    web.tells("Stalled", "Forbidden", "True")

    scene.rights.give_back("patch", "deployments")

    web.tells("Ready", "Armed", "True", within=90)  # it is looked at each minute
    web.tells("Stalled", "NotStalled", "False")


def test_a_missing_right_to_ask_the_kubelets(scene: Scene) -> None:
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.rights.take_kubelet()
    scene.start_controller()
    web.policy(memory("500M"))
    web.tells("SourcesAvailable", "SourceForbidden", "False")

    scene.rights.grant_kubelet()

    web.tells("SourcesAvailable", "SourcesReadable", "True")
    web.is_good()


def test_a_memory_source_that_cannot_be_trusted(scene: Scene) -> None:
    """The kubelets' certificates are checked against an authority that did not sign them, until the right one is put in its place."""
    web = scene.given(deployment(replicas=1)).rolled_out()
    authority = scene.folder / "kubelet-ca.crt"
    authority.write_bytes((scene.cluster / "pki" / "front-proxy-ca.crt").read_bytes())
    config = scene.folder / "config.yaml"
    config.write_text(json.dumps({"kubelet": {"caFile": str(authority)}}))
    scene.start_controller(f"--config={config}")
    web.policy(memory("500M"))
    web.tells("SourcesAvailable", "SourceUnavailable", "False")

    authority.write_bytes((scene.cluster / "pki" / "ca.crt").read_bytes())

    web.tells("SourcesAvailable", "SourcesReadable", "True")
    web.is_good()


def test_the_kubelets_are_not_to_be_asked(scene: Scene) -> None:
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.start_controller("--kubelet=Disabled")
    web.policy(memory("500M"))

    web.tells("SourcesAvailable", "SourceForbidden", "False")
    assert web.guard()["status"]["triggers"][0]["verdict"] == "Unknown"
