"""A Deployment under test, its policy and its Rollbacks, in words that read aloud."""

import signal
from typing import TYPE_CHECKING, Any

from lib import manifests
from lib.containers import id_of, signal_container
from lib.kubectl import Object, conditions
from lib.run import Run

if TYPE_CHECKING:
    from lib.scene import Scene

HASH = "pod-template-hash"


class App:
    def __init__(self, scene: "Scene", manifest: Object) -> None:
        self.scene, self.kubectl = scene, scene.kubectl
        self.name = manifest["metadata"]["name"]
        self.manifest = manifest  # the last one that was shipped

    # ---- given ----
    def rolled_out(self, within: float = 120) -> "App":
        self.scene.eventually(f"Deployment {self.name} is rolled out", self._is_rolled_out, within)
        return self

    def policy(self, *triggers: Object, **spec: Any) -> "App":
        """Its policy, of the same name; waited for until the controller has looked at it."""
        self.kubectl.apply(manifests.policy(self.name, *triggers, **spec))
        self.scene.eventually("the policy is looked at", lambda: conditions(self.guard()).get("Ready"))
        return self

    def is_good(self, within: float = 90) -> Object:
        """Waits until what runs is marked good, and hands back its template."""
        def marked() -> bool:
            status = self.guard().get("status", {})
            now = status.get("target", {}).get("revision", {})
            is_newest = now.get("name") == self.revisions()[-1]["metadata"]["name"]
            return is_newest and any(mark["fingerprint"] == now["fingerprint"] and mark["mark"] == "Good" for mark in status.get("marks", []))
        self.scene.eventually(f"the running release of {self.name} is marked good", marked, within)
        return self.template()

    # ---- when ----
    def ship(self, image: int | None = None, annotations: dict[str, str] | None = None, **env: Any) -> Object:
        """A release by `kubectl apply`; hands back its template as the server keeps it."""
        self.manifest = manifests.released(self.manifest, image, annotations, **env)
        self.kubectl.apply(self.manifest)
        return self.template()

    def set_mode(self, mode: str) -> None:
        self.kubectl.patch("rollbackpolicy", self.name, {"spec": {"mode": mode}})

    def crash(self, pod_name: str) -> None:
        """Kills the container of a pod, and waits until another instance runs, or until the pod is gone because that was one too many."""
        pod = self.kubectl.must_get("pod", pod_name)
        before = id_of(pod, "eventmesh")
        signal_container(pod, "eventmesh", signal.SIGKILL)

        def is_over() -> bool:
            now = self.kubectl.get("pod", pod_name)
            return now is None or id_of(now, "eventmesh") not in ("", before)
        self.scene.eventually(f"{pod_name} runs again", is_over)

    def freeze(self, pod_name: str) -> None:
        """Its process stops answering, without ending."""
        signal_container(self.kubectl.must_get("pod", pod_name), "eventmesh", signal.SIGSTOP)

    # ---- then ----
    def guard(self) -> Object:
        """The policy as it is now."""
        return self.kubectl.must_get("rollbackpolicy", self.name)

    def deployment(self) -> Object:
        return self.kubectl.must_get("deployment", self.name)

    def template(self) -> Object:
        return self.deployment()["spec"]["template"]

    def tells(self, condition: str, reason: str, status: str | None = None, within: float = 60) -> Object:
        """Waits until a condition of the policy has this reason."""
        def look() -> Object | None:
            found = conditions(self.guard()).get(condition, {})
            return found if found.get("reason") == reason and status in (None, found["status"]) else None
        return self.scene.eventually(f"the policy's {condition} says {reason}", look, within)

    def rollbacks(self) -> list[Object]:
        return [each for each in self.kubectl.list("rollbacks") if each["spec"]["policyName"] == self.name]

    def rolls_back(self, nth: int = 1, within: float = 60) -> Run:
        """Waits for the nth Rollback of the policy."""
        def look() -> list[Object]:
            found = self.rollbacks()
            return found if len(found) >= nth else []
        runs = self.scene.eventually(f"Rollback number {nth} of {self.name} exists", look, within)
        return Run(self.scene, runs[nth - 1]["metadata"]["name"])

    def keeps_still(self, during: float) -> None:
        """No Rollback, and no word of one."""
        def fired() -> object:
            return self.rollbacks() or conditions(self.guard()).get("Triggered", {}).get("status") == "True"
        self.scene.never("something fired", fired, during)

    def serves(self, template: Object) -> None:
        """Exactly this template is live, and its pods are all that is left and ready."""
        assert self.template() == template, f"another template is live: {self.template()}"
        self.rolled_out()
        assert self.template() == template, f"another template is live: {self.template()}"

    def revisions(self) -> list[Object]:
        """Its ReplicaSets, the lowest revision number first."""
        uid = self.deployment()["metadata"]["uid"]
        owned = [each for each in self.kubectl.list("replicasets") if each["metadata"]["ownerReferences"][0]["uid"] == uid]
        return sorted(owned, key=lambda each: int(each["metadata"]["annotations"]["deployment.kubernetes.io/revision"]))

    def pods(self, revision: Object | None = None) -> list[str]:
        """Names of the pods that are not going away, of one revision or of all."""
        wanted = {each["metadata"]["labels"][HASH] for each in ([revision] if revision else self.revisions())}
        return [pod["metadata"]["name"] for pod in self.kubectl.list("pods")
                if pod["metadata"]["labels"].get(HASH) in wanted and "deletionTimestamp" not in pod["metadata"]]

    def _is_rolled_out(self) -> bool:
        now = self.deployment()
        status, replicas = now.get("status", {}), now["spec"]["replicas"]
        return (status.get("observedGeneration") == now["metadata"]["generation"] and status.get("updatedReplicas", 0) == replicas
                and status.get("availableReplicas", 0) == replicas and status.get("replicas", 0) == replicas)
