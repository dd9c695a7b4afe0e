"""Measures how fast good integer plans are found and proved: this software beside HiGHS alone, and beside SCIP.

Every side solves the same problem for the same time, in a process of its own, with its own model time included. A
problem is a shipped case ("reference"), a case's alternative ("essay/seoul_command") or a made-up one
("seed0"). Each run's steps (seconds, bound, plan) are appended to a CSV as soon as it ends; a run that is there
already is not repeated, so the script can be stopped and started again. At the end gaps are printed at several times,
each against the best bound that any side proved: a gap against a side's own bound would mix two questions.

Sides: ``ours`` (one process), ``ours_2`` (two processes), ``highs`` and ``highs_2`` (HiGHS alone, one and two
threads) and ``scip`` where PySCIPOpt is installed. ``no_needs`` is the least cost without any requirement, linear
relaxation: with it gaps are also told as parts of what requirements cost at least, the bound less that cost. Most of
a plan's cost is that of forces that nobody would disband at once, so gaps of the whole look small.
"""

import argparse
import csv
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.benchmark.instances.generator import instance
from optimizer.cases.read import read_case
from optimizer.formulation.frames.index import build_index
from optimizer.questions.variants import without_requirements
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.model_files import write_model
from optimizer.tables.problem import Problem

SIDES: dict[str, dict[str, Any]] = {
    "ours": {},
    "ours_2": {"processes": 2},
    "highs": {"plain_search": True},
    "highs_2": {"plain_search": True, "threads": 2},
    "scip": {},
    "no_needs": {"relax": True},
}
COLUMNS = ["problem", "side", "time_limit_seconds", "seconds", "best_bound", "best_value", "source"]
END = "end"
"""Source of the last step of a run: the plan as it is shown, ties broken."""

_MOMENTS = (30, 60, 120, 300, 600, 1200)
_RUN = "--run"


def problem_named(name: str, nonzeros: int) -> Problem:
    """The problem of a name; see the module."""
    if name.startswith("seed"):
        return instance(int(name.removeprefix("seed")), nonzeros, whole=True)
    case, _, alternative = name.partition("/")
    return read_case(case, alternative) if alternative else read_case(case)


def steps_of(problem: Problem, side: str, time_limit_seconds: float) -> list[tuple[Any, ...]]:
    """Seconds, bound, objective and source of every step of one side."""
    if side == "scip":
        return _steps_of_scip(problem, time_limit_seconds)
    if side == "no_needs":
        problem = without_requirements(problem)
    options = SolveOptions(time_limit_seconds=time_limit_seconds, relative_gap=1e-4, **SIDES[side])
    solution = solve(problem, options)
    steps, outcome = solution.tables["search_steps"], solution.outcome
    if steps.empty:
        return [(outcome["wall_seconds"], outcome.get("best_bound_usd_m"), None, "no plan")]
    end = (outcome["wall_seconds"], outcome["best_bound_usd_m"], outcome["objective_usd_m"], END)
    return [*steps.drop(columns="step_number").itertuples(index=False, name=None), end]


def _steps_of_scip(problem: Problem, time_limit_seconds: float) -> list[tuple[Any, ...]]:
    import pyscipopt

    started = time.perf_counter()
    matrix = compile_matrix(build_index(problem))
    steps: list[tuple[Any, ...]] = []

    class Listener(pyscipopt.Eventhdlr):  # type: ignore[misc]
        def eventinit(self) -> None:
            self.model.catchEvent(pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND, self)

        def eventexec(self, event: Any) -> None:
            seconds = time.perf_counter() - started
            steps.append((seconds, model.getDualbound(), model.getPrimalbound(), "scip"))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.mps")
        write_model(matrix, path)
        model = pyscipopt.Model()
        model.hideOutput()
        model.readProblem(str(path))
    model.setParam("limits/time", max(1.0, time_limit_seconds - (time.perf_counter() - started)))
    model.setParam("limits/gap", 1e-4)
    model.includeEventhdlr(Listener(), "listener", "notes every better plan")
    model.optimize()
    objective = model.getPrimalbound() if model.getNSols() else None
    steps.append((time.perf_counter() - started, model.getDualbound(), objective, "scip"))
    return steps


def main() -> None:
    """Runs what is missing, then prints gaps."""
    parser = argparse.ArgumentParser(description="Integer plans in seconds, beside plain solvers.")
    parser.add_argument("problems", nargs="+", help="reference, essay/seoul_command, seed0 …")
    parser.add_argument("--sides", nargs="+", default=["ours", "ours_2", "highs", "highs_2"], choices=SIDES)
    parser.add_argument("--seconds", type=float, default=300.0, help="time limit of each run")
    parser.add_argument("--nonzeros", type=int, default=200_000, help="size of made-up problems")
    parser.add_argument("--steps", type=Path, default=Path("integer_plans.csv"), help="where steps are kept")
    parser.add_argument(_RUN, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        append(
            arguments.steps, arguments.problems[0], arguments.sides[0], arguments.seconds, arguments.nonzeros
        )
        return
    for name in arguments.problems:
        for side in arguments.sides:
            if side == "scip" and importlib.util.find_spec("pyscipopt") is None:
                print("scip is left out: PySCIPOpt is not installed")
            elif not is_there(arguments.steps, name, side, arguments.seconds):
                run_apart(arguments, name, side)
    print(gaps(arguments.steps, arguments.seconds).to_string())


def run_apart(arguments: argparse.Namespace, name: str, side: str) -> None:
    """Runs one side on one problem in a process of its own."""
    print(f"{name}: {side}", flush=True)
    options = ["--sides", side, "--seconds", str(arguments.seconds), "--nonzeros", str(arguments.nonzeros)]
    command = [sys.executable, __file__, name, *options, "--steps", str(arguments.steps), _RUN]
    subprocess.run(command, check=True)


def append(path: Path, name: str, side: str, seconds: float, nonzeros: int) -> None:
    """Runs one side on one problem and appends its steps to the file."""
    steps = steps_of(problem_named(name, nonzeros), side, seconds)
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerows([name, side, seconds, *step] for step in steps)


def is_there(path: Path, name: str, side: str, seconds: float) -> bool:
    """Whether the file holds the run."""
    if not path.exists():
        return False
    steps = pd.read_csv(path)
    same = (steps["problem"] == name) & (steps["side"] == side) & (steps["time_limit_seconds"] == seconds)
    return bool(same.any())


def gaps(path: Path, seconds: float) -> pd.DataFrame:
    """Percent by which each side's plan is above the best bound of all sides, at several times."""
    steps = pd.read_csv(path)
    steps = steps[steps["time_limit_seconds"] == seconds]
    has_no_needs = steps["side"] == "no_needs"
    without: dict[Hashable, float] = steps[has_no_needs].groupby("problem")["best_bound"].max().to_dict()
    steps = steps[~has_no_needs]
    best: dict[Hashable, float] = steps.groupby("problem")["best_bound"].max().to_dict()
    rows = {}
    for (name, side), run in steps.groupby(["problem", "side"]):
        bound = best[name]
        row: dict[str, float] = {}
        for moment in [moment for moment in _MOMENTS if moment <= seconds]:
            plans = run.loc[run["seconds"] <= moment, "best_value"].dropna()
            row[f"{moment} s"] = (
                100 * (plans.min() - bound) / abs(plans.min()) if len(plans) else float("nan")
            )
        first = run.loc[run["best_value"].notna(), "seconds"]
        row["first plan, s"] = first.min() if len(first) else float("nan")
        row["end, s"] = run["seconds"].max()
        own = run["best_bound"].max()
        row["own bound, % below best"] = 100 * (bound - own) / abs(bound)
        if name in without:
            row["end, % of avoidable"] = 100 * (run["best_value"].min() - bound) / (bound - without[name])
        rows[name, side] = row
    return pd.DataFrame.from_dict(rows, orient="index").round(3)


if __name__ == "__main__":
    main()
