"""Each right of the chart is needed, and without it the controller says which one it misses."""

import json

import pytest

from lib import istio
from lib.kubectl import Object, conditions
from lib.manifests import autoscaler, deployment, memory, policy, rollback
from lib.rights import GIVEN
from lib.scene import Scene

Right = tuple[str, str]  # verb, resource


def rights(*parts: str) -> list[Right]:
    return [(verb, row["resource"]) for part in parts for row in GIVEN[part] for verb in row["verbs"]]


def named(right: Right) -> str:
    return "-".join(right).replace("/", "-")


def says(scene: Scene, right: Right) -> bool:
    """In its log or in a condition, in the API server's words or in its own."""
    words = (f'cannot {right[0]} resource "{right[1]}"', f"the right `{right[0]} {right[1]}` is missing")
    told = [str(json.loads(line)) for line in scene.controllers[0].log.read_text().splitlines() if line.startswith("{")]
    told += [found["message"] for kind in ("rollbackpolicies", "rollbacks") for each in scene.kubectl.list(kind) for found in conditions(each).values()]
    return any(each in text for text in told for each in words)


def lacks(scene: Scene, right: Right) -> None:
    scene.new_controller().launch()
    scene.eventually(f"it says that it may not {' '.join(right)}", lambda: says(scene, right))


@pytest.mark.parametrize("right", rights("workload", "lease"), ids=named)
def test_a_right_that_every_installation_has(scene: Scene, right: Right) -> None:
    """A release crashes, and more finished Rollbacks are there than may stay."""
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.kubectl("annotate", "replicaset", web.revisions()[0]["metadata"]["name"], "rollback.riptide.dev/mark=good")
    scene.rights.take(*right)
    scene.kubectl.apply(policy("web", history={"limit": 1}, guards={"maxRollbacks": {"count": 1, "windowSeconds": 600}}))
    for name in ("first", "second"):
        scene.kubectl.create(rollback("web", name, decisions=[{"step": "Revert", "state": "Aborted"}]))
    web.ship(CRASH_AFTER_S=1)
    lacks(scene, right)


OF_A_TURN = [("patch", "services"), ("list", "endpointslices")]


@pytest.mark.parametrize("right", OF_A_TURN, ids=named)
def test_a_right_to_turn_a_service(scene: Scene, right: Right) -> None:
    """A person has the side of a blue-green pair taken out that serves."""
    green, web = (scene.given(deployment(name, replicas=1)) for name in ("green", "web"))
    for app in (green, web):
        app.rolled_out()
    scene.kubectl("create", "service", "clusterip", "web", "--tcp=80:8080")  # selects app=web
    web.ship(STAYS="next")
    web.rolled_out()
    scene.rights.take(*right)
    pair = {"serviceName": "web", "selectorKey": "app", "peerRef": {"name": "green"}}
    scene.kubectl.apply(policy("web", traffic={"type": "BlueGreen", "blueGreen": pair}))
    scene.kubectl.create(rollback("web", "by-hand"))
    lacks(scene, right)


@pytest.mark.parametrize("right", [each for each in rights("traffic") if each not in OF_A_TURN], ids=named)
def test_a_right_to_move_traffic(scene: Scene, right: Right) -> None:
    """A person has the canary of a pair rolled back, whose weight stands in a route of each kind; an autoscaler decides of the other side."""
    with istio.installed(scene.kubectl):
        for name in ("stable", "web"):
            scene.kubectl("create", "service", "clusterip", name, "--tcp=80:8080")  # selects app=<name>
        stable, web = (scene.given(deployment(name, replicas=1)) for name in ("stable", "web"))
        stable.rolled_out()
        web.rolled_out()
        web.ship(STAYS="next")
        web.rolled_out()
        scene.kubectl.apply(autoscaler("stable", 1, 3), *ROUTES)
        scene.rights.take(*right)
        refs = [{"group": each["apiVersion"].split("/")[0], "kind": each["kind"], "name": "web"} for each in ROUTES]
        pair = {"stableServiceName": "stable", "canaryServiceName": "web", "routeRefs": refs}
        scene.kubectl.apply(policy("web", traffic={"type": "Canary", "canary": pair}))
        scene.kubectl.create(rollback("web", "by-hand", to={"uid": web.revisions()[0]["metadata"]["uid"]}))
        lacks(scene, right)


@pytest.mark.parametrize("right", rights("kubelet"), ids=named)
def test_a_right_to_ask_the_kubelets(scene: Scene, right: Right) -> None:
    scene.given(deployment(replicas=1)).rolled_out()
    scene.rights.take_of_kubelet(right[1])
    scene.kubectl.apply(policy("web", memory("500M")))
    lacks(scene, right)


def route(version: str, kind: str, **spec: object) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}


PAIR = [{"name": "stable", "port": 80, "weight": 50}, {"name": "web", "port": 80, "weight": 50}]
ROUTES = [
    route("gateway.networking.k8s.io/v1", "HTTPRoute", rules=[{"backendRefs": PAIR}]),
    route("gateway.networking.k8s.io/v1", "GRPCRoute", rules=[{"backendRefs": PAIR}]),
    route("projectcontour.io/v1", "HTTPProxy", routes=[{"services": PAIR}]),
    route("networking.istio.io/v1", "VirtualService", hosts=["web.example"],
          http=[{"route": [{"destination": {"host": each["name"]}, "weight": each["weight"]} for each in PAIR]}]),
]
