"""The launcher proper, as a child of the process that carries its tunnel."""

import asyncio
import os
import signal
import subprocess


class Child:
    """
    Passes SIGTERM on, and kills it when it has not ended `grace` seconds later. Reaps whatever ends: in a container this
    process is the first one and inherits every orphan.
    """

    def __init__(
        self, command: "list[str]", environment: "dict[str, str]", descriptors: "list[int]", grace: float
    ) -> None:
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        self._grace = grace
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        self._process = subprocess.Popen(
            command, env=environment, pass_fds=descriptors, start_new_session=True
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._terminate)

    async def end(self) -> int:
        """Its exit status; 128 and the signal's number where one ended it."""
        code = await self._ended
        return code if code >= 0 else 128 - code

    def _terminate(self) -> None:
        self._signal(signal.SIGTERM)
        asyncio.get_running_loop().call_later(self._grace, self._signal, signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self._ended.done():
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._process.pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                self._ended.set_result(self._process.returncode)
