"""Makes data and results reachable from the file browser, whose root is the home."""

import os
from pathlib import Path


def prepare(home: Path, data: Path, results: Path) -> None:
    """Links `data` and `results` in the home. What already has the name stays, except a link of ours that is out of date."""
    for name, target in (("data", data), ("results", results)):
        link = home / name
        try:
            if link.is_symlink() and os.readlink(link) != str(target) and not link.exists():
                link.unlink()
            link.symlink_to(target)
        except OSError:
            continue  # there is something of that name, or the home is full: the session works without
