"""The controller is killed before, after the commit of and after the answer to its every write: each run ends as if nothing had been.

test/crash cuts more stories, on a fake cluster; here are real pods, the real API server, and one story.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from lib import poll
from lib.app import App
from lib.audit import log_file
from lib.fault_proxy import Cut, FaultProxy, Moment, Write
from lib.kubectl import Object, conditions
from lib.manifests import deployment, policy
from lib.rights import NAME
from lib.scene import Scene

STEPS = ("RollbackCreated", "TemplateRestored", "CriteriaHold", "Stabilized")  # each an Event on the policy and on the Deployment
# The least that a run writes: its Rollback, its template, whose that is, what its steps come to, and what is told of them.
NEEDED = Counter({("create", "rollbacks"): 1, ("patch", "deployments"): 2, ("create", "events"): 2 * len(STEPS),
                  ("patch", "rollbacks/status"): 3, ("patch", "rollbackpolicies/status"): 3})
ENDS = {"Rollbacks": "1", "template writes": "1", "template": "good", "condition Complete of the Rollback": "True Stabilized",
        **{f"Events {step} of the {kind}": "1" for step in STEPS for kind in ("RollbackPolicy", "Deployment")}}
SECONDS = 60


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    """Named before the scene: the controller ends as it should while the proxy still passes."""
    with FaultProxy(log_file().parent) as one:
        yield one


def good_ones(scene: Scene, at_once: int) -> Iterator[tuple[App, Object]]:
    """One Deployment after the other, each with a policy, and with a release that is good; and its template.

    Some are prepared side by side, for that is what takes long.
    """
    for first in itertools.count(1, at_once):
        batch = [App(scene, deployment(f"web-{number}", replicas=1)) for number in range(first, first + at_once)]
        scene.kubectl.apply(*(app.manifest for app in batch))
        scene.kubectl.apply(*(policy(app.name, stabilization={"durationSeconds": 5}) for app in batch))
        yield from [(app, app.is_good()) for app in batch]


class Story:
    """A release crashes and is rolled back; the controller stands behind a proxy."""

    def __init__(self, scene: Scene, proxy: FaultProxy, at_once: int) -> None:
        self.scene, self.proxy = scene, proxy
        self.controller = scene.start_controller(server=proxy.url)
        self.apps = good_ones(scene, at_once)

    def play(self, moment: Moment, at: Callable[[Write], bool]) -> tuple[Cut, dict[str, str]]:
        """With a Deployment of its own. Hands back what was cut, and what is told in the end."""
        app, good = next(self.apps)
        cut = self.proxy.cut(self.controller, moment, at)
        app.ship(CRASH_AFTER_S=0)
        poll.eventually(f"{app.name} is rolled back, or its controller was killed", lambda: cut.done.is_set() or is_over(app), SECONDS)
        if cut.done.is_set():
            self.scene.start_again(self.controller)
            poll.eventually(f"{app.name} is rolled back; the controller was {cut}", lambda: is_over(app), SECONDS)
        told = self.told(app, good)
        assert cut.done.is_set() == (cut.write is not None), f"a write came after the end: {cut}"
        self.scene.kubectl("delete", f"rollbackpolicy/{app.name}", f"deployment/{app.name}", "--wait=false")  # in this order nobody minds
        return cut, told

    def told(self, app: App, good: Object) -> dict[str, str]:
        """What must not depend on where the controller was killed."""
        everything = self.scene.kubectl.list("rollbackpolicies,rollbacks,deployments,events")
        runs = [each for each in everything if each["kind"] == "Rollback" and each["spec"]["policyName"] == app.name]
        web, guard = (next(each for each in everything if (each["kind"], each["metadata"]["name"]) == (kind, app.name))
                      for kind in ("Deployment", "RollbackPolicy"))
        told = {"Rollbacks": str(len(runs)), "template": "good" if web["spec"]["template"] == good else "another",
                "template writes": str(sum(each.name == app.name for each in self.scene.template_writes()))}
        for each in (guard, *runs):
            told |= {f"condition {kind} of the {each['kind']}": f"{found['status']} {found['reason']}" for kind, found in conditions(each).items()}
        events = Counter((each["reason"], each["involvedObject"]["kind"]) for each in everything
                         if each["kind"] == "Event" and each.get("reportingComponent") == NAME and each["involvedObject"]["name"] == app.name)
        told |= {f"Events {reason} of the {kind}": str(times) for (reason, kind), times in events.items()}
        return told


def differences(want: dict[str, str], told: dict[str, str]) -> list[str]:
    return [f"{what}: {told.get(what)} instead of {want.get(what)}" for what in sorted(want | told) if told.get(what) != want.get(what)]


def is_over(app: App) -> bool:
    """Told in the policy's status, which is the last write."""
    return conditions(app.guard())["Ready"]["reason"] == "RolledBack"


@pytest.mark.core
def test_a_template_write_whose_answer_is_lost_is_not_done_again(proxy: FaultProxy, scene: Scene) -> None:
    cut, told = Story(scene, proxy, at_once=1).play(Moment.COMMITTED, lambda write: write.changes_template)
    assert cut.write and cut.write.code == 200, f"the write was not committed: {cut}"
    assert not differences(told | ENDS, told), f"{cut}: {differences(told | ENDS, told)}"


@pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.value)
def test_a_run_ends_the_same_at_whichever_write_it_is_cut(proxy: FaultProxy, scene: Scene, moment: Moment) -> None:
    story = Story(scene, proxy, at_once=8)
    whole, want = story.play(moment, lambda _: False)
    assert not differences(want | ENDS, want), f"a run that is not cut: {differences(want | ENDS, want)}"
    were_cut = []
    for key in [each.key for each in whole.writes]:
        cut, told = story.play(moment, lambda write, key=key: write.key == key)
        assert not differences(want, told), f"{cut}: {differences(want, told)}"
        were_cut += [cut.write] if cut.write else []  # not each run writes each status
    print(*were_cut, sep="\n")
    done = {(write.verb, write.resource) for write in were_cut if write.may_be_done}
    assert len(were_cut) >= NEEDED.total() and done >= NEEDED.keys(), f"too few cuts, or none of {NEEDED.keys() - done}: {whole.writes}"
    assert any(write.changes_template and write.may_be_done for write in were_cut), "never cut at the template"
