"""Measures model time: from problem tables in memory to a model loaded in HiGHS, here and with linopy.

Both sides state the same rows and columns (see ``linopy_model``) of the same made-up problem, in which nothing
needs to be whole; this is checked first, by numbers of rows, columns and nonzeros, by the sorted sizes of the
coefficients and by the optimum. Timed are, here,
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

from optimizer.benchmark.instances.generator import instance
from optimizer.formulation.frames.index import build_index
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.session import Session
from optimizer.tables.problem import Problem

SIDES = ("here", "linopy")
_WARM_UP_NONZEROS = 2_000
_TOLERANCE = 1e-6


def load_here(problem: Problem) -> Session:
    """From the tables to a live session."""
    return Session(compile_matrix(build_index(problem)), SolveOptions(relax=True))


def load_linopy(problem: Problem, sparse: bool = True) -> highspy.Highs:
    """From the tables to a live HiGHS by way of linopy."""
    return linopy_model(build_index(problem), sparse).to_highspy(set_names=False)


def differences(session: Session, highs: highspy.Highs, time_limit_seconds: float = 600.0) -> list[str]:
    """What differs between the two loaded models; nothing if they are the same."""
    matrix, other = session.matrix, highs.getLp()
    found = []
    sizes = (*matrix.coefficients.shape, matrix.coefficients.nnz)
    other_sizes = (other.num_row_, other.num_col_, len(other.a_matrix_.value_))
    for what, size, other_size in zip(("rows", "columns", "nonzeros"), sizes, other_sizes, strict=True):
        if size != other_size:
            found.append(f"{what}: {size} here, {other_size} in linopy")
    mine, theirs = (np.sort(np.abs(v)) for v in (matrix.coefficients.data, np.array(other.a_matrix_.value_)))
    if len(mine) == len(theirs) and not np.allclose(mine, theirs, rtol=1e-12, atol=0):
        found.append("the coefficients differ")
    if found:
        return found
    answer = session.solve(time_limit_seconds=time_limit_seconds, relax=True)
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", time_limit_seconds)
    highs.setOptionValue("solver", session.options.solver)
    highs.run()
    status = highs.getModelStatus()
    if answer.termination != "OPTIMAL" or status != highspy.HighsModelStatus.kOptimal:
        return [f"not solved: {answer.termination} here, {status.name} in linopy"]
    objective = answer.objective + matrix.objective_offset
    other_objective = highs.getInfo().objective_function_value
    if abs(objective - other_objective) > _TOLERANCE * max(1.0, abs(other_objective)):
        found.append(f"objective: {objective!r} here, {other_objective!r} in linopy")
    return found


def measured_seconds(side: str, seed: int, nonzeros: int) -> tuple[float, float]:
    """Elapsed seconds and seconds of processor time that one side takes, after a small problem."""
    load: Any = load_here if side == "here" else load_linopy
    load(instance(seed, _WARM_UP_NONZEROS, whole=False, rows="core"))
    problem = instance(seed, nonzeros, whole=False, rows="core")
    started, processor_started = time.perf_counter(), time.process_time()
    load(problem)
    return time.perf_counter() - started, time.process_time() - processor_started


def main() -> None:
    """Checks that both models are the same, measures, and prints medians and their ratio."""
    parser = argparse.ArgumentParser(description="Model time of force-posture and of linopy.")
    parser.add_argument("--nonzeros", type=int, default=200_000, help="size of the model")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each side; 0 only compares")
    parser.add_argument("--seed", type=int, default=0, help="seed of the problem")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}", end="")
    print("".join(f", {name} {version(name)}" for name in ("linopy", "pyomo", "highspy", "pandas", "numpy")))

    problem = instance(arguments.seed, arguments.nonzeros, whole=False, rows="core")
    session = load_here(problem)
    rows, columns = session.matrix.coefficients.shape
    print(f"{rows} rows, {columns} columns, {session.matrix.coefficients.nnz} nonzeros", flush=True)
    found = differences(session, load_linopy(problem))
    if found:
        raise SystemExit("the models differ: " + "; ".join(found))
    print("the models are the same", flush=True)
    if arguments.rounds:
        _measure(arguments.rounds, arguments.seed, arguments.nonzeros)


def _measure(rounds: int, seed: int, nonzeros: int) -> None:
    """Measures both sides in turns and prints what they take."""
    context = multiprocessing.get_context("spawn")
    taken: dict[str, list[tuple[float, float]]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side in SIDES:
            with context.Pool(1) as pool:
                taken[side].append(pool.apply(measured_seconds, (side, seed, nonzeros)))
    medians = {side: [statistics.median(kind) for kind in zip(*taken[side], strict=True)] for side in SIDES}
    for side in SIDES:
        single = ", ".join(f"{elapsed:.2f}" for elapsed, _ in taken[side])
        elapsed, processor = medians[side]
        print(f"{side:>8}: {elapsed:.2f} s elapsed, {processor:.2f} s of processor time; medians of {single}")
    ratios = [mine / theirs for mine, theirs in zip(medians["here"], medians["linopy"], strict=True)]
    print(f"{ratios[0]:.2f} times linopy's elapsed time, {ratios[1]:.2f} times its processor time")


if __name__ == "__main__":
    main()
