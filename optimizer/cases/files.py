"""What readers of case files share: raw cells, safe limits, and what to say of a file that fails them.

A reader returns the raw cells of each table it found, for ``typed_tables``, and findings about what it
could not read. An unreadable row or file is left out and named; what stays readable is read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.errors import Finding, ProblemError

Raw = tuple[dict[str, pd.DataFrame], list[Finding]]


def cells_from_rows(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Raw cells of a table written as mappings of cells; a cell that a row does not mention is empty."""
    listed = list(rows)
    names = dict.fromkeys(name for row in listed for name in row)
    return pd.DataFrame({name: [row.get(name) for row in listed] for name in names}, dtype="object")


def unreadable(table_name: str, place: str, message: str, fix: str, value: str = "") -> Finding:
    """A finding about a file that is not what its name says; ``place`` stands where a row key would."""
    return Finding("CASE_UNREADABLE", table_name, place, "", value[:80], message, fix)


def unsafe(table_name: str, message: str, fix: str, place: str = "") -> Finding:
    """A finding about a file that is larger, deeper or of another kind than a case needs."""
    return Finding("CASE_UNSAFE", table_name, place, "", "", message, fix)


def located(finding: Finding, where: str) -> Finding:
    """The finding with the place of its file before its message."""
    return replace(finding, message=f"{where}: {finding.message}")


def file_text(path: Path, most_bytes: int, table_name: str = "") -> str:
    """The text of a UTF-8 file.

    Args:
        path: the file.
        most_bytes: the largest size that is read.
        table_name: the table that the file holds, if one.

    Raises:
        ProblemError: the file is too large, cannot be opened, or is not text.
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
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_number = content.count(b"\n", 0, error.start) + 1
        shown = repr(content[error.start : error.start + 8])
        message = f"{path.name} is not UTF-8 text"
        finding = unreadable(
            table_name, f"line {line_number}", message, "Save it with the encoding UTF-8.", shown
        )
        raise ProblemError([finding]) from error
    if "\0" in text:
        line_number = text.count("\n", 0, text.index("\0")) + 1
        message = f"{path.name} holds a NUL byte: it is no text file"
        raise ProblemError([unreadable(table_name, f"line {line_number}", message, "Save it again as text.")])
    return text
