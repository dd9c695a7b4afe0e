"""Measures model time: from problem tables in memory to a model loaded in HiGHS, here and with linopy.

Both sides state the same rows and columns (see ``linopy_model``) of the same made-up problem, in which nothing
needs to be whole; this is checked first, by numbers of rows, columns and nonzeros, by the sorted sizes of the
coefficients and by the optimum. Timed are, here,
``build_index``, ``compile_matrix`` and ``Session``; with linopy, ``build_index``, ``linopy_model`` and
``to_highspy`` without names. Filling in defaults and finding which combinations exist counts on both sides.
Imports and making up the problem do not count. Each measurement runs in a process of its own, the two sides in
turns; a process measures a small problem first, so that nothing is measured that only a first call does.

Here, names of rows and columns (made when they are asked for), checks of the arrays, scaling and three more cost
vectors are counted too, which the linopy model does not have. With --pyomo a third side is measured: what most people
write, the rules called for each row and HiGHS filled by Pyomo's ``appsi_highs``.
"""

import argparse
import multiprocessing
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import highspy
import numpy as np
from linopy_model import linopy_model

from optimizer.benchmark.instances.generator import instance
from optimizer.formulation import build
from optimizer.formulation.frames.index import build_index
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.session import Session
from optimizer.tables.problem import Problem

_WARM_UP_NONZEROS = 2_000
_TOLERANCE = 1e-6


def load_here(problem: Problem) -> Session:
    """From the tables to a live session."""
    return Session(compile_matrix(build_index(problem)), SolveOptions(relax=True))


def load_linopy(problem: Problem, sparse: bool = True) -> highspy.Highs:
    """From the tables to a live HiGHS by way of linopy."""
    return linopy_model(build_index(problem), sparse).to_highspy(set_names=False)


def load_pyomo(problem: Problem) -> Any:
    """From the tables to a live HiGHS by way of Pyomo alone."""
    from pyomo.environ import SolverFactory  # It takes a second, and no other side needs it.

    solver = SolverFactory("appsi_highs")
    solver.set_instance(build(problem))
    return solver


SIDES: dict[str, Callable[[Problem], Any]] = {
    "here": load_here,
    "linopy": load_linopy,
    "pyomo": load_pyomo,
}


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


def measured(side: str, seed: int, nonzeros: int) -> tuple[float, float, float]:
    """Elapsed seconds, seconds of processor time and peak megabytes that one side takes, after a small problem.

    The megabytes are those of the whole process, with its imports.
    """
    load = SIDES[side]
    load(instance(seed, _WARM_UP_NONZEROS, whole=False, rows="core"))
    problem = instance(seed, nonzeros, whole=False, rows="core")
    started, processor_started = time.perf_counter(), time.process_time()
    load(problem)
    elapsed, processor = time.perf_counter() - started, time.process_time() - processor_started
    return elapsed, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compared(seed: int, nonzeros: int) -> tuple[str, list[str]]:
    """The size of the model here, and what differs in linopy's."""
    problem = instance(seed, nonzeros, whole=False, rows="core")
    session = load_here(problem)
    rows, columns = session.matrix.coefficients.shape
    size = f"{rows} rows, {columns} columns, {session.matrix.coefficients.nnz} nonzeros"
    return size, differences(session, load_linopy(problem))


def main() -> None:
    """Checks that both models are the same, measures, and prints medians and their ratio."""
    parser = argparse.ArgumentParser(description="Model time of force-posture and of linopy.")
    parser.add_argument("--nonzeros", type=int, default=200_000, help="size of the model")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each side; 0 only compares")
    parser.add_argument("--pyomo", action="store_true", help="also measure what most people write")
    parser.add_argument("--seed", type=int, default=0, help="seed of the problem")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}", end="")
    print("".join(f", {name} {version(name)}" for name in ("linopy", "pyomo", "highspy", "pandas", "numpy")))

    size, found = _in_a_process(compared, arguments.seed, arguments.nonzeros)
    print(size, flush=True)
    if found:
        raise SystemExit("the models differ: " + "; ".join(found))
    print("the models are the same", flush=True)
    if arguments.rounds:
        sides = [side for side in SIDES if side != "pyomo" or arguments.pyomo]
        _measure(sides, arguments.rounds, arguments.seed, arguments.nonzeros)


def _measure(sides: list[str], rounds: int, seed: int, nonzeros: int) -> None:
    """Measures the sides in turns and prints what they take."""
    taken: dict[str, list[tuple[float, float, float]]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side in sides:
            taken[side].append(_in_a_process(measured, side, seed, nonzeros))
    medians = {side: [statistics.median(kind) for kind in zip(*taken[side], strict=True)] for side in sides}
    for side in sides:
        single = ", ".join(f"{elapsed:.2f}" for elapsed, *_ in taken[side])
        elapsed, processor, megabytes = medians[side]
        times = f"{elapsed:.2f} s elapsed, {processor:.2f} s of processor time"
        print(f"{side:>8}: {times}, {megabytes:.0f} MB at most; medians of {single}")
    for side in sides[1:]:
        elapsed, processor, megabytes = (
            mine / theirs for mine, theirs in zip(medians["here"], medians[side], strict=True)
        )
        times = f"{elapsed:.2f} times {side}'s elapsed time, {processor:.2f} times its processor time"
        print(f"{times}, {megabytes:.2f} times its memory")


def _in_a_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives in a process of its own, which gets its peak of memory from one that has done nothing."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


if __name__ == "__main__":
    main()
