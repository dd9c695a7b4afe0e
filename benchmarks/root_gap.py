"""Measures what tight constants bring: the relaxation's bound with and without them, against a plan.

Without them, a site's room is limited by what the site may hold alone, not by the people of all units that the actor
can own and station there (``formulation.housing``). The gap is that to the objective of a plan, given by hand.
"""

import argparse

import pandas as pd

from optimizer.cases import read_case
from optimizer.formulation import housing
from optimizer.formulation.index import Index, build_index
from optimizer.matrix import compile_matrix
from optimizer.problem import Problem
from optimizer.session import Session
from optimizer.solve_settings import SolveSettings

_LOOSE_PERSONS = 1e6
"""Most people that a site may hold where it gives no limit; the greatest that a table may hold."""


def bound(index: Index, time_limit_seconds: float) -> tuple[float, float]:
    """The relaxation's optimum in M$, and seconds to solve it."""
    matrix = compile_matrix(index)
    answer = Session(matrix, SolveSettings()).solve(time_limit_seconds, relax=True)
    return answer.objective + matrix.objective_offset, answer.seconds


def loosened(problem: Problem) -> Index:
    """The index of a problem in which only what a site may hold limits its room."""
    index = build_index(problem)
    used: pd.DataFrame = housing.used_access(index)
    used["housing_most_persons"] = used["housing_limit_persons"].clip(upper=_LOOSE_PERSONS)
    index.computed["optimizer.formulation.housing.used_access"] = used
    return index


def main() -> None:
    """Prints both bounds, and their gaps."""
    parser = argparse.ArgumentParser(description="The relaxation's bound with and without tight constants.")
    parser.add_argument("case", help="a shipped case, or a path")
    parser.add_argument("objective_usd_m", type=float, help="objective of the best plan known")
    parser.add_argument("--seconds", type=float, default=300.0, help="time limit of each relaxation")
    arguments = parser.parse_args()
    problem = read_case(arguments.case)
    for name, index in (("loose", loosened(problem)), ("tight", build_index(problem))):
        least, seconds = bound(index, arguments.seconds)
        gap = (arguments.objective_usd_m - least) / arguments.objective_usd_m
        print(f"{name}: bound {least:,.1f} M$, gap {gap:.3%}, {seconds:.1f} s")


if __name__ == "__main__":
    main()
