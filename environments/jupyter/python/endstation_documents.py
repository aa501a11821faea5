"""Shared documents are kept in their files and nowhere else.

The stores that come with jupyter-collaboration keep a second copy as a log of changes. Where that and the file differ, which
the reopening of a document brings about, text is lost or doubled. This store keeps nothing: a document that is opened is
read from its file. Given up with it: the history slider of earlier versions.
"""

from pycrdt.store import BaseYStore, YDocNotFound
from traitlets.config import LoggingConfigurable


class _Joint(type(LoggingConfigurable), type(BaseYStore)):
    pass


class NoStore(LoggingConfigurable, BaseYStore, metaclass=_Joint):
    def __init__(self, path, metadata_callback=None, log=None, **more):
        super().__init__(**more)

    async def write(self, data):
        """Keeps nothing."""

    async def read(self):
        raise YDocNotFound
        yield
