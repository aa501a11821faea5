"""The session's description of itself, as the provider laid it down."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Dataset:
    path: str
    files: "tuple[str, ...]"


@dataclass(frozen=True)
class Document:
    """The part of spec.json that the launcher acts on."""

    notebook: "str | None"
    parameters: "dict[str, Any]"
    datasets: "tuple[Dataset, ...]"
    account: str = "user"
    session: str = "session"
    name: str = "Session"
    kind: str = "jupyter"
    script: "str | None" = None
    """The text of a batch session's program; without one its notebook is run."""
    arguments: "tuple[str, ...]" = ()

    def results_path(self, results: Path) -> Path:
        """A folder of the person's and the data's own: a team shares what is above it, and nobody writes over another's."""
        about = self.session if self.script is not None else Path(self.notebook or "notebook").stem
        if self.datasets:
            about = f"{Path(self.datasets[0].path).name}-{about}"
        return results / re.sub(r"[^A-Za-z0-9._-]|^[.]+", "_", self.account) / about

    @property
    def data_path(self) -> "str | None":
        """The one file of the one dataset, else the dataset's folder, else the folder above all; None without data."""
        if not self.datasets:
            return None
        first = self.datasets[0]
        if len(self.datasets) > 1:
            return str(Path(first.path).parent)
        return f"{first.path}/{first.files[0]}" if len(first.files) == 1 else first.path


def read_document(path: Path) -> Document:
    raw = json.loads(path.read_text(encoding="utf-8"))
    datasets = tuple(Dataset(one["path"], tuple(one["files"])) for one in raw["datasets"])
    job = raw.get("job") or {}
    return Document(
        raw["notebook"],
        dict(raw["parameters"]),
        datasets,
        raw["owner"]["account"],
        session=raw["session"]["id"],
        name=raw["session"]["name"],
        kind=raw["session"]["kind"],
        script=job.get("script"),
        arguments=tuple(job.get("arguments", ())),
    )
