#!/usr/bin/python3
"""From a pod's crash to the controller's first write, the Rollback, beside a bare program that watches and writes.

Both are measured from the API server's audit log, turn by turn in the same run. Pods are not run: their status is patched here, so
that nothing but the API server, the watch and the controller is in the time. On its own it brings up the light cluster "bench".
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

from lib.audit import Audit, Entry  # noqa: E402
from lib.controller import Controller  # noqa: E402
from lib.direct import MERGE, Direct  # noqa: E402
from lib.kubectl import Kubectl, Object  # noqa: E402
from lib.manifests import deployment, failures, policy, rollback  # noqa: E402
from lib.poll import eventually  # noqa: E402
from lib.rights import Rights  # noqa: E402

TRIALS = 100
P50_AT_MOST, P99_AT_MOST = 2.0, 4.0  # times the probe's
CLUSTER = ROOT / "test" / "cluster" / "cluster"
NAME = "bench"
OURS, PROBE = "bench", "bench-probe"
ROLLBACKS = "/apis/rollback.riptide.dev/v1alpha1/namespaces/{}/rollbacks"
PODS = "/api/v1/namespaces/{}/pods"


def now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def running(restarts: int = 0) -> Object:
    """The status of a pod that is ready, its container having crashed so many times."""
    container = {"name": "eventmesh", "ready": True, "started": True, "restartCount": restarts, "image": "eventmesh", "imageID": "",
                 "state": {"running": {"startedAt": now()}}}
    if restarts:
        container["lastState"] = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": now(), "finishedAt": now()}}
    return {"status": {"phase": "Running", "containerStatuses": [container],
                       "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": now()}]}}


def connection() -> Direct:
    """A fresh one: the API server closes those that are idle for long."""
    return Direct(Path(os.environ["RBC_TEST_KUBECONFIG"]))


def set_status(api: Direct, namespace: str, pod: str, status: Object) -> None:
    api.call("PATCH", f"{PODS.format(namespace)}/{pod}/status", status, MERGE)


class Stage:
    """A hundred Deployments whose second release is live and complete, each with its policy."""

    def __init__(self) -> None:
        self.kubectl = Kubectl(OURS)
        self.names = [f"web-{number:03}" for number in range(TRIALS)]

    def release(self, image: int) -> None:
        self.kubectl.apply(*(deployment(name, replicas=1, image=image) for name in self.names))
        api = connection()
        eventually(f"release {image} is rolled out", lambda: self._make_ready(api, image), within=300)

    def guard(self) -> None:
        self.kubectl.apply(*(policy(name, failures(more_than=0), soak=0) for name in self.names))

    def pods(self, api: Direct) -> dict[str, str]:
        """The name of each Deployment's pod."""
        return {pod["metadata"]["labels"]["app"]: pod["metadata"]["name"] for pod in api.call("GET", PODS.format(OURS))["items"]}

    def _make_ready(self, api: Direct, image: int) -> bool:
        pods = api.call("GET", PODS.format(OURS))["items"]
        for pod in pods:
            if pod["status"]["phase"] != "Running":
                set_status(api, OURS, pod["metadata"]["name"], running())
        return len(pods) == TRIALS and all(pod["spec"]["containers"][0]["image"].endswith(f":{image}") for pod in pods)


def probe() -> None:
    """The bare program: it watches pods, and writes when one has crashed. Nothing is judged, nothing looked up."""
    api = connection()
    events = api.watch(PODS.format(PROBE))
    print("ready", flush=True)
    for event in events:
        statuses = event["object"].get("status", {}).get("containerStatuses", [])
        if event["type"] == "MODIFIED" and statuses and statuses[0]["restartCount"]:
            name = event["object"]["metadata"]["name"]
            api.call("POST", ROLLBACKS.format(PROBE), rollback(name, name, reason="probe"))


def crash(api: Direct, namespace: str, pod: str, seen: Iterator[Object], done: Callable[[Object], bool]) -> None:
    """One trial: it is over when the last write that it causes was seen, so that the next begins in silence."""
    set_status(api, namespace, pod, running(restarts=1))
    for event in seen:
        if done(event["object"]):
            return


def is_reverted(run: Object, name: str) -> bool:
    conditions = run.get("status", {}).get("conditions", [])
    return run["spec"]["policyName"] == name and any(each["type"] == "Reverted" and each["status"] == "True" for each in conditions)


def prepare_probe(api: Direct) -> list[str]:
    names = [f"pod-{number:03}" for number in range(TRIALS)]
    for name in names:
        spec = deployment(name)["spec"]["template"]["spec"]
        api.call("POST", PODS.format(PROBE), {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
        set_status(api, PROBE, name, running())
    return names


def delays(entries: list[Entry], writer: str, target: Callable[[Entry], str], crashed: dict[str, str]) -> list[float]:
    """Milliseconds from the arrival of each crash at the API server to the arrival of the Rollback that it causes."""
    created = {target(each): each for each in entries if each.user == writer and each.resource == "rollbacks" and each.verb == "create" and each.accepted}
    events = {each.name: each for each in entries if each.resource == "pods/status" and "restartCount\": 1" in str(each.body).replace("'", '"')}
    return [(created[name].received - events[pod].received).total_seconds() * 1000 for name, pod in crashed.items()]


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def calls_to_the_patch(entries: list[Entry], user: str, name: str, pod: str) -> list[Entry]:
    """What the controller asked of the API server about one Deployment, from the crash of its pod to the write of its template."""
    begin = next(index for index, each in enumerate(entries) if each.resource == "pods/status" and each.name == pod and "Error" in str(each.body))
    calls = []
    for each in entries[begin + 1:]:
        if each.user == user and each.name.startswith(name):
            calls.append(each)
            if each.changes_template:
                break
    return calls


def report(name: str, values: list[float]) -> tuple[float, float]:
    p50, p99 = percentile(values, 50), percentile(values, 99)
    print(f"{name:12} p50 {p50:7.2f} ms   p99 {p99:7.2f} ms   most {max(values):7.2f} ms   ({len(values)} trials)")
    return p50, p99


def measure() -> int:
    kubectl, folder = Kubectl(OURS), Path(os.environ["RBC_TEST_KUBECONFIG"]).parent
    kubectl("apply", f"--filename={ROOT / 'crds'}")
    kubectl("wait", f"--filename={ROOT / 'crds'}", "--for=condition=Established", "--timeout=30s")
    for namespace in (OURS, PROBE):
        kubectl("create", "namespace", namespace)
    rights = Rights(kubectl)
    rights.grant()
    (folder / "config.yaml").write_text(f"caps: {{simultaneousReverts: {2 * TRIALS}}}\n")  # no pod runs, so no revert ever ends here
    controller = Controller(OURS, rights.kubeconfig(folder / "controller-kubeconfig"), folder / "controller.log", f"--config={folder / 'config.yaml'}").start()
    stage = Stage()
    stage.release(1)
    stage.guard()
    stage.release(2)
    ours, theirs = Audit(OURS), Audit(PROBE)
    api = connection()
    pods = prepare_probe(api)
    crashed = stage.pods(api)
    with subprocess.Popen([sys.executable, __file__, "probe"], stdout=subprocess.PIPE, text=True) as bare:
        assert bare.stdout.readline() == "ready\n"
        seen, seen_by_probe = api.watch(ROLLBACKS.format(OURS)), api.watch(ROLLBACKS.format(PROBE))
        for name, pod in zip(stage.names, pods, strict=True):
            crash(api, OURS, crashed[name], seen, lambda run, name=name: is_reverted(run, name))
            crash(api, PROBE, pod, seen_by_probe, lambda run, pod=pod: run["metadata"]["name"] == pod)
        bare.kill()
    controller.stop()
    return tell(ours.entries(), theirs.entries(), rights.user, crashed, pods)


def tell(ours: list[Entry], theirs: list[Entry], user: str, crashed: dict[str, str], pods: list[str]) -> int:
    ours.sort(key=lambda each: each.received)
    prober = next(each.user for each in theirs if each.resource == "rollbacks" and each.verb == "create")
    print("\nFrom the crash of a pod to the first write, the Rollback, both as they arrive at the API server:")
    p50, p99 = report("controller", delays(ours, user, lambda each: each.body["spec"]["policyName"], crashed))
    bare50, bare99 = report("bare probe", delays(theirs, prober, lambda each: each.name, {pod: pod for pod in pods}))
    print(f"ratio        p50 {p50 / bare50:7.2f} x (at most {P50_AT_MOST})   p99 {p99 / bare99:7.2f} x (at most {P99_AT_MOST})")
    print("\nEvery call up to the write of the template, of the last trial:")
    for each in calls_to_the_patch(ours, user, *list(crashed.items())[-1]):
        print(f"  {each}")
    held = p50 <= P50_AT_MOST * bare50 and p99 <= P99_AT_MOST * bare99
    print("\nwithin the limits" if held else "\nNOT within the limits")
    return 0 if held else 1


def main() -> int:
    if sys.argv[1:] == ["probe"]:
        probe()
        return 0
    if os.environ.get("RBC_TEST_KUBECONFIG"):
        return measure()
    subprocess.run([CLUSTER, "down", "--name", NAME], check=True)
    subprocess.run([CLUSTER, "up", "--light", "--controllers", "--name", NAME], check=True)
    try:
        return subprocess.run([CLUSTER, "exec", "--name", NAME, "--", sys.executable, "-B", __file__], check=False).returncode
    finally:
        subprocess.run([CLUSTER, "down", "--name", NAME], check=True)


if __name__ == "__main__":
    sys.exit(main())
