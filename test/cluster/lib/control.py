"""Command lines of the control plane."""

from lib import layout
from lib.layout import Cluster
from lib.programs import Programs

ETCD = "http://127.0.0.1:2379"
# The defaults (20 requests a second) let a thousand pods take minutes.
CLIENT_RATE = ["--kube-api-qps=1000", "--kube-api-burst=2000"]
Command = list[str]


def etcd(cluster: Cluster, programs: Programs) -> Command:
    return [programs.path("etcd"), f"--data-dir={cluster.dir}/etcd", "--unsafe-no-fsync",
            f"--listen-client-urls={ETCD}", f"--advertise-client-urls={ETCD}",
            "--listen-peer-urls=http://127.0.0.1:2380"]


def apiserver(cluster: Cluster, programs: Programs) -> Command:
    pki = cluster.pki
    issuer = f"https://kubernetes.default.svc.{layout.DNS_DOMAIN}"
    return [
        programs.path("kube-apiserver"),
        f"--etcd-servers={ETCD}",
        "--bind-address=0.0.0.0",
        f"--secure-port={layout.API_PORT}",
        f"--advertise-address={layout.NODE_IP}",
        "--endpoint-reconciler-type=lease",
        f"--service-cluster-ip-range={layout.SERVICE_CIDR}",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--client-ca-file={pki}/ca.crt",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--service-account-issuer={issuer}",
        f"--service-account-key-file={pki}/service-account.pub",
        f"--service-account-signing-key-file={pki}/service-account.key",
        f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        # The node's name is in no DNS.
        "--kubelet-preferred-address-types=InternalIP",
        f"--requestheader-client-ca-file={pki}/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki}/front-proxy-client.crt",
        f"--proxy-client-key-file={pki}/front-proxy-client.key",
        f"--audit-policy-file={cluster.conf}/audit-policy.yaml",
        f"--audit-log-path={cluster.audit_log}",
        # In MiB: whoever reads it wants one file, not a rotated one.
        "--audit-log-maxsize=4096",
    ]


def controller_manager(cluster: Cluster, programs: Programs) -> Command:
    pki = cluster.pki
    return [
        programs.path("kube-controller-manager"),
        *_client("controller-manager", cluster),
        "--use-service-account-credentials",
        f"--service-account-private-key-file={pki}/service-account.key",
        f"--root-ca-file={pki}/ca.crt",
        f"--cluster-signing-cert-file={pki}/ca.crt",
        f"--cluster-signing-key-file={pki}/ca.key",
    ]


def scheduler(cluster: Cluster, programs: Programs) -> Command:
    return [programs.path("kube-scheduler"), *_client("scheduler", cluster)]


def _client(name: str, cluster: Cluster) -> Command:
    file = cluster.client_kubeconfig(name)
    return [f"--kubeconfig={file}", f"--authentication-kubeconfig={file}", f"--authorization-kubeconfig={file}",
            "--leader-elect=false", "--bind-address=127.0.0.1", *CLIENT_RATE]
