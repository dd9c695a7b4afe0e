"""Measures what tightening brings: the relaxation's bound without it, step by step, against a plan.

Loose, a site's room is limited by what the site may hold alone, not by the people of all units that the actor can own
and station there (``formulation.housing``), and a garrison's share asks for no open sites (``formulation.garrison``).
The gap is that to the objective of a plan, given by hand.
"""

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd

from optimizer.cases.read import read_case
from optimizer.formulation.frames import housing
from optimizer.formulation.frames.index import Index, build_index
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Matrix
from optimizer.solver.session import Session
from optimizer.tables.problem import Problem

_LOOSE_PERSONS = 1e6
"""Most people that a site may hold where it gives no limit; the greatest that a table may hold."""


def bound(matrix: Matrix, time_limit_seconds: float) -> tuple[float, float]:
    """The relaxation's optimum in M$, and seconds to solve it."""
    answer = Session(matrix, SolveOptions()).solve(time_limit_seconds=time_limit_seconds, relax=True)
    return answer.objective + matrix.objective_offset, answer.seconds


def loosened(problem: Problem) -> Index:
    """The index of a problem in which only what a site may hold limits its room."""
    index = build_index(problem)
    used: pd.DataFrame = housing.used_access(index)
    used["housing_most_persons"] = used["housing_limit_persons"].clip(upper=_LOOSE_PERSONS)
    index.computed["optimizer.formulation.frames.housing.used_access"] = used
    return index


def without(matrix: Matrix, block: str) -> Matrix:
    """The program in which the rows of a block ask for nothing."""
    lower, upper = matrix.row_lower.copy(), matrix.row_upper.copy()
    lower[matrix.rows[block].positions], upper[matrix.rows[block].positions] = -np.inf, np.inf
    return replace(matrix, row_lower=lower, row_upper=upper)


def main() -> None:
    """Prints the bounds, and their gaps."""
    parser = argparse.ArgumentParser(description="The relaxation's bound with and without tight constants.")
    parser.add_argument("case", help="a shipped case, or a path")
    parser.add_argument("objective_usd_m", type=float, help="objective of the best plan known")
    parser.add_argument("--seconds", type=float, default=300.0, help="time limit of each relaxation")
    arguments = parser.parse_args()
    problem = read_case(arguments.case)
    loose, tight = compile_matrix(loosened(problem)), compile_matrix(build_index(problem))
    for name, matrix in (
        ("loose", without(loose, "garrison_open")),
        ("tight constants", without(tight, "garrison_open")),
        ("and open sites of garrisons", tight),
    ):
        least, seconds = bound(matrix, arguments.seconds)
        gap = (arguments.objective_usd_m - least) / arguments.objective_usd_m
        print(f"{name}: bound {least:,.1f} M$, gap {gap:.3%}, {seconds:.1f} s")


if __name__ == "__main__":
    main()
