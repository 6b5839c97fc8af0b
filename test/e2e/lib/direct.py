"""The API server without kubectl in between, over one kept connection: for measurements, where kubectl's own start would drown everything."""

import base64
import http.client
import json
import socket
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from lib.kubectl import Object

MERGE = "application/merge-patch+json"
SECONDS = 60


class Direct:
    """With the client certificate of a kubeconfig that has everything inline, as test/cluster writes it."""

    def __init__(self, kubeconfig: Path) -> None:
        config = json.loads(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.address = urlsplit(cluster["server"])
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.NamedTemporaryFile() as pair:
            pair.write(base64.b64decode(user["client-certificate-data"]) + b"\n" + base64.b64decode(user["client-key-data"]))
            pair.flush()
            self.tls.load_cert_chain(pair.name)
        self.kept = self._connection()

    def call(self, method: str, path: str, body: Object | None = None, media: str = "application/json") -> Object:
        self.kept.request(method, path, body=json.dumps(body) if body is not None else None, headers={"Content-Type": media})
        answer = self.kept.getresponse()
        text = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text.decode()}"
        return json.loads(text)

    def watch(self, path: str) -> Iterator[Object]:
        """Changes from now on, on a connection of its own: open when this returns."""
        version = self.call("GET", f"{path}?limit=1")["metadata"]["resourceVersion"]
        connection = self._connection()
        connection.request("GET", f"{path}?watch=1&resourceVersion={version}")
        answer = connection.getresponse()
        assert answer.status == 200, f"watch {path}: {answer.status}"
        return self._events(path, answer)

    def _events(self, path: str, answer: http.client.HTTPResponse) -> Iterator[Object]:
        while line := answer.readline():
            event = json.loads(line)
            assert event["type"] != "ERROR", f"watch {path}: {event['object']}"
            yield event

    def _connection(self) -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection(self.address.hostname, self.address.port, context=self.tls, timeout=SECONDS)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
