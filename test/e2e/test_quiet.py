"""What is no fault of a release fires nothing. The limits here are so tight that the least slip would show."""

import json

import pytest

from lib.kubectl import Kubectl
from lib.manifests import IMAGE, deployment, failures, progress
from lib.scene import Scene

TIGHT = (failures(more_than=0), progress(deadline=20))


@pytest.mark.core
def test_a_healthy_release_a_scale_up_and_a_deleted_pod(scene: Scene) -> None:
    web = scene.given(deployment(replicas=2)).rolled_out()
    scene.start_controller()
    web.policy(*TIGHT)

    web.ship(image=2)
    web.rolled_out()
    scene.kubectl("scale", "deployment", "web", "--replicas=4")
    web.rolled_out()
    scene.kubectl("delete", "pod", web.pods()[0])
    web.rolled_out()

    web.keeps_still(during=12)
    web.tells("Ready", "Armed", "True")
    assert not scene.template_writes()


def test_six_pods_with_a_successful_init_container(scene: Scene) -> None:
    manifest = deployment(replicas=6)
    manifest["spec"]["template"]["spec"]["initContainers"] = [
        {"name": "prepare", "image": f"{IMAGE}:1", "imagePullPolicy": "Never", "args": ["init"]}]
    web = scene.given(manifest)
    scene.start_controller()
    web.policy(*TIGHT)

    web.rolled_out()
    web.ship(image=2)
    web.rolled_out()

    web.keeps_still(during=12)


def test_a_full_node(scene: Scene) -> None:
    """The node runs out of something, here of a resource of the test's own, and the next release asks for no more than the one before."""
    slots = f"{scene.namespace}.example.com/slots"
    offer(scene.kubectl, slots, 2)
    manifest = deployment(replicas=2)
    manifest["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] = {slots: "1"}
    web = scene.given(manifest).rolled_out()
    scene.start_controller()
    web.policy(*TIGHT)

    web.ship(image=2)

    scene.eventually("a pod finds no node", lambda: "Unschedulable" in scene.kubectl("get", "pods", "--output=json"))
    web.keeps_still(during=35)
    offer(scene.kubectl, slots, 3)
    web.rolled_out()
    web.keeps_still(during=5)


def offer(kubectl: Kubectl, resource: str, count: int) -> None:
    """Gives the node so many of a resource that no other test asks for."""
    path = resource.replace("/", "~1")
    change = [{"op": "add", "path": f"/status/{field}/{path}", "value": str(count)} for field in ("capacity", "allocatable")]
    kubectl("patch", "node", "node-1", "--subresource=status", "--type=json", f"--patch={json.dumps(change)}")


def test_min_ready_seconds_above_the_deadline(scene: Scene) -> None:
    web = scene.given(deployment(replicas=1, minReadySeconds=30)).rolled_out()
    scene.start_controller()
    web.policy(*TIGHT)

    web.ship(image=2)

    web.keeps_still(during=35)
    web.rolled_out()


def test_a_policy_created_on_a_service_that_stands_at_two_of_three(scene: Scene) -> None:
    web = scene.given(deployment(replicas=3)).rolled_out()
    web.freeze(web.pods()[0])
    scene.eventually("2 of 3 are available", lambda: web.deployment()["status"].get("availableReplicas") == 2)
    scene.start_controller()

    web.policy(*TIGHT)

    web.keeps_still(during=35)
    assert web.deployment()["status"]["availableReplicas"] == 2
