"""Processes named so that a number used again for another process is noticed, and ended so that none is left."""

import os
import select
import signal
from pathlib import Path


def identity(pid: int) -> "dict[str, object]":
    """A process number, with when it started and since which boot of the machine."""
    return {"pid": pid, "startTime": _start_time(pid), "bootId": _boot_id()}


def _start_time(pid: int) -> "str | None":
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return after_name[19]


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()


def first_child(pid: int) -> "int | None":
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return None
    return int(children[0]) if children else None


def send(pidfd: int, number: int) -> None:
    try:
        signal.pidfd_send_signal(pidfd, number)
    except ProcessLookupError:
        pass


def end_all(first: int) -> None:
    """Kills process 1 of a sandbox, and with it all inside, and waits until they are gone."""
    send(first, signal.SIGKILL)
    select.select([first], [], [])


def end_children() -> None:
    """Kills every child, and every orphan that then becomes ours."""
    while (child := first_child(os.getpid())) is not None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def adopt_orphans() -> None:
    """What the session's main process leaves behind becomes ours to end (without a sandbox nothing else would)."""
    import ctypes

    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def replace_file(path: Path, text: str) -> None:
    """Written beside it and moved there: whoever reads finds the old text or the whole new one."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
