"""A hundred policies breach at once: how long until all templates are written back, beside a bare client that sends the same writes."""

import json
import re

from lib.audit import WRITES, entry, instant
from lib.poll import eventually

from measure import product, scale, tools
from measure.requests import LEASE, Window, folder, is_about

STORM = 100
POLICIES = 1000
WORKERS = 4  # the controller's own default, and so the bare client's
TRIGGER = [{"name": "unstable", "type": "Failures", "severity": "Critical", "failures": {"moreThan": 0, "windowSeconds": 600}}]
NAME = re.compile(r"web-\d{5}")
JSON_PATCH = "application/json-patch+json"


def measure() -> dict:
    product.install()
    scale.load(0, POLICIES, TRIGGER)
    return {"policies": POLICIES, **stormed(STORM)}


def stormed(storm: int, settled: float = product.SETTLED_SECONDS) -> dict:
    """Twice the controller, then twice the bare client, without the reads and with them, each on workloads of its own."""
    account = folder() / product.KUBECONFIG
    config = product.written("config.yaml", f"caps: {{simultaneousReverts: {4 * storm}}}\nevidence: StatusOnly\n")
    ours = []
    with product.start(account, f"--config={config}", f"--workers={WORKERS}") as subject:
        subject.await_ready()
        product.rests(subject, settled)
        for begin in (0, storm):
            ours.append(break_out(begin, begin + storm))
            product.rests(subject, settled)
        log = subject.log.read_text()
    calls = ours[0]["calls"]
    writes = [each for each in calls if each["verb"] in WRITES]
    return {"storm": storm, "workers": WORKERS, "writes": len(writes), "lost_lease": log.count("not leading"),
            "controller": [{key: value for key, value in each.items() if key != "calls"} for each in ours],
            "bare": [replay(writes, storm, begin, account) for begin in (2 * storm, 3 * storm)],
            "bare_with_reads": [replay(calls, storm, begin, account) for begin in (4 * storm, 5 * storm)]}


def break_out(begin: int, end: int) -> dict:
    """Seconds from the first crash until the last template is written, and all calls of the controller on the way."""
    window = Window()
    tools.call("crash", **{"from": begin, "to": end, "replicas": 1})

    def done() -> list[dict]:
        seen = [each for each in window.records(product.AGENT) if each["verb"] in WRITES]
        return seen if sum(entry(each).changes_template and entry(each).accepted for each in seen) >= end - begin else []

    writes = eventually("all templates are written back", done, within=120)
    crashes = [entry(each) for each in window.records("bench-tools") if each["verb"] in WRITES]
    templates = [entry(each) for each in writes if entry(each).changes_template and entry(each).accepted]
    last = max(each.answered for each in templates)
    refused = [entry(each).code for each in writes if not entry(each).accepted]
    calls = [each for each in window.records(product.AGENT) if each["verb"] in (*WRITES, "get") and not is_about(each, LEASE)
             and instant(each["requestReceivedTimestamp"]) <= last]
    return {"from_first_crash": (last - min(each.received for each in crashes)).total_seconds(),
            "from_last_crash": (last - max(each.answered for each in crashes)).total_seconds(),
            "template_writes": len(templates), "refused": refused, "reads": sum(each["verb"] == "get" for each in calls), "calls": calls}


def replay(calls: list[dict], storm: int, begin: int, account: object) -> float:
    """The same calls by a bare client, policy by policy in their order, on the workloads that begin at this number."""
    lines = [json.dumps(asked) for each in calls if entry(each).accepted and (asked := request(each, storm, begin))]
    return float(tools.call("write", stdin="\n".join(lines), kubeconfig=account, at_once=WORKERS))


def request(record: dict, storm: int, begin: int) -> dict | None:
    """As it would be of another workload. What a patch tests is of the first workload, and left out."""
    body = record.get("requestObject")
    text = json.dumps([step for step in body if step["op"] != "test"] if isinstance(body, list) else body)
    path = record["requestURI"]
    of = NAME.search(path + text)
    if of is None:
        return None
    name = f"web-{int(of[0][4:]) % storm + begin:05}"
    method = {"create": "POST", "patch": "PATCH", "update": "PUT", "delete": "DELETE", "get": "GET"}[record["verb"]]
    media = JSON_PATCH if method == "PATCH" else "application/json"
    return {"group": name, "method": method, "path": NAME.sub(name, path), "media": media, "body": json.loads(NAME.sub(name, text))}
