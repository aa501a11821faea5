"""Limits that the kernel holds each process to; the stricter part of them comes from the provider's cgroups."""

import resource


def apply(memory_mib: "int | None", processes: "int | None") -> None:
    _cap(resource.RLIMIT_CORE, 0)
    _cap(resource.RLIMIT_NOFILE, 65_536)
    if memory_mib is not None:
        _cap(resource.RLIMIT_DATA, memory_mib * 1024 * 1024)
    if processes is not None:
        _cap(resource.RLIMIT_NPROC, processes)


def _cap(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (limit, limit))
