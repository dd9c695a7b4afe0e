"""How large a part of the model is, counted from the frames that make it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Counts:
    """What a family adds to the model.

    Attributes:
        rows: rows and nonzeros of each block. Terms in a block of another family stand under that block's name,
            with no rows.
        columns: columns of each variable.
        integer_count: columns that must be whole, fixed ones included.
    """

    rows: Mapping[str, tuple[int, int]]
    columns: Mapping[str, int]
    integer_count: int = 0


def distinct(frame: pd.DataFrame, by: list[str]) -> int:
    """How many different values some columns of a frame have."""
    return len(frame[by].drop_duplicates())


def salvage_rows(prefix: str, added: pd.DataFrame, by: list[str], rate: str) -> dict[str, tuple[int, int]]:
    """Rows and nonzeros of the two blocks that limit a salvage: what is kept of it, and what was added.

    Args:
        prefix: of the blocks' names.
        added: what may be added, with ``rate``, its value at the end.
        by: columns that name what keeps it.
        rate: the column.
    """
    worth = added[added[rate] > 0]
    keepers = distinct(worth, by)
    return {
        f"{prefix}_kept": (keepers, len(worth) + keepers),
        f"{prefix}_added": (len(worth), 2 * len(worth)),
    }
