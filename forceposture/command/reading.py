"""Reads the case of a command, and tells on standard error what was read otherwise than it was written."""

from typing import TYPE_CHECKING

from forceposture.command.exit_codes import tell

if TYPE_CHECKING:
    from optimizer.tables.problem import Problem


def told_case(case: str, alternative: str | None) -> "Problem":
    """The problem of a case; its notes are told, a line each.

    Raises:
        ProblemError: as ``read_case``.
    """
    from optimizer.cases.read import read_case

    problem = read_case(case, alternative)
    for note in problem.notes:
        tell(f"note: {note}.")
    return problem


def tell_warnings(problem: "Problem") -> None:
    """Tells what of a problem may not be meant, a line each."""
    from optimizer.checks import warnings

    for finding in warnings(problem):
        tell(f"warning: {finding}")
