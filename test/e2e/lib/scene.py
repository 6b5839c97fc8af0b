"""The scene of one test: a namespace, a controller limited to it, and what the test puts there."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lib import poll
from lib.app import App
from lib.audit import Audit, Entry, log_file
from lib.controller import Controller
from lib.kubectl import Kubectl, Object
from lib.rights import Rights

Seen = TypeVar("Seen")


class Scene:
    def __init__(self, test: str) -> None:
        self.namespace = f"{test.replace('_', '-')[:40].strip('-')}-{uuid.uuid4().hex[:6]}"
        self.kubectl = Kubectl(self.namespace)
        self.cluster = log_file().parent  # the folder of the cluster
        self.folder = self.cluster / "tests" / self.namespace
        self.folder.mkdir(parents=True)
        self.rights = Rights(self.kubectl)
        self.audit = Audit(self.namespace)
        self.controllers: list[Controller] = []

    def open(self, with_rights: bool) -> "Scene":
        self.kubectl("create", "namespace", self.namespace)
        if with_rights:
            self.rights.grant()
        return self

    def close(self) -> None:
        """Processes end at once; what is in the namespace is cleared away behind the test's back."""
        for controller in self.controllers:
            if controller.is_alive():
                controller.kill()
        self.rights.take_kubelet()
        self.kubectl("delete", "namespace", self.namespace, "--wait=false", "--ignore-not-found")

    def given(self, manifest: Object) -> App:
        """A Deployment whose first release is applied."""
        self.kubectl.apply(manifest)
        return App(self, manifest)

    def start_controller(self, *flags: str, server: str | None = None) -> Controller:
        """The first one leads; a second one stands by."""
        return self.new_controller(*flags, server=server).start()

    def new_controller(self, *flags: str, server: str | None = None) -> Controller:
        kubeconfig = self.rights.kubeconfig(self.folder / "kubeconfig", server)
        log = self.folder / f"controller-{len(self.controllers) + 1}.log"
        controller = Controller(self.namespace, kubeconfig, log, *flags)
        self.controllers.append(controller)
        return controller

    def restart(self, controller: Controller) -> None:
        """kill -9, and a new start at once."""
        controller.kill()
        self.start_again(controller)

    def start_again(self, controller: Controller) -> None:
        """After a kill. The dead process's Lease is taken away, or its end would be waited for each time."""
        self.kubectl("delete", "lease", "rollback-controller", "--ignore-not-found")
        controller.start()

    def refused(self, verb: str, resource: str) -> list[Entry]:
        """What the controller tried and had no right to."""
        return [each for each in self.audit.of(self.rights.user) if each.code == 403 and (each.verb, each.resource) == (verb, resource)]

    def eventually(self, what: str, look: Callable[[], Seen], within: float = 60) -> Seen:
        return poll.eventually(what, look, within, also=self.controllers_must_live)

    def never(self, what: str, look: Callable[[], object], during: float) -> None:
        poll.never(what, look, during, also=self.controllers_must_live)

    def controllers_must_live(self) -> None:
        for controller in self.controllers:
            controller.must_be_alive()

    def template_writes(self) -> list[Entry]:
        """Ours, the accepted ones."""
        return self.audit.template_writes(self.rights.user)

    def conduct(self) -> None:
        """What must hold after every test: no right was missed, and the controllers end when they are asked to."""
        if not self.rights.were_taken:
            refused = [each for each in self.audit.of(self.rights.user) if each.code == 403]
            assert not refused, f"rights that the controller needs and has not: {[str(each) for each in refused]}"
        for controller in self.controllers:
            if controller.is_alive():
                code = controller.stop()
                assert code == 0, f"after SIGTERM the controller ended with {code}; its log is {controller.log}"

    def report(self) -> list[tuple[str, str]]:
        """For the reader of a failed test."""
        parts = [(f"kubectl describe {kind}", self.kubectl.run("describe", kind).stdout)
                 for kind in ("rollbackpolicies", "rollbacks", "deployments")]
        parts.append(("kubectl get", self.kubectl.run("get", "riptide,replicasets,pods", "--output=wide").stdout))
        parts.append(("kubectl logs", self.kubectl.run("logs", "--selector=app.kubernetes.io/part-of=riptide-rollback", "--tail=40", "--prefix").stdout))
        parts += [(f"log {controller.log.name}", tail(controller.log)) for controller in self.controllers]
        return parts


def tail(file: Path, lines: int = 80) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
