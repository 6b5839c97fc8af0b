"""Where a rollback goes, and when there is nowhere to go."""

import pytest

from lib.app import App
from lib.manifests import config, deployment, failures, from_config, memory, progress, released
from lib.scene import Scene

# All old pods end before the first new one starts, so that a restored release must start anew.
RECREATE = {"type": "Recreate"}


@pytest.mark.core
def test_the_first_release_ever_is_bad(scene: Scene) -> None:
    web = scene.given(deployment(env={"CRASH_AFTER_S": 1}))
    before = web.template()
    scene.start_controller()

    web.policy()

    web.tells("Stalled", "NoGoodRevision", "True")
    scene.never("there is a Rollback", web.rollbacks, during=5)
    assert web.template() == before
    assert not [each for each in scene.audit.of(scene.rights.user) if each.resource == "deployments" and each.verb == "patch"]


def test_a_release_that_was_good_and_leaks_later(scene: Scene) -> None:
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.start_controller()
    web.policy(memory("150M", for_seconds=10))
    good = web.is_good(within=60)

    web.ship(LEAK_MIB_PER_S=15, LEAK_AFTER_S=60)
    web.rolled_out()
    web.is_good(within=60)
    assert web.revisions()[0]["spec"]["replicas"] == 0

    run = web.rolls_back(within=120)
    run.becomes("Complete", "Stabilized")
    assert run.status()["plan"]["chosen"] == "Good"
    web.serves(good)


def test_the_restored_release_is_bad_in_another_way(scene: Scene) -> None:
    web = scene.given(released(deployment(strategy=RECREATE), CRASH_AFTER_S=from_config("crash"))).rolled_out()
    scene.start_controller()
    web.policy(failures(more_than=1), progress(deadline=30))
    oldest = web.is_good()
    web.ship(CRASH_AFTER_S=None, NEVER_READY=from_config("never-ready"))
    web.rolled_out()
    web.is_good()

    scene.kubectl.apply(config(**{"crash": 0, "never-ready": "true"}))
    web.ship(CRASH_AFTER_S=0, NEVER_READY=None)

    web.rolls_back(1).becomes("Failed", "RestoredRevisionUnhealthy")
    second = web.rolls_back(2)
    assert second.now()["spec"]["depth"] == 1
    second.becomes("Failed", "RestoredRevisionUnhealthy")
    web.tells("Stalled", "Halted", "True")
    scene.never("there is a third Rollback", lambda: web.rollbacks()[2:], during=5)
    assert web.template() == oldest
    assert len(scene.template_writes()) == 2


def test_the_restored_release_fails_alike_because_its_database_is_down(scene: Scene) -> None:
    """While it is down, a pod ends as soon as it starts."""
    web = scene.given(released(deployment(strategy=RECREATE), CRASH_AFTER_S=from_config("database-is-down"))).rolled_out()
    scene.start_controller()
    web.policy(failures())
    good = web.is_good()

    scene.kubectl.apply(config(**{"database-is-down": 0}))
    web.ship(image=2)

    web.rolls_back().becomes("Failed", "NotRevisionSpecific")
    web.tells("Stalled", "NotRevisionSpecific", "True")
    scene.never("there is a second Rollback", lambda: web.rollbacks()[1:], during=5)
    assert web.template() == good

    scene.kubectl("delete", "configmap", "outside")
    fixed = web.ship(annotations={"release": "3"})
    web.tells("Stalled", "NotStalled", "False")
    web.serves(fixed)
    assert len(web.rollbacks()) == 1


def test_a_slow_restored_release_is_not_sent_back(scene: Scene) -> None:
    """Each pod of it takes most of the deadline, and all together take much longer."""
    web = scene.given(released(deployment(replicas=3), START_DELAY_S=from_config("start"))).rolled_out()
    scene.start_controller()
    web.policy(failures(more_than=1), progress(deadline=25), verification={"timeoutSeconds": 10})
    good = web.is_good()
    web.ship(image=2, START_DELAY_S=None)
    web.rolled_out()

    scene.kubectl.apply(config(start=10))
    for _ in range(2):
        web.crash(web.pods()[0])

    run = web.rolls_back()
    run.becomes("Restored", "CriteriaHold")
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(web.rollbacks()) == 1


def test_a_bad_release_shipped_again(scene: Scene) -> None:
    web = scene.given(deployment(replicas=2)).rolled_out()
    scene.start_controller()
    web.policy(failures(more_than=2), revisions={"ignoreTemplateKeys": ["build"]})
    good = web.is_good()
    ship_and_crash(web, 3, {"build": "1"})
    web.rolls_back(1).becomes("Complete", "Stabilized")

    ship_and_crash(web, 1, {"build": "2"})
    again = web.rolls_back(2)
    assert "rolled back before" in again.now()["spec"]["reason"]
    again.becomes("Complete", "Stabilized")
    web.serves(good)

    ship_and_crash(web, 1, {"build": "3", "unnamed": "3"})
    scene.never("there is a third Rollback", lambda: web.rollbacks()[2:], during=6)


def ship_and_crash(web: App, times: int, annotations: dict[str, str]) -> None:
    web.ship(image=2, annotations=annotations)
    web.rolled_out()
    unlucky = web.pods()[0]
    for _ in range(times):
        web.crash(unlucky)
