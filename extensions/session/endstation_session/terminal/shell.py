"""A shell on a terminal of its own, read and written without ever waiting for it."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import termios
from typing import Callable

from .screen import Size

CHUNK = 64 * 1024
MOST_WAITING = 1024 * 1024
"""What was typed or pasted and is not taken yet; whoever sends more waits."""
INTERRUPT = b"\x03"
REDRAW_AFTER = 0.1
GRACE = 1.0
LAST_WORDS = 16
"""Chunks read after its end; what it left running may write without end."""

LOGIN = """case ":$PATH:" in ":$0:"*) ;; *) PATH="$0:$PATH" ;; esac; export PATH; exec "$1" -i"""
"""A log-in sets `PATH` to the machine's own; what the session brings comes first again."""


class Shell:
    """`wrote` is told what it writes; `ended` its exit status, or 128 and the number of the signal that ended it."""

    def __init__(self, size: Size, path: str, wrote: "Callable[[bytes], None]", ended: "Callable[[int], None]") -> None:
        self._wrote, self._ended = wrote, ended
        self._waiting = bytearray()
        self._room = asyncio.Event()
        self._room.set()
        self._size = size
        self._is_over = False
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            _become_shell(path)
        os.set_blocking(self._terminal, False)
        self._set_size(size)
        self._loop = asyncio.get_running_loop()
        self._loop.add_signal_handler(signal.SIGCHLD, self._reap)
        self.read(True)

    def read(self, wanted: bool) -> None:
        """Whether it is listened to; while it is not, it waits with its output."""
        if self._is_over:
            return
        if wanted:
            self._loop.add_reader(self._terminal, self._take)
        else:
            self._loop.remove_reader(self._terminal)

    async def write(self, data: bytes) -> None:
        """Types. Ctrl-C overtakes what the program has not taken yet, and discards it, as on any terminal."""
        if data == INTERRUPT and self._waiting and self._interrupt():
            return
        await self._room.wait()
        if self._is_over:
            return
        self._waiting += data
        if len(self._waiting) >= MOST_WAITING:
            self._room.clear()
        self._give()

    def resize(self, size: Size) -> None:
        self._size = size
        if not self._is_over:
            self._set_size(size)

    def redraw(self) -> None:
        """Programs that have the whole screen draw it anew when the window has changed."""
        if self._is_over or self._size.rows < 2:
            return
        self._set_size(Size(self._size.columns, self._size.rows - 1))
        self._loop.call_later(REDRAW_AFTER, lambda: self.resize(self._size))

    def hang_up(self) -> None:
        """As if its window was closed; whoever does not mind is killed a little later."""
        if self._is_over:
            return
        _signal_group(self.pid, signal.SIGHUP)
        _signal_group(self.pid, signal.SIGCONT)
        self._loop.call_later(GRACE, lambda: None if self._is_over else _signal_group(self.pid, signal.SIGKILL))

    def _take(self) -> bool:
        """Whether there was something. It says EIO when nobody has it open for now: the shell's end is what counts."""
        try:
            data = os.read(self._terminal, CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._terminal)
            return False
        self._wrote(data)
        return True

    def _give(self) -> None:
        try:
            while self._waiting:
                del self._waiting[: os.write(self._terminal, self._waiting[:CHUNK])]
        except BlockingIOError:
            self._loop.add_writer(self._terminal, self._give)
            return
        except OSError:
            self._waiting.clear()
        self._loop.remove_writer(self._terminal)
        self._room.set()

    def _interrupt(self) -> bool:
        """Whether Ctrl-C means that here; a program may have taken it for something else."""
        try:
            _, _, _, local, _, _, special = termios.tcgetattr(self._terminal)
            if not local & termios.ISIG or special[termios.VINTR] != INTERRUPT:
                return False
            self._waiting.clear()
            self._give()
            os.killpg(os.tcgetpgrp(self._terminal), signal.SIGINT)
        except (OSError, termios.error):
            return False
        return True

    def _set_size(self, size: Size) -> None:
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))

    def _reap(self) -> None:
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0 or self._is_over:
            return
        for _ in range(LAST_WORDS):
            if not self._take():
                break
        self._is_over = True
        for forget in (self._loop.remove_reader, self._loop.remove_writer):
            forget(self._terminal)
        os.close(self._terminal)
        self._room.set()
        code = os.waitstatus_to_exitcode(status)
        self._ended(code if code >= 0 else 128 - code)


def _become_shell(path: str) -> None:
    """After the fork: never returns. It logs in, for what the machine sets up then, and goes on as the shell people type in."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        shell = _shell()
        os.environ.update(SHELL=shell, TERM="xterm-256color", COLORTERM="truecolor", PATH=path)
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
        os.chdir(os.path.expanduser("~"))
        os.execv(shell, [shell, "-lc", LOGIN, path, shell])
    except BaseException as error:  # noqa: BLE001  (nothing may return into the server's code)
        os.write(2, f"The shell could not be started: {error}\r\n".encode())
    os._exit(126)


def _shell() -> str:
    chosen = (os.environ.get("SHELL", ""), "/bin/bash", "/bin/sh")
    return next((one for one in chosen if os.path.isabs(one) and os.access(one, os.X_OK)), "/bin/sh")


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        pass
