"""What kubectl shows, made comparable: what differs from run to run is masked, everything else counts."""

import re

from lib.app import App

# In this order; each stands for something that no two runs have alike.
MASKS = [
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<uid>"),
    (re.compile(r"^(\s*Resource Version:\s+)\d+$", re.MULTILINE), r"\1<n>"),
    (re.compile(r"\b(\d+[dhms]){1,2}( \(x\d+ over (\d+[dhms]){1,2}\))?(?=\s|$)"), "<age>"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "<digest>"),
    (re.compile(r"\b\d+ ready\b"), "<n> ready"),  # a pod may be caught while it starts again
    (re.compile(r"^ *Most (Available|Updated): .*\n", re.MULTILINE), ""),  # so may the end of a rollout
    (re.compile(r"(?<=\S) {2,}"), "  "),
]


def masked(text: str, web: App) -> str:
    """Revisions are named by their order of creation, pods after their revision."""
    text = text.replace(web.scene.namespace, "<namespace>")
    for number, revision in enumerate(web.kubectl.list("replicasets"), start=1):
        name = revision["metadata"]["name"]
        text = re.sub(rf"\b{name}-[a-z0-9]{{5}}\b", f"{web.name}-<{number}>-<pod>", text)
        text = text.replace(name, f"{web.name}-<{number}>")
    for mask, stand_in in MASKS:
        text = mask.sub(stand_in, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def transcript(web: App) -> str:
    """`kubectl get` of the policies and Rollbacks, and `kubectl describe` of each: of several at once it would leave out the Events."""
    commands = [["get", "rollbackpolicies,rollbacks"]]
    for kind in ("rollbackpolicy", "rollback"):
        commands += [["describe", kind, each["metadata"]["name"]] for each in web.kubectl.list(kind)]
    return "\n".join(with_sorted_events(masked(f"$ kubectl {' '.join(command)}\n{web.kubectl(*command)}", web)) for command in commands)


def with_sorted_events(text: str) -> str:
    """kubectl sorts Events by a time that ours have in common when they are of one pass."""
    before, found, events = text.partition("\nEvents:\n")
    head, rows = events.splitlines()[:2], events.splitlines()[2:]
    return before + found + "".join(f"{row}\n" for row in head + sorted(rows)) if found else text
