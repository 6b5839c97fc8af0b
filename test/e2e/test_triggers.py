"""Each trigger fires on a real accident, and the release before comes back by itself."""

import pytest

from lib.kubectl import Object
from lib.manifests import deployment, failures, memory, progress
from lib.scene import Scene


def check_of(run: Object, name: str) -> Object:
    return next(each for each in run["status"]["checklist"] if each["name"] == name)


@pytest.mark.core
def test_memory_above_its_limit(scene: Scene) -> None:
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.start_controller()
    web.policy(memory("150M", for_seconds=10))
    good = web.template()

    web.ship(LEAK_MIB_PER_S=15)

    run = web.rolls_back(within=120)
    run.becomes("Restored", "CriteriaHold")
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert check_of(run.now(), "MemoryLimit")["state"] == "Confirmed"
    assert len(scene.template_writes()) == 1


@pytest.mark.core
def test_the_sixth_failure_fires_and_the_fifth_does_not(scene: Scene) -> None:
    web = scene.given(deployment(replicas=2)).rolled_out()
    scene.start_controller()
    web.policy()
    good = web.template()
    web.ship(image=2)
    web.rolled_out()
    unlucky, _steady = web.pods()

    for _ in range(5):
        web.crash(unlucky)
    web.keeps_still(during=8)
    web.crash(unlucky)

    run = web.rolls_back()
    assert run.now()["spec"]["triggerName"] == "unstable"
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(scene.template_writes()) == 1


@pytest.mark.core
def test_a_release_whose_every_pod_crashes_twice_fires_at_once(scene: Scene) -> None:
    web = scene.given(deployment(replicas=2)).rolled_out()
    scene.start_controller()
    web.policy(failures(more_than=100))
    good = web.is_good()

    web.ship(CRASH_AFTER_S=1)

    run = web.rolls_back()
    assert "every pod" in run.now()["spec"]["reason"]
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    evidence = run.status()["evidence"]["pods"][0]
    last_lines = evidence.get("current", "") + evidence.get("previous", "")  # the kubelet may have removed those of one instance
    assert evidence["exitCode"] == 1 and "CRASH_AFTER_S" in last_lines, evidence
    assert len(scene.template_writes()) == 1


def test_a_pod_that_crashes_every_100_s_fires_at_the_second_crash(scene: Scene) -> None:
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.start_controller()
    web.policy(soak=300)
    good = web.template()

    web.ship(CRASH_AFTER_S=100)

    run = web.rolls_back(within=240)
    assert len(web.guard()["status"]["failures"]) == 2
    run.becomes("Restored", "CriteriaHold")
    web.serves(good)
    assert len(scene.template_writes()) == 1


@pytest.mark.core
def test_a_release_that_never_becomes_ready_is_caught_by_the_deadline(scene: Scene) -> None:
    web = scene.given(deployment(replicas=2)).rolled_out()
    scene.start_controller()
    web.policy(failures(), progress(deadline=10))
    good = web.is_good()

    web.ship(NEVER_READY="true")

    run = web.rolls_back()
    assert run.now()["spec"]["triggerName"] == "stuck"
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(scene.template_writes()) == 1


def test_an_image_that_is_not_there_is_named(scene: Scene) -> None:
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.start_controller()
    web.policy(failures(), progress(deadline=10))
    good = web.is_good()

    web.ship(image=99)

    run = web.rolls_back()
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    evidence = run.status()["evidence"]["pods"][0]
    assert (evidence["reason"], "99" in evidence["message"]) == ("ErrImageNeverPull", True), evidence
