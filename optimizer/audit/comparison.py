"""How a rule is compared, with which tolerance, and how a breach is said."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]
Broken = npt.NDArray[np.bool_]

RELATIVE = 1e-6
"""Part of the larger side by which a rule may be missed: what a solver's own tolerance amounts to."""

ABSOLUTE = {
    "count": 1e-5,
    "points": 1e-5,
    "fraction": 1e-6,
    "persons": 1e-3,
    "usd_m": 1e-3,
}
"""What a rule may be missed by whatever its size, by unit.

A solver keeps its rows to about 1e-7 (whole numbers to 1e-6) in units of the matrix, where people are counted
in thousands and money in billions; so people and millions of dollars have a thousand times that.
"""

WHOLE = 1e-5
"""Distance from a whole number below which a count is whole: a solver's tolerance of 1e-6 and a margin."""

OBJECTIVE = 1e-6
"""Part of the objective by which the ledger may differ from it; promised to readers of the ledger."""

_MOST_FINDINGS = 20


def said(rows: pd.DataFrame, sentence: str) -> list[str]:
    """One sentence for each row, its ``{column}`` places filled; after 20 rows only how many more."""
    if rows.empty:
        return []
    shown = rows.head(_MOST_FINDINGS)
    findings = [
        sentence.format_map({str(name): _text(value) for name, value in row.items()})
        for row in shown.to_dict("records")
    ]
    more = len(rows) - len(shown)
    if more:
        table = sentence.partition(":")[0]
        findings.append(f"{table}: and {more} more like the last")
    return findings


def at_most(rows: pd.DataFrame, left: str, right: str, unit: str, sentence: str) -> list[str]:
    """A sentence for each row in which ``left`` exceeds ``right``; an empty side is no limit."""
    over = _numbers(rows, left) - _numbers(rows, right)
    return _said_where(rows, over > _allowed(rows, left, right, unit), sentence)


def equal(rows: pd.DataFrame, left: str, right: str, unit: str, sentence: str) -> list[str]:
    """A sentence for each row in which ``left`` and ``right`` differ; an empty side is not compared."""
    apart = np.abs(_numbers(rows, left) - _numbers(rows, right))
    return _said_where(rows, apart > _allowed(rows, left, right, unit), sentence)


def none(rows: pd.DataFrame, quantity: str, unit: str, sentence: str) -> list[str]:
    """A sentence for each row in which ``quantity`` is more than nothing."""
    return _said_where(rows, _numbers(rows, quantity) > ABSOLUTE[unit], sentence)


def whole(rows: pd.DataFrame, quantity: str, sentence: str) -> list[str]:
    """A sentence for each row in which ``quantity`` is no whole number."""
    numbers = _numbers(rows, quantity)
    return _said_where(rows, np.abs(numbers - np.round(numbers)) > WHOLE, sentence)


def _said_where(rows: pd.DataFrame, is_broken: Broken, sentence: str) -> list[str]:
    """Most plans keep most rules: then no rows are picked, which takes longer than to compare plain arrays."""
    return said(rows[is_broken], sentence) if is_broken.any() else []


def _numbers(rows: pd.DataFrame, column: str) -> Numbers:
    return rows[column].to_numpy(dtype="float64", na_value=np.nan)


def _allowed(rows: pd.DataFrame, left: str, right: str, unit: str) -> Numbers:
    size = np.fmax(np.abs(_numbers(rows, left)), np.abs(_numbers(rows, right)))
    return np.asarray(RELATIVE * size + ABSOLUTE[unit])


def _text(value: object) -> str:
    return format(value, ".9g") if isinstance(value, float) else str(value)
