"""The commands that solve several problems and print what they cost beside each other."""

from collections.abc import Callable

import typer

from forceposture.command.exit_codes import ending_well
from forceposture.command.options import (
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
from forceposture.command.solving import usual_processes


def _comparing(name: str, what: str) -> Callable[..., None]:
    """The command of a comparison.

    Args:
        name: of the command, and of its folder; a key of ``comparison.COMPARISONS``.
        what: the command's help.
    """

    def command(
        case: Case,
        alternative: Alternative = None,
        relax: Relax = False,
        time_limit: TimeLimit = None,
        gap: Gap = None,
        threads: Threads = 1,
        seed: Seed = 0,
        solver: Solver = "choose",
        out: Out = None,
        as_json: AsJson = False,
        server: Server = None,
        verbose: Verbose = False,
    ) -> None:
        with ending_well(verbose, as_json):
            from forceposture.command.comparing import COMPARISONS, compare
            from forceposture.command.result_files import refuse_case_folder, usual_folder
            from optimizer.cases.read import read_case
            from optimizer.solve_settings import SolveSettings

            refuse_case_folder(out)
            problem = read_case(case, alternative)
            settings = SolveSettings(
                relax=relax,
                time_limit_seconds=time_limit,
                relative_gap=gap,
                threads=threads,
                random_seed=seed,
                solver=solver,
                processes=usual_processes(is_counted=time_limit is None and gap is None),
            )
            runs, results = COMPARISONS[name]
            folder = out or (None if as_json else usual_folder(case, alternative, problem, settings, [name]))
            raise typer.Exit(compare(runs(problem, settings), folder, as_json, server, results))

    command.__name__, command.__doc__ = name, what
    return command


stand_alone = _comparing(
    "stand-alone", "What each ally would pay to meet its theaters' needs alone, and what stays unmet."
)
avoidable = _comparing(
    "avoidable", "What each theater's needs cost: the optimum less the optimum without them; not additive."
)
