"""Memory, CPU and requests of the controller that has nothing to do, by number of policies."""

import time

from lib.poll import eventually

from measure import product, tools
from measure.requests import Window, folder, summary
from measure.subject import Subject

PODS = 3  # of a workload
IDLE_SECONDS = 60
MEMORY = [{"name": "unstable", "type": "Failures", "failures": {"moreThan": 5, "windowSeconds": 600}},
          {"name": "memory", "type": "Memory", "memory": {"measure": "RSS", "above": "600M", "forSeconds": 30}}]


def measure(tiers: list[int], memory_at: int = 0, idle: float = IDLE_SECONDS, settled: float = product.SETTLED_SECONDS) -> list[dict]:
    """One row a tier; one more, with a Memory trigger in each policy, if `memory_at` is the last of them."""
    account = product.install()
    rows, there = [], 0
    for tier in tiers:
        load(there, tier)
        there = tier
        rows.append(one(account, tier, "Failures and Progress", idle, settled))
    if memory_at == there:
        rows.append(with_memory(account, there, idle, settled))
    return rows


def load(begin: int, end: int, triggers: list[dict] | None = None) -> None:
    if end == begin:
        return
    tools.call("load", **{"from": begin, "to": end, "replicas": PODS})
    tools.call("guard", **{"from": begin, "to": end}, **({"triggers": triggers} if triggers else {}))


def with_memory(account: object, there: int, idle: float, settled: float) -> dict:
    """The policies that are there are given a second trigger."""
    tools.call("unguard", **{"from": 0, "to": there})
    tools.call("guard", **{"from": 0, "to": there, "triggers": MEMORY})
    with tools.Server("measure-pods", pki=folder() / "pki"):
        return one(account, there, "Failures and Memory", idle, settled)


def one(account: object, policies: int, triggers: str, idle: float, settled: float) -> dict:
    with product.start(account) as first:  # each policy is given its first status
        first.await_ready()
        product.rests(first, settled)
    with product.start(account) as subject:
        synced, cold = subject.await_ready(), subject.cpu()
        product.rests(subject, settled)
        return {"policies": policies, "pods": PODS * policies, "triggers": triggers, "synced": synced, "cpu_to_synced": cold, **at_rest(subject, idle)}


def at_rest(subject: Subject, idle: float) -> dict:
    """One window in which nothing happens."""
    window, cpu, begun = Window(), subject.cpu(), time.monotonic()
    time.sleep(idle)
    seconds, used = time.monotonic() - begun, subject.cpu() - cpu
    asked = eventually("the audit log has the window", lambda: window.records(product.AGENT), within=10)
    return {"peak": subject.peak(), "rss": subject.rss(), "threads": subject.threads(), "seconds": seconds, "cpu": used / seconds, **summary(asked)}
