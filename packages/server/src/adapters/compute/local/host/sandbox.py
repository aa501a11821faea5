"""Bubblewrap around a command: how it is started from an order, and what is known of it from outside."""

import base64
import os
import re
import resource
import signal
from typing import NamedTuple

from cgroups import Cgroups, enter

COULD_NOT_START = 125
FILTER = "seccomp"


class Descriptors(NamedTuple):
    """What the command gets: its standard output and error, and the listening socket (-1: none)."""

    output: int
    error: int
    listening: int


class Sandbox(NamedTuple):
    """`outer` waits for the command and ends as it does; when `first` (process 1 inside) is killed, all inside are."""

    outer: int
    first: int
    first_descriptor: int
    status: int
    """Bubblewrap writes there at its end too, and would be ended by a pipe that nobody reads."""


def start(order: dict, command: "list[str]", descriptors: Descriptors, cgroups: Cgroups) -> Sandbox:
    """Raises OSError where it cannot be; what bubblewrap says against it is in the log."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    groups = cgroups.open()
    files = {target: _memory_file(text.encode()) for target, text in order["files"].items()} if order["bwrap"] else {}
    if order["seccomp"]:
        files[FILTER] = _memory_file(base64.b64decode(order["seccomp"]))
    pid = os.fork()
    if pid == 0:
        _child(order, command, descriptors, groups, files, writing)
    for descriptor in (writing, *groups, *files.values()):
        os.close(descriptor)
    first = _first(reading) if order["bwrap"] else pid
    return Sandbox(pid, first, os.pidfd_open(first), reading)


def _first(status: int) -> int:
    """Its process 1, which bubblewrap names in its first words."""
    said = b""
    while (found := re.search(rb'"child-pid": *(\d+)\D', said)) is None:
        more = os.read(status, 4096)
        if not more:
            raise OSError("bubblewrap made no sandbox; the session's log says why")
        said += more
    return int(found[1])


def _child(order, command, descriptors, groups, files, status) -> None:
    """After the fork: never returns."""
    try:
        os.setsid()
        enter(groups)
        _lose_privileges(order["posix"])
        _set_streams(descriptors)
        inherited = [one for one in (descriptors.listening, status, *files.values()) if one >= 0]
        for descriptor in inherited:
            os.set_inheritable(descriptor, True)
        arguments = _arguments(order, command, files, status)
        os.execve(arguments[0], arguments, order["environment"])
    except BaseException as error:  # noqa: BLE001  (nothing may return into the supervisor's code)
        os.write(2, f"The session could not be started: {error}\n".encode())
    os._exit(COULD_NOT_START)


def _lose_privileges(posix: "dict | None") -> None:
    with open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
        file.write("0")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if posix is not None:
        os.setgroups(posix["groups"])
        os.setresgid(posix["gid"], posix["gid"], posix["gid"])
        os.setresuid(posix["uid"], posix["uid"], posix["uid"])


def _set_streams(descriptors: Descriptors) -> None:
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptors.output, 1)
    os.dup2(descriptors.error, 2)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, programs do not expect that
        signal.signal(number, signal.SIG_DFL)


def _arguments(order: dict, command: "list[str]", files: "dict[str, int]", status: int) -> "list[str]":
    if not order["bwrap"]:
        return command
    laid_down = []
    for target, file in files.items():
        how = ("--seccomp", str(file)) if target == FILTER else ("--perms", "0444", "--ro-bind-data", str(file), target)
        laid_down += how
    return [order["bwrap"], *order["sandbox"], *laid_down, *order["seal"], "--json-status-fd", str(status), "--", *command]


def _memory_file(content: bytes) -> int:
    descriptor = os.memfd_create("endstation", os.MFD_CLOEXEC)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
