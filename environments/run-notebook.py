"""Runs a notebook from top to bottom without a browser: run-notebook.py NOTEBOOK TARGET PARAMETERS-AS-JSON

The kernel is spoken to directly. nbclient answers the messages of widgets on the socket it reads replies from, and now
and then misses a reply that way, until its time limit wakes it.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_client.manager import KernelManager

LONGEST_CELL_SECONDS = 180


def main() -> None:
    source, target, parameters = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    notebook = nbformat.read(source, as_version=4)
    fill(notebook, parameters)
    target.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory() as sockets:
            run(notebook, target, Path(sockets))
    finally:
        nbformat.write(notebook, target / Path(source).name)


def run(notebook, target: Path, sockets: Path) -> None:
    manager = KernelManager(transport="ipc", connection_file=str(sockets / "kernel.json"))
    manager.start_kernel(cwd=str(target))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                execute(client, cell)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def fill(notebook, parameters) -> None:
    """Puts a cell behind the one tagged `parameters`, as papermill does."""
    tagged = [n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    lines = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    notebook.cells.insert(tagged[0] + 1, nbformat.v4.new_code_cell(lines))


def execute(client, cell) -> None:
    def keep(message) -> None:
        if message["msg_type"] in ("stream", "display_data", "execute_result", "error"):
            cell.outputs.append(nbformat.v4.output_from_msg(message))

    reply = client.execute_interactive(cell.source, output_hook=keep, allow_stdin=False, timeout=LONGEST_CELL_SECONDS)
    if reply["content"]["status"] != "ok":
        sys.exit(f"This cell failed:\n{cell.source}\n\n{reply['content'].get('ename')}: {reply['content'].get('evalue')}")


main()
