"""The few requests the tool itself sends to a cluster's API server, through the forwarded port."""

import http.client
import json
import ssl
from typing import Any

from lib.layout import Cluster

UNREACHABLE = (OSError, http.client.HTTPException)


class Api:
    def __init__(self, cluster: Cluster, port: int) -> None:
        self._port = port
        self._tls = ssl.create_default_context(cafile=str(cluster.pki / "ca.crt"))
        self._tls.load_cert_chain(cluster.pki / "admin.crt", cluster.pki / "admin.key")

    def get(self, path: str) -> tuple[int, Any]:
        """Status and body (parsed when it is JSON); (0, why) when nothing answers."""
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._tls, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except UNREACHABLE as error:
            return 0, str(error)
        finally:
            connection.close()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(text) if is_json else text
