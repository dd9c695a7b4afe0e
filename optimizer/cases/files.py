"""What readers of case files share: raw cells, safe limits, and what to say of a file that fails them.

A reader returns the raw cells of each table it found, for ``pasted_tables``, and findings about what it
could not read. An unreadable row or file is left out and named; what stays readable is read.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from optimizer.errors import Finding, ProblemError
from optimizer.tables.raw_cells import Cells


@dataclass(frozen=True)
class RawTable:
    """A table as a reader found it.

    Attributes:
        cells: its raw cells, under the names that the file gives its columns.
        place: the file, and what in it, as notes name them.
        decimal_mark: the format's own; empty where the format leaves it to who writes it.
    """

    cells: Cells
    place: str
    decimal_mark: str = "."


@dataclass(frozen=True)
class Raw:
    """A case as a reader found it.

    Attributes:
        tables: by the names that the case gives them.
        findings: about what could not be read.
        notes: about what was read otherwise than it was written, a sentence each.
    """

    tables: dict[str, RawTable] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def unreadable(table_name: str, place: str, message: str, fix: str, value: str = "") -> Finding:
    """A finding about a file that is not what its name says; ``place`` stands where a row key would."""
    return Finding("CASE_UNREADABLE", table_name, place, "", value[:80], message, fix)


def unsafe(table_name: str, message: str, fix: str, place: str = "") -> Finding:
    """A finding about a file that is larger, deeper or of another kind than a case needs."""
    return Finding("CASE_UNSAFE", table_name, place, "", "", message, fix)


def located(finding: Finding, where: str) -> Finding:
    """The finding with the place of its file before its message."""
    return replace(finding, message=f"{where}: {finding.message}")


def file_bytes(path: Path, most_bytes: int, table_name: str = "") -> bytes:
    """The content of a file.

    Args:
        path: the file.
        most_bytes: the largest size that is read.
        table_name: the table that the file holds, if one.

    Raises:
        ProblemError: the file is too large, or cannot be opened.
    """
    if not path.is_file():
        message = f"{path.name} is no file"
        raise ProblemError([unreadable(table_name, "", message, "Replace it by the file itself.")])
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        fix = "Check that it is a file and that it may be read."
        raise ProblemError(
            [unreadable(table_name, "", f"{path.name} cannot be opened: {reason}", fix)]
        ) from error
    if len(content) > most_bytes:
        message = f"{path.name} is larger than {most_bytes // 1_000_000} MB"
        raise ProblemError([unsafe(table_name, message, "Split the case into a folder of smaller tables.")])
    return content
