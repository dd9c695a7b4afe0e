"""Tables on pages of any width, and in a real terminal: no name and no figure is lost, and text is never markup."""

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import hand_cases
import hand_plans
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, Group

from forceposture.command.result_files import write_results
from forceposture.report.plain_text import plain
from forceposture.report.tables import Table, figures, name, words
from forceposture.report.text import summary
from optimizer.cases.read import read_case
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem, message_from_problem
from optimizer.tables.solution import Solution

WIDTHS = (40, 80, 120, 200)
NAMES = [
    "Brigade [heavy]",
    "[/] [red]",
    ":smile: a smile",
    "rise\x1b[31m and\tfall\x07",
    "left \u202e right \u200f",
    "an [unclosed name that goes on for much longer than a narrow page would have it",
    "第一機甲旅団と第二機甲旅団",
]

PRINT = """
import sys
from pathlib import Path
from forceposture.command.result_files import read_result, show_parts
from forceposture.report.text import summary
from forceposture.v1 import problem_pb2
from optimizer.tables.problem import problem_from_message
problem = problem_from_message(problem_pb2.Problem.FromString(Path(sys.argv[1]).read_bytes()))
show_parts(summary(problem, read_result(Path(sys.argv[2]))))
"""


@pytest.fixture(scope="module")
def solved() -> list[tuple[Problem, Solution]]:
    problems = [read_case("hand_no_response"), hand_cases.hand_command()]
    found = [(problem, solve(problem, SolveOptions())) for problem in problems]
    found.append((renamed(problems[0], NAMES), found[0][1]))
    base = hand_plans.one_base()
    tables = {**found[0][1].tables, **base.tables, "ledger": base.ledger}
    outcome = {**found[0][1].outcome, "lead_cost_usd_m": 1e12 / 3, "penalty_usd_m": 0.03}
    made = Solution(outcome, found[0][1].options, base.problem.digest, tables)
    return [*found, (base.problem, made)]


def renamed(problem: Problem, names: list[str]) -> Problem:
    """The problem with other names and a title that are hard to print."""
    tables = dict(problem.tables)
    for table in ("actors", "unit_types", "theaters", "sites", "capabilities"):
        count = len(tables[table])
        tables[table] = tables[table].assign(name=[names[place % len(names)] for place in range(count)])
    return Problem({**tables, "settings": tables["settings"].assign(title="[bold] :smile:")})


def tables_of(parts: Iterable[Any]) -> list[Table]:
    found: list[Table] = []
    for part in parts:
        if isinstance(part, Table):
            found.append(part)
        elif isinstance(part, Group):
            found += tables_of(part.renderables)
    return found


def assert_all_is_there(tables: list[Table], page: str, width: int) -> None:
    shown = Counter(page.split())
    wanted = Counter(
        token
        for table in tables
        for row in table.rows
        for cell, column in zip(row, table.columns, strict=True)
        for token in cell.split()
        if column.is_figure and re.search(r"\d", token)
    )
    assert not wanted - shown
    for table in tables:
        widest = min(part.columns[0].width or 0 for part in table.laid_out(width))
        count = sum(column.is_name for column in table.columns)
        names = " ".join(cell for row in table.rows for cell in row[:count])
        missing = [word for word in names.split() if word not in page and cell_len(word) <= widest]
        assert not missing


@pytest.mark.parametrize("width", WIDTHS)
def test_every_name_and_figure_is_on_a_page_of_any_width(
    solved: list[tuple[Problem, Solution]], width: int
) -> None:
    for problem, solution in solved:
        parts = summary(problem, solution)
        page = StringIO()
        Console(file=page, width=width).print(*parts, sep="\n")
        text = page.getvalue()
        assert "…" not in text
        assert max(map(cell_len, text.splitlines())) <= width
        assert_all_is_there(tables_of(parts), text, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_name_and_figure_is_in_a_terminal(
    solved: list[tuple[Problem, Solution]], width: int, tmp_path: Path
) -> None:
    problem = renamed(solved[0][0], [label for label in NAMES if label.isprintable()])
    solution = solved[0][1]
    parts = summary(problem, solution)
    (tmp_path / "case").write_bytes(message_from_problem(problem).SerializeToString())
    write_results(tmp_path / "result", problem, solution, parts)
    text = in_terminal(width, "-c", PRINT, str(tmp_path / "case"), str(tmp_path / "result"))
    assert "[bold] :smile:" in text
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert_all_is_there(tables_of(parts), text, width)


def in_terminal(width: int, *arguments: str) -> str:
    """What Python writes to a terminal of so many columns."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"} | {"TERM": "xterm"}
    with subprocess.Popen([sys.executable, *arguments], stdout=theirs, env=environment):
        os.close(theirs)
        text = b""
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:  # Linux ends a terminal that nobody holds any more with an error.
                break
            if not read:
                break
            text += read
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


@given(
    labels=st.lists(st.text(max_size=80), min_size=1, max_size=4),
    amounts=st.lists(st.integers(-(10**12), 10**12), min_size=9, max_size=9),
    width=st.integers(40, 200),
)
def test_any_name_is_printed_as_it_is(labels: list[str], amounts: list[int], width: int) -> None:
    made = Table(name("Name"), *figures(*(f"Column {number}" for number in range(9))))
    for label in labels:
        made.add_row(label, *(f"{amount:,}" for amount in amounts))
    (first, *_) = made.laid_out(width)
    page = StringIO()
    Console(file=page, width=width, color_system=None).print(made)
    text = page.getvalue()
    assert max(map(cell_len, text.splitlines())) <= width
    shown = Counter(text.split())
    assert all(shown[f"{amount:,}"] >= len(labels) for amount in amounts)
    squeezed = re.sub(r"\s", "", "".join(str(cell) for cell in first.columns[0].cells))
    assert squeezed == re.sub(r"\s", "", "".join(map(plain, labels)))


@pytest.mark.parametrize("label", NAMES)
def test_a_name_in_a_column_is_whole_when_its_lines_are_joined(label: str) -> None:
    made = Table(name("Name"), *figures("A"))
    made.add_row(label, "1,234,567")
    page = StringIO()
    Console(file=page, width=40).print(made)
    lines = page.getvalue().splitlines()[3:]
    joined = re.sub(r"\s", "", "".join(lines)).replace("1,234,567", "")
    assert joined == re.sub(r"\s", "", plain(label))


def test_a_table_that_does_not_fit_repeats_the_names_of_its_rows() -> None:
    made = Table(name("Ally"), name("Unit type"), *figures("2025", "2030"), *words("Where"))
    made.add_row("Saudi Arabia", "Infantry, airborne or mountain brigade", "1,000,000", "2,000,000", "Here")
    parts = made.laid_out(40)
    assert len(parts) > 1
    for part in parts:
        labels = [str(cell) for column in part.columns[:2] for cell in column.cells]
        assert labels == ["Saudi Arabia", "Infantry, airborne or mountain brigade"]
