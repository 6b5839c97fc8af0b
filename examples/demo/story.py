"""The demo's story, told while it happens: story.py run IMAGE | down. Needs RBC_TEST_KUBECONFIG and kubectl."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "e2e"))

from lib import audit  # noqa: E402
from lib.controller import Controller  # noqa: E402
from lib.kubectl import Kubectl, Object, conditions  # noqa: E402
from lib.poll import eventually  # noqa: E402
from lib.rights import Rights  # noqa: E402

NAMESPACE = "riptide-demo"
NAME = "riptide-eventmesh"
POLICY = ROOT / "examples" / "demo" / "policy.yaml"
LEAK_MIB_PER_S = 6
MOST_SECONDS = 150  # from the bad release to the end of the run
MEMORY_EVERY = 10  # seconds
LOG = ROOT / "build" / "demo-controller.log"


def say(text: str) -> None:
    print(f"\n==> {text}", flush=True)


def seconds(since: datetime, until: datetime) -> str:
    return f"{(until - since).total_seconds():.0f} s"


class Story:
    def __init__(self, image: str) -> None:
        self.image = image
        self.kubectl = Kubectl(NAMESPACE)
        self.rights = Rights(self.kubectl)
        self.controller: Controller | None = None
        self.told: dict[str, str] = {}
        self.breach: datetime | None = None
        self.memory_told = 0.0

    def tell(self) -> None:
        self.prepare()
        good = self.first_release()
        self.guard()
        shipped = self.bad_release()
        run = self.watch(shipped)
        self.judge(good, run)
        self.show(shipped, run)

    def prepare(self) -> None:
        say("a namespace, the CustomResourceDefinitions and the controller's rights")
        remove(self.kubectl)
        self.kubectl("apply", f"--filename={ROOT / 'crds'}")
        self.kubectl("wait", f"--filename={ROOT / 'crds'}", "--for=condition=Established", "--timeout=60s")
        self.kubectl("create", "namespace", NAMESPACE)
        self.rights.grant()
        self.log = audit.Audit(NAMESPACE) if audit.log_file().exists() else None

    def first_release(self) -> Object:
        say("release 1: a healthy service, three pods")
        text = self.kubectl("create", "--dry-run=client", "--output=json", f"--filename={ROOT / 'examples/eventmesh/deployment.yaml'}")
        for item in documents(text):
            if item["kind"] == "Deployment":
                container = item["spec"]["template"]["spec"]["containers"][0]
                container["image"] = self.image
                container["resources"]["limits"]["memory"] = "512Mi"  # the policy is to see the leak before the kernel does
            self.kubectl.apply(item)
        self.kubectl("annotate", "deployment", NAME, "kubernetes.io/change-cause=release 1")
        print(self.kubectl("rollout", "status", "deployment", NAME, "--timeout=120s"), end="")
        return self.deployment()["spec"]["template"]

    def guard(self) -> None:
        say("the controller, as a process of this machine; its log: build/demo-controller.log")
        LOG.parent.mkdir(exist_ok=True)
        LOG.unlink(missing_ok=True)
        kubeconfig = self.rights.kubeconfig(LOG.with_name("demo-kubeconfig"))
        self.controller = Controller(NAMESPACE, kubeconfig, LOG).start()
        say("the policy. For the demo, soak and stabilization are cut from 5 and 30 minutes to seconds:")
        print(POLICY.read_text(), end="")
        self.kubectl("apply", f"--filename={POLICY}")
        self.until("release 1 is marked good", 90, self.is_good)

    def is_good(self) -> bool:
        return any(mark["mark"] == "Good" for mark in self.policy().get("status", {}).get("marks", []))

    def bad_release(self) -> datetime:
        say(f"release 2: it leaks {LEAK_MIB_PER_S} MiB per second. From here on nobody touches anything.")
        self.kubectl("set", "env", f"deployment/{NAME}", f"LEAK_MIB_PER_S={LEAK_MIB_PER_S}")
        self.kubectl("annotate", "deployment", NAME, "--overwrite", "kubernetes.io/change-cause=release 2")
        return datetime.now(timezone.utc)

    def watch(self, shipped: datetime) -> str:
        self.until("a Rollback was created", MOST_SECONDS, lambda: bool(self.runs()))
        name = self.runs()[0]["metadata"]["name"]
        self.until("the Rollback is Restored", MOST_SECONDS, lambda: self.holds(name, "Restored"))
        self.until("the Rollback is Complete", MOST_SECONDS, lambda: self.holds(name, "Complete"))
        print(f"  {seconds(shipped, datetime.now(timezone.utc))} after release 2 was shipped", flush=True)
        return name

    def holds(self, run: str, kind: str) -> bool:
        found = conditions(self.kubectl.must_get("rollback", run))
        failed = found.get("Failed", {})
        assert failed.get("status") != "True", f"the Rollback failed, {failed['reason']}: {failed['message']}"
        return found.get(kind, {}).get("status") == "True"

    def judge(self, good: Object, run: str) -> None:
        """It counts only if the controller did it, and if release 1 serves."""
        say("checking that it happened by itself")
        now, deployment = self.kubectl.must_get("rollback", run), self.deployment()
        status = deployment["status"]
        ready = status.get("readyReplicas", 0)
        checks = [("the template is that of release 1", deployment["spec"]["template"] == good),
                  (f"{ready} of 3 pods are ready, all of release 1", ready == status.get("updatedReplicas") == status.get("replicas") == 3),
                  ("there is one Rollback, and it put the template back once", len(self.runs()) == 1 and now["status"].get("reverts") == 1),
                  ("it was created by the trigger 'memory'", now["spec"].get("triggerName") == "memory")]
        if self.log:
            writes = self.log.template_writes(self.rights.user)
            checks.append(("the audit log holds one write of the template by the controller", len(writes) == 1))
        for text, holds in checks:
            print(f"  {'yes' if holds else 'NO '}  {text}", flush=True)
        assert all(holds for _, holds in checks), "not every check holds"

    def show(self, shipped: datetime, run: str) -> None:
        for command in (["get", "rollbackpolicies,rollbacks", "--output=wide"], ["describe", "rollbackpolicy", NAME], ["describe", "rollback", run]):
            say(f"kubectl {' '.join(command)}")
            print(self.kubectl(*command), end="")
        now = self.kubectl.must_get("rollback", run)
        steps = {step["name"]: step for step in now["status"]["steps"]}
        created = audit.instant(now["metadata"]["creationTimestamp"])
        say("times")
        times = [("release 2 shipped", shipped), ("breach seen", self.breach or created), ("Rollback created", created),
                 ("template patched", self.patched() or audit.instant(steps["Revert"]["endTime"])),
                 ("release 1 available", audit.instant(steps["Rollout"]["endTime"]))]
        for text, when in times:
            print(f"  {when:%H:%M:%S}  {text}, {seconds(shipped, when)}")

    def patched(self) -> datetime | None:
        writes = self.log.template_writes(self.rights.user) if self.log else []
        return writes[0].answered if writes else None

    # ---- looking ----
    def until(self, what: str, within: float, look: Callable[[], bool]) -> None:
        print(f"  waiting until {what}", flush=True)
        eventually(what, look, within, also=self.narrate)
        self.narrate()

    def narrate(self) -> None:
        """Says what changed since the last look."""
        self.controller.must_be_alive()
        policy = self.policy()
        lines = {f"policy, {kind}": f"{found['reason']}: {found['message']}" for kind, found in conditions(policy).items() if kind in ("Ready", "Triggered")}
        for trigger in policy.get("status", {}).get("triggers", []):
            lines[f"trigger {trigger['name']}"] = f"{trigger['verdict']}, {trigger.get('message', '')}"
            if trigger["verdict"] == "Breached" and not self.breach:
                self.breach = audit.instant(trigger["lastTransitionTime"])
        for run in self.runs():
            for kind, found in conditions(run).items():
                lines[f"rollback, {kind}"] = f"{found['status']}, {found['reason']}: {found['message']}"
        for what, text in lines.items():
            if self.told.get(what) != text:
                print(f"  {time.strftime('%H:%M:%S')}  {what}: {text}", flush=True)
        self.told = lines

        if time.monotonic() > self.memory_told + MEMORY_EVERY:
            self.memory_told = time.monotonic()
            print(f"  {time.strftime('%H:%M:%S')}  memory of the pods, as their kubelets measure it: {self.memory()}", flush=True)

    def memory(self) -> str:
        pods = self.kubectl.list("pods")
        used = []
        for node in {pod["spec"].get("nodeName") for pod in pods} - {None}:
            summary = json.loads(self.kubectl("get", "--raw", f"/api/v1/nodes/{node}/proxy/stats/summary"))
            used += [container.get("memory", {}).get("rssBytes", 0) for pod in summary["pods"] if pod["podRef"]["namespace"] == NAMESPACE
                     for container in pod.get("containers", [])]
        return ", ".join(f"{bytes_of / 1e6:.0f}M" for bytes_of in sorted(used, reverse=True)) or "not known yet"

    def policy(self) -> Object:
        return self.kubectl.must_get("rollbackpolicy", NAME)

    def deployment(self) -> Object:
        return self.kubectl.must_get("deployment", NAME)

    def runs(self) -> list[Object]:
        return self.kubectl.list("rollbacks")

    def last_words(self) -> str:
        shown = [self.kubectl.run(*command).stdout for command in (["describe", "rollbackpolicies,rollbacks"], ["get", "deployments,pods", "--output=wide"])]
        log = LOG.read_text(errors="replace").splitlines()[-20:] if LOG.exists() else []
        return "\n".join([*shown, "the controller's last lines:", *log])

    def end(self) -> None:
        if self.controller and self.controller.is_alive():
            self.controller.stop()


def documents(text: str) -> list[Object]:
    """kubectl prints one JSON object after another."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        item, end = decoder.raw_decode(text)
        found.append(item)
        text = text[end:]
    return found


def remove(kubectl: Kubectl) -> None:
    Rights(kubectl).take_kubelet()
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")


def run(image: str) -> int:
    story = Story(image)
    try:
        story.tell()
    except KeyboardInterrupt:
        story.end()
        say("interrupted: removing what was made")
        remove(story.kubectl)
        return 130
    except (AssertionError, subprocess.SubprocessError) as failure:
        print(f"\n{story.last_words()}\n\ndemo: FAILED: {failure}", file=sys.stderr)
        return 1
    finally:
        story.end()
    say("the bad release was rolled back by itself")
    return 0


def main() -> int:
    if sys.argv[1:] == ["down"]:
        remove(Kubectl(NAMESPACE))
        return 0
    return run(sys.argv[2])


if __name__ == "__main__":
    sys.exit(main())
