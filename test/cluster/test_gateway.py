"""`up --gateway`: weights of an HTTPRoute, believed only when real requests have followed them."""

import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from usage import HERE, eventually, good, inside, interfaces, tool, traces

from lib import gateway
from lib.layout import Cluster
from lib.running import Running

URL = f"http://127.0.0.1:{gateway.PORT}/"
# Runs inside a cluster: python3 -c ASK URL HOST COUNT prints each answer's status and body in a line of its own.
ASK = """
import sys, urllib.error, urllib.request
url, host, count = sys.argv[1:]
for _ in range(int(count)):
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    print(answer.status, answer.read().decode())
"""


@pytest.fixture(scope="module")
def cluster(probe_archive: Path) -> Iterator[Cluster]:
    """With a gateway, and a route whose two Services have a pod each."""
    one = Cluster(f"test-gateway-{os.getpid()}")
    before = interfaces()
    good("up", "--gateway", "--name", one.name)
    good("load-image", "--name", one.name, probe_archive)
    inside(one, "kubectl", "apply", "-f", str(HERE / "testdata" / "weights.yaml"))
    for deployment in ("first", "second"):
        inside(one, "kubectl", "rollout", "status", f"deployment/{deployment}", "--timeout=60s")
    yield one
    good("down", "--name", one.name)
    assert traces(one) == []
    assert interfaces() == before
    shutil.rmtree(one.dir)


def ask(cluster: Cluster, count: int, host: str = "web.example") -> Counter[str]:
    """How many of `count` requests each Deployment answered; what else answered by its first words."""
    lines = inside(cluster, sys.executable, "-c", ASK, URL, host, str(count)).splitlines()
    return Counter(line.split("-")[0] for line in lines)


def weigh(cluster: Cluster, first: int, second: int) -> None:
    weights = {"spec": {"rules": [{"backendRefs": [
        {"name": "first", "port": 80, "weight": first}, {"name": "second", "port": 80, "weight": second}]}]}}
    inside(cluster, "kubectl", "patch", "httproute", "web", "--type=merge", "--patch", json.dumps(weights))
    eventually("Contour accepts the route as it is now", lambda: accepted(cluster), 10)


def accepted(cluster: Cluster) -> bool:
    route = json.loads(inside(cluster, "kubectl", "get", "httproute", "web", "-o", "json"))
    return any(condition["type"] == "Accepted" and condition["status"] == "True"
               and condition["observedGeneration"] == route["metadata"]["generation"]
               for parent in route["status"]["parents"] for condition in parent["conditions"])


def test_requests_follow_the_weights(cluster: Cluster) -> None:
    weigh(cluster, 50, 50)
    eventually("both pods are known to Envoy", lambda: ask(cluster, 20).keys() == {"200 first", "200 second"}, 10)
    seen = ask(cluster, 200)
    # Envoy draws: 40 of 200 away from the middle would be more than five standard deviations.
    assert seen.total() == 200 and 60 <= seen["200 first"] <= 140 and 60 <= seen["200 second"] <= 140, seen

    weigh(cluster, 100, 0)
    assert ask(cluster, 100) == {"200 first": 100}

    weigh(cluster, 0, 100)
    assert ask(cluster, 100) == {"200 second": 100}


def test_other_hosts_have_no_route(cluster: Cluster) -> None:
    assert ask(cluster, 1, "absent.example").keys() == {"404 "}


def test_up_again_and_as_another_kind(cluster: Cluster) -> None:
    first = cluster.record.read_text()
    good("up", "--gateway", "--name", cluster.name)
    refused = tool("up", "--name", cluster.name)
    assert refused.returncode == 1 and "node with gateway" in refused.stderr
    assert cluster.record.read_text() == first
    both = tool("up", "--light", "--gateway", "--name", cluster.name)
    assert both.returncode == 2 and "not allowed with" in both.stderr


def test_killed_envoy_is_noticed_and_up_begins_anew(cluster: Cluster) -> None:
    envoy = next(p for p in Running.load(cluster).processes if p.name == "envoy")
    os.kill(envoy.pid, signal.SIGKILL)
    assert tool("status", "--name", cluster.name).returncode == 1

    good("up", "--gateway", "--name", cluster.name)
    assert good("status", "--name", cluster.name).startswith(f"{cluster.name}: up, node with gateway")
    assert inside(cluster, "kubectl", "get", "httproutes", "-A", "-o", "name") == ""
