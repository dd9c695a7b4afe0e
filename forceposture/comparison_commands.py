"""The commands that solve several problems and print what they cost beside each other."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from forceposture.exit_codes import ending_well
from forceposture.options import (
    Alternative,
    AsJson,
    Case,
    Gap,
    Out,
    Relax,
    Seed,
    Server,
    Solver,
    Threads,
    TimeLimit,
    Verbose,
)
from forceposture.solving import usual_processes

if TYPE_CHECKING:
    from optimizer.problem import Problem


def stand_alone(
    case: Case,
    alternative: Alternative = None,
    relax: Relax = False,
    time_limit: TimeLimit = 150.0,
    gap: Gap = 1e-4,
    threads: Threads = 1,
    seed: Seed = 0,
    solver: Solver = "choose",
    out: Out = None,
    as_json: AsJson = False,
    server: Server = None,
    verbose: Verbose = False,
) -> None:
    """What each ally would pay to meet its theaters' needs alone, and what stays unmet."""
    with ending_well(verbose, as_json):
        from forceposture.comparison import compare, stand_alone_costs, stand_alone_runs
        from optimizer.cases import read_case
        from optimizer.solve_settings import SolveSettings

        problem = read_case(case, alternative)
        settings = SolveSettings(
            relax, time_limit, gap, threads, seed, solver, processes=usual_processes(is_deterministic=False)
        )
        runs = stand_alone_runs(problem, settings)
        folder = _folder(out, as_json, case, alternative, problem, "stand-alone")
        raise typer.Exit(compare(runs, folder, as_json, server, stand_alone_costs))


def avoidable(
    case: Case,
    alternative: Alternative = None,
    relax: Relax = False,
    time_limit: TimeLimit = 150.0,
    gap: Gap = 1e-4,
    threads: Threads = 1,
    seed: Seed = 0,
    solver: Solver = "choose",
    out: Out = None,
    as_json: AsJson = False,
    server: Server = None,
    verbose: Verbose = False,
) -> None:
    """What each theater's needs cost: the optimum less the optimum without them; not additive."""
    with ending_well(verbose, as_json):
        from forceposture.comparison import avoidable_costs, avoidable_runs, compare
        from optimizer.cases import read_case
        from optimizer.solve_settings import SolveSettings

        problem = read_case(case, alternative)
        settings = SolveSettings(
            relax, time_limit, gap, threads, seed, solver, processes=usual_processes(is_deterministic=False)
        )
        runs = avoidable_runs(problem, settings)
        folder = _folder(out, as_json, case, alternative, problem, "avoidable")
        raise typer.Exit(compare(runs, folder, as_json, server, avoidable_costs))


def _folder(
    out: Path | None, as_json: bool, case: str, alternative: str | None, problem: "Problem", name: str
) -> Path | None:
    if out is not None or as_json:
        return out
    from forceposture.result_files import usual_folder

    return usual_folder(case, alternative, problem) / name
