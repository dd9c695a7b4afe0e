"""A table of a plan from values by key."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.clean_numbers import clean
from optimizer.tables.schema import SOLUTION_TABLES

Key = tuple[Any, ...]
ByKey = Mapping[Key, float]


def written(name: str, **columns: ByKey) -> pd.DataFrame:
    """A table of a solution, typed, its numbers clean, sorted by key, without rows of nothing.

    A row of nothing has no number but 0. A rule that is kept at 0, such as "none are left there", keeps its row.

    Args:
        name: the table's name.
        columns: values by column and key, the key in the table's order, None where a part of it is empty. The first
            column has every key; where another lacks one it is 0, and a column not given is empty.
    """
    table = SOLUTION_TABLES[name]
    found = next(iter(columns.values()))
    if not found:
        return table.empty()
    has_empty = any(None in key for key in found)
    keys = sorted(found, key=_empty_last if has_empty else None)
    numbers = {column: clean([by_key.get(key, 0.0) for key in keys]) for column, by_key in columns.items()}
    frame = pd.DataFrame(keys, columns=table.key).assign(**numbers)
    if name != "policy_rule_results":
        together = np.array(list(numbers.values()))
        says_something = ((together != 0.0) & ~np.isnan(together)).any(axis=0)
        if not says_something.all():
            frame = frame[says_something].reset_index(drop=True)
    return table.typed(frame)


def _empty_last(key: Key) -> list[tuple[bool, Any]]:
    return [(part is None, part) for part in key]
