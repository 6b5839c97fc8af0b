"""Who asked what of the API server, from its audit log."""

import json
import os
from collections import Counter
from pathlib import Path

from lib.audit import WRITES, log_file

LEASE = "leases"


class Window:
    """The requests that are answered from now on. The log grows by gigabytes: it is read from here only."""

    def __init__(self) -> None:
        self.begin = log_file().stat().st_size

    def records(self, agent: str) -> list[dict]:
        """Those of the programs whose user agent begins so. A watch counts when it begins."""
        out = []
        with log_file().open("rb") as log:
            log.seek(self.begin)
            for line in log:
                if not line.endswith(b"\n"):
                    break  # it is being written
                if f'"userAgent":"{agent}'.encode() not in line:
                    continue
                record = json.loads(line)
                if (record["stage"] == "ResponseStarted") == (record["verb"] == "watch"):
                    out.append(record)
        return out


def summary(records: list[dict]) -> dict:
    """Requests by verb and resource, and how many of them are writes. Those for the Lease are apart: their number depends on time alone."""
    def about(record: dict) -> str:
        of = record.get("objectRef", {})
        return "/".join(filter(None, (of.get("resource", record["requestURI"]), of.get("subresource"))))

    calls = Counter(f"{each['verb']} {about(each)}" for each in records)
    lease = sum(count for call, count in calls.items() if call.endswith(LEASE))
    writes = sum(count for call, count in calls.items() if call.split()[0] in WRITES and not call.endswith(LEASE))
    return {"requests": sum(calls.values()), "lease": lease, "writes": writes, "calls": dict(calls.most_common())}


def is_about(record: dict, resource: str) -> bool:
    return record.get("objectRef", {}).get("resource") == resource


def folder() -> Path:
    """Of the cluster."""
    return Path(os.environ["RBC_TEST_KUBECONFIG"]).parent
