"""The command ``posture``."""

# Everything that solves is imported inside the commands: help and bad options answer at once.
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forceposture.command.compare import avoidable, compare, stand_alone
from forceposture.command.diff import diff
from forceposture.command.exit_codes import MEANINGS, CommandError, ExitCode, ending_well, findings_text, tell
from forceposture.command.given_once import GivenOnce
from forceposture.command.options import Asked, Verbose, takes_case
from forceposture.command.reading import told_case
from forceposture.command.score import score
from forceposture.command.solve import solve
from forceposture.command.streams import prepare_streams
from forceposture.report.plain_text import plain
from optimizer.machine import memory_bytes

if TYPE_CHECKING:
    from optimizer.tables.problem import Problem

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
    prepare_streams()
    if sys.flags.optimize > 1:
        tell("posture does not run with PYTHONOPTIMIZE=2 or python -OO: Pyomo needs its docstrings.")
        sys.exit(ExitCode.BAD_INPUT)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        tell(f"{error.filename}: {error.strerror}")
        sys.exit(ExitCode.BAD_INPUT)


@app.command(cls=GivenOnce)
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
            print(plain(f"{name:<{width}}  {title}"))


@app.command(cls=GivenOnce)
@takes_case
def check(asked: Asked, verbose: Verbose = False) -> None:
    """Says everything that is wrong with a case, or how large its model is."""
    with ending_well(verbose):
        from forceposture.command.result_files import case_name
        from optimizer.checks import warnings
        from optimizer.checks.admission import checked_index
        from optimizer.checks.size import model_size

        problem = told_case(asked)
        usable = memory_bytes()
        size = model_size(checked_index(problem, memory_limit_bytes=usable))
        doubts = warnings(problem)
        if doubts:
            tell("\n".join(findings_text(doubts)))
        print(f"{plain(case_name(asked))}: {_no_findings(len(doubts))}; digest {problem.digest}")
        print(
            f"model: {size.row_count:,} rows, {size.column_count:,} columns, {size.nonzero_count:,} nonzeros, "
            f"{size.integer_count:,} integers"
        )
        has = f"; {usable / 1e9:.1f} GB may be used here" if usable else ""
        print(f"memory to build and solve it: about {size.memory_bytes / 1e9:.1f} GB{has}")


app.command(cls=GivenOnce)(score)
app.command(cls=GivenOnce)(solve)
app.command(cls=GivenOnce)(compare)
app.command(cls=GivenOnce)(stand_alone)
app.command(cls=GivenOnce)(avoidable)
app.command(cls=GivenOnce)(diff)


@app.command(cls=GivenOnce)
@takes_case
def export(
    asked: Asked,
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
    verbose: Verbose = False,
) -> None:
    """Writes a case, or its optimization model, to a file."""
    with ending_well(verbose):
        from forceposture.command.result_files import case_name
        from forceposture.command.writing import whole

        suffix = "" if form is Format.CSV else f".{form}"
        target = out or Path(f"{case_name(asked)}{suffix}")
        if target.suffix.lower() != suffix:
            ending = f"a name that ends in {suffix}" if suffix else "the name of a folder, without an ending"
            raise CommandError(ExitCode.BAD_INPUT, f"--out {target}: --format {form} needs {ending}.")
        if target.exists():
            raise CommandError(ExitCode.BAD_INPUT, f"{target} is there already; choose another with --out.")
        problem = told_case(asked)
        with whole(target.parent) as folder:
            _export(problem, form, folder / target.name)
        print(plain(str(target.resolve())))


def _export(problem: "Problem", form: Format, target: Path) -> None:
    if form in (Format.MPS, Format.LP):
        from optimizer.checks.admission import checked_index
        from optimizer.solver.compilation import compile_matrix
        from optimizer.solver.model_files import write_model

        index = checked_index(problem, memory_limit_bytes=memory_bytes())
        write_model(compile_matrix(index), target)
    else:
        from optimizer.cases.read import write_case

        write_case(problem, target)


def _no_findings(warning_count: int) -> str:
    if warning_count == 0:
        return "no findings"
    return f"no errors, {warning_count} warning{'s' if warning_count > 1 else ''}"
