"""Makes NeXus stacks of 1024 × 1024 frames in a folder: `make-stack.py FOLDER FRAMES`, one file per compression. Synthetic."""

import pathlib
import sys

import h5py
import hdf5plugin
import numpy as np

folder, frames = pathlib.Path(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(1)
different = [random.poisson(2 + 40 * np.exp(-np.hypot(*np.mgrid[-512:512, -512:512]) / (90 + n)), (1024, 1024)).astype("u2") for n in range(8)]
compressions = {
    "gzip-shuffle": {"compression": "gzip", "compression_opts": 1, "shuffle": True},
    "bitshuffle-lz4": dict(hdf5plugin.Bitshuffle()),
}
for name, options in compressions.items():
    with h5py.File(folder / f"{name}.h5", "w", libver="latest") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update({"NX_class": "NXentry", "default": "data"})
        data = entry.create_group("data")
        data.attrs.update({"NX_class": "NXdata", "signal": "frames"})
        stack = data.create_dataset("frames", (frames, 1024, 1024), "u2", chunks=(1, 1024, 1024), **options)
        packed = []
        for number in range(frames):
            if number < len(different):
                stack[number] = different[number]
                packed.append(stack.id.read_direct_chunk((number, 0, 0))[1])
            else:
                stack.id.write_direct_chunk((number, 0, 0), packed[number % len(different)])
