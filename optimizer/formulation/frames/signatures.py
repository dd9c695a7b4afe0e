"""Groups of rows that hold the same, told apart exactly."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


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
