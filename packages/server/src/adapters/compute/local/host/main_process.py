"""A session's main process: started anew inside the sandbox, or forked from a prepared process into it."""

import json
import os
import select
import signal
import socket
import sys
from typing import Protocol

import sandbox
from cgroups import Cgroups
from processes import end_all, first_child, send
from sandbox import Descriptors, Sandbox

SECONDS_TO_ANSWER = 10.0
SLEEPER = ["/bin/sh", "-c", "echo; exec sleep infinity >/dev/null 2>&1"]


class MainProcess(Protocol):
    sandbox: Sandbox

    def descriptors(self) -> "list[int]":
        """To be polled; when one of them is readable, `exit_code` may be known."""

    def exit_code(self) -> "int | None":
        """Null while it runs; never blocks."""

    def ask_to_end(self) -> None:
        """Politely: it saves and ends its children itself."""


def start(order: dict, listening: int, output: int, cgroups: Cgroups) -> MainProcess:
    """From a prepared process where one answers, else anew: one that ends with its portal meanwhile must cost nothing."""
    prepared = _connect(order["prepared"])
    if prepared is not None:
        try:
            with prepared:
                return Forked(order, prepared, listening, output, cgroups)
        except NotForked as error:
            print(f"Started anew: {error}", file=sys.stderr, flush=True)
    return StartedAnew(order, listening, output, cgroups)


class NotForked(Exception):
    """The prepared process did not do it; of what was made for it nothing is left."""


class StartedAnew:
    def __init__(self, order: dict, listening: int, output: int, cgroups: Cgroups) -> None:
        command = [part.replace("{listening}", str(listening)) for part in order["command"]]
        self.isolated = bool(order["bwrap"])
        self.sandbox = sandbox.start(order, command, Descriptors(output, output, listening), cgroups)
        self.outer = os.pidfd_open(self.sandbox.outer)
        self.code: "int | None" = None

    def descriptors(self) -> "list[int]":
        return [self.outer]

    def exit_code(self) -> "int | None":
        if self.code is None:
            self.code = _reaped(self.sandbox.outer)
        return self.code

    def ask_to_end(self) -> None:
        pid = first_child(self.sandbox.first) if self.isolated else self.sandbox.first
        if pid is not None:
            os.kill(pid, signal.SIGTERM)


class Forked:
    """In the sandbox something only sleeps until the prepared process has put a child of its own there."""

    def __init__(self, order: dict, prepared: socket.socket, listening: int, output: int, cgroups: Cgroups) -> None:
        ready, writing = os.pipe2(os.O_CLOEXEC)
        try:
            self.sandbox = sandbox.start(order, SLEEPER, Descriptors(writing, output, -1), cgroups)
        finally:
            os.close(writing)
        with open(ready, "rb") as file:
            if file.read(1) == b"":
                raise OSError("the sandbox ended at once; the session's log says why")
        self.outer = os.pidfd_open(self.sandbox.outer)
        self.channel, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.pid = self._enter(order, prepared, [listening, output], far_end, cgroups)
            self.main = os.pidfd_open(self.pid)
        except OSError as error:
            self._undo()
            raise NotForked(f"the prepared process did not enter the sandbox ({error})") from error

    def _undo(self) -> None:
        end_all(self.sandbox.first_descriptor)
        os.waitpid(self.sandbox.outer, 0)
        for descriptor in (self.sandbox.first_descriptor, self.sandbox.status, self.outer):
            os.close(descriptor)
        self.channel.close()

    def _enter(
        self, order: dict, prepared: socket.socket, descriptors: "list[int]", far_end: socket.socket, cgroups: Cgroups
    ) -> int:
        request = {key: order[key] for key in ("posix", "environment", "arguments", "seccomp")}
        groups = cgroups.open()
        passed = [self.sandbox.first_descriptor, *descriptors, far_end.fileno(), *groups]
        try:
            socket.send_fds(prepared, [json.dumps(request).encode()], passed)
        finally:
            # With our own copy open, the end of the other side would not be seen.
            far_end.close()
            for descriptor in groups:
                os.close(descriptor)
        self.channel.settimeout(SECONDS_TO_ANSWER)
        answer = self.channel.recv(65_536)
        self.channel.settimeout(None)
        if not answer:
            raise OSError("it ended without an answer")
        return int(json.loads(answer)["pid"])

    def descriptors(self) -> "list[int]":
        return [self.channel.fileno(), self.outer]

    def exit_code(self) -> "int | None":
        readable, _, _ = select.select([self.channel, self.outer], [], [], 0)
        if self.channel in readable:
            last = self.channel.recv(65_536)
            return _code(int(json.loads(last)["status"])) if last else 128 + signal.SIGKILL
        return _reaped(self.sandbox.outer) if readable else None

    def ask_to_end(self) -> None:
        send(self.main, signal.SIGTERM)


def _connect(path: "str | None") -> "socket.socket | None":
    if path is None:
        return None
    prepared = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        prepared.connect(path)
    except OSError:
        prepared.close()
        return None
    return prepared


def _reaped(pid: int) -> "int | None":
    reaped, status = os.waitpid(pid, os.WNOHANG)
    return None if reaped == 0 else _code(status)


def _code(status: int) -> int:
    """As shells have it: 128 and the signal's number when one ended it."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
