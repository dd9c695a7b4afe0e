"""Whole numbers to start a search from: those of an earlier plan, by name."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.search.integer.completion import Start
from optimizer.solver.matrix import Matrix
from optimizer.tables.schema import SOLUTION_TABLES

_COLUMNS = {
    "owned": ("owned_forces", "owned_count"),
    "converted": ("conversion_results", "converted_count"),
    "stationed": ("stationed_forces", "stationed_count"),
    "open": ("site_uses", "open_fraction"),
    "held": ("command_results", "held_fraction"),
    "nuclear_choice": ("nuclear_results", "chosen_fraction"),
    "program_start": ("nuclear_results", "started_fraction"),
}


def start_of_plan(matrix: Matrix, tables: Mapping[str, pd.DataFrame]) -> Start:
    """The whole numbers of a plan, by name.

    Args:
        matrix: the program to start in, of the same problem or of another.
        tables: the tables of a solution. What they do not name counts as 0, as in every plan; names that the
            program does not know, and numbers that are not finite, are passed over.
    """
    columns, values = [], []
    for block, (name, column) in _COLUMNS.items():
        frame = tables[name].dropna(subset=[column])
        keys = frame[SOLUTION_TABLES[name].key].itertuples(index=False, name=None)
        found = dict(zip(keys, frame[column].astype("float64"), strict=True))
        for key, position in zip(matrix.columns[block].keys, matrix.columns[block].positions, strict=True):
            value = found.get(key, 0.0)
            if matrix.is_integer[position] and np.isfinite(value):
                columns.append(position)
                values.append(value)
    return Start(np.array(columns, dtype=np.int64), np.array(values))
