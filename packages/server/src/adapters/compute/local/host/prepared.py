"""A process that has imported a session's server once and puts a copy of itself into each new sandbox.

Nothing of any session is ever in it, and it holds no secret. As root it keeps only the rights to change user and
group; a copy gives those up too before anything of the session's runs. It ends when the portal does (end of input).
"""

import argparse
import gc
import json
import os
import select
import signal
import socket
import sys

LISTEN_BACKLOG = 64
MOST_DESCRIPTORS = 16


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--launcher", required=True, help="folder with the launcher's package")
    parser.add_argument("--socket", help="where to listen")
    parser.add_argument("--bwrap", nargs=argparse.REMAINDER, help="run inside this, with the socket passed on")
    parser.add_argument("--listening", type=int, help="the socket, when passed on")
    options = parser.parse_args()
    if options.listening is None:
        listening = _bind(options.socket)
        if options.bwrap:
            _again_inside(options, listening)
    else:
        listening = socket.socket(fileno=options.listening)
    _serve(listening, options.launcher)


def _bind(path: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(path)
    listening.listen(LISTEN_BACKLOG)
    return listening


def _again_inside(options: argparse.Namespace, listening: socket.socket) -> None:
    listening.set_inheritable(True)
    again = [sys.executable, "-I", os.path.abspath(__file__), "--launcher", options.launcher]
    arguments = [*options.bwrap, "--", *again, "--listening", str(listening.fileno())]
    os.execv(arguments[0], arguments)


def _serve(listening: socket.socket, launcher_folder: str) -> None:
    _end_with_portal()
    sys.path[:0] = [launcher_folder, os.path.dirname(os.path.abspath(__file__))]
    import entering
    from endstation_session import jupyter

    jupyter.preload()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([listening, sys.stdin], [], [])
        if sys.stdin in readable:
            return
        connection, _ = listening.accept()
        with connection:
            _answer(connection, entering.enter)


def _end_with_portal() -> None:
    """Also while it still loads and does not look at its input; copies do not inherit that."""
    import ctypes

    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL, 0, 0, 0)


def _answer(connection: socket.socket, enter) -> None:
    request, descriptors, _, _ = socket.recv_fds(connection, 262_144, MOST_DESCRIPTORS)
    if request and os.fork() == 0:
        try:
            enter(json.loads(request), descriptors)
        except BaseException as error:  # noqa: BLE001  (a copy never goes on as the original)
            print(f"The session could not be started: {error!r}", file=sys.stderr, flush=True)
        os._exit(125)
    for descriptor in descriptors:
        os.close(descriptor)


if __name__ == "__main__":
    main()
