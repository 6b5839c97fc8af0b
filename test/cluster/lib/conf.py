"""The configuration files of conf/, filled in for one cluster."""

from string import Template

from lib import gateway, kubeconfig, layout
from lib.layout import Cluster
from lib.node import PAUSE_IMAGE

CLIENTS = ("controller-manager", "scheduler", "node", "kube-proxy", "coredns")


def write(cluster: Cluster) -> None:
    values = {
        "dir": cluster.dir,
        "id": cluster.id,
        "node_name": layout.NODE_NAME,
        "node_ip": layout.NODE_IP,
        "pod_cidr": layout.POD_CIDR,
        "dns_ip": layout.DNS_IP,
        "dns_domain": layout.DNS_DOMAIN,
        "pause_image": PAUSE_IMAGE,
        "listener_port": str(gateway.LISTENER_PORT),
    }
    templates = layout.HERE / "conf"
    for template in sorted(templates.rglob("*")):
        if template.is_file():
            target = cluster.conf / template.relative_to(templates)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(Template(template.read_text()).substitute(values))
    for client in CLIENTS:
        kubeconfig.write(cluster, cluster.client_kubeconfig(client), client)
    kubeconfig.write(cluster, cluster.kubeconfig, "admin")
