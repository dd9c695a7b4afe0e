"""The command ``posture``."""

# Everything that solves is imported inside the commands: help and bad options answer at once.
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from forceposture.command.compare import avoidable, stand_alone
from forceposture.command.exit_codes import MEANINGS, CommandError, ExitCode, ending_well, findings_text, tell
from forceposture.command.options import Alternative, Case, Verbose
from forceposture.command.reading import told_case
from forceposture.command.solve import solve
from forceposture.command.solving import machine_memory_bytes

_EXIT_CODES = "Exit codes:\n\n" + "\n\n".join(f"{code:3d}  {meaning}" for code, meaning in MEANINGS.items())

app = typer.Typer(
    name="posture",
    help="Who should own, station and command which forces so that every theater stays deterred at least cost.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """What a case can be exported as."""

    MPS = "mps"
    LP = "lp"
    JSON = "json"
    YAML = "yaml"
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
        from optimizer.cases.read import alternatives, case_title, shipped_cases

        lines = []
        for name, folder in shipped_cases().items():
            lines.append((name, case_title(folder)))
            lines += [(f"  {other}", case_title(path)) for other, path in alternatives(folder).items()]
        width = max((len(name) for name, _ in lines), default=0)
        for name, title in lines:
            print(f"{name:<{width}}  {title}")


@app.command()
def check(case: Case, alternative: Alternative = None, verbose: Verbose = False) -> None:
    """Says everything that is wrong with a case, or how large its model is."""
    with ending_well(verbose):
        from forceposture.command.result_files import case_name
        from optimizer.checks.admission import checked_index
        from optimizer.checks.figures import warnings
        from optimizer.size import model_size

        problem = told_case(case, alternative)
        machine = machine_memory_bytes()
        size = model_size(checked_index(problem, memory_limit_bytes=machine))
        doubts = warnings(problem)
        if doubts:
            tell("\n".join(findings_text(doubts)))
        print(f"{case_name(case, alternative)}: {_no_findings(len(doubts))}; digest {problem.digest}")
        print(
            f"model: {size.row_count:,} rows, {size.column_count:,} columns, {size.nonzero_count:,} nonzeros, "
            f"{size.integer_count:,} integers"
        )
        has = f"; this machine has {machine / 1e9:.1f} GB" if machine else ""
        print(f"memory to build and solve it: about {size.memory_bytes / 1e9:.1f} GB{has}")


app.command()(solve)
app.command()(stand_alone)
app.command()(avoidable)


@app.command()
def export(
    case: Case,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="mps and lp: the model, for other solvers. json, yaml, xlsx, csv: the case, csv as a folder.",
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
        from forceposture.command.result_files import case_name
        from optimizer.cases.read import write_case

        suffix = "" if form is Format.CSV else f".{form}"
        target = out or Path(f"{case_name(case, alternative)}{suffix}")
        if target.suffix.lower() != suffix:
            ending = f"a name that ends in {suffix}" if suffix else "the name of a folder, without an ending"
            raise CommandError(ExitCode.BAD_INPUT, f"--out {target}: --format {form} needs {ending}.")
        if target.exists():
            raise CommandError(ExitCode.BAD_INPUT, f"{target} is there already; choose another with --out.")
        problem = told_case(case, alternative)
        target.parent.mkdir(parents=True, exist_ok=True)
        if form in (Format.MPS, Format.LP):
            from optimizer.checks.admission import checked_index
            from optimizer.solver.compilation import compile_matrix
            from optimizer.solver.model_files import write_model

            index = checked_index(problem, memory_limit_bytes=machine_memory_bytes())
            write_model(compile_matrix(index), target)
        else:
            write_case(problem, target)
        print(f"{target.resolve()}")


def _no_findings(warning_count: int) -> str:
    if warning_count == 0:
        return "no findings"
    return f"no errors, {warning_count} warning{'s' if warning_count > 1 else ''}"
