"""Groups of rows that hold the same, told apart exactly."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from optimizer.tables.keyed import keys


def signatures(frame: pd.DataFrame, by: Sequence[str], items: Sequence[str]) -> dict[Any, int]:
    """Tells alike groups of rows from different ones, exactly.

    Args:
        frame: rows of groups.
        by: columns of a group.
        items: columns of what a group holds.

    Returns:
        By group a number that two groups share if and only if they hold the same items, each as often; no group has
        the number 0.
    """
    # Numbers of cells, since two empty cells are not equal.
    cells = [pd.factorize(frame[column])[0].tolist() for column in items]
    held: dict[Any, list[tuple[int, ...]]] = {}
    for group, *item in zip(keys(frame, by), *cells, strict=True):
        held.setdefault(group, []).append(tuple(item))
    found: dict[Any, int] = {}
    return {group: found.setdefault(tuple(sorted(each)), len(found) + 1) for group, each in held.items()}
