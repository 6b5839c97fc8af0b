"""The tools that users ship a release with."""

import json
from collections.abc import Callable
from pathlib import Path

from lib import chart
from lib.kubectl import Kubectl, Object, bundle

Ship = Callable[[Kubectl, list[Object], Path], None]


def apply(kubectl: Kubectl, manifests: list[Object], _folder: Path) -> None:
    kubectl.apply(*manifests)


def apply_on_the_server(kubectl: Kubectl, manifests: list[Object], _folder: Path) -> None:
    kubectl("apply", "--server-side", "--filename=-", stdin=bundle(*manifests))


def helm_upgrade(kubectl: Kubectl, manifests: list[Object], folder: Path) -> None:
    """As the release "web" of one chart."""
    templates = folder / "chart" / "templates"
    templates.mkdir(parents=True, exist_ok=True)
    (templates.parent / "Chart.yaml").write_text(json.dumps({"apiVersion": "v2", "name": "web", "version": "0.1.0"}))
    (templates / "all.yaml").write_text("\n---\n".join(json.dumps(each) for each in manifests))
    chart.must("upgrade", "--install", "web", str(templates.parent), f"--namespace={kubectl.namespace}")
