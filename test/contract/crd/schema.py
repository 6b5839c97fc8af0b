"""Reads the CRDs of this repository and walks their schemas."""

import yaml

from conftest import CRDS

FILES = {"rollbackpolicies": CRDS / "rollback.riptide.dev_rollbackpolicies.yaml",
         "rollbacks": CRDS / "rollback.riptide.dev_rollbacks.yaml"}
IMPLICIT = ("apiVersion", "kind", "metadata")  # Kubernetes describes and bounds these itself


def load(resource):
    """The openAPIV3Schema of one CRD."""
    crd = yaml.safe_load(FILES[resource].read_text())
    return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def walk(node, path):
    """Every schema below node, itself included, with its path; a list's items share the path of the list, plus []."""
    yield path, node
    for name, child in node.get("properties", {}).items():
        if path or name not in IMPLICIT:
            yield from walk(child, f"{path}.{name}")
    if "items" in node:
        yield from walk(node["items"], f"{path}[]")


def every():
    """(resource, path, node) for every schema of both CRDs."""
    for resource in FILES:
        for path, node in walk(load(resource), ""):
            yield resource, path, node


def largest(node):
    """The size in bytes of the longest JSON that the schema admits, for plain ASCII text."""
    if "properties" in node:
        return 2 + sum(len(f'"{name}":,') + largest(child) for name, child in node["properties"].items())
    if "items" in node:
        return 2 + node["maxItems"] * (1 + largest(node["items"]))
    if node["type"] == "integer":
        return len(str(-2**63))
    if "enum" in node:
        return 2 + max(map(len, node["enum"]))
    return 2 + (len("2026-01-01T00:00:00.000000Z") if node.get("format") == "date-time" else node["maxLength"])
