"""A manager that delivers the Deployment from somewhere else, and puts the bad release back each time it is rolled back."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lib.app import App
from lib.kubectl import Kubectl, Object
from lib.manifests import deployment, failures, released
from lib.scene import Scene

SYNCS = 3  # seconds between two
LASTING = 60  # seconds of it
APPLY = ("apply", "--server-side", "--field-manager=argocd-controller", "--force-conflicts", "--filename=-")  # as Argo CD does it


def sync(kubectl: Kubectl, manifest: Object) -> None:
    kubectl(*APPLY, stdin=json.dumps(manifest))


@contextmanager
def self_heal(kubectl: Kubectl, manifest: Object) -> Iterator[None]:
    """The manifest is applied every three seconds, whatever runs."""
    is_over, failed = threading.Event(), []

    def work() -> None:
        while not is_over.wait(SYNCS):
            done = kubectl.run(*APPLY, stdin=json.dumps(manifest))
            failed.extend([done.stderr] if done.returncode else [])
    manager = threading.Thread(target=work)
    manager.start()
    try:
        yield
    finally:
        is_over.set()
        manager.join()
    assert not failed, f"the manager's own writes failed: {failed}"


def events(kubectl: Kubectl, reason: str) -> list[Object]:
    """Those of the policy."""
    found = json.loads(kubectl("get", "events", f"--field-selector=reason={reason},involvedObject.kind=RollbackPolicy", "--output=json"))
    return found["items"]


def test_a_manager_that_puts_the_bad_release_back(scene: Scene) -> None:
    first = deployment(replicas=1)
    sync(scene.kubectl, first)
    web = App(scene, first).rolled_out()
    scene.start_controller()
    web.policy(failures(2))
    web.tells("GitOpsManaged", "ArgoCD", "True")
    web.is_good()
    bad = released(first, CRASH_AFTER_S=1)
    sync(scene.kubectl, bad)
    end = time.monotonic() + LASTING
    with self_heal(scene.kubectl, bad):
        run = web.rolls_back()
        run.becomes("Failed", "GitOpsConflict")
        told = web.tells("Stalled", "GitOpsConflict", "True")
        scene.never("another run was made, or the template was written a fourth time",
                    lambda: len(web.rollbacks()) > 1 or len(scene.template_writes()) > 3, during=end - time.monotonic())
        assert web.tells("Stalled", "GitOpsConflict", "True") == told
    assert len(scene.template_writes()) == 3
    assert len(events(scene.kubectl, "GitOpsConflict")) == 1

    fix = released(first, STAYS="fix")
    sync(scene.kubectl, fix)
    web.tells("Stalled", "NotStalled", "False")
    good = web.is_good()
    sync(scene.kubectl, released(fix, CRASH_AFTER_S=1))

    web.rolls_back(2).becomes("Complete", "Stabilized")
    web.serves(good)
