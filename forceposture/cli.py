"""The command ``posture``: cases, check, solve, export."""

# Everything that solves is imported inside the commands: help and bad options answer at once.
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from forceposture.exit_codes import MEANINGS, CommandError, ExitCode, ending_well, tell
from forceposture.solving import exit_code, machine_memory_bytes, refuse_unsolvable, solved

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
Relax = Annotated[bool, typer.Option("--relax", help="Solve the linear relaxation: nothing need be whole.")]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", help="Seconds after which the best plan is taken; of each solve.")
]
Gap = Annotated[
    float, typer.Option("--gap", help="Gap to the bound, as part of the cost, at which a plan is optimal.")
]
Threads = Annotated[int, typer.Option("--threads", help="Threads of the solver.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the solver.")]
Solver = Annotated[
    str, typer.Option("--solver", help="Algorithm for linear programs: choose, simplex, ipm or pdlp.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder of the result; by default in posture-results."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Write one JSON object to standard output; no folder unless --out.")
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="ADDRESS", help="Solve through the service at this host and port."),
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
    """Lists the shipped cases."""
    with ending_well(verbose):
        from optimizer.cases import case_title, shipped_cases

        folders = shipped_cases()
        width = max(map(len, folders), default=0)
        for name, folder in folders.items():
            print(f"{name:<{width}}  {case_title(folder)}")


@app.command()
def check(case: Case, verbose: Verbose = False) -> None:
    """Says everything that is wrong with a case, or how large its model is."""
    with ending_well(verbose):
        from forceposture.result_files import case_name
        from optimizer.cases import read_case
        from optimizer.errors import ProblemError
        from optimizer.formulation.index import build_index
        from optimizer.model_checks import model_findings
        from optimizer.size import model_size

        problem = read_case(case)
        refuse_unsolvable(problem)
        findings = model_findings(build_index(problem))
        if findings:
            raise ProblemError(findings)
        size = model_size(problem)
        print(f"{case_name(case)}: no findings; digest {problem.digest}")
        print(
            f"model: {size.row_count:,} rows, {size.column_count:,} columns, {size.nonzero_count:,} nonzeros, "
            f"{size.integer_count:,} integers"
        )
        machine = machine_memory_bytes()
        has = f"; this machine has {machine / 1e9:.1f} GB" if machine else ""
        print(f"memory to build and solve it: about {size.memory_bytes / 1e9:.1f} GB{has}")


@app.command()
def solve(
    case: Case,
    relax: Relax = False,
    time_limit: TimeLimit = 150.0,
    gap: Gap = 1e-4,
    threads: Threads = 1,
    seed: Seed = 0,
    solver: Solver = "choose",
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
    out: Out = None,
    as_json: AsJson = False,
    server: Server = None,
    verbose: Verbose = False,
) -> None:
    """Solves a case and prints the plan; Ctrl-C ends the search with the best plan so far."""
    with ending_well(verbose, as_json):
        from forceposture.comparisons import band_ranges, compare, runs_of
        from forceposture.result_files import show_parts, usual_folder, write_results
        from optimizer.cases import read_case
        from optimizer.solve_settings import SolveSettings

        objectives = tuple(word.upper().replace("-", "_") for word in objective or ["lead-cost"])
        settings = SolveSettings(
            relax, time_limit, gap, threads, seed, solver, objectives=objectives, lead_budget_usd_m=budget
        )
        problem = read_case(case)
        runs = runs_of(problem, settings, beside, break_even, require, band)
        folder = out or (None if as_json else usual_folder(case, problem))
        if len(runs) > 1:
            raise typer.Exit(compare(runs, folder, as_json, server, band_ranges if band else None))
        problem, settings = runs[0].problem, runs[0].settings
        if server is None:
            refuse_unsolvable(problem)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        solution, interrupted = solved(problem, settings, server)
        from forceposture.summary import outcome_text, summary

        parts = summary(problem, solution)
        if folder is not None:
            write_results(folder, solution, parts)
            tell(f"The full result is in {folder.resolve()}")
        if as_json:
            from forceposture.result_files import json_text
            from optimizer.solution import json_from_solution

            tell(outcome_text(solution))
            print(json_text(json_from_solution(solution)))
        else:
            show_parts(parts)
        if solution.outcome["termination"] == "SOLVER_FAILURE" and not solution.has_plan:
            raise RuntimeError("the solver gave up without a plan")
        raise typer.Exit(ExitCode.INTERRUPTED if interrupted else exit_code(solution))


@app.command("stand-alone")
def stand_alone(
    case: Case,
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
    _compare(
        "stand_alone",
        case,
        (relax, time_limit, gap, threads, seed, solver),
        out,
        as_json,
        server,
        verbose,
    )


@app.command()
def avoidable(
    case: Case,
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
    _compare(
        "avoidable", case, (relax, time_limit, gap, threads, seed, solver), out, as_json, server, verbose
    )


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
    verbose: Verbose = False,
) -> None:
    """Writes a case, or its optimization model, to a file."""
    with ending_well(verbose):
        from forceposture.result_files import case_name
        from optimizer.cases import read_case, write_case

        suffix = "" if form is Format.CSV else f".{form}"
        target = out or Path(f"{case_name(case)}{suffix}")
        if target.suffix.lower() != suffix:
            ending = f"a name that ends in {suffix}" if suffix else "the name of a folder, without an ending"
            raise CommandError(ExitCode.BAD_INPUT, f"--out {target}: --format {form} needs {ending}.")
        if target.exists() and (form is Format.CSV or target.resolve() == Path(case).resolve()):
            raise CommandError(ExitCode.BAD_INPUT, f"{target} is there already; choose another with --out.")
        problem = read_case(case)
        target.parent.mkdir(parents=True, exist_ok=True)
        if form in (Format.MPS, Format.LP):
            refuse_unsolvable(problem)
            from optimizer.export import write_model
            from optimizer.formulation.index import build_index
            from optimizer.matrix import compile_matrix

            write_model(compile_matrix(build_index(problem)), target)
        else:
            write_case(problem, target)
        print(f"{target.resolve()}")


def _compare(
    kind: str,
    case: str,
    options: tuple[bool, float, float, int, int, str],
    out: Path | None,
    as_json: bool,
    server: str | None,
    verbose: bool,
) -> None:
    """Solves the runs of a comparison and prints them side by side."""
    with ending_well(verbose, as_json):
        from forceposture import comparisons
        from forceposture.result_files import usual_folder
        from optimizer.cases import read_case
        from optimizer.solve_settings import SolveSettings

        problem = read_case(case)
        runs = getattr(comparisons, f"{kind}_runs")(problem, SolveSettings(*options))
        folder = out or (None if as_json else usual_folder(case, problem) / kind.replace("_", "-"))
        raise typer.Exit(
            comparisons.compare(runs, folder, as_json, server, getattr(comparisons, f"{kind}_costs"))
        )
