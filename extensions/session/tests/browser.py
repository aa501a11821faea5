"""A browser's side of a WebSocket, written anew: what tests the server must not be made of it."""

import asyncio
import base64
import json
import os
import socket
import struct
from contextlib import suppress
from typing import Any

HEAD = "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {origin}\r\n"
REST = "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"


def frame(kind: int, data: bytes, final: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    first = (0x80 if final else 0) | reserved | kind
    bit = 0x80 if masked else 0
    if len(data) < 126:
        head = struct.pack("!BB", first, bit | len(data))
    elif len(data) < 1 << 16:
        head = struct.pack("!BBH", first, bit | 126, len(data))
    else:
        head = struct.pack("!BBQ", first, bit | 127, len(data))
    if not masked:
        return head + data
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))


class Browser:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.screen = b""
        self.told: "list[dict[str, Any]]" = []
        self.offset = 0
        self.answers = True
        """Whether it says what it has shown, as the page does."""

    @classmethod
    async def open(
        cls, path: str, target: str = "/shell/type", host: str = "session.localhost", origin: str = "http://session.localhost"
    ) -> "Browser":
        browser = cls(*await asyncio.open_unix_connection(path, limit=1 << 22))
        browser.answers = "type" in target
        key = base64.b64encode(os.urandom(16)).decode()
        browser.writer.write((HEAD.format(path=target, host=host, origin=origin) + REST.format(key=key)).encode())
        head = await browser.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            raise ConnectionRefusedError(head.split(b"\r\n")[0].decode())
        return browser

    async def frame(self) -> "tuple[int, bytes]":
        first, length = await self.reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(length)

    async def read(self) -> None:
        """The next frame, as the page takes it."""
        kind, data = await self.frame()
        if kind == 0x8:
            raise EOFError(f"{struct.unpack('!H', data[:2])[0]} {data[2:].decode()}")
        if kind == 0x2:
            self.screen += data
            self.offset += len(data)
            if self.answers:
                self.tell(type="shown", offset=self.offset)
        elif kind == 0x1:
            said = json.loads(data)
            self.told.append(said)
            if said["type"] == "start":
                self.offset = said["offset"]
                self.screen = b"" if said["fresh"] else self.screen

    async def until(self, wanted: bytes, within: float = 30) -> None:
        async def reading() -> None:
            while wanted not in self.screen:
                await self.read()

        try:
            await asyncio.wait_for(reading(), within)
        except asyncio.TimeoutError as error:
            raise AssertionError(f"{wanted!r} did not come; there is {self.screen[-500:]!r}") from error

    async def until_told(self, kind: str) -> "dict[str, Any]":
        while True:
            found = [one for one in self.told if one["type"] == kind]
            if found:
                return found[-1]
            await asyncio.wait_for(self.read(), 30)

    async def closing(self) -> str:
        """Reads to the server's goodbye: its code and words."""
        self.answers = False
        try:
            while True:
                await asyncio.wait_for(self.read(), 30)
        except EOFError as end:
            return str(end)

    def tell(self, **what: Any) -> None:
        self.writer.write(frame(0x1, json.dumps(what).encode()))

    def type(self, text: str) -> None:
        self.tell(type="input", text=text)

    def close(self) -> None:
        """At once, without a goodbye, as a browser that has crashed."""
        with suppress(OSError):
            self.writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self.writer.close()
