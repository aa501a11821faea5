"""The session's output, kept to a bounded size."""

import os
import time
from pathlib import Path

CHUNK = 65_536
BURST_SECONDS = 0.02


class BoundedLog:
    """`log` and, before it, `log.1`; each at most half of `most_bytes`. Both lie where no session can reach them."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        self.path = path
        self.half = most_bytes // 2
        self.file = self._open()
        self.size = os.fstat(self.file).st_size

    def pump(self, descriptor: int) -> bool:
        """Takes over what can be read; False at the end."""
        chunk = os.read(descriptor, CHUNK)
        self.write(chunk)
        if len(chunk) == CHUNK:
            time.sleep(BURST_SECONDS)  # who writes without end is slowed down, not the machine
        return chunk != b""

    def write(self, chunk: bytes) -> None:
        if self.size + len(chunk) > self.half:
            self._turn_over()
        try:
            self.size += os.write(self.file, chunk)
        except OSError:
            pass  # a full disk must not end the session

    def close(self) -> None:
        os.close(self.file)

    def _turn_over(self) -> None:
        os.close(self.file)
        os.replace(self.path, self.path.with_name("log.1"))
        self.file = self._open()
        self.size = 0

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(self.path, flags, 0o600)
