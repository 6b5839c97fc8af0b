"""Installed as a user would: helm install, a policy, and then a bad release."""

import subprocess
from pathlib import Path

import pytest

from lib.kubectl import environment
from lib.manifests import config, deployment, from_config, released
from lib.scene import Scene

CHART = Path(__file__).resolve().parents[2] / "helm/riptide-rollback"
INSTALLED = "app.kubernetes.io/instance=riptide"


def helm(*arguments: str) -> None:
    done = subprocess.run(["helm", *arguments], env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, f"helm {arguments[0]}: {done.stderr}"


@pytest.fixture
def installed(unprepared: Scene) -> Scene:
    """Limited to the namespace of the test, so that it acts for nobody else; the CRDs are there already."""
    namespace = unprepared.namespace
    helm("install", "riptide", str(CHART), f"--namespace={namespace}", f"--set=watchNamespace={namespace}", "--set=crds.enabled=false",
         "--set=image.tag=dev", "--wait", "--timeout=60s")
    return unprepared


def leader(scene: Scene) -> str:
    """The pod that leads: a holder is called after its pod."""
    return scene.kubectl.must_get("lease", "rollback-controller")["spec"]["holderIdentity"].split("_")[0]


def test_a_bad_release_goes_back_by_itself(installed: Scene) -> None:
    web = installed.given(deployment()).rolled_out()
    web.policy()
    good = web.is_good()
    web.ship(CRASH_AFTER_S=1)
    web.rolls_back(within=120).becomes("Restored")
    web.serves(good)
    assert len(installed.template_writes()) == 1


def test_the_standby_takes_over_in_mid_run(installed: Scene) -> None:
    web = installed.given(released(deployment(), START_DELAY_S=from_config("start"))).rolled_out()
    web.policy()
    good = web.is_good()
    installed.kubectl.apply(config(start=10))
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    run = web.rolls_back()
    run.reaches("Rollout")
    first = leader(installed)
    installed.kubectl("delete", "pod", first, "--grace-period=0", "--force")
    installed.eventually("another pod leads", lambda: leader(installed) not in ("", first))
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(installed.template_writes()) == 1


def test_uninstalled_in_mid_run_nothing_hangs(installed: Scene) -> None:
    web = installed.given(released(deployment(), START_DELAY_S=from_config("start"))).rolled_out()
    web.policy()
    web.is_good()
    installed.kubectl.apply(config(start=10))
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    web.rolls_back().reaches("Rollout")
    installed.rights.were_taken = True  # the chart's go with it, while the pods still end
    helm("uninstall", "riptide", f"--namespace={installed.namespace}", "--wait", "--timeout=60s")
    installed.kubectl("delete", "rollbackpolicy,rollback", "--all", "--timeout=20s")
    assert installed.kubectl("get", "riptide", "--output=name") == ""
