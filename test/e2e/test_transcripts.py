"""Ten situations as kubectl shows them, checked in under transcripts/: the first screen of whoever is called at night.

After a wanted change: test/e2e/run all -k transcripts --write-transcripts, and read the difference.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from lib.app import App
from lib.manifests import deployment, failures, memory, policy, rollback
from lib.scene import Scene
from lib.transcript import transcript

FOLDER = Path(__file__).parent / "transcripts"
ALIKE = 3  # looks in a row


Shows = Callable[[str, App], None]


@pytest.fixture
def shows(request: pytest.FixtureRequest) -> Shows:
    """Compares what kubectl shows, once it no longer changes, with the checked-in transcript of that name."""
    def compare(name: str, web: App) -> None:
        file, shown = FOLDER / f"{name}.txt", settled(web)
        if request.config.getoption("--write-transcripts"):
            file.write_text(shown)
        assert shown == file.read_text(), f"kubectl shows another text than {file}"
    return compare


def settled(web: App) -> str:
    """What several looks in a row show alike."""
    looks: list[str] = []

    def is_settled() -> bool:
        looks.append(transcript(web))
        return len(looks) >= ALIKE and len(set(looks[-ALIKE:])) == 1
    web.scene.eventually("what kubectl shows no longer changes", is_settled)
    return looks[-1]


def watched(scene: Scene, **spec: object) -> App:
    """A good release under a policy whose log lines stay out of the evidence."""
    web = scene.given(deployment(replicas=1)).rolled_out()
    config = scene.folder / "config.yaml"
    config.write_text("evidence: StatusOnly\n")
    scene.start_controller(f"--config={config}")
    web.policy(failures(), **spec)
    web.is_good()
    return web


def test_armed(scene: Scene, shows: Shows) -> None:
    shows("armed", watched(scene))


def test_target_not_found(scene: Scene, shows: Shows) -> None:
    scene.start_controller()
    web = App(scene, deployment())
    web.policy()
    shows("target-not-found", web)


def test_target_conflict(scene: Scene, shows: Shows) -> None:
    web = watched(scene)
    scene.kubectl.apply(policy("web", name="web-too"))
    shows("target-conflict", web)


def test_memory_source_missing(scene: Scene, shows: Shows) -> None:
    web = scene.given(deployment(replicas=1)).rolled_out()
    scene.start_controller("--kubelet=Disabled")
    web.policy(memory("500M"))
    shows("memory-source-missing", web)


def test_observing(scene: Scene, shows: Shows) -> None:
    web = watched(scene, mode="Observe")
    web.ship(image=2)
    crash_six_times(web)
    web.tells("Triggered", "WouldRollBack", "True")
    shows("observing", web)


def crash_six_times(web: App) -> None:
    """Of a release that has proved good: with six failures and not with the second."""
    web.rolled_out()
    web.is_good()
    (pod,) = web.pods()
    for _ in range(6):
        web.crash(pod)


def test_no_good_revision(scene: Scene, shows: Shows) -> None:
    web = scene.given(deployment(replicas=1, env={"NEVER_READY": "true"}))
    scene.start_controller()
    web.policy(failures())
    crash_unready(web)
    web.tells("Stalled", "NoGoodRevision", "True")
    shows("no-good-revision", web)


def crash_unready(web: App) -> None:
    scene = web.scene
    scene.eventually("its pod runs", lambda: web.pods() and scene.kubectl.must_get("pod", web.pods()[0])["status"]["phase"] == "Running")
    for _ in range(2):
        web.crash(web.pods()[0])


def test_rolled_back(scene: Scene, shows: Shows) -> None:
    web = watched(scene)
    web.ship(image=2)
    crash_six_times(web)
    web.rolls_back().becomes("Complete", "Stabilized")
    web.tells("Ready", "RolledBack", "True")
    shows("rolled-back", web)


def test_waiting_for_a_decision(scene: Scene, shows: Shows) -> None:
    web = watched(scene)
    web.ship(image=2)
    web.rolled_out()
    scene.kubectl.create(rollback("web", "by-hand", reason="customers complain",
                                  decisions=[{"step": "Revert", "state": "Waiting", "reason": "let us look first"}]))
    web.rolls_back().says("Approved", "WaitingForDecision")
    shows("waiting-for-a-decision", web)


def test_aborted(scene: Scene, shows: Shows) -> None:
    web = watched(scene)
    web.ship(image=2)
    web.rolled_out()
    scene.kubectl.create(rollback("web", "by-hand", reason="customers complain",
                                  decisions=[{"step": "Revert", "state": "Aborted", "reason": "it was the database"}]))
    web.rolls_back().becomes("Failed", "Aborted")
    shows("aborted", web)


def test_superseded(scene: Scene, shows: Shows) -> None:
    web = watched(scene)
    scene.rights.take("patch", "rollbacks/status")
    web.ship(image=2)
    crash_six_times(web)
    run = web.rolls_back()
    web.ship(annotations={"release": "3"})
    scene.eventually("the refused write is told for both releases", lambda: refusals(scene) == 2)
    scene.rights.give_back("patch", "rollbacks/status")
    run.becomes("Failed", "Superseded")
    web.is_good()
    shows("superseded", web)


def refusals(scene: Scene) -> int:
    """Events that tell of one on the policy; each stands on the Deployment too."""
    return sum(each["reason"] == "WriteFailed" and each["involvedObject"]["kind"] == "RollbackPolicy" for each in scene.kubectl.list("events"))
