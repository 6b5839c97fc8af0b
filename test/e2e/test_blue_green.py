"""A blue-green pair behind one Service: the selector is turned before the template goes back, and nobody's request is lost."""

import json
from typing import Any

import pytest

from lib.app import App
from lib.client import Client, Load
from lib.kubectl import Object
from lib.manifests import container_of, deployment, failures, released, rollback
from lib.run import Run
from lib.scene import Scene
from lib.tools import Ship, apply_on_the_server, helm_upgrade

PORT = 80
BLUE, GREEN = 1, 2  # the versions of the image, which a request is answered with
Env = dict[str, Any]


def side(name: str, image: int, replicas: int = 2) -> Object:
    """A Deployment whose pods the Service may select: one label for the pair, one for the side."""
    made = deployment(name, replicas, image)
    made["spec"]["template"]["metadata"]["labels"]["tier"] = "front"
    return made


def service(selected: str) -> Object:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front"},
            "spec": {"selector": {"tier": "front", "app": selected}, "ports": [{"port": PORT, "targetPort": 8080}]}}


def values_of(app: App, variable: str) -> list[str]:
    return [each["value"] for each in container_of(app.deployment())["env"] if each["name"] == variable]


class Pair:
    """The policy names blue; green serves, and runs its second release."""

    def __init__(self, scene: Scene, ship: Ship = apply_on_the_server, blue_replicas: int = 2, **options: object) -> None:
        self.scene, self.tool = scene, ship
        self.blue, self.green, self.selected = side("blue", BLUE, blue_replicas), side("green", GREEN), "green"
        self.ship()
        self.blues, self.greens = App(scene, self.blue), App(scene, self.green)
        for app in (self.blues, self.greens):
            app.rolled_out()
        pair = {"serviceName": "front", "selectorKey": "app", "peerRef": {"name": "green"}, "drainSeconds": 3, **options}
        scene.start_controller()
        self.blues.policy(failures(2), traffic={"type": "BlueGreen", "blueGreen": pair})
        scene.eventually("the side that the Service selects is judged", lambda: self.judged() == "green")
        scene.eventually("its release is marked good", lambda: self.blues.guard()["status"].get("marks"))
        self.good = self.greens.template()

    def ship(self, blue: Env | None = None, green: Env | None = None, selected: str | None = None) -> None:
        """Both sides and the Service, as one release, with what changes of it."""
        self.blue, self.green = released(self.blue, **(blue or {})), released(self.green, **(green or {}))
        self.selected = selected or self.selected
        self.tool(self.scene.kubectl, [self.blue, self.green, service(self.selected)], self.scene.folder)

    def judged(self) -> str:
        revision = self.blues.guard().get("status", {}).get("target", {}).get("revision", {})
        return revision.get("name", "").rsplit("-", 1)[0]

    def selector(self) -> dict[str, str]:
        return self.scene.kubectl.must_get("service", "front")["spec"]["selector"]

    def client(self, keep: bool = False) -> Client:
        return Client(self.scene.kubectl.must_get("service", "front")["spec"]["clusterIP"], PORT, keep=keep)

    def by_hand(self) -> Run:
        self.scene.kubectl.apply(rollback("blue", "back"))
        return Run(self.scene, "back")


@pytest.mark.parametrize("ship", [apply_on_the_server, helm_upgrade])
def test_the_selector_is_turned_before_the_template_and_no_request_is_lost(scene: Scene, ship: Ship) -> None:
    pair = Pair(scene, ship)
    pair.ship(green={"STAYS": "second"})
    pair.greens.rolled_out()
    with Load(pair.client()) as fresh, Load(pair.client(keep=True)) as kept:
        for load in (fresh, kept):
            scene.eventually("requests are answered by green", lambda load=load: load.seen[str(GREEN)] > 50)
        run = pair.by_hand()
        run.becomes("TrafficMoved", "ServiceTurned")
        run.becomes("Complete", "Stabilized")
    for load in (fresh, kept):
        assert load.seen.keys() == {str(BLUE), str(GREEN)}, f"requests were lost: {load.seen}"
    for keep in (False, True):
        assert pair.client(keep).ask_often(500) == {str(BLUE): 500}
    assert pair.selector() == {"tier": "front", "app": "blue"}
    assert pair.greens.template() == pair.good, "the side taken out is back at its last good release"

    ours = [each for each in scene.audit.of(scene.rights.user) if each.accepted and each.verb == "patch"]
    of_service = [each for each in ours if each.resource == "services"]
    (template,) = scene.template_writes()
    assert "selector" in json.dumps(of_service[0].body)
    assert of_service[0].answered < template.received

    pair.ship(blue={"STAYS": "next"}, green={"STAYS": "third"}, selected="green")
    assert pair.selector() == {"tier": "front", "app": "green"}
    assert [values_of(app, "STAYS") for app in (pair.blues, pair.greens)] == [["next"], ["third"]]


def test_a_side_at_zero_is_scaled_up_before_it_gets_the_traffic(scene: Scene) -> None:
    pair = Pair(scene, blue_replicas=0)
    pair.ship(green={"CRASH_AFTER_S": 2})
    run = pair.blues.rolls_back()
    run.becomes("TrafficMoved", "ServiceTurned")
    assert pair.selector()["app"] == "blue"
    assert len(pair.blues.pods()) == 2
    run.becomes("Complete", "Stabilized")
    pair.greens.serves(pair.good)


def test_the_side_taken_out_may_stay_for_diagnosis(scene: Scene) -> None:
    pair = Pair(scene, revert="Never")
    pair.ship(green={"CRASH_AFTER_S": 2})
    bad = pair.greens.template()
    run = pair.blues.rolls_back()
    run.becomes("Complete", "Stabilized")
    assert pair.selector()["app"] == "blue"
    assert pair.greens.template() == bad
    assert not scene.template_writes()
    scene.eventually("blue is judged now", lambda: pair.judged() == "blue")


def test_without_a_side_that_can_take_it_the_template_goes_back_in_place(scene: Scene) -> None:
    pair = Pair(scene)
    pair.ship(blue={"NEVER_READY": "true"})
    scene.eventually("blue has no pod of its new release available", lambda: len(pair.blues.revisions()) == 2)
    pair.ship(green={"CRASH_AFTER_S": 2})
    run = pair.blues.rolls_back()
    run.becomes("Complete", "Stabilized")
    assert pair.selector()["app"] == "green"
    pair.greens.serves(pair.good)
