"""The job of a batch session: a program of its own, or a notebook from its first cell to its last."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from .document import Document

COULD_NOT_RUN = 126


def run(document: Document, templates: Path, data: Path, results: Path) -> int:
    """Runs it in a results folder of its own, and answers its exit status; what it writes is the session's log."""
    os.environ.update(
        ENDSTATION_DATA=document.data_path or str(data),
        ENDSTATION_RESULTS=str(_enter(document.results_path(results))),
        ENDSTATION_PARAMETERS=json.dumps(document.parameters),
        PYTHONUNBUFFERED="1",
    )
    sys.stdout.reconfigure(line_buffering=True)
    if document.script is not None:
        return _run_program(document.script, document.arguments)
    from .execution import run_notebook

    return run_notebook(document, templates, results)


def _enter(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    return folder


def _run_program(script: str, arguments: "tuple[str, ...]") -> int:
    with tempfile.TemporaryDirectory(prefix="job-") as private:
        program = Path(private, "job.py")
        program.write_text(script, encoding="utf-8")
        return _run_in_group([*_interpreter(script), str(program), *arguments])


def _interpreter(script: str) -> "list[str]":
    """What its `#!` line names, as the kernel takes it (the folder may forbid programs); else this environment's Python."""
    first, _, _ = script.partition("\n")
    named = first[2:].strip().split(maxsplit=1) if first.startswith("#!") else []
    return named or [sys.executable]


def _run_in_group(command: "list[str]") -> int:
    """As shells have it: 128 and the signal's number when one ended it. A signal reaches whatever it started, too."""
    signals = {signal.SIGTERM, signal.SIGINT}
    # One that comes before there is a group to pass it on to waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, signals),
        )
    except OSError as error:
        print(f"{command[0]} cannot be run: {error}", file=sys.stderr)
        return COULD_NOT_RUN

    def pass_on(number: int, _frame: object) -> None:
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            pass

    for number in signals:
        signal.signal(number, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    code = child.wait()
    return code if code >= 0 else 128 - code
