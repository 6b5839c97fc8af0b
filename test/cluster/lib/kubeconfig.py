"""Kubeconfig files with everything in them."""

import base64
import json
from pathlib import Path

from lib.layout import API_PORT, Cluster


def write(cluster: Cluster, path: Path, certificate: str, port: int = API_PORT) -> None:
    """JSON is YAML: no YAML writer is needed for what every client reads."""
    def data(file: str) -> str:
        return base64.b64encode((cluster.pki / file).read_bytes()).decode()

    name = f"riptide-{cluster.name}"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {
            "server": f"https://127.0.0.1:{port}", "certificate-authority-data": data("ca.crt")}}],
        "users": [{"name": certificate, "user": {
            "client-certificate-data": data(f"{certificate}.crt"),
            "client-key-data": data(f"{certificate}.key")}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": certificate}}],
        "current-context": name,
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=2) + "\n")
