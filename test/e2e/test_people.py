"""People and pipelines act while a run is under way, or instead of it: what they do counts."""

import pytest

from lib.app import App
from lib.manifests import config, deployment, failures, from_config, released, rollback
from lib.scene import Scene

SLOW = 15  # seconds that the restored release takes to start: the run is not over before


def slow_to_restore(scene: Scene) -> App:
    """A good release, and the controller on watch. Once restored it must start anew, and that takes a while."""
    manifest = released(deployment(replicas=1, strategy={"type": "Recreate"}), START_DELAY_S=from_config("start"))
    web = scene.given(manifest).rolled_out()
    scene.start_controller()
    web.policy()
    web.is_good()
    scene.kubectl.apply(config(start=SLOW))
    return web


@pytest.mark.core
def test_a_fix_shipped_in_mid_run_stays(scene: Scene) -> None:
    web = slow_to_restore(scene)
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    run = web.rolls_back()
    run.becomes("Reverted")

    fix = web.ship(image=2, CRASH_AFTER_S=None)

    run.becomes("Failed", "Superseded")
    web.serves(fix)
    assert len(scene.template_writes()) == 1


@pytest.mark.core
def test_a_fix_shipped_before_the_plan_stays(scene: Scene) -> None:
    web = scene.given(deployment()).rolled_out()
    scene.start_controller()
    web.policy()
    web.is_good()
    scene.rights.take("patch", "rollbacks/status")
    web.ship(CRASH_AFTER_S=1)
    run = web.rolls_back()
    scene.eventually("it is about to plan", lambda: scene.refused("patch", "rollbacks/status"))

    fix = web.ship(image=2, CRASH_AFTER_S=None)
    scene.rights.give_back("patch", "rollbacks/status")

    run.becomes("Failed", "Superseded")
    assert "plan" not in run.status()
    web.serves(fix)
    assert not scene.template_writes()


def test_the_policy_is_deleted_in_mid_run(scene: Scene) -> None:
    web = slow_to_restore(scene)
    good = web.template()
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    run = web.rolls_back()
    run.becomes("Reverted")

    scene.kubectl("delete", "rollbackpolicy", "web")

    run.becomes("Complete", "PolicyDeleted")
    assert run.is_true("Restored")
    web.serves(good)


def test_observe_then_enforce(scene: Scene) -> None:
    web = scene.given(deployment()).rolled_out()
    scene.start_controller()
    web.policy(mode="Observe")
    good = web.is_good()
    web.ship(CRASH_AFTER_S=1)
    web.tells("Triggered", "WouldRollBack", "True")
    scene.never("there is a Rollback", web.rollbacks, during=5)
    assert not scene.template_writes()

    web.set_mode("Enforce")

    web.rolls_back().becomes("Complete", "Stabilized")
    web.serves(good)


def test_a_person_rolls_back_while_the_policy_is_paused(scene: Scene) -> None:
    web = scene.given(deployment()).rolled_out()
    scene.start_controller()
    web.policy(mode="Paused")
    good = web.template()
    web.ship(image=2)
    web.rolled_out()

    scene.kubectl.create(rollback("web", "by-hand", reason="customers complain"))

    run = web.rolls_back()
    run.becomes("Complete", "Stabilized")
    assert run.condition("Approved")["reason"] == "ByPerson"
    web.serves(good)


def test_a_person_aborts_before_and_approves_another(scene: Scene) -> None:
    web = scene.given(deployment()).rolled_out()
    scene.start_controller()
    web.policy()
    good = web.template()
    bad = web.ship(image=2)
    web.rolled_out()
    waiting = [{"step": "Revert", "state": "Waiting", "reason": "let us look first"}]

    scene.kubectl.create(rollback("web", "aborted", decisions=waiting))
    first = web.rolls_back(1)
    first.says("Approved", "WaitingForDecision")
    first.decide("Aborted")
    first.becomes("Failed", "Aborted")
    web.serves(bad)
    assert not scene.template_writes()

    scene.kubectl.create(rollback("web", "wanted", decisions=waiting))
    second = web.rolls_back(2)
    second.says("Approved", "WaitingForDecision")
    second.decide("Approved")
    second.becomes("Complete", "Stabilized")
    web.serves(good)


def test_a_person_aborts_in_mid_run_and_nothing_is_undone(scene: Scene) -> None:
    web = slow_to_restore(scene)
    good = web.template()
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    run = web.rolls_back()
    run.becomes("Reverted")

    run.decide("Aborted")

    run.becomes("Failed", "Aborted")
    web.serves(good)
    assert len(scene.template_writes()) == 1


def test_the_failures_of_a_revision_are_not_counted_for_the_next(scene: Scene) -> None:
    web = scene.given(deployment()).rolled_out()
    scene.start_controller()
    web.policy(failures(more_than=2))
    web.is_good()
    web.ship(image=2)
    web.rolled_out()
    for _ in range(2):
        web.crash(web.pods()[0])

    web.ship(annotations={"release": "3"})
    web.rolled_out()
    web.crash(web.pods()[0])

    web.keeps_still(during=6)
