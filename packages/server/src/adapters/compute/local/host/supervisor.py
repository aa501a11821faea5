"""Watches over one session: supervisor.py FOLDER, where FOLDER holds order.json.

Binds the socket, makes the cgroups and the sandbox, keeps the log short, and writes down how it ended. Has a process
group of its own and so outlives the portal. SIGTERM ends the session. If the supervisor itself is killed, the kernel
kills the sandbox, and the portal clears up.
"""

import fcntl
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import main_process  # noqa: E402
from cgroups import Cgroups  # noqa: E402
from log import BoundedLog  # noqa: E402
from processes import adopt_orphans, end_all, end_children, identity, replace_file  # noqa: E402


class Supervisor:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
        self.cgroups = Cgroups(self.order["cgroups"])
        self.log = BoundedLog(folder / "log", self.order["logBytes"])
        self.stop_at: "float | None" = None

    def run(self) -> None:
        wakeup = _signals()
        _tell_portal()
        code, trouble = None, None
        try:
            if not (self.folder / "stop").exists():
                code = self._run(wakeup)
        except Exception as error:  # noqa: BLE001  (whatever it is, the end is written down and nothing stays behind)
            trouble = str(error)
            traceback.print_exc()
        end_children()
        self._clear_up(code, trouble)

    def _run(self, wakeup: int) -> "int | None":
        if not self.order["bwrap"]:
            adopt_orphans()
        self.cgroups.make()
        reading, writing = os.pipe2(os.O_CLOEXEC)
        try:
            main = self._start(writing)
        finally:
            os.close(writing)
        replace_file(self.folder / "sandbox.json", json.dumps(identity(main.sandbox.first)))
        try:
            return self._watch(main, wakeup, reading)
        finally:
            end_all(main.sandbox.first_descriptor)
            self._last_words(reading)

    def _start(self, output: int):
        if not self.order["socket"]:
            return main_process.start(self.order, -1, output, self.cgroups)
        with self._listen() as listening:
            return main_process.start(self.order, listening.fileno(), output, self.cgroups)

    def _watch(self, main, wakeup: int, output: int) -> "int | None":
        """Until its main process has ended; None when it had to be killed."""
        poll = select.poll()
        for descriptor in (wakeup, output, *main.descriptors()):
            poll.register(descriptor, select.POLLIN)
        while self.stop_at is None or time.monotonic() < self.stop_at:
            for descriptor, _ in poll.poll(self._patience()):
                if descriptor == output and not self.log.pump(output):
                    poll.unregister(output)
                elif descriptor == wakeup and signal.SIGTERM in os.read(wakeup, 64) and self.stop_at is None:
                    self.stop_at = time.monotonic() + self.order["graceSeconds"]
                    main.ask_to_end()
            code = main.exit_code()
            if code is not None:
                return code
        return None

    def _patience(self) -> "float | None":
        return None if self.stop_at is None else max(0.0, self.stop_at - time.monotonic()) * 1000

    def _last_words(self, output: int) -> None:
        os.set_blocking(output, False)
        try:
            while self.log.pump(output):
                pass
        except BlockingIOError:
            pass

    def _listen(self) -> socket.socket:
        """Bound here, in a folder that no session can enter: what the portal dials cannot be swapped for a link."""
        path = Path(self.order["socket"])
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir(mode=0o700, parents=True)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(path))
        listening.listen(256)
        return listening

    def _clear_up(self, code: "int | None", trouble: "str | None") -> None:
        out_of_memory = self.cgroups.out_of_memory_kills() > 0
        self.cgroups.remove()
        for path in (self.order["socket"] and Path(self.order["socket"]).parent, self.order["scratch"]):
            if path:
                shutil.rmtree(path, ignore_errors=True)
        self.log.close()
        end = {
            "exitCode": code,
            "trouble": trouble,
            "asked": self.stop_at is not None or (self.folder / "stop").exists(),
            "outOfMemory": out_of_memory,
            "at": int(time.time() * 1000),
        }
        replace_file(self.folder / "end.json", json.dumps(end))
        _announce(self.order["changes"], self.folder.name)


def _signals() -> int:
    """A descriptor that becomes readable with each signal, giving its number."""
    reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return reading


def _announce(folder: str, name: str) -> None:
    try:
        Path(folder, name).touch()
    except OSError:
        pass  # the portal looks by itself after a second


def _tell_portal() -> None:
    """One word that it has been taken on; the portal may be gone by then, or go later."""
    try:
        os.write(1, b"watching\n")
    except OSError:
        pass
    nothing = os.open("/dev/null", os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


def _protect() -> None:
    """When the machine runs out of memory, something else should be ended first."""
    try:
        Path("/proc/self/oom_score_adj").write_text("-800")
    except OSError:
        pass


def main(folder: Path) -> None:
    os.umask(0o077)
    os.closerange(3, 1024)  # nothing that the portal had open goes on into a session
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # another one watches over it already
    if (folder / "end.json").exists():
        return
    replace_file(folder / "supervisor.json", json.dumps(identity(os.getpid())))
    _protect()
    Supervisor(folder).run()


main(Path(sys.argv[1]))
