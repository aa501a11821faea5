"""The server of a session of kind `terminal`: one shell, a page, and everybody who has it open."""

import asyncio
import json
import re
import secrets
import signal
import socket
from contextlib import suppress

from . import http, websocket
from .clients import AHEAD, Client, position
from .screen import Screen, Size
from .shell import Shell

USUAL = Size(80, 24)
MOST_CLIENTS = 64
PATIENCE = 1.0
"""How long the shell waits for pages that show nothing: one in the background must not hold up a program."""
FAREWELL = 2.0
PAGES = {"/": "index.html", "/look": "index.html"}
"""The same page; at `/look` it only looks on."""
FILES = {
    *("terminal.css", "main.mjs", "line.mjs", "view.mjs", "themes.mjs", "words.mjs"),
    *("xterm.mjs", "xterm.css", "addon-fit.mjs", "xterm.LICENSE.txt"),
}
SHELLS = {"/shell/type": True, "/shell/look": False}
STATUS = "/status"
REPORT = re.compile(
    rb"(?:\x1b(?:\[[?>=]?[\d;]*(?:\$y|[cnRy])|\]\d+;[^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\))+", re.DOTALL
)


def serve(listening: socket.socket, path: str, session: str, greeting: str) -> int:
    """Runs until the shell has ended, or the session is told to stop. `path` is the shell's PATH, `session` its name."""
    return asyncio.run(_serve(listening, path, session, greeting))


async def _serve(listening: socket.socket, path: str, session: str, greeting: str) -> int:
    terminal = Terminal(path, session, greeting)
    server = await asyncio.start_unix_server(terminal.answer, sock=listening, limit=http.LONGEST_HEAD)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminal.stop)
    async with server:
        return await terminal.over()


class Terminal:
    """The shell and what it wrote; the place of all who see it."""

    def __init__(self, path: str, session: str, greeting: str) -> None:
        self.shell_name = secrets.token_hex(8)
        self.session = session
        self.screen = Screen(USUAL)
        self.screen.write(greeting.replace("\n", "\r\n").encode())
        self._clients: "dict[Client, asyncio.Task]" = {}
        self._ended: "asyncio.Future[int]" = asyncio.get_running_loop().create_future()
        self._patience: "asyncio.TimerHandle | None" = None
        self._leader: "Client | None" = None
        self._is_stopping = False
        self._shell = Shell(USUAL, path, self._wrote, self._ended.set_result)

    async def over(self) -> int:
        """How the session ends: in order where the shell did, whatever its last command was."""
        status = await self._ended
        for client in self._clients:
            client.end(status)
        if self._clients:
            await asyncio.wait(self._clients.values(), timeout=FAREWELL)
        return status if status > 128 and not self._is_stopping else 0

    def stop(self) -> None:
        self._is_stopping = True
        for client in self._clients:
            asyncio.ensure_future(client.leave())
        self._shell.hang_up()

    async def type(self, client: Client, data: bytes) -> None:
        """What a terminal says by itself, asked by a program, counts once: from the page that somebody used last."""
        if REPORT.fullmatch(data) and self._leader not in (client, None):
            return
        self._leader = client
        await self._shell.write(data)

    def resize(self, size: Size) -> None:
        if size != self.screen.size:
            self.screen.resize(size)
            self._shell.resize(size)
            self._wake()

    def redraw(self) -> None:
        self._shell.redraw()

    def moved(self) -> None:
        """The shell goes on as soon as one of those it waits for has shown enough."""
        for client in self._typing():
            client.is_slow = client.is_slow and client.lag > AHEAD // 2
        if self._patience is not None and not self._must_wait():
            self._go_on()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests one after another, or a WebSocket."""
        with suppress(OSError):
            try:
                while (request := await http.read_request(reader)) is not None:
                    acceptance = self._acceptance(request)
                    if isinstance(acceptance, http.Answer):
                        await http.send(writer, request, acceptance)
                    else:
                        await http.switch(writer, acceptance)
                        return await self._join(request, websocket.WebSocket(reader, writer))
            finally:
                writer.close()

    def _acceptance(self, request: http.Request) -> "http.Answer | str":
        """A page's or a refusal's answer; for a WebSocket what accepts it."""
        if request.headers.get("host") != http.HOST:
            return http.Answer(403, body=b"there is no such host here\n")
        if request.path not in SHELLS:
            return _plain(request)
        if not request.is_upgrade or request.method != "GET":
            return http.Answer(426, headers=(("Upgrade", "websocket"),))
        if request.headers.get("origin") != http.ORIGIN:
            return http.Answer(403, body=b"it is for the session's own page\n")
        acceptance = websocket.acceptance(request.headers.get("sec-websocket-key", ""))
        if acceptance is None or request.headers.get("sec-websocket-version") != "13":
            return http.Answer(400, headers=(("Sec-WebSocket-Version", "13"),))
        if len(self._clients) >= MOST_CLIENTS or self._ended.done():
            return http.Answer(503, body=b"too many look at it, or it has ended\n")
        return acceptance

    async def _join(self, request: http.Request, socket: websocket.WebSocket) -> None:
        client = Client(socket, self, SHELLS[request.path])
        self._clients[client] = asyncio.ensure_future(client.run(*position(request.query)))
        try:
            await self._clients[client]
        finally:
            del self._clients[client]
            self._leader = None if self._leader is client else self._leader
            self.moved()

    def _wrote(self, data: bytes) -> None:
        self.screen.write(data)
        self._wake()
        if self._patience is None and self._must_wait():
            self._shell.read(False)
            self._patience = asyncio.get_running_loop().call_later(PATIENCE, self._lose_patience)

    def _must_wait(self) -> bool:
        """Whether everybody who keeps up has enough to show; with nobody there but who looks on it runs freely."""
        waited_for = [client for client in self._typing() if not client.is_slow]
        return bool(waited_for) and all(client.lag > AHEAD for client in waited_for)

    def _typing(self) -> "list[Client]":
        return [client for client in self._clients if client.types]

    def _lose_patience(self) -> None:
        for client in self._typing():
            client.is_slow = client.lag > AHEAD // 2
        self._go_on()

    def _go_on(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        self._shell.read(True)

    def _wake(self) -> None:
        for client in self._clients:
            client.wake()


def _plain(request: http.Request) -> http.Answer:
    if request.method not in ("GET", "HEAD"):
        return http.Answer(405, headers=(("Allow", "GET, HEAD"),))
    if request.path == STATUS:
        return http.Answer(200, "json", json.dumps({"status": "ready"}).encode(), (("Cache-Control", "no-store"),))
    name = PAGES.get(request.path, request.path[1:])
    found = http.page(name) if name in FILES or request.path in PAGES else None
    return found or http.Answer(404, body=b"there is nothing here\n")
