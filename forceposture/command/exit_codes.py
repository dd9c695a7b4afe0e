"""How the command ``posture`` ends, and errors told so that whoever reads them knows what to do."""

import json
import logging
import sys
import tempfile
import traceback
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import IntEnum
from pathlib import Path

import typer

from forceposture.report.plain_text import plain
from optimizer.errors import Finding, ProblemError


class ExitCode(IntEnum):
    """Exit codes of every command; ``MEANINGS`` says what they mean."""

    DONE = 0
    OUR_FAULT = 1
    BAD_INPUT = 2
    INFEASIBLE = 3
    NO_PLAN_IN_TIME = 4
    AUDIT_FAILED = 5
    NO_SERVICE = 6
    INTERRUPTED = 130


MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "done; a solve has a plan that passed its audit",
    ExitCode.OUR_FAULT: "our fault, told with an incident id and a file; or the solver gave up",
    ExitCode.BAD_INPUT: "bad input or bad options, or a place that cannot be written; what is wrong is said",
    ExitCode.INFEASIBLE: "no plan exists, or so the solver says without confirming it",
    ExitCode.NO_PLAN_IN_TIME: "a limit was reached before any plan was found",
    ExitCode.AUDIT_FAILED: "a plan was found, but it fails its audit: do not use it",
    ExitCode.NO_SERVICE: "the service cannot be reached, or is busy",
    ExitCode.INTERRUPTED: "interrupted; the best plan so far, if there is one, is written",
}


class CommandError(Exception):
    """A command that cannot go on.

    Attributes:
        code: with which the command ends.
    """

    def __init__(self, code: ExitCode, message: str) -> None:
        self.code = code
        super().__init__(message)


@contextmanager
def ending_well(verbose: bool, as_json: bool = False) -> Iterator[None]:
    """Runs the body of a command and tells its errors on standard error, each with its exit code.

    Args:
        verbose: log on standard error, and show tracebacks there.
        as_json: write findings to standard output, too, as one JSON object.

    Raises:
        typer.Exit: the body failed.
    """
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    else:
        logging.getLogger().addHandler(logging.NullHandler())
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except ProblemError as error:
        if as_json:
            print(json.dumps({"findings": [asdict(finding) for finding in error.findings]}))
        tell("\n".join(findings_text(error.findings)))
        raise typer.Exit(ExitCode.BAD_INPUT) from None
    except CommandError as error:
        tell(str(error))
        raise typer.Exit(error.code) from None
    except OSError as error:
        if error.filename is None and not _is_somewhere():
            tell("The current folder is gone. Change to one that is there.")
        elif error.filename is None:
            raise typer.Exit(_told_incident(verbose)) from None
        else:
            tell(f"{error.filename}: {error.strerror}")
        raise typer.Exit(ExitCode.BAD_INPUT) from None
    except Exception:
        raise typer.Exit(_told_incident(verbose)) from None


def findings_text(findings: Sequence[Finding]) -> list[str]:
    """Lines that say of each finding what, where and how to mend it."""
    lines = [f"{len(findings)} finding{'s' if len(findings) != 1 else ''}"]
    for number, finding in enumerate(findings, 1):
        places = [
            ("table", finding.table_name),
            ("row", finding.row_key),
            ("column", finding.column_name),
            ("value", finding.value),
        ]
        where = ", ".join(f"{name} {text}" for name, text in places if text)
        lines += ["", f"{number}. {finding.message} [{finding.code}]"]
        lines += [f"   {where}"] * bool(where)
        lines.append(f"   {finding.fix}")
    return lines


def tell(text: str) -> None:
    """Writes lines to standard error."""
    print("\n".join(map(plain, text.split("\n"))), file=sys.stderr, flush=True)


def _is_somewhere() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _told_incident(verbose: bool) -> ExitCode:
    """Keeps the traceback of the error at hand, and tells where."""
    incident = uuid.uuid4().hex[:12]
    text = traceback.format_exc()
    tell(f"This is a fault of the software, not of your input. Incident {incident}.")
    if verbose:
        tell(text)
    try:
        path = Path(tempfile.gettempdir()) / f"posture-incident-{incident}.log"
        path.write_text(text, encoding="utf-8")
    except OSError:
        tell("The reason could not be written to a file; --verbose shows it.")
    else:
        tell(f"The reason is in {path}; please report it with that file.")
    return ExitCode.OUR_FAULT
