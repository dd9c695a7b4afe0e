"""What a raw cell is, whatever handed it over: nothing, text, a truth value, or a number."""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LONGEST_TEXT = 32_000
"""Most characters in a cell: every format holds as many."""

HOW_TO_WRITE_TEXT = f"Write it in quotes, in at most {LONGEST_TEXT:,} printable characters."
"""The fix of a cell that should be text and is not."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class UnreadCell:
    """A cell that no column accepts.

    Attributes:
        shown: the cell as it stood there.
        message: why it could not be read; empty where the column's type says enough.
        fix: what to write instead.
    """

    shown: str
    message: str = ""
    fix: str = ""

    def __str__(self) -> str:
        return self.shown


def plain_cell(cell: Any) -> Any:
    """A cell as None, text without blanks around it, a truth value or a number; else as no column takes it.

    Blank text is an empty cell; NaN stays, for the checks to find; whole floats become integers.
    """
    if isinstance(cell, str):
        if len(cell) > LONGEST_TEXT or _UNPRINTABLE.search(cell):
            return UnreadCell(ascii(cell[:80]))
        return cell.strip() or None
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int):
        if abs(cell) < 10**15:
            return cell
        if abs(cell) < 10**300:
            return float(cell)
        return math.inf if cell > 0 else -math.inf
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    return cell if isinstance(cell, UnreadCell) else UnreadCell(ascii(cell)[:80])
