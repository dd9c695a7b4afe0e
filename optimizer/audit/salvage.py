"""What is left at the end of a plan of what was bought inside it, from orders and stocks.

Straight line over a life; only what is still owned counts, the most valuable first. With worths in falling order the
first n steps together are owned as far as the stock reaches, so each step counts what its own quantity adds to that.
Units raised and units converted to a kind are one stock.
"""

import pandas as pd

from optimizer.audit.force_structure import CONVERSION_KEY
from optimizer.audit.plan import FORCE_KEY, SITE_KEY, Plan


def salvage(plan: Plan) -> list[pd.DataFrame]:
    """Rows with actor_id, unit_type_id or site_id, source_column and salvage_usd_m, by stock."""
    forces = plan.problem["actor_unit_types"]
    owned, uses = plan.shown("owned_forces"), plan.shown("site_uses")
    room = plan.problem["site_access"].assign(built_at_once=0)
    unit_price, set_price = "raise_cost_usd_m_per_unit", "set_purchase_cost_usd_m_per_set"
    room_price = "housing_build_cost_usd_m_per_person"
    units = forces[[*FORCE_KEY, unit_price, "life_yr", "lead_time_yr"]]
    sets = forces[[*FORCE_KEY, set_price, "set_life_yr", "set_lead_time_yr"]]
    rooms = room[[*SITE_KEY, room_price, "housing_life_yr", "built_at_once"]]
    raised = _orders(plan, owned[[*FORCE_KEY, "year", "raised_count"]], units, "actor_unit_types")
    bought = _orders(plan, owned[[*FORCE_KEY, "year", "sets_bought_count"]], sets, "actor_unit_types")
    built = _orders(plan, uses[[*SITE_KEY, "year", "housing_built_persons"]], rooms, "site_access")
    return [
        _left(plan, pd.concat([raised, _converted(plan)]), owned[[*FORCE_KEY, "year", "owned_count"]]),
        _left(plan, bought, owned[[*FORCE_KEY, "year", "sets_owned_count"]]),
        _left(plan, built, uses[[*SITE_KEY, "year", "housing_persons"]]),
    ]


def _converted(plan: Plan) -> pd.DataFrame:
    """Conversions, as ``_orders`` has them, by what units became."""
    price = "conversion_cost_usd_m_per_unit"
    rates = plan.problem["conversions"][[*CONVERSION_KEY, price, "life_yr", "lead_time_yr"]]
    orders = _orders(
        plan,
        plan.shown("conversion_results")[[*CONVERSION_KEY, "year", "converted_count"]],
        rates,
        "conversions",
    )
    return orders.drop(columns="from_unit_type_id").rename(columns={"to_unit_type_id": "unit_type_id"})


def _orders(plan: Plan, ordered: pd.DataFrame, rates: pd.DataFrame, table: str) -> pd.DataFrame:
    """What was bought and is in use at the end: key, source_column, ordered and worth, what is left of one.

    Args:
        plan: the plan.
        ordered: the key, year and what was ordered in it.
        rates: the key, price, life (empty if nothing is left) and lead time, whatever their names.
        table: the input table of the price.
    """
    key, price = list(rates.columns[:-3]), rates.columns[-3]
    rates = rates.set_axis([*key, "price", "life", "lead"], axis="columns")
    orders = ordered.set_axis([*key, "year", "ordered"], axis="columns")
    orders = orders[(orders["year"] > plan.problem.today) & (orders["ordered"] > 0)].merge(rates, on=key)
    in_use = plan.problem.years[-1] - orders["year"] - orders["lead"].astype("int64") + 1
    part = (1 - in_use / orders["life"]).clip(lower=0.0).fillna(0.0)
    orders = orders.assign(worth=orders["price"].fillna(0.0) * part, source_column=f"{table}.{price}")
    found: pd.DataFrame = orders.loc[
        (in_use >= 1) & (orders["worth"] > 0), [*key, "source_column", "ordered", "worth"]
    ]
    return found


def _left(plan: Plan, orders: pd.DataFrame, stocks: pd.DataFrame) -> pd.DataFrame:
    """Value left by the key's two columns and source_column.

    Args:
        plan: the plan.
        orders: what was bought, as ``_orders`` has it.
        stocks: the key, year and the stock at its end.
    """
    key = list(stocks.columns[:2])
    stocks = stocks.set_axis([*key, "year", "stock"], axis="columns")
    kept = stocks.loc[stocks["year"] == plan.problem.years[-1], [*key, "stock"]]
    steps = orders.groupby([*key, "worth", "source_column"])[["ordered"]].sum().reset_index()
    steps = steps.sort_values([*key, "worth", "source_column"], ascending=[True, True, False, True])
    steps = steps.merge(kept, on=key, how="left").fillna({"stock": 0.0})
    bought = steps.groupby(key)["ordered"].cumsum()
    owned = bought.clip(upper=steps["stock"])
    owned_before = (bought - steps["ordered"]).clip(upper=steps["stock"])
    steps["salvage_usd_m"] = steps["worth"] * (owned - owned_before)
    return steps.groupby([*key, "source_column"])[["salvage_usd_m"]].sum().reset_index()
