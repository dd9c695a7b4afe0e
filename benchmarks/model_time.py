"""Measures model time: from problem tables in memory to a model loaded in HiGHS, here and with linopy.

Both sides state the same rows and columns (see ``linopy_model``) of the same made-up problem; this is checked
first, by numbers of rows, columns and nonzeros, by sorted coefficients and by the optimum. Timed are, here,
``build_index``, ``compile_matrix`` and ``Session``; with linopy, ``build_index``, ``linopy_model`` and
``to_highspy`` without names. Filling in defaults and finding which combinations exist counts on both sides.
Imports and making up the problem do not count. Each measurement runs in a process of its own, the two sides in
turns; a process measures a small problem first, so that nothing is measured that only a first call does.

Here, names of rows and columns, checks of the arrays, scaling and three more cost vectors are counted too, which
the linopy model does not have.
"""

import argparse
import multiprocessing
import os
import platform
import statistics
import time
from importlib.metadata import version
from typing import Any

import highspy
import numpy as np
from linopy_model import linopy_model

from optimizer.benchmark.instances import instance
from optimizer.formulation.index import build_index
from optimizer.matrix import compile_matrix
from optimizer.problem import Problem
from optimizer.session import Session
from optimizer.solve_settings import SolveSettings

SIDES = ("here", "linopy")
_WARM_UP_NONZEROS = 2_000
_TOLERANCE = 1e-6


def load_here(problem: Problem) -> Session:
    """From the tables to a live session."""
    return Session(compile_matrix(build_index(problem)), SolveSettings(relax=True))


def load_linopy(problem: Problem, sparse: bool = True) -> highspy.Highs:
    """From the tables to a live HiGHS by way of linopy."""
    return linopy_model(build_index(problem), sparse).to_highspy(set_names=False)


def differences(problem: Problem, time_limit_seconds: float = 600.0) -> list[str]:
    """What differs between the two models; nothing if they are the same."""
    session, highs = load_here(problem), load_linopy(problem)
    matrix, other = session.matrix, highs.getLp()
    found = []
    sizes = (*matrix.coefficients.shape, matrix.coefficients.nnz)
    other_sizes = (other.num_row_, other.num_col_, len(other.a_matrix_.value_))
    for what, mine, theirs in zip(("rows", "columns", "nonzeros"), sizes, other_sizes, strict=True):
        if mine != theirs:
            found.append(f"{what}: {mine} here, {theirs} in linopy")
    values = [np.sort(np.abs(v)) for v in (matrix.coefficients.data, np.array(other.a_matrix_.value_))]
    if len(values[0]) == len(values[1]) and not np.allclose(*values, rtol=1e-12, atol=0):
        found.append("the coefficients differ")
    answer = session.solve(time_limit_seconds, relax=True)
    highs.setOptionValue("time_limit", time_limit_seconds)
    highs.setOptionValue("output_flag", False)
    highs.run()
    objective = highs.getInfo().objective_function_value
    mine = answer.objective + matrix.objective_offset
    solved = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if answer.termination != "OPTIMAL" or not solved:
        found.append(f"not solved: {answer.termination} here, {highs.getModelStatus().name} in linopy")
    elif abs(mine - objective) > _TOLERANCE * max(1.0, abs(objective)):
        found.append(f"objective: {mine!r} here, {objective!r} in linopy")
    return found


def measured_seconds(side: str, seed: int, nonzeros: int) -> float:
    """Seconds that one side takes, after a small problem."""
    load: Any = load_here if side == "here" else load_linopy
    load(instance(seed, _WARM_UP_NONZEROS, whole=False, rows="core"))
    problem = instance(seed, nonzeros, whole=False, rows="core")
    started = time.perf_counter()
    load(problem)
    return time.perf_counter() - started


def main() -> None:
    """Checks that both models are the same, measures, and prints medians and their ratio."""
    parser = argparse.ArgumentParser(description="Model time of force-posture and of linopy.")
    parser.add_argument("--nonzeros", type=int, default=200_000, help="size of the model")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each side")
    parser.add_argument("--seed", type=int, default=0, help="seed of the problem")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}", end="")
    print("".join(f", {name} {version(name)}" for name in ("linopy", "pyomo", "highspy", "pandas", "numpy")))

    problem = instance(arguments.seed, arguments.nonzeros, whole=False, rows="core")
    matrix = compile_matrix(build_index(problem))
    rows, columns = matrix.coefficients.shape
    print(f"{rows} rows, {columns} columns, {matrix.coefficients.nnz} nonzeros; comparing the models")
    found = differences(problem)
    if found:
        raise SystemExit("the models differ: " + "; ".join(found))
    print("the models are the same; measuring")

    context = multiprocessing.get_context("spawn")
    seconds: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(arguments.rounds):
        for side in SIDES:
            with context.Pool(1) as pool:
                taken = pool.apply(measured_seconds, (side, arguments.seed, arguments.nonzeros))
            seconds[side].append(taken)
            print(f"{side:>8} {taken:8.3f} s", flush=True)
    medians = {side: statistics.median(taken) for side, taken in seconds.items()}
    for side, median in medians.items():
        print(f"{side:>8} {median:8.3f} s median of {arguments.rounds}")
    print(f"{medians['here'] / medians['linopy']:.2f} times linopy's time")


if __name__ == "__main__":
    main()
