"""Stands where a session's server stands: what a connection's first line asks for, it does with the rest."""

import hashlib
import json
import os
import signal
import socket
import sys
import threading

number = sys.argv[-1].removeprefix("--listen-fd=")
listening = socket.socket(fileno=int(number))
listening.setblocking(True)


def serve(connection: socket.socket) -> None:
    with connection, connection.makefile("rb") as reading:
        what, *words = reading.readline().decode().split()
        DOES[what](connection, reading, *words)


def echo(connection, reading):
    while data := reading.read1(65536):
        connection.sendall(data)


def count(connection, reading):
    """Answers after the other side's end: its length and digest."""
    seen, digest = 0, hashlib.sha256()
    while data := reading.read1(65536):
        seen += len(data)
        digest.update(data)
    connection.sendall(f"{seen} {digest.hexdigest()}".encode())


def shut(connection, reading):
    """Ends its own direction first, then counts what still comes; `tell` says how much that was."""
    connection.shutdown(socket.SHUT_WR)
    while data := reading.read1(65536):
        told["got"] += len(data)


def give(connection, _reading, size):
    left = int(size)
    while left > 0:
        sent = connection.send(bytes(min(left, 65536)))
        left -= sent
        told["gave"] += sent


def tell(connection, _reading):
    connection.sendall(json.dumps(told).encode())


def hold(_connection, _reading):
    """Takes nothing, for ever."""
    threading.Event().wait()


def portal(connection, _reading, word):
    """Asks the portal from inside, and answers what it said."""
    with socket.socket(socket.AF_UNIX) as outward:
        outward.connect(os.environ["ENDSTATION_PORTAL_SOCKET"])
        outward.sendall(word.encode())
        outward.shutdown(socket.SHUT_WR)
        while data := outward.recv(65536):
            connection.sendall(data)


def end(_connection, _reading, code):
    os._exit(int(code))


def stubborn(connection, _reading):
    """From now on SIGTERM is not heard."""
    heard.set()
    connection.sendall(b"yes")


def ask_to_end(*_):
    if not heard.is_set():
        sys.exit(33)


told = {"pid": os.getpid(), "got": 0, "gave": 0}
heard = threading.Event()
DOES = {one.__name__: one for one in (echo, count, shut, give, tell, hold, portal, end, stubborn)}
signal.signal(signal.SIGTERM, ask_to_end)
while True:
    threading.Thread(target=serve, args=[listening.accept()[0]], daemon=True).start()
