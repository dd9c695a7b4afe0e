"""What one more point of a need costs, from the duals of all rows in which the need stands."""

from typing import Any

from optimizer.formulation.families.deterrence import led, needs
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.paths import NEED
from optimizer.plan.written_tables import ByKey
from optimizer.solver.matrix import Floats, Matrix
from optimizer.tables.keyed import values

_KEY = [*NEED, "year"]


def need_prices(index: Index, matrix: Matrix, row_duals: Floats | None) -> ByKey:
    """Discounted M$ for one more point by NEED and year: the dual of the need, with those of the lead actor's parts.

    A point more asks the lead actor for its least part of it, and lets it count for its greatest. The latter is a bound
    of lead_counted, whose reduced cost is the dual of the need and that of lead_share, where the bound holds. Left out
    is what a larger need asks of the holder of a command.
    """
    if row_duals is None:
        return {}

    def duals(block: str) -> dict[Any, float]:
        rows = matrix.rows.get(block)
        return dict(zip(rows.keys, row_duals[rows.positions].tolist(), strict=True)) if rows else {}

    price = duals("deterrence")
    least = values(led(needs(index)), _KEY, "minimum_lead_fraction")
    most = values(needs(index).fillna({"maximum_lead_fraction": 0.0}), _KEY, "maximum_lead_fraction")
    saved = {need: most[need] * max(price[need] + dual, 0.0) for need, dual in duals("lead_share").items()}
    asked = {need: least[need] * dual for need, dual in duals("lead_share_least").items()}
    return {need: dual + asked.get(need, 0.0) - saved.get(need, 0.0) for need, dual in price.items()}
