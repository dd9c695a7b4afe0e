"""The command ``posture solve``."""

from typing import Annotated

import typer

from forceposture.command.exit_codes import ExitCode, ending_well, tell
from forceposture.command.options import (
    Alternative,
    AsJson,
    Case,
    Deterministic,
    Gap,
    NodeLimit,
    Out,
    PlainSearch,
    Processes,
    Relax,
    Seed,
    Server,
    Solver,
    Start,
    Threads,
    TimeLimit,
    Verbose,
)
from forceposture.command.solving import exit_code, machine_memory_bytes, solved, usual_processes


def solve(
    case: Case,
    alternative: Alternative = None,
    relax: Relax = False,
    time_limit: TimeLimit = None,
    gap: Gap = None,
    threads: Threads = 1,
    seed: Seed = 0,
    solver: Solver = "choose",
    processes: Processes = None,
    deterministic: Deterministic = False,
    node_limit: NodeLimit = None,
    plain_search: PlainSearch = False,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            "--objective",
            help="lead-cost, alliance-cost, shortfall, exposure or worst-burden; repeated: in that order.",
        ),
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", help="Most the lead actor may spend, discounted, M$.")
    ] = None,
    beside: Annotated[
        str | None, typer.Option("--beside", help="alliance: least alliance cost beside least lead cost.")
    ] = None,
    break_even: Annotated[
        str | None,
        typer.Option(
            "--break-even", help="Attacker's advantage that is just held: a ratio, or all for 1.2, 1.5, 2.1."
        ),
    ] = None,
    require: Annotated[
        str | None,
        typer.Option("--require", help="Which needs count: deter, win, both, or all three side by side."),
    ] = None,
    band: Annotated[
        bool, typer.Option("--band", help="Allied responses low, as given and high, of all and of each ally.")
    ] = False,
    start: Start = None,
    out: Out = None,
    as_json: AsJson = False,
    server: Server = None,
    verbose: Verbose = False,
) -> None:
    """Solves a case and prints the plan; Ctrl-C ends the search with the best plan so far."""
    with ending_well(verbose, as_json):
        from forceposture.command.comparing import band_ranges, compare, runs_of, variant_words
        from forceposture.command.result_files import (
            read_result,
            refuse_case_folder,
            show_parts,
            usual_folder,
            write_results,
        )
        from optimizer.cases.read import read_case
        from optimizer.checks.admission import checked_index
        from optimizer.solve_settings import SolveSettings

        objectives = tuple(word.upper().replace("-", "_") for word in objective or ["lead-cost"])
        settings = SolveSettings(
            relax=relax,
            time_limit_seconds=time_limit,
            relative_gap=gap,
            threads=threads,
            random_seed=seed,
            solver=solver,
            objectives=objectives,
            lead_budget_usd_m=budget,
            processes=processes or usual_processes(deterministic or (time_limit is None and gap is None)),
            deterministic=deterministic,
            node_limit=node_limit,
            plain_search=plain_search,
        )
        refuse_case_folder(out)
        problem = read_case(case, alternative)
        first = None if start is None else read_result(start)
        runs = runs_of(problem, settings, beside, break_even, require, band)
        variant = variant_words(beside, break_even, require, band)
        folder = out or (None if as_json else usual_folder(case, alternative, problem, settings, variant))
        if len(runs) > 1:
            raise typer.Exit(compare(runs, folder, as_json, server, band_ranges if band else None, first))
        problem, settings = runs[0].problem, runs[0].settings
        index = None
        if server is None:
            tell("checking")
            index = checked_index(problem, settings.asked, machine_memory_bytes())
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        solution, interrupted = solved(problem, settings, server, first, index)
        from forceposture.report.text import outcome_text, summary

        parts = summary(problem, solution)
        if folder is not None and write_results(folder, solution, parts):
            tell(f"The full result is in {folder.resolve()}")
        if as_json:
            from forceposture.command.result_files import json_text
            from optimizer.tables.solution import json_from_solution

            tell(outcome_text(solution))
            print(json_text(json_from_solution(solution)))
        else:
            show_parts(parts)
        raise typer.Exit(ExitCode.INTERRUPTED if interrupted else exit_code(solution))
