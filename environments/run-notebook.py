"""Runs a notebook from top to bottom without a browser: run-notebook.py NOTEBOOK TARGET PARAMETERS-AS-JSON"""

import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main() -> None:
    source, target, parameters = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    notebook = nbformat.read(source, as_version=4)
    tagged = [n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    lines = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    notebook.cells.insert(tagged[0] + 1, nbformat.v4.new_code_cell(lines))
    target.mkdir(parents=True, exist_ok=True)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(target))
    nbformat.write(notebook, target / Path(source).name)


main()
