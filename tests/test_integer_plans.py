"""The search for whole numbers: never another optimum, always the best plan found, and no process left behind."""

import itertools
import threading
import time

import numpy as np
import psutil
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from programs import keeps_every_row
from random_problems import problem_of, random_tables
from tiny_cases import THOROUGH, rule, tiny_problem

from optimizer.benchmark.instances.generator import instance
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.search.integer import Incumbent, find_plan, find_plan_in_two_processes, search
from optimizer.search.integer.dive import dive
from optimizer.search.integer.effort import Effort
from optimizer.search.integer.elastic import elastic
from optimizer.search.integer.neighborhoods import around, differing, near_relaxation, parts_of
from optimizer.search.integer.repair import columns_near, repaired
from optimizer.search.integer.rounding import rounded
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Matrix
from optimizer.solver.session import Answer, Session

EXACT = 1e-9


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    """A program of some ten thousand nonzeros, of which some columns are whole."""
    return compile_matrix(build_index(instance(3, 10_000, whole=True)))


@pytest.fixture(scope="module")
def relaxation(matrix: Matrix) -> Answer:
    return Session(matrix, SolveOptions()).solve(time_limit_seconds=60, relax=True)


@pytest.fixture(scope="module")
def large() -> Matrix:
    """A program that does not go to HiGHS alone first."""
    return compile_matrix(build_index(instance(1, 60_000, whole=True)))


def searched(
    matrix: Matrix, relaxation: Answer, chosen: SolveOptions, seconds: float = 60.0
) -> tuple[str, Incumbent]:
    started = time.perf_counter()
    incumbent = Incumbent(relaxation.bound, matrix.objective_offset, started, lambda *_: None)
    find = find_plan_in_two_processes if chosen.processes == 2 else find_plan
    return find(Session(matrix, chosen), relaxation, started + seconds, incumbent), incumbent


@settings(max_examples=4 * THOROUGH, deadline=None)
@given(st.integers(0, 10**6))
def test_every_way_of_searching_has_the_same_optimum(seed: int) -> None:
    """HiGHS alone, one process that must use its neighborhoods, counting nodes, and starting from the first's plan."""
    problem = problem_of(random_tables(seed))
    assume(not model_findings(build_index(problem)))
    ways = (
        (SolveOptions(relative_gap=EXACT, plain_search=True), 20_000),
        (SolveOptions(relative_gap=EXACT), 0),
        (SolveOptions(relative_gap=EXACT, deterministic=True), 0),
        (SolveOptions(relative_gap=EXACT, deterministic=True, random_seed=1), 0),
    )
    outcomes, first = [], None
    for number, (chosen, quick) in enumerate(ways):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(search, "_QUICK_NONZEROS", quick)
            is_last = number == len(ways) - 1
            solution = solve(problem, chosen, start=first.tables if is_last and first is not None else None)
        first = first or solution
        outcomes.append(solution.outcome)
    assert len({outcome["termination"] for outcome in outcomes}) == 1
    objectives = [outcome.get("objective_usd_m", 0.0) for outcome in outcomes]
    assert objectives == pytest.approx([objectives[0]] * len(ways), rel=1e-7, abs=1e-4)


def test_two_processes_have_the_same_optimum(
    matrix: Matrix, relaxation: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_QUICK_NONZEROS", 0)
    ending, alone = searched(matrix, relaxation, SolveOptions(plain_search=True))
    other_ending, together = searched(matrix, relaxation, SolveOptions(processes=2, time_limit_seconds=60))
    assert (ending, other_ending) == ("OPTIMAL", "OPTIMAL")
    assert together.objective == pytest.approx(alone.objective, rel=2e-4)
    assert together.values is not None
    assert keeps_every_row(matrix, together.values)
    assert together.bound <= alone.objective * (1 + 1e-9)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_limit_of_nodes_ends_the_search_over_everything(
    matrix: Matrix, relaxation: Answer, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr(search, "_QUICK_NONZEROS", 0)
    chosen = SolveOptions(processes=processes, node_limit=0, relative_gap=0.0)
    ending, _ = searched(matrix, relaxation, chosen)
    assert ending == "WORK_LIMIT"


@pytest.mark.parametrize("processes", [1, 2])
def test_that_whole_numbers_alone_leave_no_plan_is_confirmed(
    monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    """Seven and a half brigades, no more and no less, of a type that is counted in whole ones."""
    monkeypatch.setattr(search, "_QUICK_NONZEROS", 0)
    problem = tiny_problem(
        unit_types=[{"unit_type_id": "BRIGADE", "personnel_persons": 4000, "is_counted": True}],
        policy_rules=rule("OWNED_COUNT", "EQUAL", 7.5, unit_type_id="BRIGADE", first_year=2026),
    )
    assert solve(problem, SolveOptions(relax=True)).outcome["plan"] == "OPTIMAL"
    solution = solve(problem, SolveOptions(processes=processes, relative_gap=1e-4))
    assert solution.outcome["termination"] == "INFEASIBLE"


def test_steps_only_get_better(matrix: Matrix, relaxation: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_QUICK_NONZEROS", 0)
    _, incumbent = searched(matrix, relaxation, SolveOptions())
    steps = incumbent.steps
    assert steps[0].objective is None
    assert steps[-1].objective == incumbent.objective
    assert steps[-1].bound == incumbent.bound
    assert incumbent.source in {step.source for step in steps}
    for before, after in itertools.pairwise(steps):
        assert after.seconds >= before.seconds
        assert after.bound >= before.bound
        assert before.objective is None or (after.objective or np.inf) <= before.objective


def test_a_deterministic_solve_repeats_bit_for_bit(
    matrix: Matrix, relaxation: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_QUICK_NONZEROS", 0)
    chosen = SolveOptions(deterministic=True, node_limit=5)
    plans = [searched(matrix, relaxation, chosen)[1] for _ in range(2)]
    assert plans[0].values is not None
    assert plans[1].values is not None
    assert plans[0].values.tobytes() == plans[1].values.tobytes()
    assert plans[0].bound == plans[1].bound
    assert [(s.objective, s.bound, s.source) for s in plans[0].steps] == [
        (s.objective, s.bound, s.source) for s in plans[1].steps
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_dive_finds_a_plan(seed: int) -> None:
    """Close to the bound, and every row is kept by what comes back through presolve."""
    made_up = compile_matrix(build_index(instance(seed, 10_000, whole=True)))
    session = Session(made_up, SolveOptions())
    relaxed = session.solve(time_limit_seconds=60, relax=True)
    incumbent = Incumbent(relaxed.bound, made_up.objective_offset, 0.0, lambda *_: None)
    dive(session, relaxed, time.perf_counter() + 60, incumbent)
    assert incumbent.values is not None
    assert keeps_every_row(made_up, incumbent.values)
    assert incumbent.objective == pytest.approx(float(made_up.objective @ incumbent.values))
    assert incumbent.gap < 0.05


def two_counts(needed: float) -> Matrix:
    """3a + 5b is needed, by policy, and b is free."""
    return Matrix(
        coefficients=sp.csr_array(np.array([[3.0, 5.0]])),
        row_lower=np.array([needed]),
        row_upper=np.array([needed]),
        column_lower=np.array([0.0, 0.0]),
        column_upper=np.array([10.0, 10.0]),
        is_integer=np.array([True, True]),
        is_policy=np.array([True]),
        costs={"cost": np.array([1.0, 0.0])},
        offsets={"cost": 0.0},
        rows={},
        columns={},
        minimized=("cost",),
    )


@pytest.mark.parametrize(
    ("needed", "rounds_to", "lack"), [(13.0, [1, 2], 0.0), (19.0, [1, 3], 1.0), (7.0, [1, 1], 1.0)]
)
def test_rounding_always_ends(needed: float, rounds_to: list[float], lack: float) -> None:
    """The relaxation has no a, and b as large as it must be.

    13: b = 2.6; with 3 there is no a, with 2 it is 1. 19: b = 3.8; with 4 there is no a, with 3 it is 4/3, which is
    rounded to 1 and leaves 1 missing. 7: b = 1.4, 1 leaves 2/3, rounded to 1, which is 1 too much.
    """
    program = two_counts(needed)
    relaxed = Session(program, SolveOptions()).solve(time_limit_seconds=60, relax=True)
    assert relaxed.values == pytest.approx(np.array([0.0, needed / 5]))
    soft = elastic(program, relaxed)
    session = Session(soft.matrix, SolveOptions())
    effort = Effort(time.perf_counter() + 60)
    found = rounded(session, [np.array([1]), np.array([0, 1])], soft.twins, effort)
    assert found is not None
    assert found[:2] == pytest.approx(np.array(rounds_to))
    assert found[soft.twins].sum() == pytest.approx(lack)
    assert soft.is_kept(found) == (lack == 0)


@pytest.mark.parametrize(("needed", "plan"), [(13.0, [1.0, 2.0, 0.0, 0.0]), (7.0, [1.0, 1.0, 0.0, 1.0])])
def test_repairs_keep_what_is_kept_and_say_where_nothing_mends(needed: float, plan: list[float]) -> None:
    """13 = 3·1 + 5·2 needs no repair; 3·1 + 5·1 is 1 more than 7, which no whole numbers make."""
    program = two_counts(needed)
    soft = elastic(program, Session(program, SolveOptions()).solve(time_limit_seconds=60, relax=True))
    session = Session(soft.matrix, SolveOptions())
    values = np.array(plan)
    mended = repaired(session, soft, values, Effort(time.perf_counter() + 60))
    assert (mended is values) == soft.is_kept(values)
    assert (mended is None) == (needed == 7)


def test_an_elastic_program_costs_no_less_and_as_much_where_nothing_is_broken(
    matrix: Matrix, relaxation: Answer
) -> None:
    """Ten times the duals is more than breaking a row brings, so the relaxation needs no twin."""
    soft = elastic(matrix, relaxation)
    assert len(soft.twins) > 100
    answer = Session(soft.matrix, SolveOptions()).solve(time_limit_seconds=60, relax=True)
    assert answer.values is not None
    assert soft.is_kept(answer.values)
    assert answer.objective == pytest.approx(relaxation.objective)
    assert (soft.matrix.objective[soft.twins] > 0).all()


def test_what_is_near_a_row(matrix: Matrix) -> None:
    rows = np.zeros(len(matrix.row_lower), dtype=bool)
    rows[0] = True
    own = columns_near(matrix, rows, 0)
    assert set(np.flatnonzero(own)) == set(matrix.coefficients[[0], :].indices)
    further = columns_near(matrix, rows, 1)
    touched = matrix.coefficients.astype(bool).astype(int)[:, own].sum(axis=1) > 0
    assert set(np.flatnonzero(further)) == set(matrix.coefficients[np.flatnonzero(touched), :].indices)


def test_an_interrupted_run_does_not_end_the_next(matrix: Matrix, relaxation: Answer) -> None:
    """HiGHS keeps the wish to stop until it is taken back."""
    session = Session(matrix, SolveOptions())
    session.interrupt.set()
    assert session.solve(time_limit_seconds=60).termination == "INTERRUPTED"
    session.interrupt.clear()
    assert session.solve(time_limit_seconds=60).termination == "OPTIMAL"


def test_neighborhoods_hold_what_they_are_made_from(matrix: Matrix, relaxation: Answer) -> None:
    """The rounded relaxation lies near the relaxation; a plan lies in every neighborhood around it."""
    relaxed = relaxation.values
    assert relaxed is not None
    rounded = np.where(matrix.is_integer, np.round(relaxed), relaxed)
    near = near_relaxation(matrix, relaxed)
    assert near.holds(np.clip(rounded, matrix.column_lower, matrix.column_upper))
    assert ((near.upper - near.lower)[matrix.is_integer] <= 1).all()
    _, incumbent = searched(matrix, relaxation, SolveOptions())
    best = incumbent.values
    assert best is not None
    parts = parts_of(matrix)
    assert len(parts) > 3
    for part in (differing(relaxed, best), *parts):
        near = around(matrix, best, part)
        assert near.holds(best)
        held = near.lower == near.upper
        assert 0 < held[matrix.is_integer].sum() < matrix.is_integer.sum()
    windows = [part.columns for part in parts if part.name.startswith("years")]
    assert (np.logical_or.reduce(windows) == matrix.is_integer).all()


def test_two_processes_stop_at_the_deadline_and_leave_nobody(large: Matrix) -> None:
    """A program far too large for the time: the deadline holds, and both processes are gone."""
    relaxed = Session(large, SolveOptions()).solve(time_limit_seconds=120, relax=True)
    started = time.perf_counter()
    searched(large, relaxed, SolveOptions(processes=2, relative_gap=0.0), seconds=4)
    assert time.perf_counter() - started < 4 + 10
    assert workers() == []


def test_an_interrupt_ends_two_processes_at_once_with_the_best_plan(large: Matrix) -> None:
    interrupt = threading.Event()
    session = Session(large, SolveOptions(processes=2, relative_gap=0.0), interrupt)
    relaxed = session.solve(time_limit_seconds=120, relax=True)
    told: list[float] = []

    def tell(_: str, __: float | None, objective: float | None) -> None:
        if objective is not None and not interrupt.is_set():
            told.append(time.perf_counter())
            interrupt.set()

    incumbent = Incumbent(relaxed.bound, 0.0, time.perf_counter(), tell)
    ending = find_plan_in_two_processes(session, relaxed, time.perf_counter() + 120, incumbent)
    assert ending == "INTERRUPTED"
    assert time.perf_counter() - told[0] < 5
    assert incumbent.values is not None
    assert keeps_every_row(large, incumbent.values)
    assert workers() == []


def test_a_killed_process_loses_no_plan(large: Matrix) -> None:
    """Once there is a plan, both processes are killed: the search ends with that plan, and says that it failed."""
    session = Session(large, SolveOptions(processes=2, relative_gap=0.0))
    relaxed = session.solve(time_limit_seconds=120, relax=True)

    killed: set[int] = set()

    def kill(_: str, __: float | None, objective: float | None) -> None:
        if objective is not None:
            for process in workers():
                process.kill()
                killed.add(process.pid)

    incumbent = Incumbent(relaxed.bound, 0.0, time.perf_counter(), kill)
    ending = find_plan_in_two_processes(session, relaxed, time.perf_counter() + 120, incumbent)
    assert len(killed) == 2
    assert ending == "SOLVER_FAILURE"
    assert incumbent.values is not None
    assert keeps_every_row(large, incumbent.values)


def workers() -> list[psutil.Process]:
    """The running search processes of this process."""
    return [
        process
        for process in psutil.Process().children()
        if process.status() != psutil.STATUS_ZOMBIE and "integer.worker" in " ".join(process.cmdline())
    ]
