"""How many cores and how much memory this process may use, which in a container is less than the machine has.

A control group (cgroup) limits a process and all groups inside it, so the tightest limit on the way up counts.
Version 1 keeps a tree for each controller, version 2 one for all; a machine may use both.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OF_THIS_PROCESS = Path("/proc/self")


def cores(process: Path = _OF_THIS_PROCESS) -> int:
    """Cores that this process may use, at least 1; PYTHON_CPU_COUNT has the last word.

    Args:
        process: folder in which the kernel tells of a process.
    """
    wished = os.environ.get("PYTHON_CPU_COUNT", "")
    if wished.isdecimal() and int(wished):
        return int(wished)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [quota for group in _groups(process, "cpu") if (quota := _quota(group)) is not None]
    return max(1, int(min([allowed, *quotas])))


def memory_bytes(process: Path = _OF_THIS_PROCESS) -> int | None:
    """Memory that this process may use, if it can be known.

    Args:
        process: folder in which the kernel tells of a process.
    """
    limits = [
        limit
        for group in _groups(process, "memory")
        for name in ("memory.max", "memory.limit_in_bytes")
        if (limit := _number(group / name)) is not None
    ]
    with suppress(AttributeError, OSError, ValueError):
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return min(limits, default=None)


def _groups(process: Path, controller: str) -> Iterator[Path]:
    """Folders of the control groups that the process is in, for a controller, and of those around them."""
    try:
        memberships = (process / "cgroup").read_text().splitlines()
        mounts = (process / "mountinfo").read_text().splitlines()
    except OSError:
        return
    paths = {}
    for line in memberships:
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(","), path))
    for line in mounts:
        before, _, after = line.partition(" - ")
        root, folder = (_unescaped(field) for field in before.split()[3:5])
        kind, _, options = after.split()[:3]
        # Version 2 names no controllers: its line of memberships, and its mount, are for all.
        name = "" if kind == "cgroup2" else controller
        if name not in paths or (kind != "cgroup2" and not (kind == "cgroup" and name in options.split(","))):
            continue
        inside = paths[name]
        if inside != root and not inside.startswith(root.rstrip("/") + "/"):
            inside = root  # the group is outside of what this container sees
        group = Path(folder, *Path(inside).parts[len(Path(root).parts) :])
        yield from (group, *(outer for outer in group.parents if outer.is_relative_to(folder)))


def _quota(group: Path) -> float | None:
    """Cores' worth of time that a group may take; None where there is no limit."""
    try:
        quota, period = (group / "cpu.max").read_text().split()
    except (OSError, ValueError):
        return _ratio(_number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us"))
    return _ratio(int(quota), int(period)) if quota.isdecimal() else None


def _ratio(quota: int | None, period: int | None) -> float | None:
    return quota / period if quota and period else None


def _number(file: Path) -> int | None:
    """The number in a file; None where there is no file, or it says "max", or -1 for no limit."""
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


def _unescaped(field: str) -> str:
    """A path as mountinfo writes it, blanks as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), field)
