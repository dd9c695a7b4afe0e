"""From the cells of a column to its typed values, and what is wrong with which cell."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optimizer.tables.plain_cells import HOW_TO_WRITE_TEXT, UnreadCell
from optimizer.tables.schema import Column, ColumnType

_SAFE_IDENTIFIER = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.\-+]{1,64}")
_TRUE_FALSE = {"true": True, "false": False}
_NOT_FINITE = {"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"}
_GREATEST = 1e15


@dataclass(frozen=True)
class Trouble:
    """Something wrong with some cells of a column.

    Attributes:
        code: a key of ``CODES``.
        rows: positions of the rows where it is wrong.
        message: what is wrong.
        fix: what to do.
        is_said_once: one finding stands for all these cells, since one cause explains them.
    """

    code: str
    rows: list[int]
    message: str
    fix: str
    is_said_once: bool = False


Typed = tuple[list[Any], list[Trouble]]


def typed_column(column: Column, cells: list[Any]) -> Typed:
    """Types the cells of a column.

    Args:
        column: the column.
        cells: its cells as ``plain_cell`` gives them.

    Returns:
        The values, of the column's type and None where a cell is empty or wrong; and what is wrong.
    """
    troubles = []
    if not column.is_nullable:
        missing = [row for row, cell in enumerate(cells) if cell is None]
        troubles.append(Trouble("VALUE_MISSING", missing, "the cell must not be empty", "Fill it."))
    explained = {row: cell for row, cell in enumerate(cells) if isinstance(cell, UnreadCell) and cell.message}
    readable = [None if row in explained else cell for row, cell in enumerate(cells)] if explained else cells
    values, of_type = _READERS[column.type](column, readable)
    troubles += [*of_type, *_unread(explained)]
    return values, [trouble for trouble in troubles if trouble.rows]


def _unread(cells: dict[int, UnreadCell]) -> list[Trouble]:
    """One trouble for each reason why cells, by their rows, could not be read."""
    reasons: dict[str, list[int]] = {}
    for row, cell in cells.items():
        reasons.setdefault(cell.message, []).append(row)
    return [
        Trouble("VALUE_TYPE", rows, reason, cells[rows[0]].fix, is_said_once=True)
        for reason, rows in reasons.items()
    ]


def example(column: Column) -> str:
    """A number as the column might hold it."""
    if "_fraction" in column.name:
        return "0.02"
    return "2026" if column.name.endswith("year") else "12"


def _numbers(column: Column, cells: list[Any]) -> Typed:
    is_whole = column.type == "integer"
    low = -_GREATEST if column.minimum is None else column.minimum
    high = _GREATEST if column.maximum is None else column.maximum
    values: list[float | None] = []
    not_finite, wrong, outside = [], [], []
    for row, cell in enumerate(cells):
        number = None if cell is None else _number(cell)
        if cell is None:
            pass
        elif number is None or (is_whole and math.isfinite(number) and number != int(number)):
            wrong.append(row)
            number = None
        elif not math.isfinite(number):
            not_finite.append(row)
            number = None
        elif not low <= number <= high:
            outside.append(row)
            number = None
        values.append(number if number is None or not is_whole else int(number))
    kind = "a whole number" if is_whole else "a number"
    is_share = column.maximum == 1 and "_fraction" in column.name
    return values, [
        Trouble("VALUE_NOT_FINITE", not_finite, "NaN and infinity are no figures", "Give a finite one."),
        Trouble("VALUE_TYPE", wrong, f"this is not {kind}", f"Write {kind}, such as {example(column)}."),
        Trouble(
            "VALUE_RANGE",
            outside,
            f"the value is outside {low:g} to {high:g}",
            "Write a share, such as 0.02 for 2%." if is_share else "Give a value inside the range.",
        ),
    ]


def _number(cell: Any) -> float | None:
    """The number that a cell holds, perhaps NaN or infinite; None if it holds none."""
    if isinstance(cell, str):
        if cell.lower() in _NOT_FINITE:
            return math.nan
        try:
            # Python would read 1_000 and the digits of other scripts as well, which nobody means here.
            return float(cell) if cell.isascii() and "_" not in cell else None
        except ValueError:
            return None
    return float(cell) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None


def _truths(column: Column, cells: list[Any]) -> Typed:
    truths = [_TRUE_FALSE.get(cell.lower()) if isinstance(cell, str) else cell for cell in cells]
    truths = [truth if isinstance(truth, bool) else None for truth in truths]
    wrong = _lost(cells, truths)
    return truths, [Trouble("VALUE_TYPE", wrong, "this is neither true nor false", "Write true or false.")]


def _choices(column: Column, cells: list[Any]) -> Typed:
    words = [cell.upper() if isinstance(cell, str) else None for cell in cells]
    words = [word if word in column.choices else None for word in words]
    fix = f"Choose one of {', '.join(column.choices)}."
    return words, [Trouble("VALUE_CHOICE", _lost(cells, words), "no such choice", fix)]


def _texts(column: Column, cells: list[Any]) -> Typed:
    texts = [cell if isinstance(cell, str) else None for cell in cells]
    troubles = [Trouble("VALUE_TYPE", _lost(cells, texts), "this is not text", HOW_TO_WRITE_TEXT)]
    if column.name.endswith("_id"):
        unsafe = [row for row, text in enumerate(texts) if text and not _SAFE_IDENTIFIER.fullmatch(text)]
        message = (
            "an identifier holds letters of A to Z, digits, _ . - + alone, at most 64, and a letter or digit"
        )
        troubles.append(Trouble("KEY_UNSAFE", unsafe, message, "Rename it."))
    return texts, troubles


def _lost(cells: list[Any], values: list[Any]) -> list[int]:
    """The rows of which a cell is filled and has no value."""
    both = zip(cells, values, strict=True)
    return [row for row, (cell, value) in enumerate(both) if value is None and cell is not None]


_READERS: dict[ColumnType, Callable[[Column, list[Any]], Typed]] = {
    "text": _texts,
    "number": _numbers,
    "integer": _numbers,
    "boolean": _truths,
    "choice": _choices,
}
