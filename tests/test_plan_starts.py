"""A search that starts from an earlier plan: it has that plan soon, and never another optimum."""

import time

import numpy as np
import pandas as pd
import pytest
from programs import keeps_every_row

from optimizer.benchmark.instances.generator import instance
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.search.integer import Incumbent, Start
from optimizer.search.integer.completion import SOURCE, complete
from optimizer.search.integer.elastic import elastic
from optimizer.search.integer.neighborhoods import Neighborhood
from optimizer.search.starts import start_of_plan
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Matrix
from optimizer.solver.session import Answer, Session
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


@pytest.fixture(scope="module")
def problem() -> Problem:
    return instance(3, 10_000, whole=True)


@pytest.fixture(scope="module")
def parent(problem: Problem) -> Solution:
    return solve(problem, SolveOptions(relative_gap=0.01))


def relaxed(problem: Problem) -> tuple[Session, Answer]:
    session = Session(compile_matrix(build_index(problem)), SolveOptions())
    return session, session.solve(time_limit_seconds=60, relax=True)


def completed(session: Session, relaxation: Answer, tables: dict[str, pd.DataFrame]) -> Incumbent:
    matrix = session.matrix
    incumbent = Incumbent(relaxation.bound, matrix.objective_offset, 0.0, lambda *_: None)
    complete(session, relaxation, start_of_plan(matrix, tables), time.perf_counter() + 60, incumbent)
    return incumbent


def rows_broken_by(start: Start, session: Session, relaxation: Answer) -> int:
    """How many rows of policy cannot be kept with the whole numbers of a start."""
    program = elastic(session.matrix, relaxation)
    wide = Session(program.matrix, SolveOptions())
    everywhere = Neighborhood("", program.matrix.column_lower, program.matrix.column_upper)
    near = everywhere.fixed(start.columns, start.values)
    wide.set_column_bounds(near.lower, near.upper)
    values = wide.solve(time_limit_seconds=60).values
    assert values is not None
    return int(program.broken(values).sum())


def whole_by_name(matrix: Matrix, values: np.ndarray, block: str) -> dict[tuple[object, ...], int]:
    columns = matrix.columns[block]
    return dict(zip(columns.keys, np.round(values[columns.positions]).astype(int), strict=True))


def test_a_plan_completes_to_itself(problem: Problem, parent: Solution) -> None:
    session, relaxation = relaxed(problem)
    incumbent = completed(session, relaxation, dict(parent.tables))
    assert incumbent.values is not None
    assert incumbent.source == SOURCE
    assert keeps_every_row(session.matrix, incumbent.values)
    cost = incumbent.objective + session.matrix.objective_offset
    assert cost == pytest.approx(parent.outcome["objective_usd_m"], rel=1e-6)
    owned = whole_by_name(session.matrix, incumbent.values, "owned")
    rows = parent.tables["owned_forces"]
    counted = {
        key: session.matrix.is_integer[position]
        for key, position in zip(
            session.matrix.columns["owned"].keys, session.matrix.columns["owned"].positions, strict=True
        )
    }
    compared = [
        owned[row.actor_id, row.unit_type_id, row.year] == row.owned_count
        for row in rows.itertuples()
        if counted[row.actor_id, row.unit_type_id, row.year]
    ]
    assert len(compared) > 10
    assert all(compared)


def test_a_plan_of_another_problem_is_mended(problem: Problem, parent: Solution) -> None:
    """Where nearly half as much again is needed, and nobody pays for what is missing, the old plan lacks units."""
    needs = problem["requirements"].copy()
    for column in ("required_points", "red_score_points"):
        needs[column] *= 1.45
    child = Problem({**problem.tables, "requirements": needs, "interests": problem["interests"].head(0)})
    session, relaxation = relaxed(child)
    assert rows_broken_by(start_of_plan(session.matrix, dict(parent.tables)), session, relaxation) > 1
    incumbent = completed(session, relaxation, dict(parent.tables))
    assert incumbent.values is not None
    assert keeps_every_row(session.matrix, incumbent.values)
    assert incumbent.objective + session.matrix.objective_offset > parent.outcome["objective_usd_m"]


def test_names_and_numbers_that_make_no_sense_are_passed_over(problem: Problem, parent: Solution) -> None:
    matrix = compile_matrix(build_index(problem))
    tables = dict(parent.tables)
    whole = start_of_plan(matrix, tables)
    owned = tables["owned_forces"]
    odd = owned.head(2).assign(actor_id="ATLANTIS", owned_count=7.0)
    tables["owned_forces"] = pd.concat([owned, odd])
    same = start_of_plan(matrix, tables)
    assert (same.columns == whole.columns).all()
    assert (same.values == whole.values).all()
    stationed = tables["stationed_forces"]
    tables["stationed_forces"] = stationed.assign(stationed_count=np.inf)
    without = start_of_plan(matrix, tables)
    assert len(without.columns) < len(whole.columns)
    assert np.isfinite(without.values).all()
