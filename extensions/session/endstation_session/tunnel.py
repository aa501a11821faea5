"""Runs the launcher as a child on a socket that nobody else can reach, and carries that socket to the portal."""

import argparse
import asyncio
import json
import os
import resource
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from .child import Child
from .portal import Portal
from .wire import Wire

BACKLOG = 1024
LONGEST_FOLDER = 60
"""The path of a Unix socket has room for 107 bytes."""


def main(arguments: "list[str] | None" = None) -> int:
    options, others = _options(arguments)
    _allow_many_descriptors()
    with tempfile.TemporaryDirectory(prefix="endstation-", dir=_scratch()) as private:
        return asyncio.run(_run(options, others, private))


async def _run(options: argparse.Namespace, others: "list[str]", private: str) -> int:
    ticket = _read(options.tunnel)
    kind = _read(options.folder / "spec.json")["session"]["kind"]
    endpoints = {} if kind == "batch" else {kind: os.path.join(private, kind)}
    inside = options.portal_socket or os.path.join(private, "portal.sock")
    outward = _bind(inside)
    listening = [_bind(path) for path in endpoints.values()]
    numbers = [one.fileno() for one in listening]
    environment = {**os.environ, "ENDSTATION_PORTAL_SOCKET": inside}
    child = Child(_command(options, others, private, numbers), environment, numbers, options.grace_seconds)
    for one in listening:
        one.close()  # the child alone has it now: when it ends, nobody waits there for an answer
    portal = Portal(ticket, endpoints)
    carrying = [asyncio.create_task(part) for part in (portal.run(), _carry_out(outward, portal))]
    try:
        return await child.end()
    finally:
        for task in carrying:
            task.cancel()


def _command(options: argparse.Namespace, others: "list[str]", private: str, listening: "list[int]") -> "list[str]":
    wrap = [word.replace("{private}", private) for word in options.wrap]
    launcher = [sys.executable, "-I", sys.argv[0], "--folder", str(options.folder), *others]
    return [*wrap, *launcher, *(f"--listen-fd={number}" for number in listening)]


async def _carry_out(listening: socket.socket, portal: Portal) -> None:
    running: "set[asyncio.Task]" = set()
    while True:
        connection, _ = await asyncio.get_running_loop().sock_accept(listening)
        task = asyncio.create_task(portal.carry_out(Wire(connection)))
        running.add(task)
        task.add_done_callback(running.discard)


def _bind(path: str) -> socket.socket:
    """A listening socket for this account alone."""
    Path(path).unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(path)
    finally:
        os.umask(before)
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


def _options(arguments: "list[str] | None") -> "tuple[argparse.Namespace, list[str]]":
    parser = argparse.ArgumentParser(
        prog="endstation_session",
        description=__doc__,
        epilog="Every other option is passed on to the launcher.",
        allow_abbrev=False,
    )
    parser.add_argument("--tunnel", type=Path, required=True, help="tunnel.json, as the portal made it")
    parser.add_argument("--folder", type=Path, default=Path("/run/session"), help="where spec.json lies")
    parser.add_argument(
        "--wrap",
        type=json.loads,
        default=[],
        help="JSON list of words to put before the launcher's command; {private} stands for the folder of the sockets",
    )
    parser.add_argument("--grace-seconds", type=float, default=10, help="between SIGTERM and SIGKILL")
    parser.add_argument("--portal-socket", help="where to bind the session's way to the portal; {private}/portal.sock")
    return parser.parse_known_args(arguments)


def _read(path: Path) -> "dict[str, Any]":
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path} cannot be read: {error}") from error


def _scratch() -> str:
    folder = tempfile.gettempdir()
    return folder if len(folder) <= LONGEST_FOLDER else "/tmp"


def _allow_many_descriptors() -> None:
    """Two for each stream."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
