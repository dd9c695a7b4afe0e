"""What is shown is finished: the same on every machine, ties broken, and kept through an interrupt at any moment."""

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import hand_cases
import pandas as pd
import pytest
from programs import keeps_every_row
from random_problems import problem_of, random_tables
from rich.console import Console

from forceposture.report.text import summary
from optimizer.benchmark.instances.generator import instance
from optimizer.cases.read import read_case
from optimizer.errors import ProblemError
from optimizer.formulation.frames.index import build_index
from optimizer.run import Progress, solve
from optimizer.search import ordered_objectives, tie_break
from optimizer.search.integer import Report, search
from optimizer.search.ordered_objectives import Clock, OrderedPlan, linear_plan, whole_plan
from optimizer.solve_options import GUARD_SECONDS, SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Matrix
from optimizer.solver.session import Session
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution, message_from_solution, solution_from_message

ENDED = ("DONE", "INTEGERS_FIXED")


@pytest.fixture(autouse=True)
def _dives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every program goes the way of the large ones."""
    monkeypatch.setattr(search, "_QUICK_NONZEROS", 0)


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    """A program of some ten thousand nonzeros, of which some columns are whole."""
    return compile_matrix(build_index(instance(3, 10_000, whole=True)))


@pytest.fixture(scope="module")
def hand() -> Problem:
    return hand_cases.hand_whole()


@pytest.fixture(scope="module")
def undisturbed(hand: Problem) -> dict[bool, Solution]:
    """The hand case in whole brigades, relaxed and not, solved in peace."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_QUICK_NONZEROS", 0)
        return {relax: solve(hand, SolveOptions(relax=relax)) for relax in (True, False)}


def planned(
    matrix: Matrix,
    settings: SolveOptions,
    interrupt: threading.Event | None = None,
    report: Report = lambda *_: None,
) -> OrderedPlan | None:
    """The plan of a program, as a solve has it before it is written out; None without a relaxation."""
    session = Session(matrix, settings, interrupt)
    clock = Clock(time.perf_counter(), time.perf_counter() + GUARD_SECONDS)
    relaxation = session.solve(time_limit_seconds=GUARD_SECONDS, relax=True)
    if relaxation.termination != "OPTIMAL":
        return None
    if settings.relax:
        return linear_plan(session, relaxation, settings.asked, clock)
    return whole_plan(session, relaxation, settings.asked, clock, report)


def assert_same_tables(one: Solution, other: Solution) -> None:
    for name, table in one.tables.items():
        first, second = (
            each.drop(columns="elapsed_seconds", errors="ignore") for each in (table, other.tables[name])
        )
        pd.testing.assert_frame_equal(first, second, check_exact=True)
    timeless = [{**solution.outcome, "wall_seconds": 0.0} for solution in (one, other)]
    assert timeless[0] == timeless[1]


@pytest.fixture
def busy_machine() -> Iterator[None]:
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    yield
    for process in running:
        process.kill()
        process.wait()


def run_the_clock_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = time.perf_counter
    monkeypatch.setattr(time, "perf_counter", lambda: 20 * counted())


@pytest.mark.parametrize("node_limit", [None, 5])
def test_a_busy_machine_with_another_clock_finds_the_same_plan(
    matrix: Matrix, node_limit: int | None, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """To the last bit, by the usual search and by one of so many nodes; each second is counted twenty times."""
    settings = SolveOptions(node_limit=node_limit)
    quiet = planned(matrix, settings)
    request.getfixturevalue("busy_machine")
    run_the_clock_faster(monkeypatch)
    busy = planned(matrix, settings)
    assert quiet is not None
    assert busy is not None
    assert quiet.values is not None
    assert busy.values is not None
    assert quiet.values.tobytes() == busy.values.tobytes()
    assert (quiet.bounds, quiet.termination, quiet.tie_break) == (
        busy.bounds,
        busy.termination,
        busy.tie_break,
    )
    assert [replace(step, seconds=0.0) for step in quiet.steps] == [
        replace(step, seconds=0.0) for step in busy.steps
    ]
    sources = [step.source for step in quiet.steps]
    assert sources[:2] == ["linear relaxation", "relaxation rounded in steps"]


def test_a_busy_machine_with_another_clock_prints_the_same_tables(
    hand: Problem, undisturbed: dict[bool, Solution], monkeypatch: pytest.MonkeyPatch, busy_machine: None
) -> None:
    run_the_clock_faster(monkeypatch)
    assert_same_tables(solve(hand, SolveOptions()), undisturbed[False])


class AfterSomeLooks(threading.Event):
    """Is set once somebody has looked so often whether it is: callbacks of the solver look, and steps of a search."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks_left = looks

    def is_set(self) -> bool:
        self.looks_left -= 1
        if self.looks_left < 0:
            self.set()
        return super().is_set()


def assert_finished_or_none(solution: Solution) -> None:
    outcome = solution.outcome
    if solution.has_plan:
        assert outcome["audit_findings"] == []
        assert outcome["tie_break"] in ENDED
    else:
        assert outcome["termination"] == "INTERRUPTED"


@pytest.mark.parametrize("objectives", [("LEAD_COST",), ("SHORTFALL", "LEAD_COST")], ids=len)
def test_an_interrupt_at_any_look_leaves_a_finished_plan_or_none(objectives: tuple[str, ...]) -> None:
    """Every plan that comes of it is written out and audited once."""
    problem = problem_of(random_tables(8))
    settings = SolveOptions(objectives=objectives)
    program = compile_matrix(build_index(problem, settings.asked))
    event = AfterSomeLooks(10**9)
    planned(program, settings, event)
    looks = 10**9 - event.looks_left
    plans: dict[bytes, int] = {}
    for moment in sorted({*range(min(looks, 40)), *range(0, looks, max(1, looks // 60))}):
        plan = planned(program, settings, AfterSomeLooks(moment))
        if plan is not None and plan.values is not None:
            assert plan.tie_break in ENDED
            assert keeps_every_row(program, plan.values)
            plans.setdefault(plan.values.tobytes(), moment)
    assert plans
    for moment in list(plans.values())[:3]:
        solution = solve(problem, settings, interrupt=AfterSomeLooks(moment))
        assert solution.has_plan
        assert_finished_or_none(solution)


@pytest.mark.parametrize("relax", [False, True])
def test_an_interrupt_once_there_is_a_plan_changes_nothing_but_the_search(
    hand: Problem, undisturbed: dict[bool, Solution], relax: bool
) -> None:
    """At "breaking ties", which once left a plan that failed its audit, and before."""
    interrupt = threading.Event()

    def stop(progress: Progress) -> None:
        if progress.stage == "breaking ties":
            interrupt.set()

    assert_same_tables(solve(hand, SolveOptions(relax=relax), stop, interrupt), undisturbed[relax])


def test_an_interrupt_at_any_report_leaves_a_finished_plan_or_none(hand: Problem) -> None:
    program = compile_matrix(build_index(hand))
    told: list[str] = []
    planned(program, SolveOptions(), report=lambda stage, *_: told.append(stage))
    assert len(told) > 2
    for moment in range(len(told)):
        interrupt, count = threading.Event(), itertools.count()
        stop = partial(_set_at, interrupt, count, moment)
        plan = planned(program, SolveOptions(), interrupt, stop)
        assert plan is not None
        assert plan.values is None or plan.tie_break in ENDED
        assert plan.values is None or keeps_every_row(program, plan.values)


def _set_at(interrupt: threading.Event, count: Iterator[int], moment: int, *_: object) -> None:
    if next(count) == moment:
        interrupt.set()


def late_from(stage: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[Progress], None]:
    """Makes it two hours later once a stage begins."""
    counted, late = time.perf_counter, [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: counted() + late[0])

    def tell(progress: Progress) -> None:
        if progress.stage == stage:
            late[0] = 7200.0

    return tell


@pytest.mark.parametrize("relax", [False, True])
@pytest.mark.parametrize("limit", [None, 60.0])
def test_a_plan_is_finished_beyond_the_limit(
    hand: Problem,
    undisturbed: dict[bool, Solution],
    relax: bool,
    limit: float | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = SolveOptions(relax=relax, time_limit_seconds=limit)
    too_late = solve(hand, settings, late_from("breaking ties", monkeypatch))
    assert too_late.outcome["wall_seconds"] > 7000
    assert too_late.outcome["tie_break"] in ENDED
    assert too_late.outcome["alliance_cost_usd_m"] == pytest.approx(
        undisturbed[relax].outcome["alliance_cost_usd_m"]
    )


def printed(problem: Problem, solution: Solution) -> str:
    console = Console(width=100, record=True)
    for part in summary(problem, solution):
        console.print(part)
    return console.export_text()


def assert_allies_are_withheld(problem: Problem, solution: Solution) -> None:
    outcome = solution.outcome
    assert outcome["audit_passed"]
    assert outcome["tie_break"] == "SKIPPED"
    assert "alliance_cost_usd_m" not in outcome
    for frame in solution.tables.values():
        if "actor_id" in frame.columns:
            assert set(frame["actor_id"]) <= {"USA"}
    assert len(solution.tables["owned_forces"])
    assert solution.tables["requirement_results"]["allied_points"].isna().all()
    text = printed(problem, solution)
    assert outcome["allied_figures_withheld"] in " ".join(text.split())
    assert "all actors together" not in text
    assert "ROK" not in text.replace("South Korea", "ROK").partition("units owned")[2].partition("Host")[0]
    message = message_from_solution(solution)
    assert message_from_solution(solution_from_message(message)) == message


@pytest.mark.parametrize("relax", [False, True])
def test_where_even_the_allowance_is_too_short_allies_are_withheld(
    hand: Problem, undisturbed: dict[bool, Solution], relax: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordered_objectives, "_LEAST_ALLOWANCE_SECONDS", -1e6)
    monkeypatch.setattr(ordered_objectives, "_ALLOWANCE_RELAXATIONS", 0.0)
    whole = undisturbed[relax]
    solution = solve(hand, SolveOptions(relax=relax), late_from("breaking ties", monkeypatch))
    assert solution.outcome["lead_cost_usd_m"] == pytest.approx(whole.outcome["lead_cost_usd_m"], rel=1e-6)
    assert_allies_are_withheld(hand, solution)


@pytest.mark.parametrize("relax", [False, True])
def test_ties_that_would_move_the_cost_are_broken_by_another_method_or_withheld(
    hand: Problem, undisturbed: dict[bool, Solution], relax: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, moved = undisturbed[relax], tie_break._moved
    answers = iter([True])
    monkeypatch.setattr(tie_break, "_moved", lambda *costs: next(answers, False) or moved(*costs))
    assert solve(hand, SolveOptions(relax=relax)).outcome["tie_break"] == whole.outcome["tie_break"]
    monkeypatch.setattr(tie_break, "_moved", lambda *_: True)
    solution = solve(hand, SolveOptions(relax=relax))
    assert solution.outcome["objective_usd_m"] == pytest.approx(whole.outcome["objective_usd_m"], rel=1e-9)
    assert_allies_are_withheld(hand, solution)


def test_a_plan_that_was_not_finished_and_fails_its_audit_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tie_break, "_moved", lambda *_: True)
    monkeypatch.setattr("optimizer.run.audit", lambda *_, **__: ["sites: too full"])
    outcome = solve(hand_cases.hand_whole(), SolveOptions()).outcome
    assert (outcome["plan"], outcome["termination"]) == ("NONE", "SOLVER_FAILURE")


def test_a_bound_says_what_it_rests_on(hand: Problem, undisturbed: dict[bool, Solution]) -> None:
    """Whole brigades cost 21.0, the relaxation costs less: what is more than that is by the solver's tree."""
    relaxed, usual = undisturbed[True], undisturbed[False]
    assert (usual.outcome["termination"], usual.outcome["plan"]) == ("WORK_LIMIT", "FEASIBLE")
    assert usual.outcome["best_bound_usd_m"] == pytest.approx(relaxed.outcome["objective_usd_m"], rel=1e-12)
    assert relaxed.outcome["bound_source"] == usual.outcome["bound_source"] == "RELAXATION"
    text = " ".join(printed(hand, usual).split())
    assert "this was the usual search" in text
    assert "by the solver" not in text
    searched = solve(hand, SolveOptions(node_limit=100))
    assert searched.outcome["best_bound_usd_m"] == pytest.approx(21_000)
    assert searched.outcome["bound_source"] == "SOLVER"
    assert "by the solver" in printed(hand, searched)


def test_two_processes_need_a_clock() -> None:
    with pytest.raises(ProblemError, match="ask for a time or a gap"):
        SolveOptions(processes=2)
    assert SolveOptions(processes=2, relative_gap=0.01).process_count == 2
    assert solve(read_case("hand"), SolveOptions()).options["processes"] == 1
