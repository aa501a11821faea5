"""Makes the files of h5grove.test.ts in the folder that is named: one of every kind of thing that HDF5 has."""

import pathlib
import sys

import h5py
import hdf5plugin
import numpy as np

folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(7)


def types(file):
    for kind in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"):
        for order in "<>":
            values = (random.standard_normal((3, 4)) * 100).astype(order + kind)
            file[f"number_{kind}_{'le' if order == '<' else 'be'}"] = values
            file[f"scalar_{kind}_{'le' if order == '<' else 'be'}"] = values[1, 2]
    file["largest"] = np.array([2**63 - 1, -(2**63)], "i8")
    file["largest_unsigned"] = np.array([2**64 - 1, 0], "u8")
    file["not_finite"] = np.array([[np.nan, np.inf], [-np.inf, 1e-300]])
    file["float32"] = np.array([0.1, 1e-45, 3.4e38, 16777216, 1e21, 1e-7, np.nan], "f4")
    file["minus_zero"] = np.array([-0.0, 0.0])
    file["float128"] = np.linspace(0, 1, 7).astype(np.longdouble)
    file["bool"] = np.array([[True, False], [False, True]])
    file["bool_scalar"] = True
    file["complex64"] = (random.standard_normal((2, 3)) + 1j).astype("c8")
    file["complex128"] = random.standard_normal((2, 3)) - 2j
    file["complex_scalar"] = 1 + 2j
    kinds = h5py.enum_dtype({"red": 0, "green": 1, "blue": 42}, basetype="u2")
    file.create_dataset("enum", data=[[0, 42], [1, 1]], dtype=kinds)
    file.create_dataset("enum_signed", data=[-1, 7], dtype=h5py.enum_dtype({"A": -1, "B": 7}, basetype=">i4"))
    file["opaque"] = np.array([b"ab", b"\x00\xff"], dtype="V2")
    file["opaque_scalar"] = np.void(b"\x01\x02\x03")


def texts(file):
    file["scalar"] = "a word, \"quoted\" \\ \n and ü 漢 😀"
    file["ascii"] = np.bytes_(b"only ascii")
    file["vlen"] = np.array([["a", "bb"], ["", "dddd é"]], dtype=h5py.string_dtype())
    file.create_dataset("vlen_ascii", data=[b"a", b"bc"], dtype=h5py.string_dtype("ascii"))
    file["fixed"] = np.array([b"abc", b"de", b""], dtype="S5")
    file.create_dataset("fixed_utf8", data=np.array(["é".encode(), b"xyz"], dtype=h5py.string_dtype("utf-8", 8)))
    for name, pad in (("nullpad", h5py.h5t.STR_NULLPAD), ("nullterm", h5py.h5t.STR_NULLTERM), ("spacepad", h5py.h5t.STR_SPACEPAD)):
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(6)
        kind.set_strpad(pad)
        space = h5py.h5s.create_simple((2,))
        h5py.h5d.create(file.id, name.encode(), kind, space).write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab", b"cdefg"], "S6"))
    file["empty_list"] = np.array([], dtype=h5py.string_dtype())


def shapes(file):
    file["empty"] = h5py.Empty("f8")
    file["empty_text"] = h5py.Empty(h5py.string_dtype())
    file["zero"] = np.zeros((0, 5))
    file["one"] = np.ones(1)
    for rank in range(1, 6):
        file[f"rank_{rank}"] = np.arange(2 * 3**(rank - 1), dtype="i4").reshape((2,) + (3,) * (rank - 1))
    file.create_dataset("chunked", data=np.arange(5000, dtype="i4").reshape(50, 100), chunks=(7, 13))
    file.create_dataset("extensible", data=np.arange(12.0).reshape(3, 4), maxshape=(None, 4))
    file.create_dataset("never_written", shape=(4, 4), dtype="f4", fillvalue=7)
    file.create_dataset("compact", data=np.arange(4, dtype="u2"))
    file["stack"] = np.arange(6 * 20 * 30, dtype="u2").reshape(6, 20, 30)
    file["map"] = random.standard_normal((41, 37))


def compounds(file):
    pair = np.dtype([("a", "<i4"), ("b", "<f8"), ("c", "S4")])
    file["flat"] = np.array([(1, 0.5, b"x"), (2, 1.5, b"yz")], pair)
    file["scalar"] = np.array((3, 2.5, b"w"), pair)
    file["nested"] = np.array([((1, 2.5), [1, 2, 3])], np.dtype([("in", [("x", "i2"), ("y", ">f4")]), ("array", "u1", (3,))]))
    file.create_dataset("with_text", data=np.array([("a", 1), ("ü", 2)], np.dtype([("name", h5py.string_dtype()), ("n", "i8")])))
    file["with_complex"] = np.array([(1 + 2j, True)], np.dtype([("z", "c16"), ("yes", "?")]))
    kinds = h5py.enum_dtype({"no": 0, "yes": 1}, basetype="i1")
    file.create_dataset("with_enum", data=np.array([(1,), (0,)], np.dtype([("e", kinds)])))
    file.create_dataset("aligned", data=np.zeros(2, np.dtype([("a", "u1"), ("b", "f8")], align=True)))
    ragged = file.create_dataset("vlen", shape=(3,), dtype=h5py.vlen_dtype("i4"))
    ragged[0], ragged[2] = [1, 2, 3], [9]
    floats = file.create_dataset("vlen_float", shape=(2, 2), dtype=h5py.vlen_dtype("f8"))
    floats[0, 0], floats[1, 1] = [0.5], [1, 2]
    array = file.create_dataset("array", dtype=np.dtype(("i4", (3,))), shape=(2, 2))
    array[...] = np.arange(12).reshape(2, 2, 3)
    file.create_dataset("reference", data=np.array([file["flat"].ref, file.ref], dtype=h5py.ref_dtype))
    file.create_dataset("region", data=np.array([file["flat"].regionref[0:1]], dtype=h5py.regionref_dtype))


def attributes(file):
    holder = file.create_group("holder")
    for source in ("types", "texts", "compounds"):
        with h5py.File(folder / f"{source}.h5") as other:
            for name, dataset in other.items():
                if name in ("reference", "region"):
                    continue
                space, kind = dataset.id.get_space(), dataset.id.get_type()
                attribute = h5py.h5a.create(holder.id, f"{source}_{name}".encode(), kind, space)
                if dataset.shape is not None and dataset.size:
                    attribute.write(np.asarray(dataset[()]), mtype=kind if dataset.dtype.kind not in "O" else None)
    holder.attrs["empty"] = h5py.Empty("f4")
    holder.attrs["reference"] = file.ref
    holder.attrs["Ärger & <b>"] = "name"
    holder.attrs["zeros"] = np.zeros((0,))
    file.create_dataset("dataset", data=1).attrs["units"] = "mm"
    file["type"] = np.dtype("<f8")
    file["type"].attrs["of"] = "a type"
    file["enum_type"] = h5py.enum_dtype({"x": 1}, basetype="i2")
    file.create_dataset("of_type", data=[1.0], dtype=file["type"])


def links(file):
    group = file.create_group("group")
    group["data"] = np.arange(10)
    deep = group.create_group("deep/er/still")
    deep["value"] = 5
    file["hard"] = group
    file["soft"] = h5py.SoftLink("/group/data")
    file["soft_group"] = h5py.SoftLink("group")
    file["soft_relative"] = h5py.SoftLink("group/data")
    file["soft_broken"] = h5py.SoftLink("/nowhere/at/all")
    file["external"] = h5py.ExternalLink("shapes.h5", "/stack")
    file["external_group"] = h5py.ExternalLink("inner/other.h5", "/entry")
    file["external_root"] = h5py.ExternalLink("shapes.h5", "/")
    file["external_no_file"] = h5py.ExternalLink("missing.h5", "/data")
    file["external_no_path"] = h5py.ExternalLink("shapes.h5", "/nothing")
    file["with space & +%20"] = 1
    file["ünïcödé"] = 2
    group["again"] = group
    file.create_group("nothing")


def virtual(file):
    layout = h5py.VirtualLayout(shape=(4, 20, 30), dtype="u2")
    source = h5py.VirtualSource("shapes.h5", "stack", shape=(6, 20, 30))
    layout[0:2] = source[0:2]
    layout[2] = source[5]
    layout[3] = h5py.VirtualSource("missing.h5", "stack", shape=(20, 30))
    file.create_virtual_dataset("virtual", layout, fillvalue=65535)
    own = h5py.VirtualLayout(shape=(3,), dtype="f8")
    file["base"] = np.arange(3.0)
    own[:] = h5py.VirtualSource(".", "base", shape=(3,))
    file.create_virtual_dataset("of_itself", own)
    (folder / "raw.bin").write_bytes(np.arange(50, dtype="<i4").tobytes())
    file.create_dataset("raw", shape=(50,), dtype="<i4", external=[("raw.bin", 0, 200)])


def filters(file):
    image = (random.poisson(3, (64, 96)) * np.arange(96)).astype("u4")
    plugins = {
        "gzip": {"compression": "gzip"},
        "gzip_shuffle": {"compression": 6, "shuffle": True},
        "lzf": {"compression": "lzf"},
        "fletcher32": {"fletcher32": True},
        "scaleoffset": {"scaleoffset": 0},
        "blosc": hdf5plugin.Blosc(),
        "blosc_zstd": hdf5plugin.Blosc(cname="zstd", shuffle=hdf5plugin.Blosc.BITSHUFFLE),
        "blosc_lz4hc": hdf5plugin.Blosc(cname="lz4hc"),
        "blosc_blosclz": hdf5plugin.Blosc(cname="blosclz"),
        "blosc_zlib": hdf5plugin.Blosc(cname="zlib"),
        "blosc2": hdf5plugin.Blosc2(),
        "blosc2_zstd": hdf5plugin.Blosc2(cname="zstd"),
        "lz4": hdf5plugin.LZ4(),
        "bitshuffle": hdf5plugin.Bitshuffle(cname="none"),
        "bitshuffle_lz4": hdf5plugin.Bitshuffle(),
        "bitshuffle_zstd": hdf5plugin.Bitshuffle(cname="zstd"),
        "bzip2": hdf5plugin.BZip2(),
        "zstd": hdf5plugin.Zstd(),
    }
    for name, options in plugins.items():
        file.create_dataset(name, data=image, chunks=(16, 32), **dict(options))
    floats = random.standard_normal((64, 96)).astype("f4")
    file.create_dataset("zfp", data=floats, chunks=(16, 32), **hdf5plugin.Zfp(accuracy=0.01))
    file.create_dataset("sz_unknown_here", data=floats, chunks=(16, 32), **hdf5plugin.SZ(absolute=0.01))
    file.create_dataset("nbit", data=image, chunks=(16, 32))


(folder / "inner").mkdir(parents=True, exist_ok=True)
with h5py.File(folder / "inner/other.h5", "w") as other:
    entry = other.create_group("entry")
    entry.attrs["NX_class"] = "NXentry"
    entry["value"] = np.arange(4)
    entry["back"] = h5py.ExternalLink("../shapes.h5", "/map")
for make in (types, texts, shapes, compounds, attributes, links, virtual, filters):
    with h5py.File(folder / f"{make.__name__}.h5", "w", libver="latest" if make is virtual else None) as file:
        make(file)
(folder / "text.h5").write_text("no HDF5 at all\n")
(folder / "folder.h5").mkdir(exist_ok=True)
