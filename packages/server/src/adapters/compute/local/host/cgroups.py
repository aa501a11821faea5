"""One fresh control group per session: a list of folders with the values to write, as the portal worked them out."""

import os
import time
from pathlib import Path

PATIENCE_SECONDS = 5.0


class Cgroups:
    def __init__(self, declared: "list[dict]") -> None:
        self.declared = declared

    def make(self) -> None:
        for group in self.declared:
            folder = Path(group["folder"])
            folder.mkdir(parents=True, exist_ok=True)
            for name, value in group["settings"]:
                _set(folder / name, value)

    def open(self) -> "list[int]":
        """Descriptors: who writes "0" to them enters the group."""
        return [os.open(Path(group["folder"], "cgroup.procs"), os.O_WRONLY | os.O_CLOEXEC) for group in self.declared]

    def out_of_memory_kills(self) -> int:
        return sum(_kills(Path(group["folder"], group["killsFile"])) for group in self.declared if group["killsFile"])

    def remove(self) -> None:
        """Kills what is left in them, if anything, and removes them; the kernel needs a moment for dying processes."""
        until = time.monotonic() + PATIENCE_SECONDS
        for group in self.declared:
            folder = Path(group["folder"])
            while not _removed(folder) and time.monotonic() < until:
                _kill_all(folder)
                time.sleep(0.005)


def enter(descriptors: "list[int]") -> None:
    for descriptor in descriptors:
        os.write(descriptor, b"0")
        os.close(descriptor)


def _set(path: Path, value: str) -> None:
    """A leading "?" marks a value that not every kernel knows."""
    try:
        path.write_text(value.removeprefix("?"))
    except OSError:
        if not value.startswith("?"):
            raise


def _kills(path: Path) -> int:
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return 0
    return sum(int(line[1]) for line in lines if line and line[0] == "oom_kill")


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _kill_all(folder: Path) -> None:
    try:
        pids = Path(folder, "cgroup.procs").read_text().split()
    except OSError:
        return
    for pid in pids:
        try:
            os.kill(int(pid), 9)
        except ProcessLookupError:
            pass
