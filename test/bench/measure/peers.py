"""Flagger and Argo Rollouts beside the controller, each with the same workloads and nothing to do, one after the other on one cluster each."""

import time

from lib.kubectl import Kubectl
from lib.poll import eventually

from measure import product, tools
from measure.programs import manifests, path_of
from measure.requests import Window, folder, summary
from measure.subject import Subject, rests

REPLICAS = 3
IDLE_SECONDS = 60
SETTLE_SECONDS = 900
FLAGGER_INTERVALS = ("10s", "60s")


def measure(who: str, objects: int, idle: float = IDLE_SECONDS) -> list[dict]:
    kubectl = Kubectl("default")
    with tools.Server("run-pods"):
        return WHO[who](kubectl, objects, idle)


def whole(objects: int, kind: str = "Deployment") -> None:
    tools.call("whole", **{"from": 0, "to": objects, "replicas": REPLICAS, "kind": kind})


def ready(kubectl: Kubectl, resource: str, count: int) -> None:
    """So many of them have all their pods."""
    def look() -> bool:
        text = kubectl("get", resource, "--all-namespaces", "--output=jsonpath={range .items[*]}{.status.availableReplicas}{'\\n'}{end}")
        return text.split().count(str(REPLICAS)) >= count

    eventually(f"{count} {resource} are available", look, SETTLE_SECONDS)


def ours(kubectl: Kubectl, objects: int, idle: float) -> list[dict]:
    account = product.install()
    whole(objects)
    ready(kubectl, "deployments", objects)
    tools.call("guard", **{"from": 0, "to": objects})
    with product.start(account) as subject:
        subject.await_ready()
        product.rests(subject)
        return [row("controller", "default triggers", objects, at_rest(subject, product.AGENT, idle))]


def row(who: str, how: str, objects: int, seen: dict) -> dict:
    return {"who": who, "how": how, "objects": objects, "pods": REPLICAS * objects, **seen}


def at_rest(subject: Subject, agent: str, idle: float) -> dict:
    window, cpu, begun = Window(), subject.cpu(), time.monotonic()
    time.sleep(idle)
    seconds, used = time.monotonic() - begun, subject.cpu() - cpu
    subject.must_be_alive()
    return {"rss": subject.rss(), "peak": subject.peak(), "threads": subject.threads(), "cpu": used / seconds, "seconds": seconds,
            **summary(window.records(agent))}


def argo(kubectl: Kubectl, objects: int, idle: float) -> list[dict]:
    kubectl("apply", "--server-side", f"--filename={manifests('argo-rollouts')}")
    kubectl("create", "namespace", "argo-rollouts")
    command = [path_of("rollouts-controller"), "--namespaced=false", "--leader-elect=false"]
    with Subject(command, folder() / "argo-rollouts.log") as subject:
        whole(objects, "Rollout")
        ready(kubectl, "rollouts.argoproj.io", objects)
        rests(subject, during=5, below=0.3)
    with Subject(command, folder() / "argo-rollouts.log") as subject:
        rests(subject, during=5, below=0.3)
        return [row("argo-rollouts", "Rollouts at rest, no analysis", objects, at_rest(subject, "rollouts-controller/", idle))]


def flagger(kubectl: Kubectl, objects: int, idle: float) -> list[dict]:
    kubectl("apply", "--server-side", f"--filename={manifests('flagger')}")
    whole(objects)
    ready(kubectl, "deployments", objects)
    rows = []
    for interval in FLAGGER_INTERVALS:
        tools.call("flag", **{"from": 0, "to": objects, "interval": interval})
        command = [path_of("flagger"), f"--kubeconfig={folder() / 'kubeconfig'}", "--mesh-provider=kubernetes", "--metrics-server=http://127.0.0.1:9"]
        with Subject(command, folder() / "flagger.log") as subject:
            eventually("every Canary is initialized", lambda: initialized(kubectl, objects), SETTLE_SECONDS, also=subject.must_be_alive)
            time.sleep(idle / 2)
            rows.append(row("flagger", f"interval {interval}", objects, at_rest(subject, "flagger/", idle)))
        tools.call("unflag", **{"from": 0, "to": objects})
    return rows


def initialized(kubectl: Kubectl, objects: int) -> bool:
    phases = kubectl("get", "canaries.flagger.app", "--all-namespaces", "--output=jsonpath={.items[*].status.phase}").split()
    return phases.count("Initialized") == objects


WHO = {"controller": ours, "argo-rollouts": argo, "flagger": flagger}
