"""Frames to sets: from sorted pandas frames to the keys, relations and values that Pyomo components take."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import pandas as pd


def keys(frame: pd.DataFrame, columns: Sequence[str]) -> list[Any]:
    """The rows of some columns as a list of tuples, or of plain values for a single column."""
    values = [frame[column].to_list() for column in columns]
    return values[0] if len(columns) == 1 else list(zip(*values, strict=True))


def relation(
    frame: pd.DataFrame, by: Sequence[str], members: Sequence[str], all_keys: Iterable[Hashable] = ()
) -> dict[Hashable, list[Any]]:
    """For each key, the members that belong to it, in the frame's order.

    Args:
        frame: one row for each pair of key and member.
        by: columns of the key.
        members: columns of a member.
        all_keys: keys that are to be there even without a member.
    """
    related: dict[Hashable, list[Any]] = {key: [] for key in all_keys}
    for key, member in zip(keys(frame, by), keys(frame, members), strict=True):
        related.setdefault(key, []).append(member)
    return related


def values(frame: pd.DataFrame, by: Sequence[str], column: str) -> dict[Hashable, Any]:
    """A column's values by key."""
    return dict(zip(keys(frame, by), frame[column].to_list(), strict=True))
