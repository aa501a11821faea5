"""Copies a template notebook into the home and fills in its parameters, without ever overwriting anything."""

import json
import sys
from itertools import count
from pathlib import Path
from typing import Any, Iterator

from .document import Document

FILLED = "injected-parameters"


def put_in_front(document: Document, templates: Path, home: Path, results: Path) -> "str | None":
    """The notebook's name below the home, or None where there is none to show."""
    if document.notebook is None:
        return None
    template = templates / Path(document.notebook).name
    try:
        notebook = json.loads(template.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"The template notebook {document.notebook} cannot be used: {error}", file=sys.stderr)
        return None
    filled = fill(notebook, parameters_of(document, results))
    return _place(json.dumps(filled, indent=1, ensure_ascii=False) + "\n", template.name, home)


def parameters_of(document: Document, results: Path) -> "dict[str, Any]":
    """What the session was started with, and where its data and results are unless that says otherwise."""
    parameters = {"results_path": str(document.results_path(results)), **document.parameters}
    if document.data_path is not None:
        parameters.setdefault("data_path", document.data_path)
    return parameters


def fill(notebook: "dict[str, Any]", parameters: "dict[str, Any]") -> "dict[str, Any]":
    """Adds a cell with the values after the one tagged `parameters`; values for names it does not have are left out."""
    cells = list(notebook.get("cells", []))
    at = next((n for n, cell in enumerate(cells) if "parameters" in _tags(cell)), None)
    if at is None or not _is_python(notebook):
        return notebook
    source = "".join(cells[at].get("source", ""))
    known = {name: value for name, value in parameters.items() if name in _assigned(source)}
    if not known:
        return notebook
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": [FILLED]},
        "outputs": [],
        "source": "\n".join(["# Filled in for this session", *assignments(known)]).splitlines(keepends=True),
    }
    if "id" in cells[at]:
        cell["id"] = "parameters-of-session"
    rest = [one for one in cells[at + 1 :] if FILLED not in _tags(one)]
    return {**notebook, "cells": [*cells[: at + 1], cell, *rest]}


def assignments(parameters: "dict[str, Any]") -> "list[str]":
    return [f"{name} = {value!r}" for name, value in parameters.items()]


def _assigned(source: str) -> "set[str]":
    """Names that get a value at the cell's top level."""
    import ast

    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set()
    targets = [target for one in body if isinstance(one, ast.Assign) for target in one.targets]
    targets += [one.target for one in body if isinstance(one, ast.AnnAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _tags(cell: "dict[str, Any]") -> "list[str]":
    return cell.get("metadata", {}).get("tags", [])


def _is_python(notebook: "dict[str, Any]") -> bool:
    metadata = notebook.get("metadata", {})
    language = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name")
    return language in (None, "python")


def _place(text: str, name: str, home: Path) -> "str | None":
    """Writes it under the first free name; one that is there with the same content is used again."""
    for candidate in _names(name):
        path = home / candidate
        try:
            with open(path, "x", encoding="utf-8") as file:
                file.write(text)
            return candidate
        except FileExistsError:
            if _has(path, text):
                return candidate
        except OSError as error:
            print(f"The notebook {candidate} cannot be written: {error}", file=sys.stderr)
            return None
    return None


def _names(name: str) -> Iterator[str]:
    path = Path(name)
    yield name
    for number in count(2):
        if number > 10_000:
            return
        yield f"{path.stem}-{number}{path.suffix}"


def _has(path: Path, text: str) -> bool:
    try:
        return path.is_file() and path.read_text(encoding="utf-8") == text
    except (OSError, ValueError):
        return False
