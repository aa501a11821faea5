"""Byte streams that the tunnel carries: a socket, or TLS over one. Both can end one direction and go on in the other."""

import asyncio
import functools
import socket
from typing import Any, Coroutine

CHUNK = 256 * 1024
MOST_OF_A_LINE = 4096
TCP = ((socket.TCP_NODELAY, 1), (socket.TCP_KEEPIDLE, 15), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 6))
"""Sent at once; given up when the other end's machine has been silent for some 45 s."""


class Wire:
    """A connected socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._rest = b""

    async def read(self) -> bytes:
        """What has come, at least a byte; nothing when the other side has ended."""
        rest, self._rest = self._rest, b""
        return rest or await self._receive()

    async def read_line(self) -> bytes:
        """Raises EOFError where the other side ends, or says too much, before the line does."""
        while b"\n" not in self._rest:
            more = await self._receive()
            if not more or len(self._rest) > MOST_OF_A_LINE:
                raise EOFError("the other side has gone")
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    async def write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def end(self) -> None:
        """Says that nothing more comes from here."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()

    async def _receive(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self._socket, CHUNK)


class SecureWire(Wire):
    """TLS. asyncio's own cannot end one direction alone; TLS 1.3 can."""

    def __init__(self, sock: socket.socket, certificate: str) -> None:
        import ssl  # only where it is needed

        super().__init__(sock)
        self._ssl = ssl
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = _trusting(certificate).wrap_bio(self._incoming, self._outgoing)
        self._sending = asyncio.Lock()

    async def handshake(self) -> None:
        await self._patiently(self._session.do_handshake)
        await self._flush()

    async def write(self, data: bytes) -> None:
        self._session.write(data)
        await self._flush()

    async def end(self) -> None:
        try:
            self._session.unwrap()
        except self._ssl.SSLError:
            pass  # it wants the other side's end too: that comes when it comes
        await self._flush()

    async def _receive(self) -> bytes:
        try:
            return await self._patiently(lambda: self._session.read(CHUNK))
        except self._ssl.SSLZeroReturnError:
            return b""

    async def _patiently(self, step):
        """Does something that may first need more from the other side."""
        while True:
            try:
                return step()
            except self._ssl.SSLWantReadError:
                await self._flush()
                data = await super()._receive()
                self._incoming.write(data) if data else self._incoming.write_eof()

    async def _flush(self) -> None:
        async with self._sending:
            while self._outgoing.pending:
                await super().write(self._outgoing.read())


@functools.lru_cache(maxsize=1)
def _trusting(certificate: str):
    """Trusts this one certificate, whatever name it is reached under, and nothing else."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    return context


async def connect_local(path: str) -> Wire:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        while True:
            try:
                sock.connect(path)
                return Wire(sock)
            except BlockingIOError:  # its queue is full; asyncio would take that for connected
                await asyncio.sleep(0.05)
    except BaseException:
        sock.close()
        raise


async def connect_secure(address: str, port: int, certificate: str) -> Wire:
    sock = await _connect_network(address, port)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in TCP:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
        wire = SecureWire(sock, certificate)
        await wire.handshake()
        return wire
    except BaseException:
        sock.close()
        raise


async def _connect_network(address: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    error = OSError(f"{address} has no address")
    for family, kind, protocol, _, place in await loop.getaddrinfo(address, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, place)
            return sock
        except BaseException as caught:
            sock.close()
            if not isinstance(caught, OSError):
                raise
            error = caught
    raise error


async def join(one: Wire, other: Wire) -> None:
    """Carries bytes both ways until both have ended or either breaks; closes both."""
    try:
        await together(_carry(one, other), _carry(other, one))
    except OSError:
        pass  # whoever is left sees an end
    finally:
        one.close()
        other.close()


async def _carry(source: Wire, target: Wire) -> None:
    while data := await source.read():
        await target.write(data)
    await target.end()


async def together(*parts: Coroutine) -> None:
    """Until all are done or one fails; then none of them runs any more."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def within(seconds: float, part: Coroutine) -> Any:
    """As asyncio.wait_for, which before Python 3.12 may forget that it was cancelled. Raises asyncio.TimeoutError."""
    task = asyncio.ensure_future(part)
    try:
        await asyncio.wait([task], timeout=seconds)
        if not task.done():
            raise asyncio.TimeoutError(f"no answer within {seconds:g} s")
        return task.result()
    finally:
        task.cancel()
