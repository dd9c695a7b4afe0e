"""The command ``posture``: cases, check, solve, export."""

# Everything that solves is imported inside the commands: help and bad options answer at once.
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forceposture.exit_codes import MEANINGS, CommandError, ExitCode, ending_well, tell

if TYPE_CHECKING:
    from optimizer.problem import Problem
    from optimizer.solution import Solution
    from optimizer.solve_settings import SolveSettings

_EXIT_CODES = "Exit codes:\n\n" + "\n\n".join(f"{code:3d}  {meaning}" for code, meaning in MEANINGS.items())

app = typer.Typer(
    name="posture",
    help="Who should own, station and command which forces so that every theater stays deterred at least cost.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Case = Annotated[
    str,
    typer.Argument(metavar="CASE", help="A shipped case, a folder of CSVs, an .xlsx, a .yaml or a .json."),
]
Alternative = Annotated[
    str | None,
    typer.Option(
        "--alternative", metavar="NAME", help="One of the case's alternatives, as posture cases lists them."
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log on standard error, and show tracebacks.")]


class Format(StrEnum):
    """What a case can be exported as."""

    MPS = "mps"
    LP = "lp"
    JSON = "json"
    XLSX = "xlsx"
    CSV = "csv"


def main() -> None:
    """Runs the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()


@app.command()
def cases(verbose: Verbose = False) -> None:
    """Lists the shipped cases and, indented, their alternatives."""
    with ending_well(verbose):
        from optimizer.cases import alternatives, case_title, shipped_cases

        lines = []
        for name, folder in shipped_cases().items():
            lines.append((name, case_title(folder)))
            lines += [(f"  {other}", case_title(path)) for other, path in alternatives(name).items()]
        width = max((len(name) for name, _ in lines), default=0)
        for name, title in lines:
            print(f"{name:<{width}}  {title}")


@app.command()
def check(case: Case, alternative: Alternative = None, verbose: Verbose = False) -> None:
    """Says everything that is wrong with a case, or how large its model is."""
    with ending_well(verbose):
        from forceposture.result_files import case_name
        from optimizer.cases import read_case
        from optimizer.errors import ProblemError
        from optimizer.formulation.index import build_index
        from optimizer.model_checks import model_findings
        from optimizer.size import model_size

        problem = read_case(case, alternative)
        _refuse_unsolvable(problem)
        findings = model_findings(build_index(problem))
        if findings:
            raise ProblemError(findings)
        size = model_size(problem)
        print(f"{case_name(case, alternative)}: no findings; digest {problem.digest}")
        print(
            f"model: {size.row_count:,} rows, {size.column_count:,} columns, {size.nonzero_count:,} nonzeros, "
            f"{size.integer_count:,} integers"
        )
        machine = _machine_memory_bytes()
        has = f"; this machine has {machine / 1e9:.1f} GB" if machine else ""
        print(f"memory to build and solve it: about {size.memory_bytes / 1e9:.1f} GB{has}")


@app.command()
def solve(
    case: Case,
    alternative: Alternative = None,
    relax: Annotated[
        bool, typer.Option("--relax", help="Solve the linear relaxation: nothing need be whole.")
    ] = False,
    time_limit: Annotated[
        float, typer.Option("--time-limit", help="Seconds after which the best plan is taken.")
    ] = 150.0,
    gap: Annotated[
        float,
        typer.Option("--gap", help="Gap to the bound, as part of the cost, at which a plan is optimal."),
    ] = 1e-4,
    threads: Annotated[int, typer.Option("--threads", help="Threads of the solver.")] = 1,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the solver.")] = 0,
    solver: Annotated[
        str, typer.Option("--solver", help="Algorithm for linear programs: choose, simplex, ipm or pdlp.")
    ] = "choose",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder of the result; by default in posture-results."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Write one JSON object to standard output; no folder unless --out."),
    ] = False,
    server: Annotated[
        str | None,
        typer.Option("--server", metavar="ADDRESS", help="Solve through the service at this host and port."),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Solves a case and prints the plan; Ctrl-C ends the search with the best plan so far."""
    with ending_well(verbose, as_json):
        from rich.console import Console

        from forceposture.result_files import PAGE_WIDTH, json_text, usual_folder, write_results
        from forceposture.summary import outcome_text, summary
        from optimizer.cases import read_case
        from optimizer.solution import json_from_solution
        from optimizer.solve_settings import SolveSettings

        settings = SolveSettings(relax, time_limit, gap, threads, seed, solver)
        problem = read_case(case, alternative)
        if server is None:
            _refuse_unsolvable(problem)
        folder = out or (None if as_json else usual_folder(case, alternative, problem))
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        solution, interrupted = _solved(problem, settings, server)
        parts = summary(problem, solution)
        if folder is not None:
            write_results(folder, solution, parts)
            tell(f"The full result is in {folder.resolve()}")
        if as_json:
            tell(outcome_text(solution))
            print(json_text(json_from_solution(solution)))
        else:
            console = Console(highlight=False)
            if not console.is_terminal:
                console.width = PAGE_WIDTH
            for part in parts:
                console.print(part)
        if solution.outcome["termination"] == "SOLVER_FAILURE" and not solution.has_plan:
            raise RuntimeError("the solver gave up without a plan")
        raise typer.Exit(ExitCode.INTERRUPTED if interrupted else _exit_code(solution))


@app.command()
def export(
    case: Case,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="mps and lp: the model, for other solvers. json, xlsx and csv: the case, csv as a folder.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to; by default here, under the case's name."),
    ] = None,
    alternative: Alternative = None,
    verbose: Verbose = False,
) -> None:
    """Writes a case, or its optimization model, to a file."""
    with ending_well(verbose):
        from forceposture.result_files import case_name
        from optimizer.cases import read_case, write_case

        suffix = "" if form is Format.CSV else f".{form}"
        target = out or Path(f"{case_name(case, alternative)}{suffix}")
        if target.suffix.lower() != suffix:
            ending = f"a name that ends in {suffix}" if suffix else "the name of a folder, without an ending"
            raise CommandError(ExitCode.BAD_INPUT, f"--out {target}: --format {form} needs {ending}.")
        if target.exists() and (form is Format.CSV or target.resolve() == Path(case).resolve()):
            raise CommandError(ExitCode.BAD_INPUT, f"{target} is there already; choose another with --out.")
        problem = read_case(case, alternative)
        target.parent.mkdir(parents=True, exist_ok=True)
        if form in (Format.MPS, Format.LP):
            _refuse_unsolvable(problem)
            from optimizer.export import write_model
            from optimizer.formulation.index import build_index
            from optimizer.matrix import compile_matrix

            write_model(compile_matrix(build_index(problem)), target)
        else:
            write_case(problem, target)
        print(f"{target.resolve()}")


def _solved(problem: "Problem", settings: "SolveSettings", server: str | None) -> tuple["Solution", bool]:
    """The solution of a problem, here or by the service, and whether Ctrl-C ended the search."""
    if server is not None:
        from forceposture.remote import solve_remotely

        tell(f"solving at {server}")
        return solve_remotely(problem, settings, server), False
    from forceposture.interruptible import Interruptible
    from forceposture.progress import ProgressReport

    with ProgressReport() as report:
        from optimizer.run import solve as run

        work = Interruptible(lambda interrupt: run(problem, settings, report.show, interrupt))
        return work.run(), work.interrupt.is_set()


def _refuse_unsolvable(problem: "Problem") -> None:
    """Raises ProblemError with every finding about a problem, or with its size if that is too large."""
    from optimizer.checks import check as findings_of
    from optimizer.errors import ProblemError
    from optimizer.size import size_findings

    findings = findings_of(problem)
    machine = _machine_memory_bytes()
    if not findings and machine:
        findings = size_findings(problem, machine)
    if findings:
        raise ProblemError(findings)


def _exit_code(solution: "Solution") -> ExitCode:
    outcome = solution.outcome
    if solution.has_plan:
        return ExitCode.DONE if outcome["audit_passed"] else ExitCode.AUDIT_FAILED
    return {
        "INFEASIBLE": ExitCode.INFEASIBLE,
        "INFEASIBLE_UNCONFIRMED": ExitCode.INFEASIBLE,
        "UNBOUNDED": ExitCode.BAD_INPUT,
        "INTERRUPTED": ExitCode.INTERRUPTED,
    }.get(outcome["termination"], ExitCode.NO_PLAN_IN_TIME)


def _machine_memory_bytes() -> int | None:
    """Memory of this machine, if it can be known."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
