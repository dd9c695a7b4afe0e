"""What the documents say is so: commands run, links lead somewhere, every option, code and column is there."""

import contextlib
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_group
from typer.testing import CliRunner, Result

from forceposture.command.cli import app
from forceposture.command.exit_codes import MEANINGS
from optimizer.errors import CODES
from optimizer.tables.schema import PROBLEM_TABLES, SCORE_TABLES, SOLUTION_TABLES, Table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
    "data/README.md",
    "optimizer/README.md",
]
FIRST_COMMAND = (
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt . "
    "&& .venv/bin/posture solve reference --relax"
)
TEST_COMMAND = ".venv/bin/pip install -c constraints.txt -e '.[test]' && .venv/bin/pytest"


def blocks(language: str) -> list[str]:
    """The README's blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def options(command: str) -> set[str]:
    parameters = get_group(app).commands[command].params
    return {name for parameter in parameters for name in parameter.opts if name.startswith("--")}


def test_the_two_commands_stand_in_blocks_of_their_own() -> None:
    assert f"{FIRST_COMMAND}\n" in blocks("")
    assert f"{TEST_COMMAND}\n" in blocks("")
    assert TEST_COMMAND in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "test" in extras["optional-dependencies"]
    assert extras["scripts"]["posture"] == "forceposture.command.cli:main"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    targets = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


def test_every_command_and_option_is_described_and_no_other() -> None:
    commands = set(get_group(app).commands)
    assert set(re.findall(r"^\| `posture ([\w-]+)", COMMAND, flags=re.MULTILINE)) == commands
    described = set(re.findall(r"^\| `(--[\w-]+)`", COMMAND, flags=re.MULTILINE))
    assert described == {
        one.opts[0] for one in get_group(app).commands["solve"].params if one.opts[0][0] == "-"
    }
    for command in commands:
        told = options(command) - options("solve") - {"--help"}
        assert all(option in COMMAND for option in told)
    assert set(re.findall(r"(?<!-)--[a-z][a-z-]*", COMMAND)) <= {o for c in commands for o in options(c)} | {
        "--help"
    }


def test_options_are_described_as_their_help_says() -> None:
    (table,) = re.findall(r"^\| option of `solve` .*\n\|---.*\n((?:\|.*\n)+)", COMMAND, flags=re.MULTILINE)
    parameters: list[Any] = [
        parameter
        for parameter in get_group(app).commands["solve"].params
        if parameter.opts[0].startswith("--")
    ]
    expected = [
        f"| `{one.opts[0]}`{f' {one.metavar}' if one.metavar else ''} | {one.help} |"
        for one in parameters
        if one.opts[0] != "--help"
    ]
    assert table.splitlines() == expected


def test_every_exit_code_is_described() -> None:
    described = re.findall(r"^\| (\d+) \| (.*) \|$", COMMAND, flags=re.MULTILINE)
    assert described == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]


def test_every_finding_code_is_described() -> None:
    text = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", text, flags=re.MULTILINE)) == CODES


@pytest.mark.parametrize(
    "table",
    [*PROBLEM_TABLES.values(), *SOLUTION_TABLES.values(), *SCORE_TABLES.values()],
    ids=lambda t: t.name,
)
def test_every_table_and_column_is_described(table: Table) -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^### {table.name}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    described = re.findall(r"^\| \**`?(\w+)`?\** \|", section, flags=re.MULTILINE)
    assert set(table.by_name) <= set(described)


@pytest.fixture(scope="module")
def the_day(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """The planner's day: the README's commands and its one edit, in their order."""
    folder = tmp_path_factory.mktemp("day")
    results = {}
    edits = blocks("diff")
    for number, block in enumerate(blocks("console")):
        for line in block.splitlines():
            program, *arguments = shlex.split(line)
            assert program == "posture"
            with contextlib.chdir(folder):
                results[line] = CliRunner().invoke(app, arguments)
        if number == 1:
            (edit,) = edits
            before, after = (line[1:] for line in edit.splitlines())
            path = folder / "mycase" / "actor_years.csv"
            text = path.read_text(encoding="utf-8")
            assert before in text
            path.write_text(text.replace(before, after), encoding="utf-8")
    return results


def test_the_day_runs(the_day: dict[str, Result]) -> None:
    assert len(the_day) == 7
    assert {line: result.exit_code for line, result in the_day.items() if result.exit_code} == {}


def test_the_day_gives_the_numbers_it_states(the_day: dict[str, Result]) -> None:
    rows = re.findall(
        r"^\| (cost|U\.S\.|European)([^|]*) \| ([\d.,]+)[^|]* \| ([\d.,]+)[^|]* \|$", README, re.MULTILINE
    )
    assert len(rows) == 4
    for column, command in ((2, "posture solve hand_no_response"), (3, "posture solve mycase")):
        stated = [row[column] for row in rows]
        text = the_day[command].stdout
        found = [
            re.findall(r"Cost to United States: ([\d,]+) M", text)[0],
            re.findall(r"^ Brigade +– +([\d.]+)", text, re.MULTILINE)[0],
            re.findall(r"European allies +Brigade +– +([\d.]+)", text)[0],
            re.findall(r"Cost to all actors together: ([\d,]+) M", text)[0],
        ]
        assert found == stated


def test_picture_has_the_headings_of_a_summary(the_day: dict[str, Result]) -> None:
    (picture,) = blocks("text")
    text = the_day["posture solve hand_no_response"].stdout
    headings = [
        line for line in text.splitlines() if line.startswith(("United States: units", "Allies: units"))
    ]
    assert len(headings) == 2
    assert all(heading in picture for heading in headings)


def test_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("10350.0\n")


def test_files_of_code_that_documents_name_are_there() -> None:
    places = [ROOT, ROOT / "optimizer", ROOT / "tests", ROOT / "forceposture"]
    for document in [*DOCUMENTS, "optimizer/DECISIONS.md"]:
        text = (ROOT / document).read_text(encoding="utf-8")
        named = set(re.findall(r"`([\w/]+\.py)`", text)) | set(re.findall(r"python ([\w/]+\.py)", text))
        missing = [name for name in named if not any((place / name).is_file() for place in places)]
        assert (document, missing) == (document, [])
