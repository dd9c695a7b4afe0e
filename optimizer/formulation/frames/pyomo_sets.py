"""Frames to sets: from sorted pandas frames to the keys, relations and values that Pyomo components take."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
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


def with_years(frame: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Every row of a frame once for each year, in a column ``year``."""
    rows = frame.take(np.repeat(np.arange(len(frame)), len(years)))
    rows = rows.assign(year=np.tile(np.asarray(years, dtype=np.int64), len(frame)))
    return rows.reset_index(drop=True)


def signatures(frame: pd.DataFrame, by: Sequence[str], items: Sequence[str]) -> pd.DataFrame:
    """Tells alike groups of rows from different ones, exactly.

    Args:
        frame: rows of groups.
        by: columns of a group.
        items: columns of what a group holds.

    Returns:
        ``by`` and ``signature``, a number that two groups share if and only if they hold the same items, each as
        often; no group has the number 0.
    """
    group = frame.groupby(list(by), sort=False, dropna=False).ngroup().to_numpy()
    item = frame.groupby(list(items), sort=False, dropna=False).ngroup().to_numpy() + 1
    order = np.lexsort((item, group))
    group, item = group[order], item[order]
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else np.array([], dtype=int)
    lengths = np.diff(np.r_[starts, len(group)])
    signature = np.zeros(len(starts), dtype=np.int64)
    span = int(item.max(initial=0)) + 1
    for place in range(int(lengths.max(initial=0))):
        longer = lengths > place
        pairs = signature[longer] * span + item[starts[longer] + place]
        codes, _ = pd.factorize(pairs)
        signature[longer] = codes + 1 + signature.max(initial=0)
    groups: pd.DataFrame = frame[list(by)].iloc[order[starts]].reset_index(drop=True)
    return groups.assign(signature=signature)
