"""Every command on a page of ``docs`` runs, in order, in one folder; what the page shows of the answer is printed."""

import contextlib
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from forceposture.command.cli import app

DOCS = Path(__file__).resolve().parent.parent / "docs"
BLOCK = re.compile(r"^```(console|text|python)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
PAGES = sorted(path.name for path in DOCS.glob("*.md") if BLOCK.search(path.read_text(encoding="utf-8")))


def answer(line: str, folder: Path) -> str:
    """What a command prints; the command ``posture`` runs in this process, others in a shell."""
    with contextlib.chdir(folder):
        if line.startswith("posture "):
            result = CliRunner(env={"COLUMNS": "100"}).invoke(app, shlex.split(line)[1:])
            assert result.exit_code == 0, f"{line}\n{result.output}"
            return result.stdout
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=True)
        return done.stdout


def shown_lines(block: str) -> list[str]:
    """The lines of an answer that a page shows, without what is left out at "…"."""
    parts = [" ".join(part.split()) for line in block.splitlines() for part in line.split("…")]
    return [part for part in parts if part]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_true(page: str, tmp_path: Path) -> None:
    printed = ""
    for language, block in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
        if language == "console":
            printed = "\n".join(answer(line, tmp_path) for line in block.splitlines())
        elif language == "text":
            plain = "\n".join(" ".join(line.split()) for line in printed.splitlines())
            missing = [line for line in shown_lines(block) if line not in plain]
            assert missing == [], f"{page} shows what is not printed"
        else:
            with contextlib.chdir(tmp_path):
                exec(compile(block, page, "exec"), {})


def test_pages_are_reached_from_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= set(
        re.findall(r"\]\(([\w-]+\.md)", index)
    )
