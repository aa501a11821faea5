"""JupyterLab on a descriptor that was bound outside."""

import importlib
import os
import socket
import sys
import tempfile
import uuid
from pathlib import Path
from urllib.parse import quote

HOST = "session.localhost"
"""The one host name that the session's server knows; the gateway checks the real one and rewrites it."""


def preload() -> None:
    """Imports what every start needs, once, in a process that is forked for each session."""
    for name in ("jupyterlab.labapp", *_rehearse()):
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001  (some modules exist only under another's hands: starts are slower without, no more)
            continue


def _rehearse() -> "list[str]":
    """Sets a server up in a process of its own, and answers which modules that took: each extension has its own."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            with tempfile.TemporaryDirectory() as scratch, open(writing, "w", encoding="utf-8") as report:
                os.environ.update(HOME=scratch, JUPYTER_RUNTIME_DIR=scratch)
                _initialize(Path(scratch), None)
                report.write("\n".join(sorted(sys.modules)))
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as report:
        names = report.read().splitlines()
    os.waitpid(pid, 0)
    return [name for name in names if name not in sys.modules]


def serve(listening: socket.socket, root: Path, notebook: "str | None", path: str) -> int:
    """Runs until the server is told to stop. `path` is the PATH that kernels and terminals get."""
    from jupyter_server.serverapp import ServerApp

    ServerApp._bind_http_server = lambda server: server.http_server.add_socket(listening)
    _be_a_server_of_its_own()
    server = _initialize(root, notebook)
    os.environ["PATH"] = path
    server.start()
    return 0


def _be_a_server_of_its_own() -> None:
    """
    Pages of shared documents know a server by an id that is made when its module is loaded. Copies of a prepared process
    would all have one and the same, and a page could take another server for the one that it knew.
    """
    try:
        from jupyter_server_ydoc import handlers, utils
    except ImportError:
        return  # an environment without shared documents
    handlers.SERVER_SESSION = utils.SERVER_SESSION = str(uuid.uuid4())


def _initialize(root: Path, notebook: "str | None"):
    from jupyterlab.labapp import LabApp

    # Where JupyterLab finds node it asks yarn for its configuration, which costs a quarter of a second.
    os.environ["PATH"] = os.path.join(sys.prefix, "bin")
    return LabApp.initialize_server(argv=_arguments(root, notebook))


def _arguments(root: Path, notebook: "str | None") -> "list[str]":
    front = "/lab" if notebook is None else f"/lab/tree/{quote(notebook)}"
    settings = {
        "LabApp.default_url": front,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "LabApp.news_url": "None",
        "ServerApp.sock": "/run/session/jupyter",
        "ServerApp.local_hostnames": f"['{HOST}']",
        "ServerApp.allow_remote_access": "False",
        "ServerApp.disable_check_xsrf": "False",
        "ServerApp.open_browser": "False",
        "ServerApp.root_dir": str(root),
        "ServerApp.preferred_dir": str(root),
        "ServerApp.shutdown_no_activity_timeout": "0",
        "IdentityProvider.token": "",
        "MappingKernelManager.cull_idle_timeout": "0",
        "KernelManager.transport": "ipc",
        "FileContentsManager.delete_to_trash": "False",
    }
    return [f"--{name}={value}" for name, value in settings.items()]
