"""Runs the command ``posture``, within this process or in one of its own, on tiny cases."""

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiny_cases import tiny_tables
from typer.testing import CliRunner

from forceposture.command.cli import app
from optimizer.cases.read import write_case
from optimizer.tables.problem import problem_from_tables
from optimizer.tables.raw_cells import cells_from_rows

ROOT = Path(__file__).resolve().parent.parent


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **more}


@dataclass(frozen=True)
class Run:
    returncode: int
    stdout: str
    stderr: str


def posture(*arguments: str | Path, folder: Path) -> Run:
    """Runs the command within this process, which spares the imports."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return Run(result.exit_code, result.stdout, result.stderr)


def process(*arguments: str, folder: Path, before: str = "") -> Run:
    """Runs the command in a process of its own, after some code."""
    code = f"import forceposture.command.cli\n{before}\nforceposture.command.cli.main()"
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment(TMPDIR=str(folder)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Run(run.returncode, run.stdout, run.stderr)


def tiny_case(folder: Path, **overrides: Any) -> Path:
    """A tiny case with tables replaced, as a JSON file."""
    tables = {**tiny_tables(), **overrides}
    problem = problem_from_tables({name: cells_from_rows(rows) for name, rows in tables.items()})
    path = folder / "tiny.json"
    write_case(problem, path)
    return path


def infeasible_case(folder: Path) -> Path:
    """Seven brigades are needed and can be there, but nobody may own more than five."""
    forces = [dict(row) for row in tiny_tables()["actor_unit_types"]]
    forces[0]["maximum_owned_count"] = "5"
    return tiny_case(folder, actor_unit_types=forces)
