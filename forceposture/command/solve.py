"""The command ``posture solve``."""

from typing import Annotated, Any

import typer

from forceposture.command.exit_codes import ExitCode, ending_well, tell
from forceposture.command.options import (
    AlsoAs,
    AsJson,
    Asked,
    Out,
    Server,
    Start,
    Verbose,
    options_from_flags,
    takes_case,
    takes_solve_options,
)
from forceposture.command.solving import exit_code, solved, with_usual_processes
from optimizer.machine import memory_bytes


@takes_case
@takes_solve_options
def solve(
    asked: Asked,
    flags: dict[str, Any],
    beside: Annotated[
        str | None,
        typer.Option(
            "--beside",
            metavar="alliance",
            help="Least cost of the lead actor and of the alliance, side by side; not with --objective.",
        ),
    ] = None,
    break_even: Annotated[
        str | None,
        typer.Option(
            "--break-even",
            metavar="RATIO",
            help="Attacker's advantage that is just held; all solves 1.2, 1.5 and 2.1. The case must give needs "
            "as the opponent's score.",
        ),
    ] = None,
    require: Annotated[
        str | None,
        typer.Option(
            "--require",
            metavar="KIND",
            help="Which needs count: deter, win or both; all solves the three. The case must have such needs.",
        ),
    ] = None,
    band: Annotated[
        bool,
        typer.Option(
            "--band", help="Allied responses low, as given and high, of all allies and of each alone."
        ),
    ] = False,
    start: Start = None,
    out: Out = None,
    also_as: AlsoAs = None,
    as_json: AsJson = False,
    server: Server = None,
    verbose: Verbose = False,
) -> None:
    """Solves a case and prints the plan; Ctrl-C ends the search with the best plan so far."""
    with ending_well(verbose, as_json):
        from forceposture.command.compare_options import runs_of, variant_words
        from forceposture.command.comparing import compare
        from forceposture.command.reading import tell_warnings, told_case
        from forceposture.command.result_files import (
            read_result,
            refuse_case_folder,
            refuse_format_without_folder,
            show_parts,
            usual_folder,
            write_plan_workbook,
            write_results,
        )
        from forceposture.command.writing import check_writable
        from optimizer.checks.admission import checked_index
        from optimizer.questions.comparison import band_ranges

        options = with_usual_processes(options_from_flags(flags))
        refuse_case_folder(out)
        problem = told_case(asked)
        tell_warnings(problem)
        first = None if start is None else read_result(start)
        runs = runs_of(problem, options, beside, break_even, require, band)
        variant = variant_words(beside, break_even, require, band)
        folder = out or (None if as_json else usual_folder(asked, problem, options, variant))
        refuse_format_without_folder(also_as, folder)
        if len(runs) > 1:
            results = band_ranges if band else None
            # Of several break-even ratios none is the case's own plan.
            has_baseline = break_even != "all"
            code = compare(
                runs, folder, as_json, server, results, first, problem, has_baseline, also_as=also_as
            )
            raise typer.Exit(code)
        problem, options = runs[0].problem, runs[0].options
        index = None
        if server is None:
            tell("checking")
            index = checked_index(problem, options.asked, memory_bytes())
        if folder is not None:
            check_writable(folder)
        solution, interrupted = solved(problem, options, server, first, index)
        from forceposture.report.cost_change import Baseline
        from forceposture.report.text import outcome_text, summary

        baseline = None if first is None else Baseline(f"the plan in {start}", first)
        parts = summary(problem, solution, baseline)
        if as_json:
            from forceposture.command.result_files import print_json
            from optimizer.tables.solution import json_from_solution

            tell(outcome_text(solution))
            print_json(json_from_solution(solution))
        else:
            show_parts(parts)
        # Shown before it is written: a disk that filled up meanwhile does not cost the plan.
        if folder is not None and write_results(folder, problem, solution, parts):
            if also_as is not None:
                write_plan_workbook(folder, problem, [(runs[0], solution)], [])
            tell(f"The full result is in {folder.resolve()}")
        raise typer.Exit(ExitCode.INTERRUPTED if interrupted else exit_code(solution))
