"""A blue-green pair behind one Service: the selector is turned before the template goes back, and nobody's request is lost."""

import json
import threading
from collections import Counter
from http.client import HTTPConnection, HTTPException

from lib.app import App
from lib.kubectl import Object
from lib.manifests import deployment, failures, released, rollback
from lib.run import Run
from lib.scene import Scene

PORT = 80
BLUE, GREEN = 1, 2  # the versions of the image, which a request is answered with


def side(name: str, image: int, replicas: int = 2) -> Object:
    """A Deployment whose pods the Service may select: one label for the pair, one for the side."""
    made = deployment(name, replicas, image)
    made["spec"]["template"]["metadata"]["labels"]["tier"] = "front"
    return made


def service(selected: str) -> Object:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front"},
            "spec": {"selector": {"tier": "front", "app": selected}, "ports": [{"port": PORT, "targetPort": 8080}]}}


class Load:
    """Requests one after the other, each over a connection of its own, until it is stopped."""

    def __init__(self, address: str) -> None:
        self.address, self.seen = address, Counter[str]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def ask(self) -> str:
        line = HTTPConnection(self.address, PORT, timeout=10)
        try:
            line.request("GET", "/api/v1/status")
            return json.load(line.getresponse())["version"]
        except (OSError, HTTPException, ValueError) as problem:
            return repr(problem)
        finally:
            line.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.seen[self.ask()] += 1

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


class Pair:
    """The policy names blue; green serves, and runs its second release."""

    def __init__(self, scene: Scene, blue_replicas: int = 2, **options: object) -> None:
        self.scene = scene
        self.blue, self.green = side("blue", BLUE, blue_replicas), side("green", GREEN)
        self.ship(self.blue, self.green, service("green"))
        self.blues, self.greens = App(scene, self.blue), App(scene, self.green)
        for app in (self.blues, self.greens):
            app.rolled_out()
        pair = {"serviceName": "front", "selectorKey": "app", "peerRef": {"name": "green"}, "drainSeconds": 3, **options}
        scene.start_controller()
        self.blues.policy(failures(2), traffic={"type": "BlueGreen", "blueGreen": pair})
        scene.eventually("the side that the Service selects is judged", lambda: self.judged() == "green")
        scene.eventually("its release is marked good", lambda: self.blues.guard()["status"].get("marks"))
        self.good = self.greens.template()

    def ship(self, *manifests: Object) -> None:
        self.scene.kubectl("apply", "--server-side", "--filename=-",
                           stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)}))

    def judged(self) -> str:
        revision = self.blues.guard().get("status", {}).get("target", {}).get("revision", {})
        return revision.get("name", "").rsplit("-", 1)[0]

    def selector(self) -> dict[str, str]:
        return self.scene.kubectl.must_get("service", "front")["spec"]["selector"]

    def address(self) -> str:
        return self.scene.kubectl.must_get("service", "front")["spec"]["clusterIP"]

    def by_hand(self) -> Run:
        self.scene.kubectl.apply(rollback("blue", "back"))
        return Run(self.scene, "back")


def test_the_selector_is_turned_before_the_template_and_no_request_is_lost(scene: Scene) -> None:
    pair = Pair(scene)
    pair.ship(released(pair.green, STAYS="second"))
    pair.greens.rolled_out()
    with Load(pair.address()) as load:
        scene.eventually("requests are answered by green", lambda: load.seen[str(GREEN)] > 50)
        run = pair.by_hand()
        run.becomes("TrafficMoved", "ServiceTurned")
        run.becomes("Complete", "Stabilized")
    assert load.seen.keys() == {str(BLUE), str(GREEN)}, f"requests were lost: {load.seen}"
    assert {load.ask() for _ in range(500)} == {str(BLUE)}
    assert pair.selector() == {"tier": "front", "app": "blue"}
    assert pair.greens.template() == pair.good, "the side taken out is back at its last good release"

    ours = [each for each in scene.audit.of(scene.rights.user) if each.accepted and each.verb == "patch"]
    of_service = [each for each in ours if each.resource == "services"]
    (template,) = scene.template_writes()
    assert "selector" in json.dumps(of_service[0].body)
    assert of_service[0].answered < template.received

    pair.ship(released(pair.blue, STAYS="next"), released(pair.green, STAYS="third"), service("green"))
    assert pair.selector() == {"tier": "front", "app": "green"}


def test_a_side_at_zero_is_scaled_up_before_it_gets_the_traffic(scene: Scene) -> None:
    pair = Pair(scene, blue_replicas=0)
    pair.ship(released(pair.green, CRASH_AFTER_S=2))
    run = pair.blues.rolls_back()
    run.becomes("TrafficMoved", "ServiceTurned")
    assert pair.selector()["app"] == "blue"
    assert len(pair.blues.pods()) == 2
    run.becomes("Complete", "Stabilized")
    pair.greens.serves(pair.good)


def test_the_side_taken_out_may_stay_for_diagnosis(scene: Scene) -> None:
    pair = Pair(scene, revert="Never")
    pair.ship(released(pair.green, CRASH_AFTER_S=2))
    bad = pair.greens.template()
    run = pair.blues.rolls_back()
    run.becomes("Complete", "Stabilized")
    assert pair.selector()["app"] == "blue"
    assert pair.greens.template() == bad
    assert not scene.template_writes()
    scene.eventually("blue is judged now", lambda: pair.judged() == "blue")


def test_without_a_side_that_can_take_it_the_template_goes_back_in_place(scene: Scene) -> None:
    pair = Pair(scene)
    pair.ship(released(pair.blue, NEVER_READY="true"))
    scene.eventually("blue has no pod of its new release available", lambda: len(pair.blues.revisions()) == 2)
    pair.ship(released(pair.green, CRASH_AFTER_S=2))
    run = pair.blues.rolls_back()
    run.becomes("Complete", "Stabilized")
    assert pair.selector()["app"] == "green"
    pair.greens.serves(pair.good)
