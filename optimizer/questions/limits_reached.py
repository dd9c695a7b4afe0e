"""Which limits a plan reaches exactly, or breaks at their price.

Besides the limits of ``limits_met``: ramps of spending, and what allies are willing to spend. Left out is what holds by
definition: the garrisons whose shares are locked, and whatever else no lever frees.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.plan import Plan
from optimizer.questions.limits_met import limits_met, slack
from optimizer.tables.names import names

_KINDS = {
    "site_group_limits": "Ceiling on people",
    "policy_rules": "Rule",
    "garrison_actors": "Share of a garrison",
    "actor_years": "Spending ceiling",
}
_REACHED = 1e-6
_COLUMNS = ["kind", "what", "year", "sense", "bound", "is_broken"]


def limits_reached(plan: Plan) -> pd.DataFrame:
    """A row for each limit that is reached, and year.

    Returns:
        kind, what (in words, with its unit), year, sense (AT_MOST, AT_LEAST or EQUAL), bound, and is_broken, whether
        it is broken at its price.
    """
    met = limits_met(plan)
    inside = slack(met)
    is_locked = [
        table == "garrison_actors" and not plan.is_freed("GARRISON", key.split("/")[0], year)
        for table, key, year in met[["table_name", "row_key", "year"]].itertuples(index=False)
    ]
    met = met.assign(kind=met["table_name"].map(_KINDS), is_broken=inside < -_REACHED)
    reached = met.loc[(inside <= _REACHED) & ~np.array(is_locked, dtype=bool), _COLUMNS]
    rows = [*reached.itertuples(index=False, name=None), *_ramps(plan), *_will(plan)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _ramps(plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Years in which an actor's share of GDP rises as fast as it may."""
    spent, actors = spending(plan).fraction, names(plan.problem, "actors")
    ramp, before = plan.carried("actor_years", "spending_ramp_fraction_per_yr"), plan.after(spent)
    for (actor, year), step in ramp.inside(plan.years).items():
        key = (actor, year)
        if key in spent and key in before and spent[key] >= before[key] + step * plan.span[year,] - _REACHED:
            what = f"rise of spending by {actors[actor]} in percent of GDP a year"
            yield "Spending ramp", what, year, "AT_MOST", step * 100, False


def _will(plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Years in which an ally spends all that it is willing to, the largest sums first."""
    spent, actors = spending(plan).total, names(plan.problem, "actors")
    willing = plan.shown("response_results", "willingness_usd_m")
    for (actor, year), usd_m in sorted(willing.items(), key=lambda item: -item[1]):
        if spent[actor, year] >= usd_m - _REACHED * max(usd_m, 1.0):
            yield "Will to spend", f"M$ a year spent by {actors[actor]}", year, "AT_MOST", usd_m, False
