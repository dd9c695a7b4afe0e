"""Frames by the keys of their rows, for dictionaries in place of merges.

pandas takes half a millisecond to merge frames of three rows, and a small problem is made of hundreds of such frames.
"""

from collections.abc import Container, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def keys(frame: pd.DataFrame, columns: Sequence[str]) -> list[Any]:
    """The rows of some columns as a list of tuples, or of plain values for a single column."""
    if not len(frame):
        return []
    parts = [frame[column].to_list() for column in columns]
    return parts[0] if len(columns) == 1 else list(zip(*parts, strict=True))


def values(frame: pd.DataFrame, by: Sequence[str], column: str) -> dict[Any, Any]:
    """A column's values by key."""
    return dict(zip(keys(frame, by), keys(frame, [column]), strict=True))


def joined(frame: pd.DataFrame, other: pd.DataFrame, on: Sequence[str]) -> pd.DataFrame:
    """Each row of a frame with each row of another that has its key, in the frame's order and then the other's.

    The other's columns come last, without the key. None has the name of a column of the frame.
    """
    places: dict[Any, list[int]] = {}
    for place, key in enumerate(keys(other, on)):
        places.setdefault(key, []).append(place)
    found = [places.get(key, ()) for key in keys(frame, on)]
    rows = repeated(frame, np.array([len(each) for each in found], dtype=np.int64))
    partners = np.fromiter(chain.from_iterable(found), np.int64, len(rows))
    for name in other.columns:
        if name not in on:
            rows[name] = other[name].array.take(partners)
    return rows


def repeated(frame: pd.DataFrame, times: int | npt.NDArray[np.int64]) -> pd.DataFrame:
    """Each row of a frame so many times in a row."""
    rows = frame.take(np.repeat(np.arange(len(frame)), times))
    rows.index = pd.RangeIndex(len(rows))
    return rows


def is_among(frame: pd.DataFrame, columns: Sequence[str], found: Container[Any]) -> npt.NDArray[np.bool_]:
    """Which rows of a frame have a key that is among some keys."""
    return np.fromiter((key in found for key in keys(frame, columns)), np.bool_, len(frame))


def looked_up(
    frame: pd.DataFrame, by: Sequence[str], found: Mapping[Any, float], otherwise: float
) -> npt.NDArray[np.float64]:
    """The number that each row of a frame has by its key."""
    return np.fromiter((found.get(key, otherwise) for key in keys(frame, by)), np.float64, len(frame))
