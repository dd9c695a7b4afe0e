"""The commands that solve several problems and print what they cost beside each other."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from forceposture.command.exit_codes import ending_well
from forceposture.command.options import (
    AlsoAs,
    Alternatives,
    AsJson,
    Asked,
    Case,
    Out,
    Server,
    Start,
    Verbose,
    options_from_flags,
    takes_case,
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
        asked: Asked,
        flags: dict[str, Any],
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
            problem = told_case(asked)
            tell_warnings(problem)
            first = None if start is None else read_result(start)
            comparison = COMPARISONS[name]
            folder = out or (None if as_json else usual_folder(asked, problem, options, [name]))
            code = compare(
                comparison.runs(problem, options),
                folder,
                as_json,
                server,
                comparison.results,
                first,
                problem if comparison.has_today else None,
                comparison.has_baseline,
            )
            raise typer.Exit(code)

    command.__name__, command.__doc__ = name, what
    return takes_case(takes_solve_options(command))


@takes_solve_options
def compare(
    case: Case,
    flags: dict[str, Any],
    columns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COLUMN]...",
            help="Alternatives of the case, several together as one+other, other cases, or result folders; by "
            "default all alternatives.",
            show_default=False,
        ),
    ] = None,
    all_alternatives: Annotated[
        bool, typer.Option("--all", help="All alternatives of the case, beside the columns that are named.")
    ] = False,
    alternatives: Alternatives = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", "--change", metavar="CHANGE", help="A column of its own: the case so changed."),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--changes", metavar="FILE", help="A column of its own: the case so changed."),
    ] = None,
    start: Start = None,
    out: Out = None,
    also_as: AlsoAs = None,
    as_json: AsJson = False,
    server: Server = None,
    verbose: Verbose = False,
) -> None:
    """Today's posture, the case's plan and those of other columns, side by side; warns of what changes nothing."""
    with ending_well(verbose, as_json):
        from forceposture.command.columns import alternatives_beside, columns_of
        from forceposture.command.comparing import compare as compared
        from forceposture.command.reading import tell_warnings, told_case
        from forceposture.command.result_files import (
            read_result,
            refuse_case_folder,
            refuse_format_without_folder,
            usual_folder,
        )

        options = with_usual_processes(options_from_flags(flags))
        refuse_case_folder(out)
        asked = Asked(case, tuple(alternatives or ()))
        problem = told_case(asked)
        tell_warnings(problem)
        first = None if start is None else read_result(start)
        words = list(columns or [])
        if all_alternatives or not (words or changes or files):
            words += [name for name in alternatives_beside(asked) if name not in words]
        found = columns_of(asked, problem, words, changes or [], files or [], options)
        folder = out
        if folder is None and not as_json:
            names = [
                run.name if run.name in found.changed & set(words) else f"{run.name}-{run.problem.digest[:8]}"
                for run in found.runs[1:]
            ]
            is_usual = not (columns or changes or files)
            folder = usual_folder(asked, problem, options, ["compare", *([] if is_usual else names)])
        refuse_format_without_folder(also_as, folder)
        raise typer.Exit(
            compared(
                found.runs,
                folder,
                as_json,
                server,
                None,
                first,
                problem,
                has_baseline=True,
                warnings=found.warnings,
                known=found.known,
                tells_inputs=True,
                also_as=also_as,
            )
        )


stand_alone = _comparing(
    "stand-alone", "What each ally would pay to meet its theaters' needs alone, and what stays unmet."
)
avoidable = _comparing(
    "avoidable", "What each theater's needs cost: the optimum less the optimum without them; not additive."
)
