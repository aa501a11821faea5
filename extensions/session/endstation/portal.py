"""Calls of the portal's API over the session's own way to it; whoever comes that way is the session's owner."""

import http.client
import json
import os
import socket
from pathlib import Path
from typing import Any

SESSION = Path("/run/session")
ANSWER_WITHIN = 60


class Refused(Exception):
    """The portal said no; `code` is its stable name (docs/errors.md)."""

    def __init__(self, problem: "dict[str, Any]") -> None:
        super().__init__(f"{problem['detail']}. {problem.get('next', '')}".strip())
        self.code = problem["code"]


class Unreachable(Exception):
    """The portal does not answer at the moment; the session goes on."""


def call(method: str, path: str, body: "dict[str, Any] | None" = None, key: "str | None" = None) -> Any:
    """One call below `/api/v1`. `key` makes asking twice the same as asking once."""
    connection = _Connection("portal", timeout=ANSWER_WITHIN)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if key is not None:
        headers["Idempotency-Key"] = key
    try:
        connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException, EOFError) as error:
        raise Unreachable("the portal does not answer at the moment; try again") from error
    finally:
        connection.close()
    found = json.loads(text) if text else None
    if answer.status >= 400:
        raise Refused(found)
    return found


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        path = os.environ.get("ENDSTATION_PORTAL_SOCKET")
        self.sock = _through(path) if path else _by_ticket()
        self.sock.settimeout(ANSWER_WITHIN)


def _through(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(path)
    except OSError:
        sock.close()
        raise
    return sock


def _by_ticket() -> socket.socket:
    """On the portal's own machine its sockets are at hand; the first line says who we are, as in the tunnel."""
    ticket = json.loads((SESSION / "tunnel.json").read_text(encoding="utf-8"))
    for path in sorted(Path(ticket["folder"]).glob("*.sock")):
        try:
            sock = _through(str(path))
        except OSError:
            continue  # of a portal that is no more
        hello = {"v": 1, "session": ticket["session"], "attempt": ticket["attempt"], "key": ticket["key"], "for": "portal"}
        sock.sendall(json.dumps(hello).encode() + b"\n")
        if b"refused" not in _line(sock):
            return sock
        sock.close()
    raise ConnectionError("no portal takes us")


def _line(sock: socket.socket) -> bytes:
    """Byte by byte: what follows the line is not ours."""
    line = b""
    while not line.endswith(b"\n"):
        more = sock.recv(1)
        if not more:
            raise EOFError("the portal has gone")
        line += more
    return line
