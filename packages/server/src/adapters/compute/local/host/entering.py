"""How a copy of the prepared process goes into a sandbox and loses every right on the way."""

import base64
import ctypes
import json
import os
import random
import resource
import signal
import socket
import sys

import endstation_session.launcher

ALL_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x02000000
"""user, mount, process, network, IPC, host name, cgroup"""

SET_DUMPABLE, CAPBSET_DROP, SET_NO_NEW_PRIVS, CAP_AMBIENT, CAP_AMBIENT_CLEAR_ALL = 4, 24, 38, 47, 4
SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
CAPABILITY_VERSION_3 = 0x20080522
MOST_CAPABILITIES = 64

libc = ctypes.CDLL(None, use_errno=True)


def enter(request: dict, descriptors: "list[int]") -> None:
    """Descriptors: process 1 of the sandbox, listening socket, output, channel to the supervisor, cgroups. Never returns."""
    first, listening, output, channel, *groups = descriptors
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _set_streams(output)
    _close_others({first, listening, channel, *groups})
    for group in groups:
        os.write(group, b"0")
        os.close(group)
    _become(request["posix"])
    _check(libc.setns(first, ALL_NAMESPACES), "enter the sandbox")
    os.close(first)
    pid = os.fork()
    if pid == 0:
        os.close(channel)
        _run(request, listening)
    os.close(listening)
    _give_up_rights()
    _report(socket.socket(fileno=channel), pid)


def _report(channel: socket.socket, pid: int) -> None:
    """The half that stays outside the sandbox's processes only waits."""
    channel.send(json.dumps({"pid": pid}).encode())
    _, status = os.waitpid(pid, 0)
    channel.send(json.dumps({"status": status}).encode())
    os._exit(0)


def _run(request: dict, listening: int) -> None:
    """The half inside: from here on it is the session's main process."""
    code = 1
    try:
        os.setsid()
        _give_up_rights()
        _filter_calls(request["seccomp"])
        _forget(request["environment"])
        os.chdir("/")
        arguments = [part.replace("{listening}", str(listening)) for part in request["arguments"]]
        code = endstation_session.launcher.main(arguments)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _set_streams(output: int) -> None:
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _close_others(wanted: "set[int]") -> None:
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    start = 3
    for descriptor in sorted(wanted):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, highest)


def _become(posix: "dict | None") -> None:
    if posix is not None:
        os.setgroups(posix["groups"])
        os.setresgid(posix["gid"], posix["gid"], posix["gid"])
        os.setresuid(posix["uid"], posix["uid"], posix["uid"])


def _give_up_rights() -> None:
    """No capability in any set and none to be had again; not to be traced until then."""
    libc.prctl(SET_DUMPABLE, 0, 0, 0, 0)
    for capability in range(MOST_CAPABILITIES):
        libc.prctl(CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(CAP_AMBIENT, CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _check(libc.capset(header, (ctypes.c_uint32 * 6)()), "give up its capabilities")
    _check(libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc.prctl(SET_DUMPABLE, 1, 0, 0, 0)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def _filter_calls(encoded: "str | None") -> None:
    """As bubblewrap does it for what it starts itself."""
    if encoded is None:
        return
    code = base64.b64decode(encoded)
    program = _Program(len(code) // 8, code)
    _check(libc.prctl(SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0), "filter its system calls")


def _forget(environment: "dict[str, str]") -> None:
    """What a fork shares with its origin and a program of its own would not."""
    os.environ.clear()
    os.environ.update(environment)
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    sys.argv[:] = ["endstation-session"]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _check(result: int, doing: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"could not {doing}: {os.strerror(number)}")
