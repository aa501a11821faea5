"""Whoever has the page open: what each has been shown already, and what may be typed."""

import asyncio
import base64
import binascii
import json
import re
from typing import Any, Awaitable, Callable, Protocol

from .screen import Screen, Size
from .websocket import GOING_AWAY, NORMAL, NOT_ALLOWED, NOT_THAT, Closed, Message, WebSocket

CHUNK = 32 * 1024
AHEAD = 128 * 1024
"""How much may be under way to a browser that has not shown it yet: so long Ctrl-C seems to do nothing."""
AFTER_GAP = 64 * 1024
"""Of what is shown to who has fallen behind what is kept."""
PING_EVERY = 30.0
LARGEST = 1000


class Host(Protocol):
    """What clients are shown and may do."""

    session: str
    """Its name, for people."""
    shell_name: str
    screen: Screen

    async def type(self, client: "Client", data: bytes) -> None: ...

    def resize(self, size: Size) -> None: ...

    def redraw(self) -> None: ...

    def moved(self) -> None:
        """Somebody has been shown more."""


class Client:
    """One open page. `types`: whether it may do more than look on."""

    def __init__(self, socket: WebSocket, host: Host, types: bool) -> None:
        self._socket, self._host, self.types = socket, host, types
        self._news = asyncio.Event()
        self._sent = 0
        self._shown = 0
        self._size: "Size | None" = None
        self._is_live = False
        self._status: "int | None" = None
        self.is_slow = False

    @property
    def lag(self) -> int:
        """How far what it has shown is behind."""
        return self._host.screen.end - self._shown

    def wake(self) -> None:
        """There is something new."""
        self._news.set()

    def end(self, status: int) -> None:
        """It is told that the shell has ended, after all that it wrote."""
        self._status = status
        self._news.set()

    async def leave(self) -> None:
        """The session is being ended."""
        await self._socket.close(GOING_AWAY, "the session is being ended")

    async def run(self, known: "str | None", offset: int) -> None:
        """Until it goes, or the shell has ended. `known`, `offset`: what the page has shown of which shell already."""
        tasks = [asyncio.ensure_future(part) for part in (self._show(known, offset), self._listen(), self._ping())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except Closed:
            pass
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._socket.finish()

    async def _show(self, known: "str | None", offset: int) -> None:
        screen = self._host.screen
        goes_on = known == self._host.shell_name and screen.start <= offset <= screen.end
        await (self._go_on(offset) if goes_on else self._begin(screen.cut(screen.start) if screen.start else 0))
        while True:
            self._news.clear()
            if await self._show_more():
                continue
            if self._sent == screen.end and await self._is_over():
                return
            await self._news.wait()

    async def _is_over(self) -> bool:
        """Whether all that there was has been shown and nothing more comes."""
        if not self._is_live:
            self._is_live = True
            await self._tell(type="live")
        if self._status is None:
            return False
        await self._tell(type="ended", status=self._status)
        await self._socket.close(NORMAL, "the shell has ended")
        return True

    async def _begin(self, offset: int) -> None:
        """A fresh terminal, from there on."""
        screen = self._host.screen
        self._is_live = False
        await self._go_on(offset, fresh=True)
        prelude = screen.prelude(offset)
        if prelude:
            await self._socket.send(prelude)
        if offset and screen.is_alternate:
            self._host.redraw()

    async def _go_on(self, offset: int, fresh: bool = False) -> None:
        self._sent = self._shown = offset
        self._size = self._host.screen.part(offset, 0).size
        about, size = {"session": self._host.session, "shell": self._host.shell_name}, self._size._asdict()
        await self._tell(type="start", fresh=fresh, offset=offset, **about, **size)

    async def _show_more(self) -> bool:
        """Whether there was something to show, and room for it."""
        screen = self._host.screen
        if self._sent < screen.start:
            await self._begin(screen.cut(max(screen.start, screen.end - AFTER_GAP)))
        if self.types and self._sent - self._shown >= AHEAD:
            return False
        part = screen.part(self._sent, CHUNK)
        if part.size != self._size:
            self._size = part.size
            await self._tell(type="size", **part.size._asdict())
        if not part.data:
            return False
        self._sent += len(part.data)
        await self._socket.send(part.data)
        self._host.moved()
        return True

    async def _listen(self) -> None:
        while True:
            message = await self._socket.receive()
            if not self.types:
                return await self._socket.close(NOT_ALLOWED, "looking on only")
            act = self._action(message)
            if act is None:
                return await self._socket.close(NOT_THAT, "that is not understood")
            await act()

    async def _ping(self) -> None:
        """Keeps proxies on the way from closing it, and finds out who has gone without a word."""
        while True:
            await asyncio.sleep(PING_EVERY)
            await self._socket.ping()

    async def _tell(self, **what: Any) -> None:
        await self._socket.send(json.dumps(what))

    def _action(self, message: Message) -> "Callable[[], Awaitable[None]] | None":
        """What a message asks for; None: nothing that there is."""
        try:
            said = json.loads(message.data) if message.is_text else None
            kind = said["type"]
            if kind == "input":
                text = str(said["text"]).encode()
                return lambda: self._host.type(self, text)
            if kind == "bytes":
                data = base64.b64decode(said["base64"], validate=True)
                return lambda: self._host.type(self, data)
            if kind == "size":
                return self._sized(said["columns"], said["rows"])
            if kind == "shown":
                return self._has_shown(said["offset"])
        except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
            pass
        return None

    def _sized(self, columns: Any, rows: Any) -> "Callable[[], Awaitable[None]]":
        if not all(type(one) is int and 1 <= one <= LARGEST for one in (columns, rows)):
            raise ValueError("no size")

        async def act() -> None:
            self._host.resize(Size(columns, rows))

        return act

    def _has_shown(self, offset: Any) -> "Callable[[], Awaitable[None]]":
        if type(offset) is not int:
            raise ValueError("no offset")

        async def act() -> None:
            self._shown = min(max(self._shown, offset), self._sent)
            self._news.set()
            self._host.moved()

        return act


def position(query: str) -> "tuple[str | None, int]":
    """What a page says that it has shown already: `shell=NAME&from=OFFSET`."""
    found = re.fullmatch(r"shell=([0-9a-f]{16})&from=(\d{1,18})", query)
    return (None, 0) if found is None else (found[1], int(found[2]))
