import asyncio
import socket
import unittest

from endstation_session.wire import Wire, join, together, within


class Wires(unittest.IsolatedAsyncioTestCase):
    def pair(self) -> "tuple[Wire, Wire]":
        ends = socket.socketpair()
        for end in ends:
            end.setblocking(False)
            self.addCleanup(end.close)
        return Wire(ends[0]), Wire(ends[1])


async def everything(wire: Wire) -> bytes:
    data = b""
    while more := await wire.read():
        data += more
    return data


class Lines(Wires):
    async def test_what_comes_after_a_line_is_kept(self) -> None:
        here, there = self.pair()
        await there.write(b'{"endpoint":"jupyter"}\nGET / HTTP/1.1\r\n')
        await there.end()
        self.assertEqual(await here.read_line(), b'{"endpoint":"jupyter"}')
        self.assertEqual(await everything(here), b"GET / HTTP/1.1\r\n")

    async def test_a_line_that_is_cut_off_or_too_long_is_none(self) -> None:
        for said in (b"half", b"x" * 20_000):
            here, there = self.pair()
            await there.write(said)
            await there.end()
            with self.assertRaises(EOFError):
                await here.read_line()


class Join(Wires):
    async def test_each_direction_ends_by_itself(self) -> None:
        (client, near), (far, server) = self.pair(), self.pair()
        joined = asyncio.create_task(join(near, far))
        await client.write(b"question")
        await client.end()
        self.assertEqual(await everything(server), b"question")
        await server.write(b"answer")
        await server.end()
        self.assertEqual(await everything(client), b"answer")
        await joined

    async def test_one_side_that_breaks_ends_the_other(self) -> None:
        (client, near), (far, server) = self.pair(), self.pair()
        joined = asyncio.create_task(join(near, far))
        server.close()
        with self.assertRaises(OSError):
            while True:
                await client.write(b"to nobody")
        await joined


class Together(unittest.IsolatedAsyncioTestCase):
    async def test_one_that_fails_ends_the_others(self) -> None:
        ended = asyncio.Event()

        async def wait() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        async def fail() -> None:
            await asyncio.sleep(0)
            raise EOFError

        with self.assertRaises(EOFError):
            await together(wait(), fail())
        self.assertTrue(ended.is_set())


class Within(unittest.IsolatedAsyncioTestCase):
    async def test_what_takes_too_long_is_ended(self) -> None:
        with self.assertRaises(asyncio.TimeoutError):
            await within(0.01, asyncio.Event().wait())

    async def test_a_cancellation_counts_even_when_it_comes_together_with_the_result(self) -> None:
        come = asyncio.Event()
        task = asyncio.create_task(within(60, come.wait()))
        for _ in range(3):
            await asyncio.sleep(0)
        come.set()
        await asyncio.sleep(0)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task


if __name__ == "__main__":
    unittest.main()
