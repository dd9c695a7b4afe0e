"""What a budget and the worst burden add to the model."""

import pandas as pd

from optimizer.formulation.families import goals
from optimizer.formulation.frames.housing import housing_salvage_rates
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.reach import Reach
from optimizer.size.core import cost_terms
from optimizer.size.counts import Counts


def counts(index: Index, reach: Reach) -> Counts:
    """Counts of the family ``goals``."""
    burdened = len(goals.burdened(index))
    blocks = [(burdened, 2 * burdened)]
    columns = min(1, burdened)
    if index.asked.lead_budget_usd_m is not None:
        years = pd.DataFrame({"actor_id": index.lead, "year": index.years})
        blocks.append((len(years), len(years) + cost_terms(index, years)))
        blocks.append((1, len(years) + _salvage_terms(index)))
        columns += len(years)
    return Counts(blocks, columns, 0)


def _salvage_terms(index: Index) -> int:
    """What of the lead actor's additions may still be worth something at the end."""
    added = (
        (index.orders, "salvage_usd_m_per_unit"),
        (index.set_orders, "salvage_usd_m_per_unit"),
        (housing_salvage_rates(index), "salvage_usd_m_per_person"),
    )
    return sum(int(((rows[rate] > 0) & (rows["actor_id"] == index.lead)).sum()) for rows, rate in added)
