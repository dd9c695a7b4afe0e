"""Frames by the keys of their rows, for dictionaries in place of merges.

pandas takes half a millisecond to merge frames of three rows, and a small problem is made of hundreds of such frames.
"""

from collections.abc import Sequence
from typing import Any

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
