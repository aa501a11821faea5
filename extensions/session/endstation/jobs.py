"""Jobs: a function of a notebook, or a script, run as a batch session of the same proposal."""

import base64
import inspect
import json
import pickle
import textwrap
import time
import uuid
from pathlib import Path
from typing import Any, Callable

from .portal import SESSION, call

JOBS = Path.home() / ".endstation" / "jobs"
"""Results of functions lie in the home, which is the owner's alone: reading a pickle runs what is in it."""
LOOK_EVERY = 2.0
ENDED = ("stopped", "failed")


class JobFailed(Exception):
    """The job ended without a result; the message has its cause and the end of its log."""


class Job:
    """A batch session. `id` is the session's."""

    def __init__(self, id: str, result: "Path | None" = None) -> None:
        self.id = id
        self._result = result

    def __repr__(self) -> str:
        return f"Job({self.id!r})"

    @property
    def session(self) -> "dict[str, Any]":
        """Everything that the portal says of it."""
        return call("GET", f"/sessions/{self.id}")

    @property
    def phase(self) -> str:
        return self.session["phase"]

    def log(self) -> str:
        """The last lines that it wrote."""
        return call("GET", f"/sessions/{self.id}/logs")["text"]

    def cancel(self) -> None:
        call("POST", f"/sessions/{self.id}/stop")

    def wait(self, timeout: "float | None" = None) -> "Job":
        """Until it has ended. Raises TimeoutError after so many seconds; the job goes on."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.phase not in ENDED:
            if until is not None and time.monotonic() >= until:
                raise TimeoutError(f"{self.id} has not ended after {timeout:g} s; it goes on")
            time.sleep(LOOK_EVERY)
        return self

    def result(self, timeout: "float | None" = None) -> Any:
        """What the function returned, once it has ended. Raises JobFailed."""
        session = self.wait(timeout).session
        if session["reason"] != "completed":
            cause = session["cause"] or {"detail": session["reason"]}
            raise JobFailed(f"{cause['detail']}\n{self.log()[-2000:]}")
        if self._result is None:
            return None
        with self._result.open("rb") as file:
            return pickle.load(file)


def submit(
    what: "Callable[..., Any] | str | Path",
    *arguments: Any,
    flavour: "str | None" = None,
    provider: "str | None" = None,
    environment: "str | None" = None,
    datasets: "list[str] | None" = None,
    name: "str | None" = None,
    retries: int = 0,
    **named: Any,
) -> Job:
    """
    Runs a function or a script elsewhere, with the same software, data and folders as this session.

    A function is sent as its source: it imports what it needs itself, and its arguments are pickled. A script is a path;
    its arguments are words.
    """
    here = json.loads((SESSION / "spec.json").read_text(encoding="utf-8"))
    result = None
    if callable(what):
        JOBS.mkdir(parents=True, exist_ok=True)
        result = JOBS / f"{uuid.uuid4().hex}.pickle"
        script, words = _script_of(what, arguments, named, result), []
    else:
        script, words = Path(what).read_text(encoding="utf-8"), [str(word) for word in arguments]
    body = {
        "environment": environment or here["environment"],
        "datasets": datasets if datasets is not None else [one["id"] for one in here["datasets"]],
        "name": name or getattr(what, "__name__", None) or Path(str(what)).name,
        "job": {"script": script, "arguments": words, "retries": retries},
    }
    for key, value in (("flavour", flavour), ("provider", provider)):
        if value is not None:
            body[key] = value
    return Job(call("POST", "/sessions", body, key=uuid.uuid4().hex)["id"], result)


def _script_of(function: "Callable[..., Any]", arguments: tuple, named: dict, result: Path) -> str:
    source = textwrap.dedent(inspect.getsource(function))
    given = base64.b64encode(pickle.dumps((arguments, named))).decode()
    return "\n".join(
        (
            "import base64 as _base64, os as _os, pickle as _pickle",
            source,
            f"_arguments, _named = _pickle.loads(_base64.b64decode({given!r}))",
            f"_result = {function.__name__}(*_arguments, **_named)",
            f"_path = {str(result)!r}",
            "with open(_path + '.partial', 'wb') as _file:",
            "    _pickle.dump(_result, _file)",
            "_os.replace(_path + '.partial', _path)",
            "",
        )
    )
