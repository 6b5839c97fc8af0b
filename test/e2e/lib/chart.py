"""The chart, installed as a user does it."""

import signal
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from lib.audit import Entry
from lib.containers import signal_container
from lib.kubectl import Object, environment

if TYPE_CHECKING:
    from lib.scene import Scene

CHART = Path(__file__).resolve().parents[3] / "helm/riptide-rollback"
IMAGE = "localhost/rollback-controller:dev"
RELEASE = "riptide-rollback"
DEPLOYMENT = "rollback-controller"
LEASE = "rollback-controller"
SECONDS = 150  # above any --timeout that is given


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["helm", *arguments], env=environment(), capture_output=True, text=True, timeout=SECONDS, check=False)


def must(*arguments: str) -> str:
    done = helm(*arguments)
    assert done.returncode == 0, f"helm {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout


def of_image(image: str) -> list[str]:
    """The values that name an image: repository:tag or repository@digest."""
    if "@" in image:
        repository, _, digest = image.partition("@")
        return [f"--set=image.repository={repository}", f"--set=image.digest={digest}"]
    repository, colon, tag = image.rpartition(":")
    assert colon and "/" not in tag, f"{image}: write it with its tag or digest"
    return [f"--set=image.repository={repository}", f"--set=image.tag={tag}"]


def install(namespace: str, image: str = IMAGE) -> None:
    """Limited to that namespace, so that it acts for nobody else; the CRDs are there already."""
    must("install", RELEASE, str(CHART), f"--namespace={namespace}", f"--set=watchNamespace={namespace}", "--set=crds.enabled=false",
         *of_image(image), "--wait", "--timeout=90s")


def upgrade(namespace: str, image: str) -> None:
    must("upgrade", RELEASE, str(CHART), f"--namespace={namespace}", "--reuse-values", *of_image(image), "--wait", "--timeout=90s")


class Holder:
    """The pods of an installed controller, and the one of them that leads."""

    def __init__(self, scene: "Scene") -> None:
        self.scene = scene

    def identity(self) -> str:
        """Of the leading process: its pod's name and a part of its own. "" while there is none."""
        return self.lease().get("holderIdentity", "")

    def lease(self) -> Object:
        return (self.scene.kubectl.get("lease", LEASE) or {}).get("spec", {})

    def pod(self) -> Object:
        return self.scene.kubectl.must_get("pod", self.identity().split("_")[0])

    def signal(self, number: signal.Signals) -> datetime:
        """To the leading process, which the kubelet starts anew when it has ended; hands back when."""
        pod, sent = self.pod(), datetime.now(timezone.utc)
        signal_container(pod, "controller", number)
        return sent

    def taken_over(self, since: datetime, before: str) -> Entry:
        """The request by which another process came to lead."""
        def look() -> Entry | None:
            return next((each for each in self.renewals(since) if holder_in(each) not in ("", before)), None)
        return self.scene.eventually(f"another process than {before} leads", look)

    def renewals(self, since: datetime) -> list[Entry]:
        ours = self.scene.audit.of(self.scene.rights.user)
        return [each for each in ours if each.resource == "leases" and each.verb == "patch" and each.accepted and each.received > since]


def holder_in(renewal: Entry) -> str:
    return next(step["value"]["holderIdentity"] for step in renewal.body if step["path"] == "/spec")
