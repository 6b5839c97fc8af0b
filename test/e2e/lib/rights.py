"""The controller's own identity, with exactly the rights it needs, each of which a test can take away and give back.

Taking one away stops the controller at a known place, for example between the Rollback's creation and its plan.
"""

import json
from pathlib import Path

import yaml
from lib.kubectl import Kubectl, Object

NAME = "rollback-controller"
# The chart's own list, right by right, so that each can be taken away.
GIVEN = yaml.safe_load((Path(__file__).parents[3] / "helm/riptide-rollback/files/rights.yaml").read_text())
RIGHTS = frozenset((row["group"], row["resource"], verb) for part in ("workload", "traffic", "lease") for row in GIVEN[part] for verb in row["verbs"])
KUBELET = [{"apiGroups": [row["group"]], "resources": [row["resource"]], "verbs": row["verbs"]} for row in GIVEN["kubelet"]]


class Rights:
    def __init__(self, kubectl: Kubectl) -> None:
        self.kubectl = kubectl
        self.user = f"system:serviceaccount:{kubectl.namespace}:{NAME}"
        self.held = set(RIGHTS)
        self.were_taken = False

    def grant(self) -> None:
        subject = {"kind": "ServiceAccount", "name": NAME, "namespace": self.kubectl.namespace}
        self.kubectl.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME}}, self._role(),
                           binding("Role", NAME, NAME, subject))
        self.grant_kubelet()

    def grant_kubelet(self, *rules: Object) -> None:
        """All that the chart gives, or only these."""
        subject = {"kind": "ServiceAccount", "name": NAME, "namespace": self.kubectl.namespace}
        self.kubectl.apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": self._kubelet},
                            "rules": rules or KUBELET}, binding("ClusterRole", self._kubelet, self._kubelet, subject))

    def take_kubelet(self) -> None:
        self.were_taken = True
        self.kubectl("delete", f"clusterrolebinding/{self._kubelet}", f"clusterrole/{self._kubelet}", "--ignore-not-found")

    def take_of_kubelet(self, resource: str) -> None:
        self.were_taken = True
        self.grant_kubelet(*(rule for rule in KUBELET if rule["resources"] != [resource]))

    def take(self, verb: str, resource: str) -> None:
        """From now on the controller may not do this."""
        taken = {right for right in RIGHTS if right[1:] == (resource, verb)}
        assert taken, f"the controller has no right to {verb} {resource} that could be taken"
        self.were_taken = True
        self.held -= taken
        self.kubectl.apply(self._role())

    def give_back(self, verb: str, resource: str) -> None:
        self.held |= {right for right in RIGHTS if right[1:] == (resource, verb)}
        self.kubectl.apply(self._role())

    def kubeconfig(self, file: Path, server: str | None = None) -> Path:
        """With a token of the controller's ServiceAccount; `server` stands before the API server."""
        config = json.loads(self.kubectl("config", "view", "--raw", "--minify", "--flatten", "--output=json"))
        config["clusters"][0]["cluster"].update({"server": server} if server else {})
        config["users"] = [{"name": NAME, "user": {"token": self.kubectl("create", "token", NAME, "--duration=2h").strip()}}]
        config["contexts"] = [{"name": NAME, "context": {"cluster": config["clusters"][0]["name"], "user": NAME}}]
        config["current-context"] = NAME
        file.write_text(json.dumps(config))
        return file

    @property
    def _kubelet(self) -> str:
        return f"{self.kubectl.namespace}-kubelet"

    def _role(self) -> Object:
        rules = [{"apiGroups": [group], "resources": [resource], "verbs": [verb]} for group, resource, verb in sorted(self.held)]
        return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": NAME}, "rules": rules}


def binding(kind: str, role: str, name: str, subject: Object) -> Object:
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": f"{kind}Binding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role}, "subjects": [subject]}
