"""The server's side of a WebSocket (RFC 6455): no extensions, small frames, nothing kept that was not asked for."""

import asyncio
import base64
import hashlib
import struct
from contextlib import suppress
from typing import NamedTuple

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
NORMAL, GOING_AWAY, PROTOCOL_ERROR, NOT_THAT, NOT_TEXT, NOT_ALLOWED, TOO_BIG = 1000, 1001, 1002, 1003, 1007, 1008, 1009
FAREWELL = 2.0
LONGEST_CONTROL = 125
LONGEST_FRAME = 64 * 1024
LONGEST_MESSAGE = 256 * 1024


class Closed(Exception):
    """Nothing more comes from the other side, for the reason that `code` names."""

    def __init__(self, code: int, why: str = "") -> None:
        super().__init__(why)
        self.code = code


class Message(NamedTuple):
    is_text: bool
    data: bytes


class _Frame(NamedTuple):
    final: bool
    kind: int
    data: bytes


def acceptance(key: str) -> "str | None":
    """What answers a handshake's `Sec-WebSocket-Key`; None: that is no such key."""
    try:
        if len(base64.b64decode(key, validate=True)) != 16:
            return None
    except ValueError:
        return None
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


class WebSocket:
    """One connection after its handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._has_said_goodbye = False
        self._was_told_goodbye = False

    async def receive(self) -> Message:
        """The next message; answers pings on the way. Raises Closed, always, when it is over or breaks the rules."""
        kind, parts, length = None, [], 0
        while True:
            frame = await self._data_frame()
            if (frame.kind == CONTINUATION) != (kind is not None):
                raise await self._refuse(PROTOCOL_ERROR, "a message inside another, or the end of none")
            kind = frame.kind if kind is None else kind
            length += len(frame.data)
            if length > LONGEST_MESSAGE:
                raise await self._refuse(TOO_BIG, "the message is too long")
            parts.append(frame.data)
            if frame.final:
                return await self._whole(kind, b"".join(parts))

    async def send(self, data: "bytes | str") -> None:
        """Returns when there is room for more."""
        kind, content = (TEXT, data.encode()) if isinstance(data, str) else (BINARY, data)
        await self._send(kind, content)

    async def ping(self) -> None:
        await self._send(PING, b"")

    async def close(self, code: int, why: str = "") -> None:
        """Says goodbye, once; what is left to send is sent as long as the other side takes it."""
        if self._has_said_goodbye:
            return
        self._has_said_goodbye = True
        try:
            self._writer.write(_framed(CLOSE, struct.pack("!H", code) + why.encode()[: LONGEST_CONTROL - 2]))
            await self._writer.drain()
        except OSError:
            pass  # it has gone already

    async def finish(self) -> None:
        """After our goodbye: waits a little for the other side's, as what is on the way to it would be lost otherwise."""
        with suppress(Closed, asyncio.TimeoutError):
            while self._has_said_goodbye and not self._was_told_goodbye:
                await asyncio.wait_for(self._data_frame(), FAREWELL)

    async def _whole(self, kind: int, data: bytes) -> Message:
        if kind == TEXT:
            try:
                data.decode()
            except UnicodeDecodeError as error:
                raise await self._refuse(NOT_TEXT, "the text is no UTF-8") from error
        return Message(kind == TEXT, data)

    async def _data_frame(self) -> _Frame:
        """Control frames may come between the frames of a message. Each is answered before the next is read: a flood waits."""
        while True:
            frame = await self._frame()
            if frame.kind == CLOSE:
                raise await self._answer_close(frame.data)
            if frame.kind == PING and not self._has_said_goodbye:
                await self._send(PONG, frame.data)
            elif frame.kind < CLOSE:
                return frame

    async def _frame(self) -> _Frame:
        try:
            first, second = await self._reader.readexactly(2)
            kind, length = first & 0x0F, second & 0x7F
            fault = _fault(first, second)
            if fault is not None:
                raise await self._refuse(PROTOCOL_ERROR, fault)
            if length > LONGEST_CONTROL:
                length = await self._long_length(length)
            if length > LONGEST_FRAME:
                raise await self._refuse(TOO_BIG, "the frame is too long")
            mask = await self._reader.readexactly(4)
            return _Frame(bool(first & 0x80), kind, _masked(await self._reader.readexactly(length), mask))
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Closed(GOING_AWAY, "the connection broke") from error

    async def _long_length(self, marker: int) -> int:
        size, format, least = (2, "!H", 126) if marker == 126 else (8, "!Q", 1 << 16)
        (length,) = struct.unpack(format, await self._reader.readexactly(size))
        if length < least or length >> 63:
            raise await self._refuse(PROTOCOL_ERROR, "the length is not written as short as it can be")
        return length

    async def _answer_close(self, data: bytes) -> Closed:
        self._was_told_goodbye = True
        code = struct.unpack("!H", data[:2])[0] if len(data) >= 2 else NORMAL
        if len(data) == 1 or not _may_be_said(code):
            return await self._refuse(PROTOCOL_ERROR, "a goodbye without a code, or with one that is none")
        await self.close(code)
        return Closed(code)

    async def _refuse(self, code: int, why: str) -> Closed:
        await self.close(code, why)
        return Closed(code, why)

    async def _send(self, kind: int, data: bytes) -> None:
        if self._has_said_goodbye:
            raise Closed(GOING_AWAY, "it is closed")
        try:
            self._writer.write(_framed(kind, data))
            await self._writer.drain()
        except OSError as error:
            raise Closed(GOING_AWAY, "the connection broke") from error


def _fault(first: int, second: int) -> "str | None":
    """What is wrong with a frame's first two bytes; None: nothing."""
    kind = first & 0x0F
    if first & 0x70:
        return "no extension was agreed on"
    if kind not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
        return "there is no such frame"
    if not second & 0x80:
        return "what a browser sends is masked"
    if kind >= CLOSE and (not first & 0x80 or second & 0x7F > LONGEST_CONTROL):
        return "a control frame is short and whole"
    return None


def _may_be_said(code: int) -> bool:
    return code in (*range(1000, 1004), *range(1007, 1015)) or 3000 <= code <= 4999


def _masked(data: bytes, mask: bytes) -> bytes:
    """As one large number: byte by byte, Python would take a hundred times as long."""
    length = len(data)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")


def _framed(kind: int, data: bytes) -> bytes:
    length = len(data)
    if length <= LONGEST_CONTROL:
        head = struct.pack("!BB", 0x80 | kind, length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", 0x80 | kind, 126, length)
    else:
        head = struct.pack("!BBQ", 0x80 | kind, 127, length)
    return head + data
