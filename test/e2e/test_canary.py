"""A canary pair behind a real Gateway: traffic leaves the bad side before its template does, and real requests show it."""

import json
import time
from collections import Counter

import pytest

from lib import istio
from lib.app import App
from lib.client import Client
from lib.kubectl import Object, conditions
from lib.manifests import autoscaler, deployment, failures, released
from lib.scene import Scene
from lib.tools import Ship, apply_on_the_server, helm_upgrade

GATEWAY = ("127.0.0.1", 8888)
STABLE, CANARY = 1, 2  # the versions of the image that the two sides run


def service(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]}}


def route(host: str, stable: int, canary: int) -> Object:
    backends = [{"name": "stable", "port": 80, "weight": stable}, {"name": "web", "port": 80, "weight": canary}]
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "web"},
            "spec": {"parentRefs": [{"namespace": "projectcontour", "name": "contour"}], "hostnames": [host],
                     "rules": [{"backendRefs": backends}]}}


TRAFFIC = {"type": "Canary", "canary": {"stableServiceName": "stable", "canaryServiceName": "web", "routeRefs": [{"name": "web"}]}}


class Pair:
    """Deployment "web" is the canary, "stable" the other side."""

    def __init__(self, scene: Scene, ship: Ship = apply_on_the_server, **env: str | int) -> None:
        self.scene, self.ship = scene, ship
        self.host = f"{scene.namespace}.example"
        self.web = deployment(image=CANARY)
        self.release(released(self.web, **env), 50, 50)
        self.stable, self.app = App(scene, deployment("stable", image=STABLE)), App(scene, self.web)
        for side in (self.stable, self.app):
            side.rolled_out()
        scene.eventually("requests reach both sides", lambda: self.ask(20).keys() == {str(STABLE), str(CANARY)})
        scene.start_controller()
        self.app.policy(failures(2), traffic=TRAFFIC)

    def release(self, web: Object, stable: int, canary: int) -> None:
        both = [deployment("stable", image=STABLE), web, service("stable"), service("web"), route(self.host, stable, canary)]
        self.ship(self.scene.kubectl, both, self.scene.folder)

    def ask(self, count: int, keep_alive: bool = False) -> Counter[str]:
        """Which side answered how many requests."""
        return Client(*GATEWAY, host=self.host, keep=keep_alive).ask_often(count)

    def weights(self) -> list[int]:
        return [each["weight"] for each in self.scene.kubectl.must_get("httproute", "web")["spec"]["rules"][0]["backendRefs"]]


@pytest.mark.parametrize("ship", [apply_on_the_server, helm_upgrade])
def test_traffic_leaves_before_the_template(scene: Scene, ship: Ship) -> None:
    pair = Pair(scene, ship)
    good = pair.app.is_good()
    pair.release(released(pair.web, CRASH_AFTER_S=2), 50, 50)
    run = pair.app.rolls_back()
    run.becomes("TrafficMoved", "WeightsMoved")
    time.sleep(2)  # what is promised: from 2 s after the condition
    for keep_alive in (False, True):
        assert pair.ask(500, keep_alive) == {str(STABLE): 500}
    assert pair.weights() == [100, 0]
    run.becomes("Complete", "Stabilized")
    pair.app.serves(good)

    ours = scene.audit.of(scene.rights.user)
    of_route = [each for each in ours if each.accepted and each.verb == "patch" and each.resource == "httproutes"]
    (template,) = scene.template_writes()
    assert any("weight" in json.dumps(each.body) for each in of_route)
    assert of_route[0].answered < template.received

    pair.release(released(pair.web, STAYS="next"), 80, 20)
    assert pair.weights() == [80, 20]


def test_without_a_ready_pod_nothing_is_moved_and_the_revert_goes_on(scene: Scene) -> None:
    pair = Pair(scene)
    good = pair.app.is_good()
    scene.kubectl("scale", "deployment/stable", "--replicas=0")
    scene.eventually("the stable side is gone", lambda: not pair.stable.pods())
    pair.app.ship(CRASH_AFTER_S=2)
    run = pair.app.rolls_back()
    run.says("TrafficMoved", "NoReadyPods")
    assert pair.weights() == [50, 50]
    run.becomes("Restored", "CriteriaHold")
    pair.app.serves(good)


def test_an_autoscaler_has_a_higher_minimum_until_the_run_ends(scene: Scene) -> None:
    pair = Pair(scene)
    apply_on_the_server(scene.kubectl, [autoscaler("stable", 2, 6)], scene.folder)
    pair.app.is_good()
    pair.app.ship(CRASH_AFTER_S=2)
    run = pair.app.rolls_back()
    run.becomes("TrafficMoved", "WeightsMoved")
    assert minimum(scene) == len(pair.stable.pods()) == 4, "half of the traffic came to two pods"
    run.becomes("Complete", "Stabilized")
    scene.eventually("the minimum is given back", lambda: minimum(scene) == 2)
    scene.eventually("the run has nothing left to give back", lambda: "capacity" not in run.now()["status"])
    apply_on_the_server(scene.kubectl, [autoscaler("stable", 3, 6)], scene.folder)
    assert minimum(scene) == 3


def minimum(scene: Scene) -> int:
    return scene.kubectl.must_get("horizontalpodautoscaler", "stable")["spec"]["minReplicas"]


def test_a_router_that_is_installed_later(scene: Scene) -> None:
    with istio.missing(scene.kubectl):
        web = scene.given(deployment()).rolled_out()
        scene.kubectl.apply(service("stable"), service("web"))
        scene.start_controller()
        ref = {"group": "networking.istio.io", "kind": "VirtualService", "name": "web"}
        web.policy(failures(2), traffic={**TRAFFIC, "canary": {**TRAFFIC["canary"], "routeRefs": [ref]}})
        armed = scene.eventually("the missing kind is named", lambda: told(web, "this kind is not served"))
        assert "virtualservices" in armed

        hosts = [{"destination": {"host": name}, "weight": weight} for name, weight in (("stable", 90), ("web", 10))]
        istio.install(scene.kubectl)
        scene.kubectl.apply({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "web"},
                             "spec": {"http": [{"route": hosts}]}})
        scene.eventually("it is found", lambda: told(web, "watching Deployment web") and not told(web, "traffic can't be moved"), within=90)


def told(app: App, words: str) -> str:
    """The message of Ready, if it has these words."""
    message = conditions(app.guard()).get("Ready", {}).get("message", "")
    return message if words in message else ""


def test_a_canary_without_an_earlier_release_loses_its_traffic(scene: Scene) -> None:
    pair = Pair(scene, CRASH_AFTER_S=15)
    run = pair.app.rolls_back()
    run.becomes("TrafficMoved", "WeightsMoved")
    run.becomes("Restored", "WeightsMoved")
    pair.app.tells("Stalled", "NoGoodRevision", "True")
    assert pair.weights() == [100, 0]

    pair.release(pair.web, 80, 20)
    run.becomes("Complete", "EndedByNewRelease")
    assert not scene.template_writes()
