"""The first lines on the screen: where the data are, and where results go."""

from pathlib import Path

from ..document import Document


def greeting(document: Document, results: Path) -> str:
    lines = [f"  {one.path}  ({_count(one.files)}, read only)" for one in document.datasets]
    return "\n".join(["Data:", *(lines or ["  none"]), f"Results:  {results}", f"Home:     {Path.home()}", "", ""])


def _count(files: "tuple[str, ...]") -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"
