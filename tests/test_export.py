"""The command ``posture export``: other solvers read the model, and the case stays the same problem."""

from pathlib import Path

import highspy
import numpy as np
import pytest
from commands import posture
from small_problem import small_problem
from tiny_cases import tiny_tables

from optimizer.cases.read import read_case, write_case
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.model_files import write_model
from optimizer.tables.problem import problem_from_tables
from optimizer.tables.raw_cells import cells_from_rows


@pytest.mark.parametrize("form", ["mps", "lp"])
def test_exported_model_has_the_same_optimum_and_the_names(tmp_path: Path, form: str) -> None:
    problem = small_problem()
    write_case(problem, tmp_path / "small.yaml")
    run = posture("export", "small.yaml", "--format", form, folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == str(tmp_path / f"small.{form}")
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    assert highs.readModel(str(tmp_path / f"small.{form}")) == highspy.HighsStatus.kOk
    highs.run()
    objective = solve(problem, SolveOptions(relative_gap=0.0)).outcome["objective_usd_m"]
    assert highs.getInfo().objective_function_value == pytest.approx(objective, rel=1e-6)
    names = {highs.getColName(column)[1] for column in range(highs.getNumCol())}
    assert len(names) == highs.getNumCol()
    is_mps = form == "mps"
    assert ("owned[USA,BRIGADE,2026]" if is_mps else "owned(USA,BRIGADE,2026)") in names
    rows = {highs.getRowName(row)[1] for row in range(highs.getNumRow())}
    assert ("force_balance[POL,BRIGADE,2026]" if is_mps else "force_balance(POL,BRIGADE,2026)") in rows


def test_names_that_lp_files_cannot_hold_stay_apart(tmp_path: Path) -> None:
    long = {"BRIGADE": "B-1+" + "x" * 60, "ALY": "A" * 64}
    tables = {
        name: cells_from_rows({column: long.get(cell, cell) for column, cell in row.items()} for row in rows)
        for name, rows in tiny_tables().items()
    }
    write_case(problem_from_tables(tables), tmp_path / "odd.json")
    assert posture("export", "odd.json", "--format", "lp", folder=tmp_path).returncode == 0
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(tmp_path / "odd.lp"))
    names = [highs.getColName(column)[1] for column in range(highs.getNumCol())]
    assert f"owned(USA,B~1#{'x' * 60},2026)" in names


@pytest.mark.parametrize("form", ["json", "yaml", "xlsx", "csv"])
def test_exported_case_is_the_same_problem(tmp_path: Path, form: str) -> None:
    target = "new/mine" if form == "csv" else f"new/mine.{form}"
    run = posture("export", "hand_no_response", "--format", form, "--out", target, folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert read_case(run.stdout.strip()).digest == read_case("hand_no_response").digest


@pytest.mark.parametrize("form", ["json", "yaml", "xlsx", "csv", "mps", "lp"])
def test_what_is_there_is_not_replaced(tmp_path: Path, form: str) -> None:
    target = tmp_path / ("mine" if form == "csv" else f"mine.{form}")
    target.write_text("edited", encoding="utf-8")
    run = posture("export", "hand", "--format", form, "--out", target.name, folder=tmp_path)
    assert run.returncode == 2
    assert f"{target.name} is there already; choose another with --out." in run.stderr
    assert target.read_text(encoding="utf-8") == "edited"


@pytest.mark.parametrize("suffix", [".mps", ".lp"])
def test_a_written_model_is_whole_where_the_program_is(tmp_path: Path, suffix: str) -> None:
    """In the reference case columns that stand in no row lie between whole ones."""
    matrix = compile_matrix(build_index(read_case("reference")))
    write_model(matrix, tmp_path / f"model{suffix}")
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(tmp_path / f"model{suffix}")) == highspy.HighsStatus.kOk
    program = highs.getLp()
    whole = {
        name
        for name, kind in zip(program.col_names_, program.integrality_, strict=True)
        if kind == highspy.HighsVarType.kInteger
    }
    names = np.array(matrix.column_names())[matrix.is_integer]
    letters = str.maketrans("[]/-+", "();~#") if suffix == ".lp" else {}
    assert whole == {name.translate(letters) for name in names.tolist()}
