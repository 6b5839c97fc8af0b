"""Another version of the controller takes over in mid-run, and the one before it again."""

from lib import chart
from lib.manifests import config, confined, deployment, from_config, released
from lib.scene import Scene

PREVIOUS = "localhost/rollback-controller:previous"  # test/e2e/run says which commit that is
LONG = {"durationSeconds": 40, "periodSeconds": 5}


def test_upgraded_and_back_in_mid_run(unprepared: Scene) -> None:
    scene = unprepared
    chart.install(scene.namespace, PREVIOUS)
    holder = chart.Holder(scene)
    assert runs(holder) == PREVIOUS
    web = scene.given(released(deployment(), START_DELAY_S=from_config("start"))).rolled_out()
    web.policy(stabilization=LONG)
    good = web.is_good()
    scene.kubectl.apply(config(start=20))
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    run = web.rolls_back()
    run.reaches("Rollout")

    chart.upgrade(scene.namespace, chart.IMAGE)
    scene.eventually("the new version leads", lambda: runs(holder) == chart.IMAGE)
    run.becomes("Restored", "CriteriaHold")
    chart.must("rollback", chart.RELEASE, "1", f"--namespace={scene.namespace}", "--wait", "--timeout=90s")
    scene.eventually("the version before leads again", lambda: runs(holder) == PREVIOUS)
    assert not run.is_true("Complete"), "it was over before the version before had to go on with it: make it last longer"

    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(scene.template_writes()) == 1


def runs(holder: chart.Holder) -> str:
    """The image of the leader, "" while nobody leads."""
    pod = holder.scene.kubectl.get("pod", holder.identity().split("_")[0] or "-")
    return pod["spec"]["containers"][0]["image"] if pod else ""
