"""What was released stays readable: an object that an earlier version stored is whole and valid under the CRDs of today.

There is one version and no conversion, so no webhook can be missing while an upgrade goes on (R25); in return no field may go, change its
type or be bounded more closely. released.jsonl has the schemas as they were released, a line each.
"""

import json
import pathlib

import pytest
import yaml
from schema import FILES, every

RELEASED = [json.loads(line) for line in (pathlib.Path(__file__).parent / "released.jsonl").read_text().splitlines()]
TODAY = {(resource, path): node for resource, path, node in every()}
UPPER = ("maxLength", "maxItems", "maximum")
LOWER = ("minLength", "minItems", "minimum")


def narrower(then, now):
    """What keeps a value that was valid from being valid."""
    found = [name for name in ("type", "format", "pattern") if now.get(name) not in (None, then.get(name))]
    found += [name for name in UPPER if now.get(name, float("inf")) < then.get(name, float("inf"))]
    found += [name for name in LOWER if now.get(name, float("-inf")) > then.get(name, float("-inf"))]
    found += [f"enum without {value}" for value in then.get("enum", []) if "enum" in now and value not in now["enum"]]
    found += ["enum"] if "enum" in now and "enum" not in then else []
    found += [f"required {name}" for name in now.get("required", []) if name not in then.get("required", []) and "default" not in now["properties"][name]]
    return found


@pytest.mark.parametrize("then", [pytest.param(then, id=then["resource"] + then["path"]) for then in RELEASED])
def test_field_is_still_there_and_no_narrower(then):
    now = TODAY.get((then["resource"], then["path"]))
    assert now is not None, "what was stored in it would be dropped"
    assert not narrower(then, now)


@pytest.mark.parametrize("resource", FILES)
def test_there_is_one_version_and_no_conversion(resource):
    spec = yaml.safe_load(FILES[resource].read_text())["spec"]
    assert [(each["name"], each["served"], each["storage"]) for each in spec["versions"]] == [("v1alpha1", True, True)]
    assert spec.get("conversion", {"strategy": "None"}) == {"strategy": "None"}


@pytest.mark.parametrize("resource", FILES)
def test_nothing_is_stored_in_another_version(kubectl, resource):
    crd = json.loads(kubectl.ok("get", "crd", f"{resource}.rollback.riptide.dev", "--output=json"))
    assert crd["status"]["storedVersions"] == ["v1alpha1"]


def test_what_is_narrower_is_seen():
    then = {"type": "string", "maxLength": 5, "enum": ["a", "b"]}
    assert not narrower(then, then)
    assert narrower(then, {**then, "type": "integer"}) == ["type"]
    assert narrower(then, {**then, "maxLength": 4}) == ["maxLength"]
    assert narrower(then, {**then, "enum": ["a"]}) == ["enum without b"]
    assert narrower({"type": "object"}, {"type": "object", "required": ["x"], "properties": {"x": {}}}) == ["required x"]
