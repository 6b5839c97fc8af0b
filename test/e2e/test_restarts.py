"""The controller dies or sleeps at the worst moment: the run goes on, and the template is written once."""

import pytest

from lib.manifests import config, deployment, from_config, released
from lib.scene import Scene

# In the order in which a run needs them: without one, it stands right before that write.
BARRIERS = [("create", "rollbacks"), ("patch", "rollbacks/status"), ("patch", "deployments")]
STEPS = ["Rollout", "Verify", "Stabilize"]
SLEEP = 20  # seconds, longer than the Lease


@pytest.mark.core
def test_a_restart_at_every_step(scene: Scene) -> None:
    manifest = released(deployment(replicas=1, strategy={"type": "Recreate"}), START_DELAY_S=from_config("start"))
    web = scene.given(manifest).rolled_out()
    controller = scene.start_controller()
    web.policy()
    good = web.is_good()
    scene.kubectl.apply(config(start=5))

    for barrier in BARRIERS:
        scene.rights.take(*barrier)
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    for barrier in BARRIERS:
        scene.eventually(f"it is about to {' '.join(barrier)}", lambda barrier=barrier: scene.refused(*barrier))
        controller.kill()
        scene.rights.give_back(*barrier)
        scene.start_again(controller)
    run = web.rolls_back()
    for step in STEPS:
        run.reaches(step)
        scene.restart(controller)

    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(web.rollbacks()) == 1
    assert len(scene.template_writes()) == 1


@pytest.mark.core
def test_the_leader_sleeps_in_mid_run_and_a_standby_goes_on(scene: Scene) -> None:
    web = scene.given(deployment()).rolled_out()
    leader = scene.start_controller()
    scene.start_controller()
    web.policy()
    good = web.is_good()
    scene.rights.take("patch", "deployments")
    web.ship(CRASH_AFTER_S=1)
    run = web.rolls_back()
    scene.eventually("it is about to write the template", lambda: scene.refused("patch", "deployments"))

    leader.freeze()
    scene.rights.give_back("patch", "deployments")
    scene.never("the template was written twice", lambda: scene.template_writes()[1:], during=SLEEP)
    leader.thaw()

    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(scene.template_writes()) == 1
