import asyncio
import socket
import struct
import unittest

from endstation_session.terminal.websocket import Closed, Message, WebSocket, acceptance

from .browser import frame


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    try:
        await writer.wait_closed()
    except OSError:
        pass


class WebSockets(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        await self.anew()

    async def anew(self) -> None:
        here, there = socket.socketpair()
        reader, writer = await asyncio.open_unix_connection(sock=here)
        self.socket = WebSocket(reader, writer)
        self.reader, self.writer = await asyncio.open_unix_connection(sock=there)
        for one in (writer, self.writer):
            self.addAsyncCleanup(closed, one)

    async def received(self, *frames: bytes) -> "list[Message]":
        self.writer.writelines(frames)
        self.writer.write(frame(0x2, b"last"))
        found = []
        while (message := await asyncio.wait_for(self.socket.receive(), 10)) != Message(False, b"last"):
            found.append(message)
        return found

    async def refusal(self, *sent: bytes) -> int:
        """The code with which it is closed, said to both sides."""
        self.writer.writelines(sent)
        with self.assertRaises(Closed) as raised:
            while True:
                await asyncio.wait_for(self.socket.receive(), 10)
        head = await self.reader.readexactly(2)
        self.assertEqual(head[0], 0x88)
        code = struct.unpack("!H", (await self.reader.readexactly(head[1]))[:2])[0]
        self.assertEqual(raised.exception.code, code)
        return code

    def test_the_handshake_is_answered_as_the_standard_has_it(self) -> None:
        self.assertEqual(acceptance("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        for key in ("", "short", "dGhlIHNhbXBsZSBub25jZQ=", "é" * 24):
            self.assertIsNone(acceptance(key))

    async def test_messages_of_every_length_come_as_they_were_sent(self) -> None:
        for length in (0, 1, 125, 126, 127, 65_535, 65_536):
            data = bytes(n % 256 for n in range(length))
            self.assertEqual(await self.received(frame(0x2, data)), [Message(False, data)])

    async def test_a_message_in_fragments_is_one_also_where_a_character_is_split_and_a_ping_comes_between(self) -> None:
        text = "é€😀".encode()
        parts = [frame(0x1, text[:1], final=False), frame(0x9, b"?"), frame(0x0, text[1:4], final=False), frame(0x0, text[4:])]
        self.assertEqual(await self.received(*parts), [Message(True, text)])
        self.assertEqual(await self.reader.readexactly(3), b"\x8a\x01?")

    async def test_what_breaks_the_rules_is_refused(self) -> None:
        faults = {
            "not masked": frame(0x1, b"hello", masked=False),
            "reserved bit": frame(0x1, b"hello", reserved=0x40),
            "unknown kind": frame(0x3, b""),
            "unknown control": frame(0xB, b""),
            "control in fragments": frame(0x9, b"", final=False),
            "long control": b"\x89\xfe\x00\x7e\0\0\0\0" + bytes(126),
            "continuation of nothing": frame(0x0, b"x"),
            "message inside another": frame(0x1, b"a", final=False) + frame(0x1, b"b"),
            "length longer than need be": b"\x82\xfe\x00\x05\0\0\0\0hello",
            "length longer than need be, 64 bits": b"\x82\xff" + struct.pack("!Q", 5) + b"\0\0\0\0hello",
            "length below zero": b"\x82\xff" + b"\xff" * 8,
            "goodbye of one byte": frame(0x8, b"x"),
            "goodbye with a code that is none": frame(0x8, struct.pack("!H", 1005)),
        }
        for fault, sent in faults.items():
            with self.subTest(fault):
                await self.anew()
                self.assertEqual(await self.refusal(sent), 1002)
        for name, sent in {"whole": frame(0x1, b"\xff"), "cut off": frame(0x1, "é".encode()[:1])}.items():
            with self.subTest(name):
                await self.anew()
                self.assertEqual(await self.refusal(sent), 1007)

    async def test_what_is_too_long_is_refused_before_it_is_read(self) -> None:
        self.assertEqual(await self.refusal(b"\x82\xff" + struct.pack("!Q", 1 << 40)), 1009)
        await self.anew()
        parts = [frame(0x2, bytes(65_536), final=False), *[frame(0x0, bytes(65_536), final=False)] * 4]
        self.assertEqual(await self.refusal(*parts), 1009)

    async def test_a_goodbye_is_answered_and_a_break_is_an_end(self) -> None:
        self.assertEqual(await self.refusal(frame(0x8, struct.pack("!H", 4000) + b"bye")), 4000)
        with self.assertRaises(Closed):
            await self.socket.send("too late")
        await self.anew()
        self.writer.write(frame(0x1, b"half")[:4])
        self.writer.close()
        with self.assertRaises(Closed):
            await self.socket.receive()

    async def test_a_flood_of_pings_that_nobody_reads_the_answers_of_waits_in_the_kernel(self) -> None:
        receiving = asyncio.ensure_future(self.socket.receive())
        flood = frame(0x9, bytes(125)) * 1000
        sent = 0
        try:
            while sent < 200:
                self.writer.write(flood)
                await asyncio.wait_for(self.writer.drain(), 1)
                sent += 1
        except asyncio.TimeoutError:
            pass
        self.assertLess(sent, 200)
        receiving.cancel()


if __name__ == "__main__":
    unittest.main()
