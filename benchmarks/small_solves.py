"""Measures what a small solve takes, step by step, in a process that has imported and solved before.

Steps: read the case, check it and find its index, build and compile, load, solve, break ties, write the tables, audit.
``hand`` is the shipped worked example; the other instance is made up. Of each step: the median of several rounds in
milliseconds of the process, and the calls of functions, which are the same on a busy machine and on a slow one.
With --profile, the functions that take most are listed by package of the optimizer.
"""

import argparse
import cProfile
import gc
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from optimizer.audit import audit
from optimizer.benchmark.instances.generator import instance
from optimizer.cases.read import read_case, write_case
from optimizer.checks.admission import checked_index
from optimizer.plan.extraction import plan_tables
from optimizer.run import solve
from optimizer.search.ordered_objectives import Clock, linear_plan
from optimizer.solve_options import GUARD_SECONDS, SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.session import Session

_LISTED = 25
_OPTIONS = SolveOptions(relax=True)

Step = Callable[[], Any]
Measure = Callable[[Step], tuple[float, Any]]


def milliseconds(step: Step) -> tuple[float, Any]:
    """Milliseconds of the process that a step takes, and its result; what earlier steps left is collected before."""
    gc.collect()
    started = time.process_time()
    result = step()
    return 1000 * (time.process_time() - started), result


def calls(step: Step) -> tuple[float, Any]:
    """How many functions a step calls, and its result."""
    profiler = cProfile.Profile()
    result = profiler.runcall(step)
    return float(sum(entry.callcount for entry in profiler.getstats())), result


def steps(case: str, measure: Measure) -> Iterator[tuple[str, float]]:
    """Each step of one solve of a case with its measure, and last the same solve as a whole.

    Args:
        case: name or path.
        measure: what is measured of a step.
    """
    asked = _OPTIONS.asked
    taken, problem = measure(lambda: read_case(case))
    yield "read", taken
    taken, index = measure(lambda: checked_index(problem, asked))
    yield "check", taken
    taken, matrix = measure(lambda: compile_matrix(index))
    yield "build", taken
    taken, session = measure(lambda: Session(matrix, _OPTIONS))
    yield "load", taken
    taken, answer = measure(lambda: session.solve(time_limit_seconds=GUARD_SECONDS, relax=True))
    yield "solve", taken
    started = time.perf_counter()
    clock = Clock(started, started + GUARD_SECONDS)
    taken, plan = measure(lambda: linear_plan(session, answer, asked, clock))
    yield "ties", taken
    taken, _ = measure(lambda: plan_tables(index, matrix, plan.values, True, plan.row_duals))
    yield "tables", taken
    solution = solve(problem, _OPTIONS)
    objective = solution.outcome["objective_usd_m"]
    taken, _ = measure(
        lambda: audit(problem, solution.tables, True, objective, asked, solution.outcome),
    )
    yield "audit", taken
    taken, _ = measure(lambda: solve(read_case(case), _OPTIONS))
    yield "whole", taken


def profile(case: str) -> None:
    """Prints the functions of the optimizer that one solve spends most in, with all they call."""
    profiler = cProfile.Profile()
    profiler.runcall(lambda: solve(read_case(case), _OPTIONS))
    pstats.Stats(profiler).sort_stats("cumulative").print_stats("optimizer/", _LISTED)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="What a small solve takes, step by step.")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each case")
    parser.add_argument("--nonzeros", type=int, default=7_000, help="size of the made-up instance")
    parser.add_argument("--profile", action="store_true", help="list the functions that take most")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made_up = Path(folder) / "made_up"
        write_case(instance(0, arguments.nonzeros, whole=False), made_up)
        for case in ("hand", str(made_up)):
            solve(read_case(case), _OPTIONS)
            rounds = [dict(steps(case, milliseconds)) for _ in range(arguments.rounds)]
            counted = dict(steps(case, calls))
            print(f"{Path(case).name:<12}{'ms':>10}{'calls':>12}")
            for name, count in counted.items():
                middle = statistics.median(each[name] for each in rounds)
                print(f"  {name:<10}{middle:>10,.1f}{count:>12,.0f}")
            if arguments.profile:
                profile(case)


if __name__ == "__main__":
    main()
