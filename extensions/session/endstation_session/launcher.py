"""Makes a session ready and becomes its server, or runs its job."""

import argparse
import os
import socket
import sys
from pathlib import Path

from . import batch, jupyter, limits, workplace
from .document import read_document
from .notebooks import put_in_front
from .terminal.greeting import greeting


def main(arguments: "list[str] | None" = None) -> int:
    options = _options(arguments)
    os.umask(0o007)
    _offer_own_package()
    limits.apply(memory_mib=options.memory_mib, processes=options.processes)
    document = read_document(options.folder / "spec.json")
    home = Path.home()
    workplace.prepare(home, options.data, options.results)
    if document.kind == "batch":
        return batch.run(document, _templates(), options.data, options.results)
    listening = socket.socket(fileno=options.listen_fd)
    listening.set_inheritable(False)
    listening.setblocking(False)
    if document.kind == "terminal":
        from .terminal.server import serve  # what it needs would only slow the others

        return serve(listening, options.path, document.name, greeting(document, options.results))
    notebook = put_in_front(document, templates=_templates(), home=home, results=options.results)
    return jupyter.serve(listening, root=home, notebook=notebook, path=options.path)


def _offer_own_package() -> None:
    """
    `import endstation` works in kernels and jobs: the package lies beside this one, of the portal's own version. A process
    that was loaded outside the sandbox knows another place, which is not there inside; then the provider has named it.
    """
    own = Path(__file__).parent.parent
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if own.exists():
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(own), *others]))


def _options(arguments: "list[str] | None") -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="endstation_session", description=__doc__)
    parser.add_argument("--listen-fd", type=int, help="descriptor of the listening Unix socket; batch sessions have none")
    parser.add_argument("--folder", type=Path, default=Path("/run/session"), help="where spec.json lies")
    parser.add_argument("--data", type=Path, default=Path("/data"))
    parser.add_argument("--results", type=Path, default=Path("/results"))
    parser.add_argument("--path", default=os.environ.get("PATH", ""), help="PATH of kernels and terminals")
    parser.add_argument("--memory-mib", type=int, help="most memory of one process")
    parser.add_argument("--processes", type=int, help="most processes")
    return parser.parse_args(arguments)


def _templates() -> Path:
    return Path(sys.prefix, "share", "endstation", "notebooks")
