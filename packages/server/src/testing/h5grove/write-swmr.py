"""Writes a file in SWMR mode: a frame for each line of stdin, and its number to stdout once it is there."""

import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "w", libver="latest") as file:
    frames = file.create_dataset("frames", shape=(0, 8, 8), maxshape=(None, 8, 8), chunks=(1, 8, 8), dtype="i4", compression="gzip")
    file.swmr_mode = True
    print("writing", flush=True)
    for _ in sys.stdin:
        number = frames.shape[0]
        frames.resize(number + 1, axis=0)
        frames[number] = np.full((8, 8), number + 1)
        frames.flush()
        print(number + 1, flush=True)
