"""What is left at the end of a plan of what was bought inside it.

Straight line over a life: what arrived in year ``y`` is worth ``price · max(0, 1 − (last − y + 1) ÷ life)``
after the last year. Only what is still owned counts, the most valuable first.
"""

from collections.abc import Mapping

import pandas as pd

from optimizer.tables.plan_tables import plan_table
from optimizer.tables.problem import Problem

_UNIT_KEY = ["actor_id", "unit_type_id"]
_SITE_KEY = ["actor_id", "site_id"]

Salvage = tuple[str, pd.DataFrame]
"""The input column of the price; rows with actor_id, unit_type_id or site_id, and ``salvage_usd_m`` ≥ 0."""


def salvage(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[Salvage]:
    """The value left of units raised, sets bought and housing built.

    Args:
        problem: the problem, its defaults filled in.
        tables: the plan's tables.
    """
    owned = plan_table(tables, "owned_forces").rename(
        columns={"raised_count": "added", "owned_count": "stock"}
    )
    sets = plan_table(tables, "owned_forces").rename(
        columns={"sets_bought_count": "added", "sets_owned_count": "stock"}
    )
    rooms = plan_table(tables, "site_uses").rename(
        columns={"housing_built_persons": "added", "housing_persons": "stock"}
    )
    unit_price, set_price = "raise_cost_usd_m_per_unit", "set_purchase_cost_usd_m_per_set"
    room_price = "housing_build_cost_usd_m_per_person"
    unit_rates = problem["actor_unit_types"][[*_UNIT_KEY, unit_price, "life_yr", "lead_time_yr"]]
    set_rates = problem["actor_unit_types"][[*_UNIT_KEY, set_price, "set_life_yr", "set_lead_time_yr"]]
    room_rates = problem["site_access"][[*_SITE_KEY, room_price, "housing_life_yr"]].assign(lead=0)
    return [
        (f"actor_unit_types.{unit_price}", _left(problem, owned, unit_rates, _UNIT_KEY)),
        (f"actor_unit_types.{set_price}", _left(problem, sets, set_rates, _UNIT_KEY)),
        (f"site_access.{room_price}", _left(problem, rooms, room_rates, _SITE_KEY)),
    ]


def _left(problem: Problem, plan: pd.DataFrame, rates: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Value left by key.

    Args:
        problem: the problem.
        plan: key, year, added, stock.
        rates: key, then price, life and lead time, whatever their names.
        key: names of the key columns.
    """
    last = problem.years[-1]
    added = plan[(plan["year"] > problem.today) & (plan["added"] > 0)]
    if added.empty:
        return added[key].assign(salvage_usd_m=0.0)
    rates = rates.set_axis([*key, "price", "life", "lead"], axis="columns")
    at_the_end = plan.loc[plan["year"] == last, [*key, "stock"]].rename(columns={"stock": "stock_left"})
    orders = added[[*key, "year", "added"]].merge(rates, on=key).merge(at_the_end, on=key)
    orders["arrival"] = orders["year"] + orders["lead"].astype("int64")
    orders = orders[orders["arrival"] <= last]
    part_left = (1 - (last - orders["arrival"] + 1) / orders["life"]).clip(lower=0)
    orders = orders.assign(worth=orders["price"].fillna(0.0) * part_left)
    orders = orders.sort_values([*key, "worth"], ascending=False, kind="stable")
    taken_before = orders.groupby(key)["added"].cumsum() - orders["added"]
    counted = (orders["stock_left"] - taken_before).clip(lower=0).clip(upper=orders["added"])
    orders = orders.assign(salvage_usd_m=counted * orders["worth"])
    return orders.groupby(key)[["salvage_usd_m"]].sum().reset_index()
