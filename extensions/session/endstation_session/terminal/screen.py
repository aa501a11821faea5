"""What a shell has written lately, and what a terminal must know before it shows that: so a screen can be had again."""

import re
from typing import NamedTuple

KEPT = 1024 * 1024
SLACK = 256 * 1024
"""It is cut when so much more has come, not at each byte."""
LINE = 4096
"""A cut moves on to the next line when there is one so near."""
MOST_MODES = 64
MOST_COLOURS = 16
MOST_SIZES = 256
ALTERNATE = (47, 1047, 1049)

SEQUENCE = re.compile(
    rb"\x1b(?:"
    rb"\[\?(?P<modes>[\d;]{1,64})(?P<on>[hl])"
    rb"|\[(?P<colour>[\d;:]{0,64})m"
    rb"|\[(?P<region>(?:\d{1,5};\d{1,5})?)r"
    rb"|(?P<keypad>[=>])"
    rb"|\((?P<letters>[0-9A-Za-z])"
    rb"|\][02];(?P<title>[^\x07\x1b]{0,256})(?:\x07|\x1b\\)"
    rb"|(?P<reset>c|\[!p)"
    rb")"
)


class Size(NamedTuple):
    columns: int
    rows: int


class Part(NamedTuple):
    """A piece of what was written, and the window's size when it was."""

    offset: int
    size: Size
    data: bytes


class Modes:
    """What sequences left behind that lie before the part that is kept."""

    def __init__(self) -> None:
        self._private: "dict[int, bool]" = {}
        self._colours: "list[bytes]" = []
        self._others: "dict[str, bytes]" = {}

    def copy(self) -> "Modes":
        other = Modes()
        other._private, other._colours = dict(self._private), list(self._colours)
        other._others = dict(self._others)
        return other

    def feed(self, data: "bytes | memoryview") -> None:
        for found in SEQUENCE.finditer(data):
            getattr(self, f"_{found.lastgroup}")(found)

    @property
    def is_alternate(self) -> bool:
        """Whether a program has the whole screen."""
        return any(self._private.get(mode, False) for mode in ALTERNATE)

    def prelude(self) -> bytes:
        """Brings a fresh terminal to where they are."""
        modes = sorted(self._private.items(), key=lambda one: one[0] not in ALTERNATE)
        private = [b"\x1b[?%d%c" % (mode, ord("h" if on else "l")) for mode, on in modes]
        return b"".join([*private, *self._others.values(), *self._colours])

    def _on(self, found: "re.Match[bytes]") -> None:
        for word in found["modes"].split(b";"):
            if word and (len(self._private) < MOST_MODES or int(word) in self._private):
                self._private[int(word)] = found["on"] == b"h"

    def _colour(self, found: "re.Match[bytes]") -> None:
        """They add up until one takes all back."""
        if found["colour"].lstrip(b"0") == b"" or found["colour"].startswith(b"0;"):
            self._colours.clear()
        self._colours.append(found[0])
        del self._colours[:-MOST_COLOURS]

    def _remember(self, found: "re.Match[bytes]") -> None:
        self._others[found.lastgroup or ""] = found[0]

    _region = _keypad = _letters = _title = _remember

    def _reset(self, _found: "re.Match[bytes]") -> None:
        self._private.clear()
        self._colours.clear()
        self._others.clear()


class Screen:
    """Counts every byte from the first on; keeps the last ones, about `kept`."""

    def __init__(self, size: Size, kept: int = KEPT) -> None:
        self._kept = kept
        self._data = bytearray()
        self._sizes = [(0, size)]
        self._before = Modes()
        self.start = 0

    @property
    def end(self) -> int:
        return self.start + len(self._data)

    @property
    def size(self) -> Size:
        return self._sizes[-1][1]

    @property
    def is_alternate(self) -> bool:
        return self._modes_at(self.end).is_alternate

    def write(self, data: bytes) -> None:
        self._data += data
        if len(self._data) > self._kept + SLACK:
            self._forget(self.cut(self.end - self._kept))

    def resize(self, size: Size) -> None:
        if self._sizes[-1][0] == self.end:
            self._sizes.pop()
        self._sizes.append((self.end, size))
        if len(self._sizes) > MOST_SIZES:
            del self._sizes[1]

    def part(self, offset: int, most: int) -> Part:
        """From there on, at most so much, and nothing beyond a change of size."""
        at = self._size_index(offset)
        until = self._sizes[at + 1][0] if at + 1 < len(self._sizes) else self.end
        data = self._data[offset - self.start : min(until, offset + most) - self.start]
        return Part(offset, self._sizes[at][1], bytes(data))

    def prelude(self, offset: int) -> bytes:
        """What a fresh terminal must be told before what is kept from there on."""
        return self._modes_at(offset).prelude()

    def cut(self, offset: int) -> int:
        """A place at or after `offset` where it can be cut: behind the end of a line, else between two characters."""
        at = max(0, offset - self.start)
        line = self._data.find(b"\n", at, at + LINE)
        if line >= 0:
            return self.start + line + 1
        while at < len(self._data) and self._data[at] & 0xC0 == 0x80:
            at += 1
        return self.start + at

    def _modes_at(self, offset: int) -> Modes:
        modes = self._before.copy()
        modes.feed(bytes(self._data[: offset - self.start]))
        return modes

    def _forget(self, until: int) -> None:
        self._before.feed(bytes(self._data[: until - self.start]))
        at = self._size_index(until)
        self._sizes = [(until, self._sizes[at][1]), *self._sizes[at + 1 :]]
        del self._data[: until - self.start]
        self.start = until

    def _size_index(self, offset: int) -> int:
        return max(n for n, (start, _) in enumerate(self._sizes) if start <= offset)
