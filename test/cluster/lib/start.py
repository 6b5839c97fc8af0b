"""One start of a cluster, from nothing to ready."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from lib import certs, cgroups, conf, control, gateway, inside, kubeconfig, namespaces, node, processes
from lib.api import Api
from lib.commands import run
from lib.layout import API_PORT, HERE, NODE_NAME, Cluster
from lib.processes import Process
from lib.programs import Programs
from lib.running import Mode, Running
from lib.say import Failure

READY_SECONDS = 120


class Start:
    def __init__(self, cluster: Cluster, mode: Mode, built: Programs, pause: Path | None) -> None:
        self.cluster, self.built, self.pause = cluster, built, pause
        self.running = Running(mode, [])

    def to_ready(self) -> None:
        cluster, mode = self.cluster, self.running.mode
        cluster.logs.mkdir(parents=True)
        certs.make(cluster)
        conf.write(cluster)
        cgroups.create(cluster)
        namespaces.create_network(cluster)
        if mode.runs_pods:
            namespaces.require_bridge_filter()
            self._note(namespaces.create_mounts(cluster))
            self._start("containerd", node.containerd)
        self._start("etcd", control.etcd)
        self._start("kube-apiserver", control.apiserver)
        self._forward()
        self._wait("the API server", "/readyz")
        self._wait("the default namespace", "/api/v1/namespaces/default")
        if mode is not Mode.LIGHT:
            self._start("kube-controller-manager", control.controller_manager)
        if mode.runs_pods:
            self._node()
        if mode is Mode.GATEWAY:
            self._gateway()
        if mode is not Mode.LIGHT:
            self._wait("the default service account", "/api/v1/namespaces/default/serviceaccounts/default")

    def _node(self) -> None:
        self._start("kube-scheduler", control.scheduler)
        self._start("kubelet", node.kubelet)
        self._start("kube-proxy", node.kube_proxy)
        self._kubectl("can't make the DNS service", "create", "--validate=false", "-f", self.cluster.conf / "dns.yaml")
        self._start("coredns", node.coredns)
        node.load_images(self.cluster, self.built, self.running.mounts(), [self.pause])
        self._wait("the node", f"/api/v1/nodes/{NODE_NAME}", _shows("Ready"))
        self._wait("the service rules", f"/api/v1/nodes/http:{NODE_NAME}:10256/proxy/healthz")
        self._wait("DNS", f"/api/v1/nodes/http:{NODE_NAME}:8181/proxy/ready")

    def _gateway(self) -> None:
        certs.add(self.cluster, certs.CONTOUR)
        kubeconfig.write(self.cluster, self.cluster.client_kubeconfig("contour"), "contour")
        gateway.write_bootstrap(self.cluster, self.built)
        self._kubectl("can't install the Gateway API", "create", "--validate=false",
                      "-f", self.cluster.conf / "contour-access.yaml", "-f", self.built.manifests("contour"))
        self._kubectl("the Gateway API is not usable", "wait", "--for=condition=Established",
                      "customresourcedefinitions", "--all", f"--timeout={READY_SECONDS}s")
        self._kubectl("can't make the Gateway", "create", "--validate=false", "-f", self.cluster.conf / "gateway.yaml")
        self._start("contour", gateway.contour)
        self._wait("the Gateway", "/apis/gateway.networking.k8s.io/v1/namespaces/projectcontour/gateways/contour",
                   _shows("Accepted", "Programmed"))
        # Sooner, it would find no Contour and wait seconds before it asks again.
        self._start("envoy", gateway.envoy)
        self._wait("Envoy", f"/api/v1/nodes/http:{NODE_NAME}:{gateway.READY_PORT}/proxy/ready")

    def _kubectl(self, why: str, *arguments: str | Path) -> None:
        run([self.built.path("kubectl"), *arguments], why,
            environment=inside.client_environment(self.cluster, self.cluster.host_kubeconfig))

    def _note(self, process: Process) -> None:
        self.running.processes.append(process)
        self.running.save(self.cluster)

    def _start(self, name: str, command: Callable[[Cluster, Programs], list[str]]) -> None:
        mounts = self.running.mounts()
        self._note(processes.start(
            self.cluster, name, [*processes.enter(self.cluster, mounts), *command(self.cluster, self.built)],
            {"PATH": inside.search_path(self.built)}))

    def _forward(self) -> None:
        ready = self.cluster.dir / "port"
        forwarder = processes.start(self.cluster, "forward", [
            sys.executable, str(HERE / "lib" / "forward.py"), str(self.cluster.netns), str(API_PORT), str(ready)])
        self._note(forwarder)
        namespaces.wait_for_file(self.cluster, forwarder, ready)
        self.running.port = int(ready.read_text())
        self.running.save(self.cluster)
        kubeconfig.write(self.cluster, self.cluster.host_kubeconfig, "admin", self.running.port)

    def _wait(self, what: str, path: str, good: Callable[[dict], bool] = bool) -> None:
        """Until the API server answers with 200 and the answer is good."""
        api = Api(self.cluster, self.running.port)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            code, answer = api.get(path)
            if code == 200 and good(answer):
                return
            for process in self.running.processes:
                if not process.alive():
                    raise Failure(f"{process.name} ended while {what} was awaited; its last words:\n"
                                  f"{processes.last_words(self.cluster, process.name)}")
            if time.monotonic() > deadline:
                raise Failure(f"{what} is not ready after {READY_SECONDS} s ({path} answers {code} {answer}); "
                              f"the logs are in {self.cluster.logs}")
            time.sleep(0.05)


def _shows(*conditions: str) -> Callable[[dict], bool]:
    """Whether an object has these conditions, all of them true."""
    return lambda answer: set(conditions) <= {
        condition["type"] for condition in answer.get("status", {}).get("conditions", []) if condition["status"] == "True"}
