"""The cluster tool, tried as its users use it. Needs root and builds the programs if they are not there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from usage import FETCH, HERE, TOOL, eventually, fetch, good, inside, interfaces, kill_all, processes_of, tool, traces

from lib import layout, toolchain
from lib.layout import Cluster
from lib.running import Running
from lib.say import Failure


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A name for a cluster of the test's own."""
    one = Cluster(f"test-own-{os.getpid()}")
    yield one
    good("down", "--name", one.name)
    shutil.rmtree(one.dir, ignore_errors=True)


@pytest.fixture(scope="module")
def light() -> Iterator[Cluster]:
    """A light cluster with controllers, shared by the tests that leave it running."""
    one = Cluster(f"test-light-{os.getpid()}")
    good("up", "--light", "--controllers", "--name", one.name)
    yield one
    good("down", "--name", one.name)
    shutil.rmtree(one.dir)


@pytest.fixture(scope="module")
def node(probe_archive: Path) -> Iterator[Cluster]:
    """A cluster with two web pods that answer, a pod that always fails, and a reader of nodes/stats."""
    one = Cluster(f"test-node-{os.getpid()}")
    before = interfaces()
    good("up", "--name", one.name)
    good("load-image", "--name", one.name, probe_archive)
    inside(one, "kubectl", "apply", "-f", str(HERE / "testdata" / "pods.yaml"))
    inside(one, "kubectl", "rollout", "status", "deployment/web", "--timeout=60s")
    eventually("the Service knows its pods", lambda: tool(
        "exec", "--name", one.name, "--", sys.executable, "-c", FETCH,
        "http://web.default.svc.cluster.local/", str(one.pki / "ca.crt")).returncode == 0, 20)
    yield one
    # As after a crash: containers run, nobody manages them.
    kill_all(one)
    good("down", "--name", one.name)
    assert traces(one) == []
    assert interfaces() == before
    shutil.rmtree(one.dir)


def test_killed_cluster_comes_up_again_and_goes_down_without_a_trace(cluster: Cluster) -> None:
    before = interfaces()
    good("up", "--light", "--name", cluster.name)
    assert "Server Version: v1.37.2" in inside(cluster, "kubectl", "version")
    first = Running.load(cluster).processes
    kill_all(cluster)
    assert tool("status", "--name", cluster.name).returncode == 1

    good("up", "--light", "--name", cluster.name)
    assert good("status", "--name", cluster.name).startswith(f"{cluster.name}: up")
    assert not {p.pid for p in first} & {p.pid for p in Running.load(cluster).processes}
    inside(cluster, "sh", "-c", "kubectl get namespace default && sleep 1000 >/dev/null 2>&1 &")
    eventually("a process left by exec", lambda: any("sleep 1000" in p for p in processes_of(cluster)), 10)

    good("down", "--name", cluster.name)
    assert traces(cluster) == []
    assert interfaces() == before
    assert cluster.audit_log.exists()


def test_up_twice_leaves_the_first_alone(light: Cluster) -> None:
    first = light.record.read_text()
    good("up", "--light", "--controllers", "--name", light.name)
    assert light.record.read_text() == first

    refused = tool("up", "--name", light.name)
    assert refused.returncode == 1 and "up already" in refused.stderr
    assert light.record.read_text() == first


def test_clusters_side_by_side_do_not_see_each_other(light: Cluster, cluster: Cluster) -> None:
    good("up", "--light", "--name", cluster.name)
    inside(cluster, "kubectl", "create", "namespace", "only-here")
    assert "only-here" in inside(cluster, "kubectl", "get", "namespaces")
    assert "only-here" not in inside(light, "kubectl", "get", "namespaces")
    good("down", "--name", cluster.name)
    inside(light, "kubectl", "get", "namespaces")


def test_controllers_turn_a_deployment_into_pods_and_the_machine_sees_them(light: Cluster) -> None:
    inside(light, "kubectl", "create", "deployment", "web", "--image=none", "--replicas=2")
    eventually("two pods", lambda: inside(light, "kubectl", "get", "pods", "-o", "name").count("pod/web-") == 2, 20)

    # From outside, through the forwarded port.
    environment = {**os.environ, "KUBECONFIG": good("kubeconfig", "--name", light.name).strip(),
                   "KUBECACHEDIR": str(light.dir / "host-cache")}
    kubectl = inside(light, "sh", "-c", "command -v kubectl").strip()
    outside = subprocess.check_output([kubectl, "get", "pods", "-o", "name"], env=environment, text=True)
    assert outside.count("pod/web-") == 2


def test_audit_log_has_writes_with_their_bodies(light: Cluster) -> None:
    inside(light, "kubectl", "create", "configmap", "noted", "--from-literal=key=value")
    inside(light, "kubectl", "get", "configmap", "noted")

    def entries() -> list[dict]:
        whole_lines = light.audit_log.read_text().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in whole_lines]

    def of_it() -> dict[str, dict]:
        return {e["verb"]: e for e in entries() if e.get("objectRef", {}).get("name") == "noted"}

    eventually("both requests in the log", lambda: {"create", "get"} <= of_it().keys(), 5)
    assert of_it()["create"]["requestObject"]["data"] == {"key": "value"}
    assert "requestObject" not in of_it()["get"]
    assert {e["stage"] for e in entries()}.isdisjoint({"RequestReceived"})


def test_exec_passes_on_folder_environment_arguments_and_exit_code(light: Cluster, tmp_path: Path) -> None:
    script = 'pwd; echo "$RBC_TEST_KUBECONFIG" "$KUBECONFIG"; echo "$@"; exit 7'
    done = subprocess.run([TOOL, "exec", "--name", light.name, "--", "sh", "-c", script, "sh", "a", "--", "-b"],
                          cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 7
    assert done.stdout.splitlines() == [str(tmp_path), f"{light.kubeconfig} {light.kubeconfig}", "a -- -b"]


def test_errors_say_what_to_do(light: Cluster, tmp_path: Path) -> None:
    nothing = tool("exec", "--name", "never-started", "--", "true")
    assert nothing.returncode == 1 and "cluster up" in nothing.stderr
    unusable = tool("up", "--light", "--name", "No Name")
    assert unusable.returncode == 1 and "a-z" in unusable.stderr
    no_node = tool("load-image", "--name", light.name, tmp_path / "none.tar")
    assert no_node.returncode == 1 and "without --light" in no_node.stderr


def test_names_are_checked_and_ids_differ_between_clones() -> None:
    assert Cluster("a", Path("/one")).id != Cluster("a", Path("/two")).id
    Cluster("a" * 32)
    for name in ("", "-a", "a-", "A", "a/b", "a" * 33):
        with pytest.raises(Failure):
            Cluster(name)


@pytest.mark.parametrize("found, enough", [
    ("go1.26.6", True), ("go1.26.10", True), ("go1.27", True), ("go2.0.0", True),
    ("go1.26.5", False), ("go1.19.8", False), ("devel", False), (None, False)])
def test_go_version(found: str | None, enough: bool) -> None:
    assert toolchain.new_enough(found) is enough


def test_service_answers_by_address_and_name_from_exec_and_from_a_pod(node: Cluster) -> None:
    address = inside(node, "kubectl", "get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")
    pods = set(inside(node, "kubectl", "get", "pods", "-l", "app=web",
                      "-o", "jsonpath={.items[*].metadata.name}").split())
    for target in (f"http://{address}/", "http://web.default.svc.cluster.local/"):
        status, pod = fetch(node, target)
        assert (status, pod in pods) == (200, True)
    # A pod may be given itself by the Service: several tries meet that way too.
    for target in 6 * [f"http://{address}/"] + 6 * ["http://web/"]:
        status, pod = fetch(node, f"http://{address}/fetch?url={target}")
        assert (status, pod in pods) == (200, True)


def test_unknown_names_are_refused_at_once(node: Cluster) -> None:
    status, why = fetch(node, "http://web.default.svc.cluster.local/fetch?url=http://absent.example/")
    assert status == 502 and "no such host" in why


def test_pod_reaches_the_api_server_with_its_service_account(node: Cluster) -> None:
    pod = "http://web.default.svc.cluster.local/fetch?url="
    status, body = fetch(node, f"{pod}https://kubernetes.default.svc/version")
    assert status == 200 and json.loads(body)["gitVersion"] == "v1.37.2"
    status, body = fetch(node, f"{pod}https://{layout.KUBERNETES_IP}/api/v1/namespaces/default/pods")
    assert status == 403 and "system:serviceaccount:default:default" in body


def test_kubelet_statistics_with_the_right_to_them_alone(node: Cluster) -> None:
    kubelet = f"https://{layout.NODE_IP}:10250"
    token = inside(node, "kubectl", "create", "token", "stats-reader").strip()

    def resident() -> list[int]:
        status, body = fetch(node, f"{kubelet}/stats/summary?only_cpu_and_memory=true", token)
        assert status == 200, body
        return [container.get("memory", {}).get("rssBytes", 0) for pod in json.loads(body)["pods"]
                if pod["podRef"]["name"].startswith("web-") for container in pod["containers"]]

    eventually("the memory of both pods", lambda: len(resident()) == 2 and min(resident()) > 1_000_000, 40)
    assert fetch(node, f"{kubelet}/metrics/cadvisor", token)[0] == 403
    assert fetch(node, f"{kubelet}/stats/summary")[0] == 401


def test_crash_loop_is_quick(node: Cluster) -> None:
    def ends() -> int:
        return int(inside(node, "kubectl", "get", "pod", "failing",
                          "-o", "jsonpath={.status.containerStatuses[0].restartCount}") or 0)

    eventually("six ends of the failing pod", lambda: ends() >= 6, 40)


def test_logs_of_a_pod(node: Cluster) -> None:
    assert "probe is up" in inside(node, "kubectl", "logs", "deployment/web")


def test_the_machine_keeps_its_kernel_settings(node: Cluster) -> None:
    """The kubelet wants others, for one a reboot 10 s after an oops; it must find them in the cluster only."""
    setting = "/proc/sys/kernel/panic"
    assert inside(node, "cat", setting).strip() == "10"
    assert Path(setting).read_text().strip() != "10"
