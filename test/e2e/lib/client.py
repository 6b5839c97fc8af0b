"""A client of the sample service: which version answers, and what is lost."""

import json
import select
import threading
from collections import Counter
from http.client import HTTPConnection, HTTPException


class Client:
    """Asks over a connection of its own each time, or over one that it keeps for as long as the server does."""

    def __init__(self, address: str, port: int, host: str | None = None, keep: bool = False) -> None:
        self.keep = keep
        self.headers = {"Host": host} if host else {}
        self.line = HTTPConnection(address, port, timeout=10)

    def ask(self) -> str:
        """The version, or what went wrong. A kept connection that was closed before the request was sent is no loss."""
        if not self.keep or self._was_closed():
            self.line.close()
        try:
            self.line.request("GET", "/api/v1/status", headers=self.headers)
            return json.load(self.line.getresponse())["version"]
        except (OSError, HTTPException, ValueError) as problem:
            self.line.close()
            return repr(problem)

    def ask_often(self, times: int) -> Counter[str]:
        seen = Counter(self.ask() for _ in range(times))
        self.close()
        return seen

    def close(self) -> None:
        self.line.close()

    def _was_closed(self) -> bool:
        """Nothing was asked, so all that can have come is the end."""
        return self.line.sock is not None and bool(select.select([self.line.sock], [], [], 0)[0])


class Load:
    """Requests one after the other while its `with` lasts."""

    def __init__(self, client: Client) -> None:
        self.client, self.seen = client, Counter[str]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.seen[self.client.ask()] += 1

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.client.close()
