"""Reads pairs `NAME.ours.tiff` and `NAME.theirs.tiff` in a folder and names those that are not the same image."""

import pathlib
import sys

import numpy as np
import tifffile

for ours in sorted(pathlib.Path(sys.argv[1]).glob("*.ours.tiff")):
    theirs = ours.with_name(ours.name.replace(".ours.", ".theirs."))
    first, second = tifffile.imread(ours), tifffile.imread(theirs)
    if first.shape != second.shape or not np.array_equal(first, second, equal_nan=first.dtype.kind in "fc"):
        print(f"{ours.name}: {first.dtype}{first.shape} and {second.dtype}{second.shape}")
