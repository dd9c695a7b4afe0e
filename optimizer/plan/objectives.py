"""What a plan has of the objectives that were asked for, and how far each is from the best possible."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer.objectives import COST_VECTORS, UNITS, Asked
from optimizer.plan.clean_numbers import clean_table
from optimizer.solver.matrix import Floats, Matrix
from optimizer.tables.schema import SOLUTION_TABLES

_NOTHING = 1e-7


def objective_results(matrix: Matrix, asked: Asked, values: Floats, bounds: Sequence[float]) -> pd.DataFrame:
    """The table of that name.

    Args:
        matrix: the program.
        asked: what was asked of the plan.
        values: value of each column.
        bounds: for each objective that was minimized, its proven lower bound, without offset.
    """
    rows = []
    for place, objective in enumerate(asked.objectives):
        vectors = COST_VECTORS[objective]
        offset = sum(matrix.offsets[name] for name in vectors)
        bound = bounds[place] + offset if place < len(bounds) and np.isfinite(bounds[place]) else None
        rows.append(
            {
                "order_number": place + 1,
                "objective": objective,
                "value": matrix.value(vectors, values),
                "best_bound": bound,
                "unit": UNITS[objective],
            }
        )
    return clean_table(SOLUTION_TABLES["objective_results"], pd.DataFrame(rows))


def gap(value: float, bound: float) -> float:
    """How far a value is above its bound, as part of the value; infinite where there is no bound."""
    if np.isnan(bound):
        return np.inf
    above = value - bound
    if above <= _NOTHING * max(1.0, abs(value) * 1e-6):
        return 0.0
    return float(above / abs(value)) if value else np.inf
