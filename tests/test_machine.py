"""What a process may use, from files as the kernel writes them in containers of both versions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.machine import cores, memory_bytes

PLENTY = 1024
"""Cores that the affinity of this process never limits."""


@pytest.fixture(autouse=True)
def _many_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHON_CPU_COUNT", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(PLENTY)), raising=False)


def process_folder(folder: Path, memberships: str, mounts: list[tuple[str, str, str, str]]) -> Path:
    """The folder of a process, and what its kernel says; mounts are root, folder, kind, options."""
    lines = [
        f"{number} 20 0:{number} {root} {folder}/{place} rw,relatime shared:9 - {kind} {kind} {options}\n"
        for number, (root, place, kind, options) in enumerate(mounts, start=30)
    ]
    process = folder / "self"
    process.mkdir()
    (process / "cgroup").write_text(memberships)
    (process / "mountinfo").write_text("".join(lines).replace(f"{folder}/a b", f"{folder}/a\\040b"))
    return process


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def test_version_2_counts_the_tightest_group_on_the_way_up(tmp_path: Path) -> None:
    process = process_folder(tmp_path, "0::/shop/bench\n", [("/", "a b", "cgroup2", "rw")])
    write(tmp_path / "a b" / "shop" / "bench" / "cpu.max", "max 100000")
    write(tmp_path / "a b" / "shop" / "cpu.max", "350000 100000")
    write(tmp_path / "a b" / "shop" / "bench" / "memory.max", "2000000")
    write(tmp_path / "a b" / "shop" / "memory.max", "1000000")
    assert cores(process) == 3
    assert memory_bytes(process) == 1_000_000


def test_version_1_has_a_tree_for_each_controller(tmp_path: Path) -> None:
    memberships = "5:cpu,cpuacct:/shop/bench\n4:memory:/shop\n3:pids:/elsewhere\n"
    mounts = [
        ("/", "cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"),
        ("/", "memory", "cgroup", "rw,memory"),
        ("/", "pids", "cgroup", "rw,pids"),
    ]
    process = process_folder(tmp_path, memberships, mounts)
    for group, quota in (("shop/bench", "-1"), ("shop", "150000"), ("", "-1")):
        write(tmp_path / "cpu,cpuacct" / group / "cpu.cfs_quota_us", quota)
        write(tmp_path / "cpu,cpuacct" / group / "cpu.cfs_period_us", "100000")
    write(tmp_path / "memory" / "memory.limit_in_bytes", "9223372036854771712")
    write(tmp_path / "memory" / "shop" / "memory.limit_in_bytes", "3000000")
    assert cores(process) == 1
    assert memory_bytes(process) == 3_000_000


@pytest.mark.parametrize(
    ("member", "root"),
    [
        ("/docker/abc", "/docker/abc"),  # the container's own group is all it sees
        ("/docker/abc/inner", "/docker/abc/inner"),
        ("/../../system", "/"),  # seen from a container whose group is elsewhere
        ("/elsewhere", "/docker/abc"),
    ],
)
def test_what_a_container_sees_of_its_group(tmp_path: Path, member: str, root: str) -> None:
    process = process_folder(tmp_path, f"0::{member}\n", [(root, "cgroup", "cgroup2", "rw")])
    write(tmp_path / "cgroup" / "cpu.max", "200000 100000")
    write(tmp_path / "cgroup" / "memory.max", "4000000")
    assert cores(process) == 2
    assert memory_bytes(process) == 4_000_000


def test_both_versions_at_once(tmp_path: Path) -> None:
    memberships = "1:memory:/old\n0::/new\n"
    mounts = [("/", "memory", "cgroup", "rw,memory"), ("/", "unified", "cgroup2", "rw")]
    process = process_folder(tmp_path, memberships, mounts)
    write(tmp_path / "memory" / "old" / "memory.limit_in_bytes", "5000000")
    write(tmp_path / "unified" / "new" / "cpu.max", "400000 100000")
    assert cores(process) == 4
    assert memory_bytes(process) == 5_000_000


def test_less_than_a_core_is_one(tmp_path: Path) -> None:
    process = process_folder(tmp_path, "0::/\n", [("/", "cgroup", "cgroup2", "rw")])
    write(tmp_path / "cgroup" / "cpu.max", "20000 100000")
    assert cores(process) == 1


def test_where_nothing_is_told_the_machine_counts(tmp_path: Path) -> None:
    assert cores(tmp_path / "none") == PLENTY
    machine = memory_bytes(tmp_path / "none")
    assert machine is None or machine > 100_000_000


@pytest.mark.parametrize(("wish", "count"), [("3", 3), ("default", PLENTY), ("0", PLENTY), ("many", PLENTY)])
def test_a_wish_has_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: str, count: int
) -> None:
    monkeypatch.setenv("PYTHON_CPU_COUNT", wish)
    assert cores(tmp_path / "none") == count


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
@pytest.mark.parametrize("options", ["", "time_limit_seconds=60.0"], ids=["usual", "with a time limit"])
def test_a_process_bound_to_one_core_takes_one(options: str) -> None:
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "from forceposture.command.solving import with_usual_processes as usual;"
        "from optimizer.solve_options import SolveOptions;"
        f"from optimizer.machine import cores; print(cores(), usual(SolveOptions({options})).processes)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "1 1\n"
