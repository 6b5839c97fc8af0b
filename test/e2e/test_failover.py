"""The leader of an installed controller ends, well or badly: the standby is there in time, and the run goes on.

Times are held against what the Lease itself says, and taken from the audit log.
"""

import signal

from lib.app import App
from lib.chart import Holder, holder_in
from lib.kubectl import Object
from lib.manifests import config, confined, deployment, from_config, released
from lib.scene import Scene

RETRY = 2  # seconds between renewals: wire::LeaseOptions


def good_release(scene: Scene) -> tuple[App, Object]:
    web = scene.given(confined(released(deployment(), START_DELAY_S=from_config("start")))).rolled_out()
    web.policy()
    return web, web.is_good()


def test_after_a_kill_the_standby_acts_within_lease_and_retry(installed: Scene) -> None:
    web, good = good_release(installed)
    holder = Holder(installed)
    lease = holder.lease()["leaseDurationSeconds"]
    first = holder.identity()
    killed = holder.signal(signal.SIGKILL)
    web.ship(CRASH_AFTER_S=1)  # fires long before the Lease ends

    run = web.rolls_back(within=lease + 30)
    taken = holder.taken_over(killed, first)
    acts = next(each for each in installed.audit.of(installed.rights.user) if each.accepted and each.verb == "create" and each.resource == "rollbacks")
    print(f"after kill -9: led by another after {(taken.answered - killed).total_seconds():.2f} s, first act after "
          f"{(acts.received - killed).total_seconds():.2f} s, Lease {lease} s")
    assert (acts.received - killed).total_seconds() <= lease + RETRY
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(installed.template_writes()) == 1


def test_asked_to_end_in_mid_run_it_hands_over_at_once(installed: Scene) -> None:
    web, good = good_release(installed)
    installed.kubectl.apply(config(start=10))
    web.ship(CRASH_AFTER_S=1, START_DELAY_S=None)
    run = web.rolls_back()
    run.reaches("Rollout")
    holder = Holder(installed)
    first = holder.identity()
    asked = holder.signal(signal.SIGTERM)

    taken = holder.taken_over(asked, first)
    given = next(each for each in holder.renewals(asked) if holder_in(each) == "")
    print(f"after SIGTERM: given up after {(given.answered - asked).total_seconds():.2f} s, led by another after "
          f"{(taken.answered - asked).total_seconds():.2f} s")
    assert (taken.answered - asked).total_seconds() < RETRY
    run.becomes("Complete", "Stabilized")
    web.serves(good)
    assert len(installed.template_writes()) == 1
