"""A proxy between one controller and the API server, which kills the controller at a write that the test chooses.

Everything passes as it comes, watches too, with the controller's own token, so that the API server sees who asks. The
proxy has one thread, and kills in it: while it does, nothing else can pass.
"""

import asyncio
import enum
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import hdrs, web
from lib.audit import touches_template
from lib.controller import Controller
from yarl import URL

VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
OF_ONE_HOP = {"host", "connection", "keep-alive", "transfer-encoding"}
NOT_ADDED = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE, hdrs.USER_AGENT)  # or long lists would come compressed
# How often the Lease is renewed depends on the time; a question about rights stores nothing.
NOT_NUMBERED = ("leases", "selfsubjectaccessreviews")
SECONDS = 10


class Moment(enum.Enum):
    BEFORE = "before"  # the server has nothing of it
    COMMITTED = "committed"  # the server has answered, the controller has nothing of the answer
    ANSWERED = "answered"  # the controller has read the answer


@dataclass
class Write:
    """In the words of the audit log."""
    nth: int  # of this verb and resource: in which order the kinds come differs a little from run to run
    verb: str
    resource: str  # with its subresource: "rollbacks/status"
    name: str
    changes_template: bool
    code: int | None = None  # of the server's answer

    @property
    def key(self) -> tuple[str, str, int]:
        return self.verb, self.resource, self.nth

    @property
    def may_be_done(self) -> bool:
        """Unless the server refused it."""
        return self.code is None or self.code < 300

    def __str__(self) -> str:
        what = " (the template)" if self.changes_template else ""
        return f"{self.verb} {self.resource} {self.name}{what}, the {self.nth}. of its kind, answered with {self.code}"


@dataclass
class Cut:
    """The writes from a moment on, and the one at which the controller is killed: the first that `at` is true for."""
    controller: Controller
    moment: Moment
    at: Callable[[Write], bool]
    writes: list[Write] = field(default_factory=list)
    write: Write | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def __str__(self) -> str:
        return f"killed {self.moment.value} {self.write}"

    def number(self, verb: str, resource: str, name: str, body: Any) -> Write:
        nth = 1 + sum((each.verb, each.resource) == (verb, resource) for each in self.writes)
        write = Write(nth, verb, resource, name, resource == "deployments" and touches_template(body))
        self.writes.append(write)
        if self.write is None and self.at(write):
            self.write = write
        return write


class FaultProxy:
    """Listens at `url` while its `with` lasts; it has a certificate of the cluster's API server."""

    def __init__(self, cluster: Path) -> None:
        self.server = json.loads((cluster / "kubeconfig").read_text())["clusters"][0]["cluster"]["server"]
        self.to_server = ssl.create_default_context(cafile=str(cluster / "pki/ca.crt"))
        self.to_controller = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.to_controller.load_cert_chain(cluster / "pki/apiserver.crt", cluster / "pki/apiserver.key")
        self.url = ""
        self._cut: Cut | None = None
        self._passing: set[asyncio.Task[object]] = set()
        self._listens = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        assert self._listens.wait(SECONDS), "the proxy does not listen"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._loop.close()

    def cut(self, controller: Controller, moment: Moment, at: Callable[[Write], bool]) -> Cut:
        """Numbers the writes from now on."""
        self._cut = Cut(controller, moment, at)
        return self._cut

    async def _serve(self) -> None:
        connector = aiohttp.TCPConnector(limit=0, ssl=self.to_server)
        as_it_comes = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(connector=connector, timeout=as_it_comes, auto_decompress=False) as self._session:
            self._runner = web.ServerRunner(web.Server(self._answer, auto_decompress=False, access_log=None))
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.to_controller, shutdown_timeout=SECONDS).start()
            self.url = "https://{}:{}".format(*self._runner.addresses[0])
            self._listens.set()
            await self._end.wait()
            self._hang_up()
            await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        task = asyncio.current_task()
        self._passing.add(task)
        try:
            return await self._pass(request)
        except ConnectionResetError as gone:  # it no longer listens, which is nothing to be logged
            raise asyncio.CancelledError from gone
        finally:
            self._passing.discard(task)

    async def _pass(self, request: web.BaseRequest) -> web.StreamResponse:
        body, cut = await request.read(), self._cut
        if cut is None or request.method not in VERBS:
            return await self._forward(request, body)
        written = json.loads(body or b"null")
        resource, name = addressed(request.path, written)
        if resource in NOT_NUMBERED:
            return await self._forward(request, body)
        may_pass = cut.write is None or cut.done.is_set()
        write = cut.number(VERBS[request.method], resource, name, written)
        if not may_pass:  # sent after the write at which the controller dies, before it is dead
            await asyncio.Event().wait()
        if cut.write is not write:
            return await self._forward(request, body, write)
        if cut.moment is Moment.BEFORE:
            return self._kill(cut)
        answer = await self._forward(request, body, write, told=cut.moment is Moment.ANSWERED)
        if cut.moment is Moment.ANSWERED:
            await is_read(request.transport)
        self._kill(cut)
        return answer

    async def _forward(self, request: web.BaseRequest, body: bytes, write: Write | None = None, told: bool = True) -> web.StreamResponse:
        async with self._session.request(request.method, URL(self.server + request.raw_path, encoded=True), data=body or None,
                                         headers=passed_on(request), skip_auto_headers=NOT_ADDED) as answer:
            if write:
                write.code = answer.status
            response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=passed_on(answer))
            if not told:
                await answer.read()
                return response
            await response.prepare(request)
            async for part in answer.content.iter_any():
                await response.write(part)
            await response.write_eof()
            return response

    def _kill(self, cut: Cut) -> web.StreamResponse:
        """Without waiting for anything but the end of the process: what it had still sent is dropped with its connections."""
        cut.controller.kill()
        self._hang_up()
        cut.done.set()
        return web.Response(status=502)  # to nobody

    def _hang_up(self) -> None:
        for task in self._passing - {asyncio.current_task()}:
            task.cancel()
        for connection in self._runner.server.connections:
            connection.transport.abort()


def addressed(path: str, body: Any) -> tuple[str, str]:
    """Resource and name; the one of a new object is in its body."""
    _, of_namespace, below = path.partition("/namespaces/")
    if not of_namespace:
        return path.rpartition("/")[2], ""
    resource, *rest = below.split("/")[1:]
    if not rest:
        return resource, body["metadata"]["name"]
    return "/".join([resource, *rest[1:]]), rest[0]


def passed_on(message: web.BaseRequest | aiohttp.ClientResponse) -> list[tuple[str, str]]:
    return [(name, value) for name, value in message.headers.items() if name.lower() not in OF_ONE_HOP]


async def is_read(transport: asyncio.Transport) -> None:
    """Waits until the process at the other end has read everything that we sent."""
    ends = [f":{transport.get_extra_info(end)[1]:04X}" for end in ("sockname", "peername")]
    deadline = asyncio.get_running_loop().time() + SECONDS
    while transport.get_write_buffer_size() or queued(*ends):
        assert asyncio.get_running_loop().time() < deadline, "the controller does not read the answer"
        await asyncio.sleep(0.001)


def queued(ours: str, theirs: str) -> int:
    """The bytes between the two sockets of a connection, as the kernel tells."""
    total = 0
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = row.split()
        sending, receiving = (int(each, 16) for each in queues.split(":"))
        if local.endswith(ours) and remote.endswith(theirs):
            total += sending
        elif local.endswith(theirs) and remote.endswith(ours):
            total += receiving
    return total
