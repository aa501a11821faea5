"""The session's side of the tunnel: what it holds open to the portal, and what runs through it. See README.md."""

import asyncio
import json
import os
import random
import sys
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Coroutine

from .wire import Wire, connect_local, connect_secure, join, together, within

SPARE = 2
"""Streams that stand ready on each way."""
MOST_ASKED = 64
ANSWER_WITHIN = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LOOK_AGAIN = 0.5
"""Seconds between two looks for portals in the folder: one that is started anew binds anew."""
TROUBLE = (OSError, EOFError, ValueError, LookupError, asyncio.TimeoutError)
"""What a connection may run into; it is tried again."""


class Refused(Exception):
    """The portal says that this key opens nothing."""


@dataclass(frozen=True)
class Way:
    """Where a portal can be reached."""

    name: str
    connect: "Callable[[], Awaitable[Wire]]"
    exists: "Callable[[], bool]" = lambda: True


class Portal:
    """`ticket` is what tunnel.json says; `endpoints` are the local sockets of what the portal may ask for."""

    def __init__(self, ticket: "dict[str, Any]", endpoints: "dict[str, str]") -> None:
        self._ticket = ticket
        self._endpoints = endpoints
        # The newest is tried first. The one before is still good where the newest was overtaken by another offer.
        self._keys = [ticket["key"]]
        self._renewing = asyncio.Lock()
        self._connected: "list[Way]" = []
        self._streams: "set[asyncio.Task]" = set()

    async def run(self) -> None:
        """Holds every way open, for ever. Returns only when the portal says that the key opens nothing any more."""
        try:
            if "folder" in self._ticket:
                await self._hold_all(self._ticket["folder"])
            else:
                address, port = self._ticket["address"], self._ticket["port"]
                connect = lambda: connect_secure(address, port, self._ticket["certificate"])  # noqa: E731
                await self._hold(Way(f"{address}:{port}", connect))
        except Refused as refused:
            _say(f"the portal does not let this session in any more: {refused}")

    async def carry_out(self, local: Wire) -> None:
        """Carries one of the session's own connections to the portal; without a portal it is closed."""
        try:
            wire = await self._open(self._connected[-1], "portal")
        except (Refused, *TROUBLE):
            local.close()
        else:
            await join(local, wire)

    async def _hold_all(self, folder: str) -> None:
        held: "dict[str, asyncio.Task]" = {}
        try:
            while True:
                for path in set(_sockets(folder)) - set(held):
                    held[path] = asyncio.create_task(self._hold(_through(path)))
                for path in [path for path, task in held.items() if task.done()]:
                    held.pop(path).result()
                await asyncio.sleep(LOOK_AGAIN)
        finally:
            for task in held.values():
                task.cancel()

    async def _hold(self, way: Way) -> None:
        pause = FIRST_PAUSE
        quiet = False
        while way.exists():
            try:
                control = await self._enter(way)
                _say(f"connected to the portal at {way.name}")
                pause, quiet = FIRST_PAUSE, False
                await self._serve(way, control)
            except TROUBLE as error:
                if not quiet:
                    _say(f"no connection to the portal at {way.name}: {error or type(error).__name__}")
                quiet = True
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _enter(self, way: Way) -> Wire:
        """A control connection, which renews the key. One at a time: two would overtake each other."""
        async with self._renewing:
            for key in reversed(self._keys):
                try:
                    wire, answer = await self._greet(way, "control", key)
                except Refused as refused:
                    refusal = refused
                else:
                    self._keys = [key, answer["key"]]
                    return wire
            raise refusal

    async def _serve(self, way: Way, control: Wire) -> None:
        asked: "set[asyncio.Task]" = set()
        self._connected.append(way)
        try:
            spares = [self._keep_ready(way) for _ in range(SPARE)]
            await together(self._ping(control), self._obey(control, way, asked), *spares)
        except Refused:
            pass  # a newer offer overtook this key: entering again gets another
        finally:
            self._connected.remove(way)
            for task in asked:
                task.cancel()
            control.close()

    async def _ping(self, control: Wire) -> None:
        while True:
            await asyncio.sleep(self._ticket["pingSeconds"])
            await control.write(b"\n")

    async def _obey(self, control: Wire, way: Way, asked: "set[asyncio.Task]") -> None:
        while True:
            line = await within(self._ticket["silenceSeconds"], control.read_line())
            for _ in range(min(json.loads(line)["open"], MOST_ASKED) if line else 0):
                _start(self._once_ready(way), asked)

    async def _keep_ready(self, way: Way) -> None:
        while True:
            try:
                await self._wait_for_use(way)
            except TROUBLE:
                await asyncio.sleep(FIRST_PAUSE)

    async def _once_ready(self, way: Way) -> None:
        try:
            await self._wait_for_use(way)
        except (Refused, *TROUBLE):
            pass  # whoever waits for it in the portal asks again

    async def _wait_for_use(self, way: Way) -> None:
        wire = await self._open(way, "stream")
        try:
            order = json.loads(await wire.read_line())
        except BaseException:
            wire.close()
            raise
        _start(self._carry_in(wire, order["endpoint"]), self._streams)

    async def _carry_in(self, wire: Wire, endpoint: str) -> None:
        try:
            local = await connect_local(self._endpoints[endpoint])
        except TROUBLE:
            wire.close()
        else:
            await join(wire, local)

    async def _open(self, way: Way, purpose: str) -> Wire:
        while True:
            key = self._keys[-1]
            try:
                return (await self._greet(way, purpose, key))[0]
            except Refused:
                if key == self._keys[-1]:
                    raise

    async def _greet(self, way: Way, purpose: str, key: str) -> "tuple[Wire, dict[str, Any]]":
        hello = {"v": 1, **{name: self._ticket[name] for name in ("session", "attempt")}, "key": key, "for": purpose}
        wire = await within(ANSWER_WITHIN, way.connect())
        try:
            await wire.write(json.dumps(hello).encode() + b"\n")
            answer = json.loads(await within(ANSWER_WITHIN, wire.read_line()))
            if "refused" in answer:
                raise Refused(answer["refused"])
            return wire, answer
        except BaseException:
            wire.close()
            raise


def _through(path: str) -> Way:
    return Way(path, lambda: connect_local(path), lambda: os.path.exists(path))


def _sockets(folder: str) -> "list[str]":
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".sock")]
    except OSError:
        return []


def _start(coroutine: Coroutine, among: "set[asyncio.Task]") -> None:
    task = asyncio.create_task(coroutine)
    among.add(task)
    task.add_done_callback(among.discard)


def _say(what: str) -> None:
    print(f"tunnel: {what}", file=sys.stderr, flush=True)
