"""As much of HTTP as a page and a WebSocket need, for the gateway alone: nobody else reaches the socket."""

import asyncio
import gzip
from importlib import resources
from typing import NamedTuple

HOST = "session.localhost"
ORIGIN = f"http://{HOST}"
LONGEST_HEAD = 64 * 1024
IDLE = 120.0
"""Longer than the gateway keeps a connection, so that it is not closed under a request."""
PAGE = "page"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the terminal makes rules of its own for colours and cells
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
REASONS = {101: "Switching Protocols", 200: "OK", 304: "Not Modified", 400: "Bad Request", 403: "Forbidden"}
REASONS.update({404: "Not Found", 405: "Method Not Allowed", 426: "Upgrade Required", 503: "Service Unavailable"})


class Request(NamedTuple):
    method: str
    path: str
    query: str
    headers: "dict[str, str]"

    @property
    def is_upgrade(self) -> bool:
        return self.headers.get("upgrade", "").lower() == "websocket"


class Answer(NamedTuple):
    status: int
    kind: str = "txt"
    body: bytes = b""
    headers: "tuple[tuple[str, str], ...]" = ()


async def read_request(reader: asyncio.StreamReader) -> "Request | None":
    """None at the end, and for what is no request that this server answers: it has no use for bodies."""
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE)
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError, OSError, ValueError):
        return None
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        return None
    path, _, query = target.partition("?")
    return Request(method, path, query, headers)


async def send(writer: asyncio.StreamWriter, request: Request, answer: Answer) -> None:
    body, headers = answer.body, list(answer.headers)
    if len(body) > 1024 and "gzip" in request.headers.get("accept-encoding", ""):
        body = _packed(body)
        headers.append(("Content-Encoding", "gzip"))
    headers += [("Content-Type", TYPES[answer.kind]), ("Content-Length", str(len(body)))]
    writer.write(_head(answer.status, headers) + (b"" if request.method == "HEAD" else body))
    await writer.drain()


async def switch(writer: asyncio.StreamWriter, acceptance: str) -> None:
    headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", acceptance)]
    writer.write(_head(101, headers))
    await writer.drain()


def page(name: str) -> "Answer | None":
    """A file of the page. Its names are given here, not by who asks."""
    kind = name.rpartition(".")[2]
    try:
        body = resources.files(__package__).joinpath(PAGE, name).read_bytes()
    except OSError:
        return None
    return Answer(200, kind, body, (("Content-Security-Policy", POLICY), ("Cache-Control", "no-cache")))


def _head(status: int, headers: "list[tuple[str, str]]") -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", "X-Content-Type-Options: nosniff"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("latin-1")


_packed_bodies: "dict[bytes, bytes]" = {}


def _packed(body: bytes) -> bytes:
    """The page's files are few and stay the same."""
    if body not in _packed_bodies:
        _packed_bodies[body] = gzip.compress(body, mtime=0)
    return _packed_bodies[body]
