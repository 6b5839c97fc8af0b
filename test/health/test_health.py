"""Argo CD's health check and kstatus say the same of our objects, and what they say is what the transcripts mean.

kstatus has no word for Suspended: of a policy that is Paused it says that nothing is left to do, of a Rollback that a person holds
that something is.
"""

import itertools
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Look, Object

ALIKE = {"Current": "Healthy", "InProgress": "Progressing", "Failed": "Degraded"}
SUSPENDED = {"RollbackPolicy": "Current", "Rollback": "InProgress"}
TRANSCRIPTS = sorted((ROOT / "test/e2e/transcripts").glob("*.txt"))
MANIFESTS = ROOT / "manifests/argocd"
# What each transcript's objects come to: the policies', then the Rollbacks'.
MEANT = {
    "aborted": ["Healthy", "Degraded"],
    "armed": ["Healthy"],
    "memory-source-missing": ["Healthy"],
    "no-good-revision": ["Degraded"],
    "observing": ["Healthy"],
    "rolled-back": ["Healthy", "Healthy"],
    "superseded": ["Healthy", "Degraded"],
    "target-conflict": ["Healthy", "Degraded"],
    "target-not-found": ["Progressing"],
    "waiting-for-a-decision": ["Progressing", "Suspended"],
}


def condition(kind: str, status: str, reason: str = "Reason") -> Object:
    return {"type": kind, "status": status, "reason": reason, "message": f"{kind} is {status}"}


def written(kind: str, conditions: list[Object], spec: Object | None = None, seen: int = 1) -> Object:
    return {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": kind, "metadata": {"name": "web", "namespace": "shop", "generation": 1},
            "spec": spec or {}, "status": {"observedGeneration": seen, "conditions": conditions}}


def policies() -> list[Object]:
    """All that the conditions can say, but for Reconciling and Stalled both True, which is never said (test/unit/decide)."""
    every = itertools.product(("True", "False", "Unknown"), ("True", "False"), ("True", "False"), (1, 0), ("Enforce", "Observe", "Paused"))
    return [written("RollbackPolicy", [condition("Ready", ready), condition("Reconciling", reconciling), condition("Stalled", stalled)], {"mode": mode}, seen)
            for ready, reconciling, stalled, seen, mode in every if (reconciling, stalled) != ("True", "True")]


def rollbacks() -> list[Object]:
    """Reconciling and Stalled follow from the rest (test/unit/decide/standing_test.cpp)."""
    approvals = [("True", "Automatic"), *(("Unknown", why) for why in ("Pending", "WaitingForDecision", "RevisionTooOld", "NotEnforcing", "KillSwitch",
                                                                          "RollbackInProgress"))]
    reverts = [("Unknown", "Pending"), ("True", "TemplateRestored"), ("False", "TargetPaused"), ("False", "WriteDenied")]
    found = []
    for approval, revert, end, seen in itertools.product(approvals, reverts, (None, "Complete", "Failed"), (1, 0)):
        refused = end is None and revert[1] == "WriteDenied"
        standing = {"Reconciling": end is None and not refused, "Stalled": refused or end == "Failed",
                    "Complete": end == "Complete", "Failed": end == "Failed"}
        found.append(written("Rollback", [condition("Approved", *approval), condition("Reverted", *revert), condition("Restored", "Unknown", "Pending"),
                                          *(condition(kind, str(status)) for kind, status in standing.items())], seen=seen))
    return found


def shown(transcript: Path) -> list[Object]:
    """The objects of a transcript, as far as health goes by them."""
    return [described(part) for part in transcript.read_text().split("\n$ kubectl describe ")[1:]]


def described(text: str) -> Object:
    """From the output of kubectl describe."""
    kind, mode = (re.search(rf"^ *{key}:  (\w+)$", text, re.MULTILINE) for key in ("Kind", "Mode"))
    generation = re.search(r"^  Generation:  (\d+)$", text, re.MULTILINE)
    observed = re.search(r"^  Observed Generation:  (\d+)$", text, re.MULTILINE)
    block = re.search(r"^  Conditions:\n((?:    .*\n)+)", text, re.MULTILINE)
    conditions: list[Object] = []
    for key, value in re.findall(r"^    ([A-Z][A-Za-z ]+):  (.*)$", block[1], re.MULTILINE):
        if key == "Last Transition Time":
            conditions.append({})
        conditions[-1][key.lower()] = value
    found = written(kind[1], conditions, {"mode": mode[1]} if mode else {}, int(observed[1]))
    found["metadata"]["generation"] = int(generation[1])
    return found


def agree(thing: Object, verdict: dict[str, str]) -> bool:
    if verdict["health"] == "Suspended":
        return verdict["kstatus"] == SUSPENDED[thing["kind"]]
    return ALIKE.get(verdict["kstatus"]) == verdict["health"]


@pytest.mark.parametrize("every", [policies, rollbacks])
def test_they_agree_on_all_that_can_be_said(look: Look, every) -> None:
    objects = every()
    verdicts = look(objects)
    assert not [(thing, verdict) for thing, verdict in zip(objects, verdicts, strict=True) if not agree(thing, verdict)]
    assert {verdict["health"] for verdict in verdicts} == {"Healthy", "Progressing", "Degraded", "Suspended"}
    assert all(verdict["message"] for verdict in verdicts)


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_they_agree_on_what_was_seen(look: Look, transcript: Path) -> None:
    objects = shown(transcript)
    verdicts = look(objects)
    assert [verdict["health"] for verdict in verdicts] == MEANT[transcript.stem]
    assert all(map(agree, objects, verdicts)), verdicts


@pytest.mark.parametrize("kind", ["RollbackPolicy", "Rollback"])
def test_what_nobody_has_looked_at_is_progressing(look: Look, kind: str) -> None:
    thing = written(kind, [])
    del thing["status"]
    (verdict,) = look([thing])
    assert verdict["health"] == "Progressing"


def test_the_snippet_holds_the_tested_files() -> None:
    snippet = yaml.safe_load((MANIFESTS / "argocd-cm.yaml").read_text())
    assert snippet["metadata"]["name"] == "argocd-cm"
    for file in MANIFESTS.glob("*.lua"):
        assert snippet["data"].pop(f"resource.customizations.health.rollback.riptide.dev_{file.stem}") == file.read_text()
    assert not snippet["data"]
