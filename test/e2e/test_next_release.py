"""After a rollback the next release goes out as if nothing had happened: by the same tool, without force, and with exactly its template."""

from collections.abc import Iterator

import pytest

from lib.app import App
from lib.kubectl import Kubectl, Object
from lib.manifests import PAUSE, container_of, deployment, failures
from lib.scene import Scene
from lib.tools import Ship, apply, apply_on_the_server, helm_upgrade

SIDECAR = {"image": PAUSE, "imagePullPolicy": "Never"}


def release(image: int, env: dict[str, str], annotations: dict[str, str], sidecar: str) -> Object:
    manifest = deployment(replicas=2, image=image, env=env)
    manifest["spec"]["template"]["metadata"]["annotations"] = annotations
    manifest["spec"]["template"]["spec"]["containers"].append({"name": sidecar, **SIDECAR})
    return manifest


# Each of them adds, changes and drops an env variable, an annotation and a container.
FIRST = release(1, {"STAYS": "one", "ONLY_FIRST": "1"}, {"stays": "one", "only-first": "1"}, "first-sidecar")
BAD = release(2, {"STAYS": "two", "ONLY_BAD": "2", "CRASH_AFTER_S": "1"}, {"stays": "two", "only-bad": "2"}, "bad-sidecar")
NEXT = release(2, {"STAYS": "three", "ONLY_NEXT": "3"}, {"stays": "three", "only-next": "3"}, "next-sidecar")


@pytest.fixture
def untouched(scene: Scene) -> Iterator[Kubectl]:
    """A namespace where nothing was ever rolled back."""
    other = Kubectl(f"{scene.namespace}-untouched")
    other("create", "namespace", other.namespace)
    yield other
    other("delete", "namespace", other.namespace, "--wait=false")


def template_of(manifest: Object, kubectl: Kubectl) -> Object:
    """As the API server keeps it, its defaults filled in."""
    kubectl.create({**manifest, "spec": {**manifest["spec"], "replicas": 0}})
    return kubectl.must_get("deployment", manifest["metadata"]["name"])["spec"]["template"]


@pytest.mark.parametrize("ship", [apply, apply_on_the_server, helm_upgrade])
def test_the_next_release(scene: Scene, untouched: Kubectl, ship: Ship) -> None:
    ship(scene.kubectl, [FIRST], scene.folder)
    web = App(scene, FIRST).rolled_out()
    scene.start_controller()
    web.policy(failures())
    good = web.is_good()
    ship(scene.kubectl, [BAD], scene.folder)
    web.rolls_back().becomes("Restored", "CriteriaHold")
    web.serves(good)

    ship(scene.kubectl, [NEXT], scene.folder)

    assert web.template() == template_of(NEXT, untouched)
    web.rolled_out()
    owners = [entry for entry in web.deployment()["metadata"]["managedFields"] if entry["manager"] == "rollback-controller"]
    assert not owners, f"what we wrote was not given back: {owners}"


def test_what_others_have_set_stays(scene: Scene) -> None:
    """Never applied, so no apply may take it away: not one after a rollback either."""
    scene.kubectl.apply(FIRST)
    web = App(scene, FIRST).rolled_out()
    scene.kubectl("set", "env", "deployment/web", "--containers=eventmesh", "SET_BY_HAND=1")
    web.rolled_out()
    scene.start_controller()
    web.policy(failures())
    good = web.is_good()
    scene.kubectl.apply(BAD)
    web.rolls_back().becomes("Restored", "CriteriaHold")
    web.serves(good)

    scene.kubectl.apply(NEXT)

    env = {each["name"]: each["value"] for each in container_of(web.deployment())["env"]}
    assert env == {"STAYS": "three", "ONLY_NEXT": "3", "SET_BY_HAND": "1"}


def test_a_release_that_is_rolled_back_twice(scene: Scene, untouched: Kubectl) -> None:
    """The second revert starts from what the first left behind."""
    scene.kubectl.apply(FIRST)
    web = App(scene, FIRST).rolled_out()
    scene.start_controller()
    web.policy(failures())
    good = web.is_good()
    for nth, image in ((1, 2), (2, 1)):
        bad = release(image, {"ONLY_BAD": str(nth), "CRASH_AFTER_S": "1"}, {"only-bad": str(nth)}, f"bad-sidecar-{nth}")
        scene.kubectl.apply(bad)
        web.rolls_back(nth).becomes("Complete", "Stabilized")
        web.serves(good)

    scene.kubectl.apply(NEXT)

    assert web.template() == template_of(NEXT, untouched)
