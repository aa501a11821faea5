import json
import tempfile
import unittest
from pathlib import Path

from endstation_session.document import Dataset, Document, read_document
from endstation_session.notebooks import FILLED, fill, put_in_front

PARAMETERS = {
    "cell_type": "code",
    "id": "a",
    "metadata": {"tags": ["parameters"]},
    "source": ["data_path = '/data'  # where\n", "results_path: str = '/results'\n", "step = 0.1\n"],
}


def notebook(*cells: dict, language: str = "python") -> dict:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"language": language}}, "cells": list(cells)}


class Fill(unittest.TestCase):
    def test_values_follow_the_parameters_in_a_cell_of_their_own(self) -> None:
        after = {"cell_type": "code", "metadata": {}, "source": "print(step)"}
        values = {"data_path": "/data/o'x", "step": 2.5, "unknown": 1, "results_path": None}
        first, filled, last = fill(notebook(PARAMETERS, after), values)["cells"]
        self.assertEqual((first, last), (PARAMETERS, after))
        self.assertEqual(filled["metadata"]["tags"], [FILLED])
        found: dict = {}
        exec("".join(filled["source"]), found)  # noqa: S102  (what a kernel would do)
        self.assertEqual((found["data_path"], found["step"], found["results_path"]), ("/data/o'x", 2.5, None))
        self.assertNotIn("unknown", found)

    def test_every_value_that_json_can_carry_is_carried_and_none_is_run(self) -> None:
        cell = {**PARAMETERS, "source": "value = 1"}
        for value in (True, None, -1, 1e300, "a\n\"b'\\", "__import__('os')", [1, {"a": [None, "ü"]}], {}):
            filled = fill(notebook(cell), {"value": json.loads(json.dumps(value))})["cells"][1]
            found: dict = {}
            exec("".join(filled["source"]), found)  # noqa: S102
            self.assertEqual(found["value"], value)

    def test_a_second_filling_takes_the_place_of_the_first(self) -> None:
        once = fill(notebook(PARAMETERS), {"step": 1})
        twice = fill(once, {"step": 2})
        self.assertEqual(len(twice["cells"]), 2)
        self.assertIn("step = 2", "".join(twice["cells"][1]["source"]))

    def test_nothing_happens_without_such_a_cell_a_known_name_or_python(self) -> None:
        untagged = {"cell_type": "code", "metadata": {}, "source": "step = 1"}
        broken = {**PARAMETERS, "source": "step = ("}
        for given in (notebook(untagged), notebook(broken), notebook(PARAMETERS, language="julia"), {"cells": []}):
            self.assertEqual(fill(given, {"step": 1}), given)


class PutInFront(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home, self.templates = Path(folder.name, "home"), Path(folder.name, "templates")
        self.home.mkdir()
        self.templates.mkdir()
        (self.templates / "look.ipynb").write_text(json.dumps(notebook(PARAMETERS)), encoding="utf-8")

    def put(self, name: "str | None", **parameters: object) -> "str | None":
        document = Document(name, parameters, (Dataset("/data/d1", ("a.h5",)),))
        return put_in_front(document, self.templates, self.home, Path("/results"))

    def test_work_that_is_there_is_never_overwritten(self) -> None:
        self.assertEqual(self.put("look.ipynb"), "look.ipynb")
        self.assertEqual(self.put("look.ipynb"), "look.ipynb")
        (self.home / "look.ipynb").write_text("mine", encoding="utf-8")
        self.assertEqual(self.put("look.ipynb"), "look-2.ipynb")
        self.assertEqual(self.put("look.ipynb", step=3), "look-3.ipynb")
        self.assertEqual((self.home / "look.ipynb").read_text(encoding="utf-8"), "mine")

    def test_a_link_or_folder_of_that_name_is_left_alone(self) -> None:
        (self.home / "look.ipynb").symlink_to("/etc/passwd")
        (self.home / "look-2.ipynb").mkdir()
        self.assertEqual(self.put("look.ipynb"), "look-3.ipynb")

    def test_the_data_are_the_one_file_or_the_folder_of_several(self) -> None:
        self.put("look.ipynb")
        self.assertIn("data_path = '/data/d1/a.h5'", (self.home / "look.ipynb").read_text(encoding="utf-8"))
        several = (Dataset("/data/d1", ("a", "b")), Dataset("/data/d2", ("c",)))
        self.assertEqual(Document(None, {}, several[:1]).data_path, "/data/d1")
        self.assertEqual(Document(None, {}, several).data_path, "/data")
        self.assertIsNone(Document(None, {}, ()).data_path)

    def test_each_person_and_dataset_has_a_results_folder_of_its_own(self) -> None:
        self.put("look.ipynb")
        text = (self.home / "look.ipynb").read_text(encoding="utf-8")
        self.assertIn("results_path = '/results/user/d1-look'", text)
        odd = Document("n.ipynb", {}, (), "../o t/her")
        self.assertEqual(str(odd.results_path(Path("/results"))), "/results/__o_t_her/n")

    def test_a_template_that_is_missing_or_broken_or_outside_costs_only_itself(self) -> None:
        (self.templates / "broken.ipynb").write_text("{", encoding="utf-8")
        for name in ("missing.ipynb", "broken.ipynb", "../../etc/passwd", None):
            self.assertIsNone(self.put(name))

    def test_a_home_that_cannot_be_written_costs_only_the_notebook(self) -> None:
        self.home = Path("/proc/nowhere")
        self.assertIsNone(self.put("look.ipynb"))


class ReadDocument(unittest.TestCase):
    def test_what_the_provider_lays_down_is_understood(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "spec.json")
            dataset = {"id": "d1", "title": "D", "path": "/data/d1", "files": ["a.h5"]}
            raw = {"notebook": "n.ipynb", "parameters": {"a": 1}, "datasets": [dataset], "session": {"id": "s-1", "kind": "jupyter", "name": "A name"}, "owner": {"account": "pi"}}
            path.write_text(json.dumps(raw), encoding="utf-8")
            expected = Document("n.ipynb", {"a": 1}, (Dataset("/data/d1", ("a.h5",)),), "pi", "s-1", "A name")
            self.assertEqual(read_document(path), expected)


if __name__ == "__main__":
    unittest.main()
