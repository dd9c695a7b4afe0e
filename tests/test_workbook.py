"""Results as workbooks: every table with its numbers, names and units; frozen headings; an index that leads there."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import posture
from small_problem import small_problem

from forceposture.command.result_files import read_problem, read_result, write_plan_workbook
from forceposture.report.workbook import comparison_sheets
from optimizer.questions.runs import Run
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


@pytest.fixture(scope="module")
def solved() -> tuple[Problem, Solution]:
    problem = small_problem()
    return problem, solve(problem, SolveOptions(relax=True))


def workbook(folder: Path) -> Any:
    return openpyxl.load_workbook(folder / "result.xlsx")


def test_every_cell_of_every_table_is_there(solved: tuple[Problem, Solution], tmp_path: Path) -> None:
    problem, solution = solved
    write_plan_workbook(tmp_path, problem, [(Run("plan", problem, SolveOptions()), solution)], [])
    book = workbook(tmp_path)
    filled = {name: frame for name, frame in solution.tables.items() if len(frame)}
    assert book.sheetnames == ["index", *filled]
    assert len(filled) > 15
    for name, frame in filled.items():
        header, *rows = book[name].iter_rows(values_only=True)
        names = [place for place, heading in enumerate(header) if str(heading).endswith(" name")]
        kept = [[cell for place, cell in enumerate(row) if place not in names] for row in rows]
        columns = [column for column in frame if frame[column].notna().any()]
        cells = [[None if cell != cell else cell for cell in frame[column].to_list()] for column in columns]
        assert kept == [list(row) for row in zip(*cells, strict=True)]


def test_headings_have_units_and_stay_and_numbers_have_formats(
    solved: tuple[Problem, Solution], tmp_path: Path
) -> None:
    problem, solution = solved
    write_plan_workbook(tmp_path, problem, [(Run("plan", problem, SolveOptions()), solution)], [])
    book = workbook(tmp_path)
    for name in book.sheetnames[1:]:
        assert book[name].freeze_panes == "B2"
        assert all(cell.font.bold for cell in book[name][1])
    ledger = {cell.value: book["ledger"].cell(2, cell.column) for cell in book["ledger"][1]}
    assert ledger["M$"].number_format == "#,##0.0"
    assert {"actor", "actor name", "discounted, M$"} <= set(ledger)
    spending = {
        cell.value: book["spending_results"].cell(2, cell.column) for cell in book["spending_results"][1]
    }
    assert spending["spending, share"].number_format == "0.0%"
    index = book["index"]
    links = {row[0].value: (row[0].hyperlink.target, row[1].value) for row in index.iter_rows(min_row=3)}
    assert links["ledger"] == ("#'ledger'!A1", len(solution.tables["ledger"]))
    assert index["A1"].value == "Small"


def test_what_is_shown_side_by_side_is_numbers() -> None:
    rows = [
        ("Cost", {"today": "–", "one": "18,100", "other": "−1.5"}),
        ("Word", {"one": "none", "other": "3.5%"}),
    ]
    (sheet,) = comparison_sheets({"today": "Today", "one": "One", "other": "Other"}, rows, {})
    assert sheet.rows == [["Cost", 0.0, 18_100.0, -1.5], ["Word", None, "none", 0.035]]


def test_text_that_begins_like_a_formula_is_text(solved: tuple[Problem, Solution], tmp_path: Path) -> None:
    problem, solution = solved
    actors = problem["actors"].assign(name="=1+1")
    named = Problem({**problem.tables, "actors": actors})
    write_plan_workbook(tmp_path, named, [(Run("plan", named, SolveOptions()), solution)], [])
    cells = [cell for row in workbook(tmp_path)["ledger"].iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=1+1") for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)


def test_the_command_writes_workbooks(tmp_path: Path) -> None:
    run = posture("solve", "hand", "--format", "xlsx", "--out", "one", folder=tmp_path)
    assert run.returncode == 0
    assert "ledger" in workbook(tmp_path / "one").sheetnames
    run = posture("compare", "hand", "interest", "--format", "xlsx", "--out", "two", folder=tmp_path)
    assert run.returncode == 0
    book = workbook(tmp_path / "two")
    assert book.sheetnames[:3] == ["index", "side_by_side", "inputs"]
    assert [cell.value for cell in book["side_by_side"][3]] == ["Lead actor's cost (M$)", None, 18_100, 5_100]
    assert book["inputs"]["B2"].value == "add interests[B/GROUND]: interest_usd_m_per_point_yr=4000"
    plans = {row[0] for row in book["ledger"].iter_rows(min_row=2, values_only=True)}
    assert plans == {"Baseline", "Worked example with an interest in the Baltic"}
    run = posture("solve", "hand", "--format", "xlsx", "--json", folder=tmp_path)
    assert run.returncode == 2
    assert "name one with --out" in run.stderr


def test_a_result_folder_holds_its_problem(tmp_path: Path) -> None:
    assert posture("solve", "hand", "--with", "interest", "--out", "one", folder=tmp_path).returncode == 0
    assert read_problem(tmp_path / "one").digest == read_result(tmp_path / "one").problem_digest
