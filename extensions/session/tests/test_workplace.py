import os
import tempfile
import unittest
from pathlib import Path

from endstation_session.workplace import prepare


class Prepare(unittest.TestCase):
    def test_data_and_results_are_linked_and_what_is_there_stays(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            (home / "results").write_text("mine", encoding="utf-8")
            (home / "data").symlink_to("/gone")
            for _ in range(2):
                prepare(home, Path(folder, "a"), Path(folder, "b"))
            self.assertEqual(os.readlink(home / "data"), str(Path(folder, "a")))
            self.assertEqual((home / "results").read_text(encoding="utf-8"), "mine")


if __name__ == "__main__":
    unittest.main()
