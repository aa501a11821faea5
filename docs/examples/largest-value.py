"""Finds the largest number in each of a session's data files, and keeps what it found as JSON in the results folder."""

import json
import os
import sys
from pathlib import Path

import h5py

data = Path(os.environ["ENDSTATION_DATA"])
files = [data] if data.is_file() else sorted(data.rglob("*"))
found = {}
for file in filter(h5py.is_hdf5, filter(Path.is_file, files)):
    print(f"reading {file}", flush=True)
    with h5py.File(file) as opened:

        def look(name, item):
            if isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf" and 0 < item.size < 1e8:
                found[f"{file.name}:{name}"] = float(item[()].max())

        opened.visititems(look)

Path(sys.argv[1] if len(sys.argv) > 1 else "largest.json").write_text(json.dumps(found, indent=2))
print(f"{len(found)} arrays in {len(files)} files; results in {Path.cwd()}")
