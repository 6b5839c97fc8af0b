"""What examples/ has for users to copy is armed as it stands, but for the image."""

from pathlib import Path

import pytest
import yaml

from lib.kubectl import conditions
from lib.manifests import IMAGE, container_of
from lib.scene import Scene

FILES = sorted((Path(__file__).resolve().parents[2] / "examples/traffic").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_an_example_is_armed(scene: Scene, file: Path) -> None:
    objects = list(yaml.safe_load_all(file.read_text()))
    for each in objects:
        if each["kind"] == "Deployment":
            container = container_of(each)
            container.update(image=container["image"].replace("web", IMAGE), imagePullPolicy="Never")
    scene.kubectl.apply(*objects)
    scene.start_controller()
    (policy,) = [each["metadata"]["name"] for each in objects if each["kind"] == "RollbackPolicy"]

    def is_armed() -> bool:
        return conditions(scene.kubectl.must_get("rollbackpolicy", policy)).get("Ready", {}).get("reason") == "Armed"
    scene.eventually(f"{policy} is armed", is_armed)
