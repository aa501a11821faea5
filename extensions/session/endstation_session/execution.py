"""Runs a notebook without anybody looking, with the environment's own jupyter_client and nbformat."""

import json
import queue
import re
import signal
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .document import Document
from .notebooks import fill, parameters_of

SECONDS_TO_BEGIN = 300
KILLED = 128 + signal.SIGKILL
TERMINATED = 128 + signal.SIGTERM
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class KernelDied(Exception):
    pass


def run_notebook(document: Document, templates: Path, results: Path) -> int:
    """0 when every cell ran; 1 when one failed. The notebook is kept as far as it came, in the folder that we are in."""
    template = templates / Path(document.notebook or "").name
    try:
        notebook = json.loads(template.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"The notebook {document.notebook} cannot be read: {error}", file=sys.stderr)
        return 1
    notebook = fill(notebook, parameters_of(document, results))
    signal.signal(signal.SIGTERM, _stop)
    try:
        return _run(notebook)
    except KernelDied:
        print("The kernel died.", file=sys.stderr)
        return KILLED
    finally:
        _keep(notebook, template)


def _stop(*_: object) -> None:
    raise SystemExit(TERMINATED)


def _keep(notebook: "dict[str, Any]", template: Path) -> None:
    name = f"{template.stem}-{datetime.now(timezone.utc):%Y-%m-%dT%H%M%SZ}.ipynb"
    Path(name).write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"The notebook is kept as {Path.cwd() / name}")


def _run(notebook: "dict[str, Any]") -> int:
    from jupyter_client.manager import KernelManager

    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
        manager = KernelManager(transport="ipc", connection_file=f"{sockets}/kernel.json")
        manager.start_kernel()
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=SECONDS_TO_BEGIN)
            for number, cell in enumerate(cells, 1):
                print(f"cell {number} of {len(cells)}")
                began = time.monotonic()
                if not _execute(manager, client, cell, number):
                    print(f"cell {number} failed after {time.monotonic() - began:.1f} s", file=sys.stderr)
                    return 1
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    print(f"all {len(cells)} cells ran")
    return 0


def _execute(manager: Any, client: Any, cell: "dict[str, Any]", number: int) -> bool:
    """Whether it ran without an error; what it shows is put into the cell, what it says into the log as well."""
    cell.update(outputs=[], execution_count=number)
    request = client.execute("".join(cell["source"]), allow_stdin=False)
    well = True
    while True:
        try:
            message = client.get_iopub_msg(timeout=1)
        except queue.Empty:
            if not manager.is_alive():
                raise KernelDied from None
            continue
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            return well
        well = well and kind != "error"
        _take_over(cell["outputs"], message)


def _take_over(outputs: "list[dict[str, Any]]", message: "dict[str, Any]") -> None:
    from nbformat.v4 import output_from_msg

    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        print(content["text"], end="", file=sys.stderr if content["name"] == "stderr" else sys.stdout)
        if outputs and outputs[-1].get("name") == content["name"]:
            outputs[-1]["text"] += content["text"]
            return
    elif kind == "error":
        print(COLOURS.sub("", "\n".join(content["traceback"])), file=sys.stderr)
    if kind in ("stream", "display_data", "execute_result", "error"):
        outputs.append(dict(output_from_msg(message)))
