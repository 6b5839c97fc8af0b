"""What the two CRDs promise as documents; no cluster is needed."""

import pytest
from schema import FILES, every, largest, load

NODES = [pytest.param(path, node, id=f"{resource}{path}") for resource, path, node in every()]


@pytest.mark.parametrize("resource", FILES)
def test_file_is_below_100_kib(resource):
    assert FILES[resource].stat().st_size < 100 * 1024


@pytest.mark.parametrize("path, node", NODES)
def test_field_is_described(path, node):
    assert len(node.get("description", "")) >= len("The pod.")


@pytest.mark.parametrize("path, node", NODES)
def test_field_is_bounded(path, node):
    kind = node["type"]
    assert kind in ("object", "array", "string", "integer"), "no floats, no booleans: see the Kubernetes API conventions"
    if kind == "object":
        assert node["properties"]
    elif kind == "array":
        assert "maxItems" in node and "x-kubernetes-list-type" in node
    elif kind == "string":
        assert "maxLength" in node or "enum" in node or node.get("format") == "date-time"
    else:
        assert node["format"] in ("int32", "int64")
        assert "minimum" in node or path.startswith(".status")


SCALARS = [p for p in NODES if isinstance(p.values[1].get("default"), (int, str))]


@pytest.mark.parametrize("path, node", SCALARS)
def test_default_of_a_scalar_is_told(path, node):
    assert str(node["default"]) in node["description"]
    assert "default" in node["description"]


@pytest.mark.parametrize("resource, kib", [("rollbackpolicies", 96), ("rollbacks", 192)])
def test_status_stays_far_below_what_the_server_can_store(resource, kib):
    """A request of 1.5 MiB is refused; these bounds are for names, messages and, in a plan, bodies of full length throughout."""
    assert largest(load(resource)["properties"]["status"]) < kib * 1024
