"""What a part of the formulation adds to the model."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Counts:
    """Size of a part of the model.

    Attributes:
        blocks: rows and nonzeros of each block.
        column_count: columns.
        integer_count: columns that must be whole, fixed ones included.
    """

    blocks: list[tuple[int, int]]
    column_count: int
    integer_count: int


def distinct(frame: pd.DataFrame, by: list[str]) -> int:
    """How many different values some columns of a frame have."""
    return len(frame[by].drop_duplicates())
