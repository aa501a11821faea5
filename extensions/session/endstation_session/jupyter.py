"""JupyterLab on a descriptor that was bound outside."""

import importlib
import os
import socket
import sys
from pathlib import Path
from urllib.parse import quote

HOST = "session.localhost"
"""The one host name that the session's server knows; the gateway checks the real one and rewrites it."""


def preload() -> None:
    """Imports what every start needs, once, in a process that is forked for each session."""
    for module in ("jupyterlab.labapp", "jupyter_server_terminals", "jupyterlab_h5web"):
        try:
            importlib.import_module(module)
        except ImportError:
            continue  # this environment does without


def serve(listening: socket.socket, root: Path, notebook: "str | None", path: str) -> int:
    """Runs until the server is told to stop. `path` is the PATH that kernels and terminals get."""
    from jupyterlab.labapp import LabApp

    # Where JupyterLab finds node it asks yarn for its configuration, which costs a quarter of a second.
    os.environ["PATH"] = os.path.join(sys.prefix, "bin")
    server = LabApp.initialize_server(argv=_arguments(root, notebook))
    os.environ["PATH"] = path
    server._bind_http_server = lambda: server.http_server.add_socket(listening)
    server.start()
    return 0


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
