"""The demo's story, told while it happens: story.py run IMAGE CONTROLLER_IMAGE | down. Needs RBC_TEST_KUBECONFIG, kubectl and helm."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "e2e"))

from lib import audit, chart  # noqa: E402
from lib.kubectl import Kubectl, Object, conditions  # noqa: E402
from lib.poll import eventually  # noqa: E402

NAMESPACE = "riptide-demo"
NAME = "riptide-eventmesh"
USER = f"system:serviceaccount:{NAMESPACE}:rollback-controller"
POLICY = ROOT / "examples" / "eventmesh" / "policy.yaml"
SHORTER = {"spec": {"revisions": {"soakSeconds": 5}, "stabilization": {"durationSeconds": 20, "periodSeconds": 5}}}
LEAK_MIB_PER_S = 6
MOST_SECONDS = 150  # from the bad release to the end of the run


def say(text: str) -> None:
    print(f"\n==> {text}", flush=True)


def seconds(since: datetime, until: datetime) -> str:
    return f"{(until - since).total_seconds():.0f} s"


def now() -> datetime:
    return datetime.now(timezone.utc)


class Story:
    def __init__(self, image: str, controller_image: str) -> None:
        self.image, self.controller_image = image, controller_image
        self.kubectl = Kubectl(NAMESPACE)
        self.told: dict[str, str] = {}
        self.breach: datetime | None = None

    def tell(self) -> None:
        self.prepare()
        good = self.first_release()
        self.install()
        self.guard()
        shipped = self.bad_release()
        run = self.watch(shipped)
        self.judge(good, run)
        self.show(shipped, run)

    def prepare(self) -> None:
        say(f"the namespace {NAMESPACE}, with the Pod Security level restricted")
        remove(self.kubectl)
        self.kubectl("create", "namespace", NAMESPACE)
        self.kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
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

    def install(self) -> None:
        command = ["install", chart.RELEASE, str(chart.CHART.relative_to(ROOT)), f"--namespace={NAMESPACE}",
                   *chart.of_image(self.controller_image), "--wait", "--timeout=120s"]
        say(f"helm {' '.join(command)}")
        chart.must(*command)
        print(self.kubectl("get", "deployment", chart.DEPLOYMENT), end="")

    def guard(self) -> None:
        say(f"kubectl apply --filename={POLICY.relative_to(ROOT)}")
        print(POLICY.read_text(), end="")
        self.kubectl("apply", f"--filename={POLICY}")
        shorter = json.dumps(SHORTER)
        say(f"for the demo, soak and stabilization are cut from 5 and 30 minutes to seconds:\nkubectl patch rollbackpolicy {NAME} --type=merge --patch='{shorter}'")
        self.kubectl("patch", "rollbackpolicy", NAME, "--type=merge", f"--patch={shorter}")
        self.until("release 1 is marked good", 90, self.is_good)

    def is_good(self) -> bool:
        return any(mark["mark"] == "Good" for mark in self.policy().get("status", {}).get("marks", []))

    def bad_release(self) -> datetime:
        say(f"release 2: it leaks {LEAK_MIB_PER_S} MiB per second. From here on nobody touches anything.")
        self.kubectl("set", "env", f"deployment/{NAME}", f"LEAK_MIB_PER_S={LEAK_MIB_PER_S}")
        self.kubectl("annotate", "deployment", NAME, "--overwrite", "kubernetes.io/change-cause=release 2")
        return now()

    def watch(self, shipped: datetime) -> str:
        self.until("a Rollback was created", MOST_SECONDS, lambda: bool(self.runs()))
        name = self.runs()[0]["metadata"]["name"]
        self.until("the Rollback is Restored", MOST_SECONDS, lambda: self.holds(name, "Restored"))
        self.until("the Rollback is Complete", MOST_SECONDS, lambda: self.holds(name, "Complete"))
        print(f"  {seconds(shipped, now())} after release 2 was shipped", flush=True)
        return name

    def holds(self, run: str, kind: str) -> bool:
        found = conditions(self.kubectl.must_get("rollback", run))
        failed = found.get("Failed", {})
        assert failed.get("status") != "True", f"the Rollback failed, {failed['reason']}: {failed['message']}"
        return found.get(kind, {}).get("status") == "True"

    def judge(self, good: Object, run: str) -> None:
        """It counts only if the controller did it, and if release 1 serves."""
        say("checking that it happened by itself")
        rollback, deployment = self.kubectl.must_get("rollback", run), self.deployment()
        status = deployment["status"]
        ready = status.get("readyReplicas", 0)
        checks = [("the template is that of release 1", deployment["spec"]["template"] == good),
                  (f"{ready} of 3 pods are ready, all of release 1", ready == status.get("updatedReplicas") == status.get("replicas") == 3),
                  ("there is one Rollback, and it put the template back once", len(self.runs()) == 1 and rollback["status"].get("reverts") == 1),
                  ("it was created by the trigger 'memory'", rollback["spec"].get("triggerName") == "memory")]
        if self.log:
            writes = self.log.template_writes(USER)
            checks.append(("the audit log holds one write of the template by the controller", len(writes) == 1))
        for text, holds in checks:
            print(f"  {'yes' if holds else 'NO '}  {text}", flush=True)
        assert all(holds for _, holds in checks), "not every check holds"

    def show(self, shipped: datetime, run: str) -> None:
        for command in (["get", "rollbackpolicies,rollbacks", "--output=wide"], ["describe", "rollbackpolicy", NAME], ["describe", "rollback", run]):
            say(f"kubectl {' '.join(command)}")
            print(self.kubectl(*command), end="")
        rollback = self.kubectl.must_get("rollback", run)
        steps = {step["name"]: step for step in rollback["status"]["steps"]}
        created = audit.instant(rollback["metadata"]["creationTimestamp"])
        say("times")
        times = [("release 2 shipped", shipped), ("breach seen", self.breach or created), ("Rollback created", created),
                 ("template patched", self.patched() or audit.instant(steps["Revert"]["endTime"])),
                 ("release 1 available", audit.instant(steps["Rollout"]["endTime"]))]
        for text, when in times:
            print(f"  {when:%H:%M:%S}  {text}, {seconds(shipped, when)}")

    def patched(self) -> datetime | None:
        writes = self.log.template_writes(USER) if self.log else []
        return writes[0].answered if writes else None

    # ---- looking ----
    def until(self, what: str, within: float, look: Callable[[], bool]) -> None:
        print(f"  waiting until {what}", flush=True)
        eventually(what, look, within, also=self.narrate)
        self.narrate()

    def narrate(self) -> None:
        """Says what changed since the last look."""
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

    def policy(self) -> Object:
        return self.kubectl.must_get("rollbackpolicy", NAME)

    def deployment(self) -> Object:
        return self.kubectl.must_get("deployment", NAME)

    def runs(self) -> list[Object]:
        return self.kubectl.list("rollbacks")

    def last_words(self) -> str:
        commands = (["describe", "rollbackpolicies,rollbacks"], ["get", "deployments,pods", "--output=wide"],
                    ["logs", f"deployment/{chart.DEPLOYMENT}", "--all-pods", "--tail=20"], ["get", "events"])
        return "\n".join(f"kubectl {' '.join(command)}:\n{self.kubectl.run(*command).stdout}" for command in commands)


def documents(text: str) -> list[Object]:
    """kubectl prints one JSON object after another."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        item, end = decoder.raw_decode(text)
        found.append(item)
        text = text[end:]
    return found


def remove(kubectl: Kubectl) -> None:
    chart.must("uninstall", chart.RELEASE, f"--namespace={NAMESPACE}", "--ignore-not-found", "--wait", "--timeout=60s")
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")


def run(image: str, controller_image: str) -> int:
    story = Story(image, controller_image)
    try:
        story.tell()
    except KeyboardInterrupt:
        say("interrupted: removing what was made")
        remove(story.kubectl)
        return 130
    except (AssertionError, subprocess.SubprocessError) as failure:
        print(f"\n{story.last_words()}\n\ndemo: FAILED: {failure}", file=sys.stderr)
        return 1
    say("the bad release was rolled back by itself")
    return 0


def main() -> int:
    if sys.argv[1:] == ["down"]:
        remove(Kubectl(NAMESPACE))
        return 0
    return run(*sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
