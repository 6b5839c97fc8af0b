"""A loopback port of the machine, passed on to a port inside a network namespace.

Run as a program with root: forward.py NETNS PORT READY_FILE. It listens on a free port, writes that
port's number to READY_FILE and serves until it is killed."""

import asyncio
import ctypes
import os
import socket
import sys
from pathlib import Path

CLONE_NEWNET = 0x40000000


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()  # one side broke off: so must the other


async def _serve(listener: socket.socket, port: int) -> None:
    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
        for end in (writer, inner_writer):
            end.close()

    server = await asyncio.start_server(passed_on, sock=listener)
    await server.serve_forever()


def main() -> None:
    netns, port, ready = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    # A socket stays in the namespace it was made in: this one listens outside, all later ones are inside.
    listener = socket.create_server(("127.0.0.1", 0))
    libc = ctypes.CDLL(None, use_errno=True)
    with open(netns) as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            sys.exit(f"can't enter {netns}: {os.strerror(ctypes.get_errno())}")
    fresh = ready.with_suffix(".fresh")
    fresh.write_text(str(listener.getsockname()[1]))
    fresh.rename(ready)
    asyncio.run(_serve(listener, port))


if __name__ == "__main__":
    main()
