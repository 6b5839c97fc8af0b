"""The controller as the chart installs it, with the chart's rights, but as a process of the machine."""

import json
import os
import time
from pathlib import Path

import yaml
from lib.kubectl import Kubectl, bundle
from lib.poll import eventually

from measure.requests import LEASE, Window, folder, is_about
from measure.subject import Subject

ROOT = Path(__file__).resolve().parents[3]
BINARY = ROOT / os.environ.get("RBC_BENCH_CONTROLLER", "build/release/controller/rollback-controller")
NAMESPACE, ACCOUNT = "rollback-system", "rollback-controller"
KUBECONFIG = "controller-kubeconfig"
AGENT = "rollback-controller/"
# What would run pods, or forbids traffic between them, is left out: the process is ours.
LEFT_OUT = ("Deployment", "PodDisruptionBudget", "NetworkPolicy")
SETTLED_SECONDS = 3
METRICS, HEALTH = "127.0.0.1:21080", "127.0.0.1:21081"


def install() -> Path:
    """The path of a kubeconfig with a token of the controller's account."""
    kubectl = Kubectl(NAMESPACE)
    wanted = [each for each in yaml.safe_load_all((ROOT / "manifests/install.yaml").read_text()) if each and each["kind"] not in LEFT_OUT]
    kubectl("apply", "--server-side", "--filename=-", stdin=bundle(*wanted))
    kubectl("wait", f"--filename={ROOT / 'crds'}", "--for=condition=Established", "--timeout=30s")
    config = json.loads(kubectl("config", "view", "--raw", "--minify", "--flatten", "--output=json"))
    token = kubectl("create", "token", ACCOUNT, "--duration=4h").strip()
    config["users"] = [{"name": ACCOUNT, "user": {"token": token}}]
    config["contexts"] = [{"name": ACCOUNT, "context": {"cluster": config["clusters"][0]["name"], "user": ACCOUNT}}]
    config["current-context"] = ACCOUNT
    return written(KUBECONFIG, json.dumps(config))


def by_way_of(kubeconfig: Path, server: str) -> Path:
    """The same account, but the API server is asked at another address."""
    config = json.loads(kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = server
    return written("kubeconfig-by-way", json.dumps(config))


def written(name: str, text: str) -> Path:
    file = folder() / name
    file.write_text(text)
    return file


def rests(subject: Subject, during: float = SETTLED_SECONDS) -> None:
    """Returns when it has asked for nothing but the Lease for so many seconds. CPU would not tell: on a slow machine writes trickle."""
    def look() -> bool:
        window = Window()
        time.sleep(during)
        return all(is_about(each, LEASE) for each in window.records(AGENT))

    eventually("the controller rests", look, within=900, also=subject.must_be_alive)


def start(kubeconfig: Path, *flags: str) -> Subject:
    command = [str(BINARY), f"--kubeconfig={kubeconfig}", f"--lease-namespace={NAMESPACE}", f"--metrics-address={METRICS}",
               f"--health-address={HEALTH}", *flags]
    return Subject(command, folder() / "controller.log", f"http://{HEALTH}/readyz")
