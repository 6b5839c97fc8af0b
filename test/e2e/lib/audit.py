"""The API server's audit log: who wrote what, and when."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

WRITES = ("create", "update", "patch", "delete", "deletecollection")


@dataclass(frozen=True)
class Entry:
    """One answered request."""
    user: str
    verb: str
    resource: str  # with its subresource: "rollbacks/status"
    name: str
    code: int
    body: Any
    received: datetime
    answered: datetime

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 300

    @property
    def changes_template(self) -> bool:
        return self.resource == "deployments" and touches_template(self.body)

    def __str__(self) -> str:
        return f"{self.received:%H:%M:%S.%f} {self.code} {self.verb} {self.resource} {self.name}"


def touches_template(body: Any) -> bool:
    """A JSON patch whose operations, tests aside, touch the pod template."""
    return isinstance(body, list) and any(step["op"] != "test" and step["path"].startswith("/spec/template") for step in body)


def log_file() -> Path:
    """Beside the kubeconfig: test/cluster keeps both in the cluster's folder."""
    return Path(os.environ["RBC_TEST_KUBECONFIG"]).parent / "audit.log"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def entry(record: dict[str, Any]) -> Entry:
    about = record.get("objectRef", {})
    subresource = about.get("subresource", "")
    body = record.get("requestObject")
    name = about.get("name") or (body or {}).get("metadata", {}).get("name", "")
    return Entry(record["user"]["username"], record["verb"], about.get("resource", "") + (f"/{subresource}" if subresource else ""),
                 name, record.get("responseStatus", {}).get("code", 0), body,
                 instant(record["requestReceivedTimestamp"]), instant(record["stageTimestamp"]))


class Audit:
    """The requests about one namespace from now on."""

    def __init__(self, namespace: str) -> None:
        self.file = log_file()
        self.begin = self.file.stat().st_size
        self.mark = f'"namespace":"{namespace}"'

    def entries(self) -> list[Entry]:
        with self.file.open("rb") as log:
            log.seek(self.begin)
            text = log.read().decode()
        lines = text[:text.rfind("\n") + 1].splitlines()  # the last one may be in the writing
        return [entry(json.loads(line)) for line in lines if self.mark in line and '"stage":"ResponseComplete"' in line]

    def of(self, user: str) -> list[Entry]:
        return [each for each in self.entries() if each.user == user]

    def template_writes(self, user: str) -> list[Entry]:
        """The accepted ones. What a `test` of the patch refused does not count."""
        return [each for each in self.of(user) if each.accepted and each.changes_template]
