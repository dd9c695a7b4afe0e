"""What is left at the end of a plan of what was bought inside it.

Straight line over a life: what arrived in year ``y`` is worth ``price · max(0, 1 − (last − y + 1) ÷ life)``
after the last year. Only what is still owned counts, the most valuable first. Units raised and units converted to a
kind are one stock.
"""

from collections.abc import Mapping

import pandas as pd

from optimizer.tables.plan_tables import plan_table
from optimizer.tables.problem import Problem

_UNIT_KEY = ["actor_id", "unit_type_id"]
_SITE_KEY = ["actor_id", "site_id"]
_RAISED = ("raised_count", "actor_unit_types.raise_cost_usd_m_per_unit", "life_yr", "lead_time_yr")
_CONVERTED = ("converted_count", "conversions.conversion_cost_usd_m_per_unit", "life_yr", "lead_time_yr")
_SETS = (
    "sets_bought_count",
    "actor_unit_types.set_purchase_cost_usd_m_per_set",
    "set_life_yr",
    "set_lead_time_yr",
)
_ROOMS = (
    "housing_built_persons",
    "site_access.housing_build_cost_usd_m_per_person",
    "housing_life_yr",
    "lead_time_yr",
)
"""Of what is bought: columns of the quantity, the price with its table, the life and the lead time."""


def salvage(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """The value left of units raised and converted, sets bought and housing built.

    Args:
        problem: the problem, its defaults filled in.
        tables: the plan's tables.

    Returns:
        By stock: actor_id, unit_type_id or site_id, source_column, the input column of the price, and
        ``salvage_usd_m`` ≥ 0.
    """
    owned, uses = plan_table(tables, "owned_forces"), plan_table(tables, "site_uses")
    forces = owned.merge(problem["actor_unit_types"], on=_UNIT_KEY)
    rooms = uses.merge(problem["site_access"].assign(lead_time_yr=0), on=_SITE_KEY)
    pair = ["actor_id", "from_unit_type_id", "to_unit_type_id"]
    converted = plan_table(tables, "conversion_results").merge(problem["conversions"], on=pair)
    converted = converted.rename(columns={"to_unit_type_id": "unit_type_id"})
    unit_orders = [_orders(forces, _UNIT_KEY, *_RAISED), _orders(converted, _UNIT_KEY, *_CONVERTED)]
    return [
        _left(problem, pd.concat(unit_orders), owned, "owned_count"),
        _left(problem, _orders(forces, _UNIT_KEY, *_SETS), owned, "sets_owned_count"),
        _left(problem, _orders(rooms, _SITE_KEY, *_ROOMS), uses, "housing_persons"),
    ]


def _orders(
    rows: pd.DataFrame, key: list[str], added: str, source_column: str, life: str, lead: str
) -> pd.DataFrame:
    """What was bought: key, source_column, year, added, arrival, price and life; other arguments name columns."""
    price = rows[source_column.split(".")[1]].fillna(0.0)
    bought = rows[[*key, "year"]].assign(
        source_column=source_column,
        added=rows[added],
        arrival=rows["year"] + rows[lead].astype("int64"),
        price=price,
        life=rows[life],
    )
    return bought[bought["added"] > 0]


def _left(problem: Problem, orders: pd.DataFrame, stocks: pd.DataFrame, stock: str) -> pd.DataFrame:
    """Value left by key and source_column.

    Args:
        problem: the problem.
        orders: what was bought, as ``_orders`` has it.
        stocks: key, year and the stock.
        stock: column of the stock.
    """
    key, last = list(orders.columns[:2]), problem.years[-1]
    orders = orders[(orders["year"] > problem.today) & (orders["arrival"] <= last)]
    at_the_end = stocks.loc[stocks["year"] == last, [*key, stock]].rename(columns={stock: "stock_left"})
    orders = orders.merge(at_the_end, on=key)
    part_left = (1 - (last - orders["arrival"] + 1) / orders["life"]).clip(lower=0).fillna(0.0)
    orders = orders.assign(worth=orders["price"] * part_left)
    orders = orders.sort_values([*key, "worth", "source_column"], ascending=[True, True, False, True])
    taken_before = orders.groupby(key)["added"].cumsum() - orders["added"]
    counted = (orders["stock_left"] - taken_before).clip(lower=0).clip(upper=orders["added"])
    orders = orders.assign(salvage_usd_m=counted * orders["worth"])
    return orders.groupby([*key, "source_column"])[["salvage_usd_m"]].sum().reset_index()
