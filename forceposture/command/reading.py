"""Reads the case of a command, and tells on standard error what was read otherwise than it was written."""

from typing import TYPE_CHECKING

from forceposture.command.exit_codes import tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from forceposture.command.options import Asked
    from optimizer.changes.change import Change
    from optimizer.errors import Finding
    from optimizer.tables.problem import Problem


def told_case(asked: "Asked") -> "Problem":
    """The problem that a command is about; notes are told, a line each.

    Raises:
        ProblemError: as ``read_case`` and ``what_if``, and where a change cannot be read.
    """
    from optimizer.cases.read import read_case

    problem = read_case(asked.case, *asked.alternatives)
    for note in problem.notes:
        tell(f"note: {note}.")
    return told_what_if(problem, asked.changes, asked.files)


def told_what_if(problem: "Problem", lines: "Sequence[str]", files: "Sequence[Path]") -> "Problem":
    """The problem with the changes of lines and files; notes about how these were read are told, a line each.

    Raises:
        ProblemError: with everything that is wrong with the changes.
    """
    if not lines and not files:
        return problem
    from optimizer.cases.changes_tables import read_changes
    from optimizer.changes.lines import changes_of_line
    from optimizer.changes.what_ifs import what_if
    from optimizer.errors import ProblemError

    changes: list[Change] = []
    findings: list[Finding] = []
    for file in files:
        try:
            read, notes = read_changes(file, problem)
        except ProblemError as error:
            findings += error.findings
            continue
        changes += read
        for note in notes:
            tell(f"note: {note}.")
    for line in lines:
        try:
            changes += changes_of_line(line, problem, "--set")
        except ProblemError as error:
            findings += error.findings
    if findings:
        raise ProblemError(findings)
    return what_if(problem, changes, [*lines, *(file.name for file in files)])


def tell_warnings(problem: "Problem") -> None:
    """Tells what of a problem may not be meant, a line each."""
    from optimizer.checks import warnings

    for finding in warnings(problem):
        tell(f"warning: {finding}")
