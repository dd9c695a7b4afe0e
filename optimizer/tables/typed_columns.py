"""From the raw cells of a column to its typed values, and what is wrong with which cell."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.tables.plain_cells import HOW_TO_WRITE_TEXT, UnreadCell
from optimizer.tables.schema import Column

_SAFE_IDENTIFIER = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.\-+]{1,64}")
_TRUE_FALSE = {"true": True, "false": False}
_NOT_FINITE = {"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"}
_GREATEST = 1e15


@dataclass(frozen=True)
class Trouble:
    """Something wrong with some cells of a column.

    Attributes:
        code: a key of ``CODES``.
        where: for each row whether it is wrong there.
        message: what is wrong.
        fix: what to do.
        is_said_once: one finding stands for all these cells, since one cause explains them.
    """

    code: str
    where: np.ndarray
    message: str
    fix: str
    is_said_once: bool = False


Typed = tuple[pd.Series, list[Trouble]]


def typed_column(column: Column, cells: list[Any]) -> Typed:
    """Types the cells of a column.

    Args:
        column: the column.
        cells: its cells as ``plain_cells`` gives them.

    Returns:
        The values, of the column's dtype and empty where a cell is wrong; and what is wrong.
    """
    missing = np.array([cell is None for cell in cells], dtype=bool)
    unread = [cell if isinstance(cell, UnreadCell) and cell.message else None for cell in cells]
    if any(unread):
        cells = [cell if no is None else None for cell, no in zip(cells, unread, strict=True)]
    present = np.array([cell is not None for cell in cells], dtype=bool)
    if column.type in ("number", "integer"):
        values, troubles = _numbers(column, cells, present)
    elif column.type == "boolean":
        values, troubles = _truths(cells, present)
    elif column.type == "choice":
        values, troubles = _choices(column, cells, present)
    else:
        values, troubles = _texts(column, cells, present)
    if not column.is_nullable:
        troubles.insert(0, Trouble("VALUE_MISSING", missing, "the cell must not be empty", "Fill it."))
    troubles += _unread(unread)
    return values, [trouble for trouble in troubles if trouble.where.any()]


def _unread(cells: list[UnreadCell | None]) -> list[Trouble]:
    """One trouble for each reason why cells could not be read."""
    reasons = dict.fromkeys(cell.message for cell in cells if cell is not None)
    troubles = []
    for reason in reasons:
        where = np.array([cell is not None and cell.message == reason for cell in cells], dtype=bool)
        fix = next(cell.fix for cell in cells if cell is not None and cell.message == reason)
        troubles.append(Trouble("VALUE_TYPE", where, reason, fix, is_said_once=True))
    return troubles


def example(column: Column) -> str:
    """A number as the column might hold it."""
    if "_fraction" in column.name:
        return "0.02"
    return "2026" if column.name.endswith("year") else "12"


def _numbers(column: Column, cells: list[Any], present: np.ndarray) -> Typed:
    candidates = np.array([None if isinstance(cell, bool) else cell for cell in cells], dtype="object")
    values = np.asarray(pd.to_numeric(candidates, errors="coerce"), dtype="float64")
    is_figure = np.array([isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells])
    named = np.array([isinstance(cell, str) and cell.lower() in _NOT_FINITE for cell in cells])
    not_finite = present & (named | np.isinf(values) | (is_figure & np.isnan(values)))
    wrong = present & np.isnan(values) & ~not_finite
    kind = "a number"
    if column.type == "integer":
        kind = "a whole number"
        wrong |= ~np.isnan(values) & ~not_finite & (values != np.rint(values))
    low = -_GREATEST if column.minimum is None else column.minimum
    high = _GREATEST if column.maximum is None else column.maximum
    usable = np.where(wrong | not_finite, np.nan, values)
    outside = (usable < low) | (usable > high)
    usable[outside] = np.nan
    is_share = column.maximum == 1 and "_fraction" in column.name
    troubles = [
        Trouble("VALUE_NOT_FINITE", not_finite, "NaN and infinity are no figures", "Give a finite one."),
        Trouble("VALUE_TYPE", wrong, f"this is not {kind}", f"Write {kind}, such as {example(column)}."),
        Trouble(
            "VALUE_RANGE",
            outside,
            f"the value is outside {low:g} to {high:g}",
            "Write a share, such as 0.02 for 2%." if is_share else "Give a value inside the range.",
        ),
    ]
    return pd.Series(usable).astype("Int64" if column.type == "integer" else "float64"), troubles


def _truths(cells: list[Any], present: np.ndarray) -> Typed:
    truths = [
        cell if isinstance(cell, bool) else _TRUE_FALSE.get(cell.lower()) if isinstance(cell, str) else None
        for cell in cells
    ]
    wrong = present & np.array([truth is None for truth in truths], dtype=bool)
    trouble = Trouble("VALUE_TYPE", wrong, "this is neither true nor false", "Write true or false.")
    return pd.Series(truths, dtype="boolean"), [trouble]


def _choices(column: Column, cells: list[Any], present: np.ndarray) -> Typed:
    words = [cell.upper() if isinstance(cell, str) else None for cell in cells]
    words = [word if word in column.choices else None for word in words]
    wrong = present & np.array([word is None for word in words], dtype=bool)
    fix = f"Choose one of {', '.join(column.choices)}."
    return pd.Series(words, dtype="str"), [Trouble("VALUE_CHOICE", wrong, "no such choice", fix)]


def _texts(column: Column, cells: list[Any], present: np.ndarray) -> Typed:
    texts = [cell if isinstance(cell, str) else None for cell in cells]
    wrong = present & np.array([text is None for text in texts], dtype=bool)
    troubles = [Trouble("VALUE_TYPE", wrong, "this is not text", HOW_TO_WRITE_TEXT)]
    if column.name.endswith("_id"):
        unsafe = [text is not None and not _SAFE_IDENTIFIER.fullmatch(text) for text in texts]
        message = (
            "an identifier holds letters of A to Z, digits, _ . - + alone, at most 64, and a letter or digit"
        )
        troubles.append(Trouble("KEY_UNSAFE", np.array(unsafe, dtype=bool), message, "Rename it."))
    return pd.Series(texts, dtype="str"), troubles
