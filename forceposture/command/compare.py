"""The commands that solve several problems and print what they cost beside each other."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from forceposture.command.exit_codes import ending_well
from forceposture.command.options import (
    Alternative,
    AsJson,
    Case,
    Out,
    Server,
    Start,
    Verbose,
    options_from_flags,
    takes_solve_options,
)
from forceposture.command.solving import with_usual_processes


def _comparing(name: str, what: str) -> Callable[..., None]:
    """The command of a comparison.

    Args:
        name: of the command, and of its folder; a key of ``comparison.COMPARISONS``.
        what: the command's help.
    """

    def command(
        case: Case,
        flags: dict[str, Any],
        alternative: Alternative = None,
        start: Start = None,
        out: Out = None,
        as_json: AsJson = False,
        server: Server = None,
        verbose: Verbose = False,
    ) -> None:
        with ending_well(verbose, as_json):
            from forceposture.command.comparing import COMPARISONS, compare
            from forceposture.command.reading import tell_warnings, told_case
            from forceposture.command.result_files import read_result, refuse_case_folder, usual_folder

            options = with_usual_processes(options_from_flags(flags))
            refuse_case_folder(out)
            problem = told_case(case, alternative)
            tell_warnings(problem)
            first = None if start is None else read_result(start)
            asked = COMPARISONS[name]
            folder = out or (None if as_json else usual_folder(case, alternative, problem, options, [name]))
            code = compare(
                asked.runs(problem, options),
                folder,
                as_json,
                server,
                asked.results,
                first,
                problem if asked.has_today else None,
                asked.has_baseline,
            )
            raise typer.Exit(code)

    command.__name__, command.__doc__ = name, what
    return takes_solve_options(command)


@takes_solve_options
def compare(
    case: Case,
    flags: dict[str, Any],
    alternatives: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ALTERNATIVE]...",
            help="Which of the case's alternatives; by default all.",
            show_default=False,
        ),
    ] = None,
    start: Start = None,
    out: Out = None,
    as_json: AsJson = False,
    server: Server = None,
    verbose: Verbose = False,
) -> None:
    """Today's posture, the case's plan and those of its alternatives, side by side; warns of what changes nothing."""
    with ending_well(verbose, as_json):
        from forceposture.command.comparing import compare as compared
        from forceposture.command.reading import tell_warnings, told_case
        from forceposture.command.result_files import read_result, refuse_case_folder, usual_folder
        from optimizer.cases.read import alternative_names
        from optimizer.questions.already_so import already_so
        from optimizer.questions.runs import alternative_runs

        options = with_usual_processes(options_from_flags(flags))
        refuse_case_folder(out)
        problem = told_case(case, None)
        tell_warnings(problem)
        first = None if start is None else read_result(start)
        asked = alternatives or alternative_names(case)
        runs = alternative_runs(problem, {name: told_case(case, name) for name in asked}, options)
        folder = out or (
            None
            if as_json
            else usual_folder(case, None, problem, options, ["compare", *(alternatives or [])])
        )
        raise typer.Exit(
            compared(
                runs, folder, as_json, server, None, first, problem, has_baseline=True, warnings=already_so
            )
        )


stand_alone = _comparing(
    "stand-alone", "What each ally would pay to meet its theaters' needs alone, and what stays unmet."
)
avoidable = _comparing(
    "avoidable", "What each theater's needs cost: the optimum less the optimum without them; not additive."
)
