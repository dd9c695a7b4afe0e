"""Numbers of a plan without the noise of arithmetic: 2.0000000000000036 is 2, and -0.0 is 0."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.tables.schema import Table

NOTHING = 1e-9
"""What is closer to 0 than this is 0: the solver's tolerances are larger."""

_DIGITS, _DECIMALS = 12, 9
_GREATEST = 10.0**_DIGITS
_POWERS = np.array(
    [float(f"1e{power}") for power in range(_DECIMALS + 1)]
)  # each exact, as products of 10 are not


def clean(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Numbers in 12 significant digits, at most 9 decimals; infinite, empty and larger ones stay as they are."""
    given = np.asarray(values, dtype=np.float64)
    size = np.abs(given)
    has_digits = (size >= NOTHING) & (size < _GREATEST)
    safe = np.where(has_digits, size, 1.0)
    decimals = _DIGITS - 1 - np.floor(np.log10(safe)).astype(np.int64)
    power = _POWERS[np.clip(decimals, 0, _DECIMALS)]
    rounded = np.where(has_digits, np.round(given * power) / power, given)
    return np.where(size < NOTHING, 0.0, rounded)


def clean_table(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """A table's columns of a frame, typed, their numbers clean."""
    typed = table.typed(frame)
    numbers: dict[str, Any] = {
        column.name: clean(typed[column.name].to_numpy(np.float64, na_value=np.nan))
        for column in table.columns
        if column.type == "number"
    }
    return typed.assign(**numbers)


def clean_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields, those that are numbers clean."""
    return {name: float(clean(value)) if type(value) is float else value for name, value in fields.items()}
