"""Runs the command ``posture``, within this process or in one of its own."""

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from forceposture.cli import app

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
    code = f"import forceposture.cli\n{before}\nforceposture.cli.main()"
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment(TMPDIR=str(folder)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Run(run.returncode, run.stdout, run.stderr)
