"""Certificates of a cluster: one CA that signs everything, made with the openssl command."""

from dataclasses import dataclass, field
from pathlib import Path

from lib import layout
from lib.commands import run
from lib.layout import Cluster

DAYS = "3650"
SERVER = "serverAuth"
CLIENT = "clientAuth"

_AUTHORITY = """[req]
distinguished_name = name
x509_extensions = extensions
[name]
[extensions]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
"""
_LEAF = """[req]
distinguished_name = name
x509_extensions = extensions
[name]
[extensions]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = {usage}
authorityKeyIdentifier = keyid
"""


@dataclass(frozen=True)
class Certificate:
    file: str
    subject: str
    usage: str
    alternative_names: list[str] = field(default_factory=list)
    authority: str = "ca"


CERTIFICATES = [
    Certificate("apiserver", "/CN=kube-apiserver", SERVER, [
        "DNS:localhost", "DNS:kubernetes", "DNS:kubernetes.default", "DNS:kubernetes.default.svc",
        f"DNS:kubernetes.default.svc.{layout.DNS_DOMAIN}",
        "IP:127.0.0.1", f"IP:{layout.NODE_IP}", f"IP:{layout.KUBERNETES_IP}"]),
    Certificate("kubelet", f"/CN={layout.NODE_NAME}", SERVER, [
        f"DNS:{layout.NODE_NAME}", "DNS:localhost", f"IP:{layout.NODE_IP}", "IP:127.0.0.1"]),
    Certificate("apiserver-kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client", CLIENT),
    Certificate("front-proxy-client", "/CN=front-proxy-client", CLIENT, authority="front-proxy-ca"),
    Certificate("admin", "/O=system:masters/CN=kubernetes-admin", CLIENT),
    Certificate("controller-manager", "/CN=system:kube-controller-manager", CLIENT),
    Certificate("scheduler", "/CN=system:kube-scheduler", CLIENT),
    Certificate("node", f"/O=system:nodes/CN=system:node:{layout.NODE_NAME}", CLIENT),
    Certificate("kube-proxy", "/CN=system:kube-proxy", CLIENT),
    Certificate("coredns", "/CN=system:coredns", CLIENT),
]
# Only a cluster with a gateway has it.
CONTOUR = Certificate("contour", "/CN=system:contour", CLIENT)


def make(cluster: Cluster) -> None:
    pki = cluster.pki
    pki.mkdir(mode=0o700)
    for authority in ("ca", "front-proxy-ca"):
        _sign(pki, authority, f"/CN={cluster.name}-{authority}", _AUTHORITY, [])
    for wanted in CERTIFICATES:
        add(cluster, wanted)
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-out", pki / "service-account.key")
    _openssl("pkey", "-in", pki / "service-account.key", "-pubout", "-out", pki / "service-account.pub")


def add(cluster: Cluster, wanted: Certificate) -> None:
    authority = cluster.pki / wanted.authority
    extensions = _LEAF.format(usage=wanted.usage)
    if wanted.alternative_names:
        extensions += f"subjectAltName = {','.join(wanted.alternative_names)}\n"
    _sign(cluster.pki, wanted.file, wanted.subject, extensions, ["-CA", f"{authority}.crt", "-CAkey", f"{authority}.key"])


def _sign(pki: Path, name: str, subject: str, extensions: str, authority: list[str | Path]) -> None:
    _openssl("req", "-x509", "-config", "/dev/stdin", *authority, "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-noenc", "-days", DAYS, "-subj", subject,
             "-keyout", pki / f"{name}.key", "-out", pki / f"{name}.crt", stdin=extensions)


def _openssl(*arguments: str | Path, stdin: str = "") -> None:
    run(["openssl", *arguments], "can't make the cluster's certificates", stdin)
