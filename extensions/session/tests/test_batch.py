import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LAUNCHER = Path(__file__).parent.parent


class Batch(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.results = self.folder / "results"
        self.results.mkdir()

    def start(self, script: "str | None", *arguments: str, notebook: "str | None" = None) -> subprocess.Popen:
        spec = {
            "session": {"id": "s-1", "name": "A name", "kind": "batch"},
            "owner": {"account": "pi"},
            "datasets": [{"path": "/data/d1", "files": ["a.h5"]}],
            "notebook": notebook,
            "parameters": {"step": 0.5},
            "job": {"script": script, "arguments": arguments},
        }
        (self.folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        options = ["--folder", str(self.folder), "--results", str(self.results)]
        environment = {**os.environ, "HOME": str(self.folder)}
        return subprocess.Popen(
            [sys.executable, "-B", str(LAUNCHER), *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run_to_end(self, script: str, *arguments: str) -> "tuple[int, str]":
        process = self.start(script, *arguments)
        said, _ = process.communicate(timeout=60)
        return process.returncode, said

    def test_a_program_runs_in_a_results_folder_of_its_own_and_knows_data_and_parameters(self) -> None:
        code, said = self.run_to_end(
            "import os, sys\nprint(sys.argv[1:], os.environ['ENDSTATION_DATA'], os.environ['ENDSTATION_PARAMETERS'])\n"
            "open('here', 'w').close()\nassert os.getcwd() == os.environ['ENDSTATION_RESULTS']\n",
            "a",
            "b c",
        )
        self.assertEqual((code, said), (0, "['a', 'b c'] /data/d1/a.h5 {\"step\": 0.5}\n"))
        self.assertTrue((self.results / "pi/d1-s-1/here").exists())

    def test_its_exit_status_is_the_sessions(self) -> None:
        self.assertEqual(self.run_to_end("#!/bin/sh\necho down; exit 3\n"), (3, "down\n"))
        self.assertEqual(self.run_to_end("#!/usr/bin/env python3\nraise SystemExit(4)\n")[0], 4)
        self.assertEqual(self.run_to_end("import os\nos.kill(os.getpid(), 9)\n")[0], 128 + 9)

    def test_what_cannot_be_run_says_so(self) -> None:
        code, said = self.run_to_end("#!/no/such/program\n")
        self.assertEqual(code, 126)
        self.assertIn("/no/such/program cannot be run", said)

    def test_a_signal_is_passed_on_to_all_that_it_started_and_output_is_live(self) -> None:
        process = self.start(
            "import signal, subprocess, sys\nother = subprocess.Popen(['sleep', '600'])\n"
            "def end(*_):\n    print('saved', other.wait())\n    sys.exit(5)\n"
            "signal.signal(signal.SIGTERM, end)\nprint('ready')\nsignal.pause()\n"
        )
        assert process.stdout is not None
        self.assertEqual(process.stdout.readline(), "ready\n")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        self.assertEqual((process.returncode, said), (5, f"saved {-signal.SIGTERM}\n"))

    def test_a_notebook_that_is_not_there_fails_with_its_name(self) -> None:
        process = self.start(None, notebook="missing.ipynb")
        said, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertIn("missing.ipynb", said)


if __name__ == "__main__":
    unittest.main()
