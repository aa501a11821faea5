import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .browser import Browser, frame

LAUNCHER = Path(__file__).parent.parent


class Terminals(unittest.IsolatedAsyncioTestCase):
    """The launcher as it runs in a session, with a shell of this machine."""

    async def asyncSetUp(self) -> None:
        asyncio.get_running_loop().set_debug(False)  # a flood would be written down step by step
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.home = self.folder / "home"
        self.home.mkdir()
        dataset = {"id": "sample", "title": "A sample", "path": "/data/sample", "files": ["a", "b"]}
        spec = {
            **{"session": {"id": "s-1", "kind": "terminal", "name": "A name"}, "owner": {"account": "pi"}, "notebook": None},
            **{"parameters": {}, "datasets": [dataset], "job": None},
        }
        (self.folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        self.path = str(self.folder / "socket")
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(self.path)
        listening.listen()
        self.server = subprocess.Popen(
            [sys.executable, "-B", "-I", str(LAUNCHER), "--folder", scratch.name, f"--listen-fd={listening.fileno()}"],
            pass_fds=[listening.fileno()],
            env={**os.environ, "HOME": str(self.home), "PS1": "$ ", "PATH": f"{self.folder}/bin:{os.environ['PATH']}"},
        )
        listening.close()
        self.addCleanup(self.end)

    def end(self) -> None:
        self.server.terminate()
        self.server.wait(10)

    async def browser(self, target: str = "/shell/type") -> Browser:
        browser = await Browser.open(self.path, target)
        self.addCleanup(browser.close)
        return browser

    async def ready(self) -> Browser:
        """One with a shell that answers."""
        browser = await self.browser()
        browser.type("echo rea''dy\n")
        await browser.until(b"ready\r\n")
        return browser

    async def asked(self, target: str, method: str = "GET", host: str = "session.localhost", more: str = "") -> bytes:
        reader, writer = await asyncio.open_unix_connection(self.path, limit=1 << 22)
        writer.write(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return head

    def memory(self) -> int:
        """KiB of the server."""
        status = Path(f"/proc/{self.server.pid}/status").read_text(encoding="ascii")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))

    async def test_it_greets_with_the_data_and_runs_what_is_typed(self) -> None:
        browser = await self.ready()
        self.assertIn("/data/sample  (2 files, read only)", browser.screen.decode())
        browser.type('echo "$TERM in $PWD, $(tty), ${PATH%%:*}"\n')
        await browser.until(f"xterm-256color in {self.home}, /dev/pts/".encode())
        await browser.until(f", {self.folder}/bin\r\n".encode())

    async def test_the_window_size_is_the_one_that_was_set_last_and_all_are_told(self) -> None:
        one, other = await self.ready(), await self.browser()
        one.tell(type="size", columns=101, rows=31)
        one.type("stty size\n")
        await one.until(b"31 101\r\n")
        await other.until(b"31 101\r\n")
        self.assertEqual(await other.until_told("size"), {"type": "size", "columns": 101, "rows": 31})
        other.tell(type="size", columns=90, rows=20)
        other.type("stty size\n")
        await one.until(b"20 90\r\n")

    async def test_who_comes_again_is_shown_all_and_who_was_cut_off_only_what_is_new(self) -> None:
        first = await self.ready()
        start = await first.until_told("start")
        first.type("echo be''fore\n")
        await first.until(b"before\r\n")
        first.close()
        anew = await self.browser()
        await anew.until(b"before\r\n")
        self.assertTrue((await anew.until_told("start"))["fresh"])
        anew.type("echo af''ter\n")
        await anew.until(b"after\r\n")
        again = await self.browser(f"/shell/type?shell={start['shell']}&from={first.offset}")
        await again.until(b"after\r\n")
        self.assertFalse((await again.until_told("start"))["fresh"])
        self.assertNotIn(b"before\r\n", again.screen)

    async def test_a_character_that_is_split_between_two_writes_arrives_whole(self) -> None:
        browser = await self.ready()
        browser.type("printf '\\342'; sleep 0.2; printf '\\202'; sleep 0.2; printf '\\254<\\n'\n")
        await browser.until("€<\r\n".encode())
        browser.writer.write(frame(0x1, b'{"type":"input","text":"echo \xe2', final=False))
        browser.writer.write(frame(0x0, b'\x82\xac>\\n"}'))
        await browser.until("€>\r\n".encode())

    async def test_a_flood_takes_no_memory_and_ctrl_c_ends_it_at_once(self) -> None:
        browser = await self.ready()
        browser.type("yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n")
        for _ in range(600):
            await browser.read()
        before = self.memory()
        browser.screen = b""
        for _ in range(600):
            await browser.read()
        browser.type("\x03")
        browser.type("echo st''ill here\n")
        asked = browser.offset
        await browser.until(b"still here\r\n")
        self.assertLess(browser.offset - asked, 512 * 1024)
        self.assertLess(self.memory() - before, 16 * 1024)

    async def test_a_flood_that_nobody_reads_holds_up_neither_the_shell_nor_the_others(self) -> None:
        stuck, other = await self.ready(), await self.browser()
        stuck.answers = False
        before = self.memory()
        other.type("head -c 10000000 /dev/zero | tr '\\0' 'x' | fold -w 100; echo do''ne\n")
        while b"done\r\n" not in other.screen[-100:]:
            await other.read()
            other.screen = other.screen[-1000:]
        self.assertLess(self.memory() - before, 16 * 1024)
        self.assertLess(other.offset, 12_000_000)
        stuck.answers = True
        await stuck.until(b"done\r\n")

    async def test_a_page_that_shows_nothing_is_sent_little_and_holds_a_program_up_for_a_moment_only(self) -> None:
        stuck = await self.ready()
        stuck.answers = False
        stuck.type("yes | head -c 5000000; echo > finished\n")
        before = stuck.offset
        try:
            while stuck.offset - before < 1_000_000:
                await asyncio.wait_for(stuck.read(), 2)
        except asyncio.TimeoutError:
            pass
        self.assertLess(stuck.offset - before, 256 * 1024)
        await self.until_there(self.home / "finished")

    async def until_there(self, path: Path) -> None:
        for _ in range(300):
            if path.exists():
                return
            await asyncio.sleep(0.1)
        self.fail(f"there is no {path}")

    async def test_without_anybody_there_a_program_goes_on(self) -> None:
        browser = await self.ready()
        browser.type("yes | head -c 5000000; echo > finished\n")
        browser.writer.transport.abort()
        await self.until_there(self.home / "finished")
        again = await self.browser()
        await again.until_told("live")
        self.assertGreater(len(again.screen), 900_000)
        self.assertLess(len(again.screen), 1_500_000)

    async def test_ctrl_c_overtakes_what_was_pasted_and_is_not_taken(self) -> None:
        browser = await self.ready()
        browser.type("stty -icanon -echo; sleep 600\n")
        for _ in range(8):
            browser.type("x" * 60_000)
        await asyncio.sleep(0.5)
        browser.type("\x03")
        browser.type("stty sane; echo ba''ck\n")
        await browser.until(b"back\r\n", 10)

    async def test_what_is_typed_without_end_waits_at_its_sender(self) -> None:
        browser = await self.ready()
        browser.type("stty -icanon -echo; sleep 600\n")
        before, sent = self.memory(), 0
        paste = frame(0x1, json.dumps({"type": "input", "text": "x" * 60_000}).encode())
        try:
            while sent < 200:
                browser.writer.write(paste)
                await asyncio.wait_for(browser.writer.drain(), 1)
                sent += 1
        except asyncio.TimeoutError:
            pass
        self.assertLess(sent, 200)
        self.assertLess(self.memory() - before, 16 * 1024)

    async def test_who_looks_on_sees_everything_and_is_sent_away_at_the_first_word(self) -> None:
        owner, other = await self.ready(), await self.browser("/shell/look")
        owner.type("echo se''en\n")
        await other.until(b"seen\r\n")
        for said in ({"type": "input", "text": "touch made\n"}, {"type": "size", "columns": 10, "rows": 10}):
            looker = await self.browser("/shell/look")
            looker.tell(**said)
            self.assertTrue((await looker.closing()).startswith("1008 "))
        owner.type("ls; stty size\n")
        await owner.until(b"24 80\r\n")
        self.assertFalse((self.home / "made").exists())

    async def test_what_is_not_understood_ends_the_connection_and_nothing_else(self) -> None:
        owner = await self.ready()
        wrong = [
            *("", "null", "[]", "{", '"input"', '{"type":"input"}', '{"type":"other"}', '{"type":"bytes","base64":"*"}'),
            *('{"type":"size","columns":0,"rows":1}', '{"type":"size","columns":1e3,"rows":1}', '{"type":"shown"}'),
            *('{"type":"input","text":"\\ud800"}', "[" * 60_000, '{"type":"size","columns":true,"rows":99999}'),
        ]
        for text in wrong:
            browser = await self.browser()
            browser.writer.write(frame(0x1, text.encode()))
            self.assertTrue((await browser.closing()).startswith("1003 "), text[:50])
        browser = await self.browser()
        browser.writer.write(frame(0x1, b"{}", masked=False))
        self.assertTrue((await browser.closing()).startswith("1002 "))
        owner.type("echo un''moved\n")
        await owner.until(b"unmoved\r\n")

    async def test_a_program_with_the_whole_screen_draws_it_anew_for_who_comes_later(self) -> None:
        owner = await self.ready()
        program = (
            "import signal, sys, time\n"
            "signal.signal(signal.SIGWINCH, lambda *_: print('drawn anew', flush=True))\n"
            "sys.stdout.write('\\x1b[?1049h' + ('y' * 99 + '\\n') * 20000 + 'full\\n'); sys.stdout.flush()\n"
            "while True: time.sleep(0.1)\n"
        )
        (self.home / "program.py").write_text(program, encoding="utf-8")
        owner.type(f"{sys.executable} program.py\n")
        await owner.until(b"full\r\n")
        later = await self.browser()
        await later.until(b"drawn anew")
        self.assertTrue(later.screen.startswith(b"\x1b[?1049h"))

    async def test_the_shells_end_is_the_sessions_whatever_its_last_command_was(self) -> None:
        browser = await self.ready()
        browser.answers = False  # what comes after its goodbye would break the connection
        browser.type("false\nexit\n")
        self.assertEqual((await browser.until_told("ended"))["status"], 1)
        self.assertTrue((await browser.closing()).startswith("1000 "))
        self.assertEqual(self.server.wait(10), 0)

    async def test_a_shell_that_was_killed_is_an_end_by_that_signal(self) -> None:
        browser = await self.ready()
        browser.type("kill -9 $$\n")
        await browser.closing()
        self.assertEqual(self.server.wait(10), 137)

    async def test_told_to_stop_it_says_so_hangs_up_and_leaves_nothing_behind(self) -> None:
        browser = await self.ready()
        browser.type("sleep 87654 & trap 'echo > hung-up' HUP; cat\n")
        await browser.until(b"cat\r\n")
        self.server.send_signal(signal.SIGTERM)
        self.assertTrue((await browser.closing()).startswith("1001 "))
        self.assertEqual(self.server.wait(10), 0)

    async def test_only_the_gateway_is_answered_and_only_the_pages_files_are_there(self) -> None:
        page = await self.asked("/")
        self.assertTrue(page.startswith(b"HTTP/1.1 200 "))
        self.assertIn(b"Content-Security-Policy: default-src 'none'; script-src 'self'", page)
        self.assertTrue((await self.asked("/look")).startswith(b"HTTP/1.1 200 "))
        self.assertIn(b"Content-Encoding: gzip", await self.asked("/main.mjs", more="Accept-Encoding: gzip\r\n"))
        refused = {
            404: ["/nothing", "/../server.py", "/server.py", "/page/index.html", "/index.html"],
            426: ["/shell/type", "/shell/look"],
        }
        for status, targets in refused.items():
            for target in targets:
                self.assertTrue((await self.asked(target)).startswith(f"HTTP/1.1 {status} ".encode()), target)
        self.assertTrue((await self.asked("/", host="localhost")).startswith(b"HTTP/1.1 403 "))
        self.assertTrue((await self.asked("/", method="DELETE")).startswith(b"HTTP/1.1 405 "))
        with self.assertRaises(asyncio.IncompleteReadError):
            await self.asked("/", method="POST", more="Content-Length: 5\r\n")
        for wrong in ({"host": "other.localhost"}, {"origin": "http://other.localhost"}):
            with self.assertRaises(ConnectionRefusedError):
                await Browser.open(self.path, **wrong)

    async def test_several_requests_come_over_one_connection(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self.path)
        for _ in range(3):
            writer.write(b"GET /status HTTP/1.1\r\nHost: session.localhost\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            self.assertTrue(head.startswith(b"HTTP/1.1 200 OK"))
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            self.assertEqual(json.loads(await reader.readexactly(length)), {"status": "ready"})
        writer.close()

    async def test_no_more_than_a_number_look_at_it_at_once(self) -> None:
        browsers = [await self.browser("/shell/look") for _ in range(64)]
        with self.assertRaises(ConnectionRefusedError):
            await self.browser()
        browsers[0].writer.write(frame(0x8, struct.pack("!H", 1000)))
        await browsers[0].closing()
        for _ in range(100):
            try:
                await self.browser()
                return
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
        self.fail("nobody is let in again")


if __name__ == "__main__":
    unittest.main()
