"""From the cells of a column as people paste them to cells that its type reads, and what was read how.

What has one meaning is read: shares in percent, signs for what is missing, decimal commas, separators of
thousands, units, words for yes and no, invisible characters. What has two is refused, as an ``UnreadCell``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from optimizer.cases.pasted_characters import known_name, ordinary, visible
from optimizer.cases.pasted_numbers import (
    COMMA,
    POINT,
    Marks,
    decided,
    plain_text,
    readings,
    two_readings,
    within,
)
from optimizer.cases.pasted_units import Measure, WrongUnit, measure
from optimizer.tables.plain_cells import UnreadCell
from optimizer.tables.schema import Column

EMPTY = "(empty)"
"""The cell of an overlay by which a cell of the base is emptied."""

_NO_THOUSANDS = r"(?![+-]?[1-9]\d{0,2}\.\d{3}\Z)"
_PLAIN = re.compile(_NO_THOUSANDS + r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
"""A number in digits with at most a point, which is a decimal point."""
_PLAIN_DECIMALS = re.compile(_NO_THOUSANDS + r"[+-]?(?:\d+\.\d*|\.\d+)", re.ASCII)
_MISSING = {".", "..", "...", ". .", "-", "--", "---", ":", "?", "n/a", "#n/a", "n.a.", "n.a", "n.d.", "na", "null",
            "none", "x", "xx", "xxx"}  # fmt: skip
_NEVER_IDENTIFIERS = _MISSING - {"na", "null", "none", "x", "xx", "xxx", "n.a.", "n.a", "n.d."}
_TRUE = {"yes", "y", "ja", "oui", "si", "tak", "wahr", "vrai", "1", "t", "on"}
_FALSE = {"no", "n", "nein", "non", "nie", "falsch", "faux", "0", "f", "off"}

AS_FRACTION = "% was read as a fraction"
AS_EMPTY = "a sign for what is missing was read as empty"
WITHOUT_THOUSANDS = "separators of thousands were left out"
WITH_COMMA = "a decimal comma was read as a decimal point"
WITH_POINT = "a point before three digits was read as a decimal point"
IN_UNIT = "a unit was read as the unit of the column"
AS_TRUTH = "a word for yes or no was read as true or false"
AS_CHOICE = "another spelling was read as a choice"
PLAIN_CHARACTERS = "quotes, invisible and unusual characters were left out"
AS_YEAR = "a date was read as the year that the cell holds"


@dataclass(frozen=True)
class DateCell:
    """A cell that a spreadsheet shows as a date.

    Attributes:
        shown: as the spreadsheet shows it.
        number: the number that the cell holds.
    """

    shown: str
    number: float

    def __str__(self) -> str:
        return self.shown


def shown_marks(column: Column, cells: Iterable[Any]) -> frozenset[str]:
    """The decimal marks that the numbers of a column give away."""
    marks = set()
    for cell in cells:
        if not isinstance(cell, str) or cell.isdigit():
            continue
        if _PLAIN_DECIMALS.fullmatch(cell):
            marks.add(POINT)
        else:
            text = ordinary(cell)
            found = measure(column, text)
            number = found.number if isinstance(found, Measure) else text
            marks.add(readings(number).shows)
    return frozenset(marks - {""})


def read_cell(column: Column, cell: Any, marks: Marks, is_overlay: bool) -> tuple[Any, str]:
    """Reads a cell.

    Args:
        column: its column.
        cell: as a reader of files gave it.
        marks: the decimal marks at work.
        is_overlay: an empty cell leaves what is below, so a sign for what is missing is none.

    Returns:
        The cell, and how it was read: one of the phrases of this module, or nothing where it is as it was.
    """
    if not isinstance(cell, str):
        if isinstance(cell, DateCell):
            return _date(column, cell)
        if column.type == "boolean" and isinstance(cell, int) and cell in (0, 1):
            return bool(cell), "" if isinstance(cell, bool) else AS_TRUTH
        return cell, ""
    if cell == EMPTY or cell in column.choices:
        return cell, ""
    if column.type in ("number", "integer"):
        return _number(column, cell, marks, is_overlay)
    if column.type == "text" and not (column.is_key or column.references or column.name.endswith("_id")):
        return cell, ""
    if column.type == "text" and cell.isascii() and cell.isidentifier():
        return cell, ""
    text = visible(cell)
    if column.type == "boolean":
        return _truth(column, cell, ordinary(cell), is_overlay)
    if column.type == "choice":
        return _choice(column, cell, ordinary(cell), is_overlay)
    if ordinary(cell).casefold() in _NEVER_IDENTIFIERS and column.is_nullable:
        return _missing(cell, is_overlay)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = ordinary(text)
    return text, "" if text == cell.strip() else PLAIN_CHARACTERS


def _date(column: Column, cell: DateCell) -> tuple[Any, str]:
    low, high = column.minimum, column.maximum
    if column.name.endswith("year") and low is not None and high is not None and low <= cell.number <= high:
        return int(cell.number), AS_YEAR
    if column.type in ("text", "choice"):
        message, fix = (
            "the spreadsheet made a date of this text",
            "Format the cell as text, and type it again.",
        )
    else:
        message, fix = "the cell is formatted as a date", "Format the cell as a number, and type it again."
    return UnreadCell(cell.shown, message, fix), ""


def _number(column: Column, cell: str, marks: Marks, is_overlay: bool) -> tuple[Any, str]:
    written = cell.strip()
    if _PLAIN.fullmatch(written):
        return written, ""
    text = ordinary(cell)
    if text.casefold() in _MISSING:
        return _missing(cell, is_overlay)
    found = measure(column, text.removeprefix("'"))
    if isinstance(found, WrongUnit):
        return UnreadCell(written[:80], found.message, found.fix), ""
    factor = found.factor if isinstance(found, Measure) else Decimal(1)
    read = readings(found.number if isinstance(found, Measure) else text.removeprefix("'"))
    if not read.by_mark:
        return cell, ""
    how = ""
    if not read.is_sure:
        read = within(column, read, factor)
    if read.is_sure:
        mark = next(iter(read.by_mark))
    else:
        mark = decided(read, marks)
        if not mark:
            return UnreadCell(written[:80], *two_readings(read)), ""
        is_only_clue = mark == POINT and POINT in read.text and POINT not in marks.of_column
        how = WITH_POINT if is_only_clue else ""
    if isinstance(found, Measure):
        how = AS_FRACTION if found.is_percent else IN_UNIT
    elif mark == COMMA and COMMA in read.text:
        how = WITH_COMMA
    elif any(sign in read.text for sign in " ',") or (mark == COMMA and POINT in read.text):
        how = WITHOUT_THOUSANDS
    elif read.text != written:
        how = PLAIN_CHARACTERS
    number = read.by_mark[mark] * factor
    return plain_text(number) if "e" not in read.text.lower() else float(number), how


def _missing(cell: str, is_overlay: bool) -> tuple[Any, str]:
    if is_overlay:
        message = "this may leave what is below, or empty it"
        return UnreadCell(cell[:80], message, f"Leave the cell empty, or write {EMPTY}."), ""
    return None, AS_EMPTY


def _truth(column: Column, cell: str, text: str, is_overlay: bool) -> tuple[Any, str]:
    word = text.casefold()
    if word in ("true", "false"):
        return word, "" if word == cell.strip().casefold() else PLAIN_CHARACTERS
    if word in _TRUE or word in _FALSE:
        return word in _TRUE, AS_TRUTH
    if word in _MISSING and column.is_nullable:
        return _missing(cell, is_overlay)
    return cell, ""


def _choice(column: Column, cell: str, text: str, is_overlay: bool) -> tuple[Any, str]:
    if text.upper() in column.choices:
        return text, "" if text == cell.strip() else PLAIN_CHARACTERS
    if text.casefold() in _MISSING and column.is_nullable:
        return _missing(cell, is_overlay)
    choice = known_name(text, column.choices)
    return (cell, "") if choice is None else (choice, AS_CHOICE)
