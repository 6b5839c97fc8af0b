"""The Gateway API's data plane: Contour, which reads routes, and Envoy, which Contour tells what to do."""

from lib import layout
from lib.commands import run
from lib.layout import Cluster
from lib.programs import Programs

Command = list[str]
# Of Envoy: Contour adds 8000 to the port of the Gateway's listener.
LISTENER_PORT = 888
PORT = 8000 + LISTENER_PORT
# In the node's mount namespace, where nothing of the machine is.
ADMIN_SOCKET = "/run/envoy-admin.sock"
# Contour tells Envoy to answer here whether it has been told what to do.
READY_PORT = 8002


def contour(cluster: Cluster, programs: Programs) -> Command:
    return [programs.path("contour"), "serve", f"--config-path={cluster.conf}/contour.yaml",
            f"--kubeconfig={cluster.client_kubeconfig('contour')}",
            "--kubernetes-client-qps=1000", "--kubernetes-client-burst=2000", "--disable-leader-election",
            # Envoy asks without TLS, from the same network namespace.
            "--insecure", "--xds-address=127.0.0.1", "--http-address=127.0.0.1", "--health-address=127.0.0.1",
            f"--ingress-status-address={layout.NODE_IP}"]


def envoy(cluster: Cluster, programs: Programs) -> Command:
    # Hot restart is done through shared memory, which all clusters would share.
    return [programs.path("envoy"), "--config-path", _bootstrap(cluster), "--disable-hot-restart",
            "--service-cluster", "gateway", "--service-node", layout.NODE_NAME]


def write_bootstrap(cluster: Cluster, programs: Programs) -> None:
    run([programs.path("contour"), "bootstrap", f"--admin-address={ADMIN_SOCKET}", "--xds-address=127.0.0.1",
         "--xds-port=8001", "--dns-lookup-family=v4", _bootstrap(cluster)], "can't make Envoy's configuration")


def _bootstrap(cluster: Cluster) -> str:
    return f"{cluster.conf}/envoy.json"
