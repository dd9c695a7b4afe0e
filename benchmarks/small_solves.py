"""Measures what a small solve takes, step by step, in a process that has imported and solved before.

Steps: read the case, check it and find its index, build and compile, solve with ties, write the tables, audit.
``hand`` is the shipped worked example; the other instance is made up. Medians of several rounds, in milliseconds.
With --profile, the functions that take most are listed by package of the optimizer.
"""

import argparse
import cProfile
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from optimizer.audit import audit
from optimizer.benchmark.instances.generator import instance
from optimizer.cases.read import read_case, write_case
from optimizer.checks.admission import checked_index
from optimizer.plan.extraction import plan_tables
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.session import Session

_LISTED = 25


def steps(case: str) -> dict[str, float]:
    """Milliseconds of each step of one solve of a case, and of the same solve as a whole.

    Args:
        case: name or path.
    """
    taken: dict[str, float] = {}

    def timed(name: str, step: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = step()
        taken[name] = 1000 * (time.perf_counter() - started)
        return result

    options = SolveOptions(relax=True)
    problem = timed("read", lambda: read_case(case))
    index = timed("check", lambda: checked_index(problem, options.asked))
    matrix = timed("build", lambda: compile_matrix(index))
    session = timed("load", lambda: Session(matrix, options))
    answer = timed("solve", lambda: session.solve(time_limit_seconds=options.time_limit_seconds, relax=True))
    tables = timed("tables", lambda: plan_tables(index, matrix, answer.values, True, answer.row_duals))
    objective = answer.objective + matrix.objective_offset
    timed("audit", lambda: audit(problem, tables, True, objective, options.asked))
    timed("whole, with ties", lambda: solve(read_case(case), options))
    taken["nonzeros"] = matrix.coefficients.nnz
    return taken


def profile(case: str) -> None:
    """Prints the functions of the optimizer that one solve spends most in, with all they call."""
    profiler = cProfile.Profile()
    profiler.runcall(lambda: solve(read_case(case), SolveOptions(relax=True)))
    statistic = pstats.Stats(profiler).sort_stats("cumulative")
    print(f"{statistic.total_calls:,} calls")  # type: ignore[attr-defined]
    statistic.print_stats("optimizer/", _LISTED)


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
            steps(case)
            rounds = [steps(case) for _ in range(arguments.rounds)]
            print(Path(case).name)
            for name in rounds[0]:
                print(f"  {name:<18}{statistics.median(each[name] for each in rounds):>10,.1f}")
            if arguments.profile:
                profile(case)


if __name__ == "__main__":
    main()
