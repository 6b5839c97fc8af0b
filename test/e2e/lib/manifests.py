"""What tests apply: Deployments of the sample service, and policies with limits short enough for a test."""

import copy
from typing import Any

from lib.kubectl import Object

IMAGE = "localhost/eventmesh"
PAUSE = "localhost/pause:1"
SOAK = 3  # seconds until a revision is marked good


def deployment(name: str = "web", replicas: int = 2, image: int = 1, env: dict[str, Any] | None = None, **spec: Any) -> Object:
    """The sample service. `spec` goes into the Deployment's spec as it is."""
    container = {
        "name": "eventmesh", "image": "", "imagePullPolicy": "Never", "env": [],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "5m", "memory": "16Mi"}},
    }
    template = {"metadata": {"labels": {"app": name}, "annotations": {}},
                "spec": {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 5, "containers": [container]}}
    first = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
             "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template, **spec}}
    return released(first, image, **(env or {}))


def autoscaler(target: str, minimum: int, maximum: int) -> Object:
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": target},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
                     "minReplicas": minimum, "maxReplicas": maximum}}


def container_of(manifest: Object) -> Object:
    return manifest["spec"]["template"]["spec"]["containers"][0]


def released(manifest: Object, image: int | None = None, annotations: dict[str, str] | None = None, **env: Any) -> Object:
    """The next release: a changed copy. An env of None leaves the variable out, a dict is a valueFrom."""
    changed = copy.deepcopy(manifest)
    container = container_of(changed)
    if image is not None:
        container["image"] = f"{IMAGE}:{image}"
    container["env"] = [entry for entry in container["env"] if entry["name"] not in env]
    for key, value in env.items():
        if isinstance(value, dict):
            container["env"].append({"name": key, "valueFrom": value})
        elif value is not None:
            container["env"].append({"name": key, "value": str(value)})
    changed["spec"]["template"]["metadata"]["annotations"].update(annotations or {})
    return changed


def confined(manifest: Object) -> Object:
    """A changed copy, for a namespace of the Pod Security level restricted."""
    changed = copy.deepcopy(manifest)
    container_of(changed)["securityContext"] = {"runAsNonRoot": True, "runAsUser": 65532, "allowPrivilegeEscalation": False,
                                                "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}
    return changed


def from_config(key: str, name: str = "outside") -> Object:
    """An env value that is read from a ConfigMap when a container starts: the template stays, what it does changes."""
    return {"configMapKeyRef": {"name": name, "key": key, "optional": True}}


def config(name: str = "outside", **data: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {key: str(value) for key, value in data.items()}}


def failures(more_than: int = 5, window: int = 600, name: str = "unstable") -> Object:
    return {"name": name, "type": "Failures", "failures": {"moreThan": more_than, "windowSeconds": window}}


def progress(deadline: int = 10, name: str = "stuck") -> Object:
    return {"name": name, "type": "Progress", "progress": {"deadlineSeconds": deadline}}


def memory(above: str, for_seconds: int = 10, measure: str = "RSS", name: str = "memory") -> Object:
    return {"name": name, "type": "Memory", "memory": {"measure": measure, "above": above, "forSeconds": for_seconds}}


def policy(target: str, *triggers: Object, name: str | None = None, soak: int = SOAK, **spec: Any) -> Object:
    """Without triggers it has the two defaults."""
    body = {"targetRef": {"kind": "Deployment", "name": target}, "stabilization": {"durationSeconds": 8, "periodSeconds": 5},
            "verification": {"timeoutSeconds": 60}, "revisions": {"soakSeconds": soak}}
    body.update({"triggers": list(triggers)} if triggers else {})
    for key, value in spec.items():
        body[key] = {**body.get(key, {}), **value} if isinstance(value, dict) else value
    return {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "RollbackPolicy", "metadata": {"name": name or target}, "spec": body}


def rollback(policy_name: str, name: str, **spec: Any) -> Object:
    return {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "Rollback", "metadata": {"name": name},
            "spec": {"policyName": policy_name, **spec}}
