"""How many watch events a second the controller takes, from a server that has them ready."""

import json

from measure import product, scale, tools
from measure.requests import folder

ADDRESS = "127.0.0.1:7443"
POLICIES = 1000
SECONDS = 20
RUNS = [{"rate": 0, "changing": False}, {"rate": 0, "changing": True}, {"rate": 10_000, "changing": False}, {"rate": 10_000, "changing": True}]


def measure() -> list[dict]:
    product.install()
    scale.load(0, POLICIES)
    return replayed(POLICIES, SECONDS)


def replayed(policies: int, seconds: float, settled: float = product.SETTLED_SECONDS) -> list[dict]:
    """One row a run, of what the cluster holds."""
    account = folder() / product.KUBECONFIG
    with product.start(account) as first:
        first.await_ready()
        product.rests(first, settled)
    with tools.Server("replay", listen=ADDRESS, pki=folder() / "pki"):
        way = product.by_way_of(account, f"https://{ADDRESS}")
        with product.start(way) as subject:
            subject.await_ready()
            product.rests(subject, settled)
            return [one(subject, policies, seconds, **run) for run in RUNS]


def one(subject: object, policies: int, seconds: float, rate: int, changing: bool) -> dict:
    cpu = subject.cpu()
    asked = f"seconds={seconds},rate={rate}" + (",changing=1" if changing else "")
    seen = json.loads(tools.call("ask", kubeconfig=folder() / "kubeconfig-by-way", run=asked))
    used = subject.cpu() - cpu
    assert not seen.get("error"), seen["error"]
    subject.must_be_alive()
    return {"policies": policies, "asked": rate, "changing": changing, **seen, "cpu": used / seen["seconds"], "rate": seen["events"] / seen["seconds"],
            "micros": used / seen["events"] * 1e6, "size": seen["bytes"] / seen["events"], "rss": subject.rss(), "peak": subject.peak()}
