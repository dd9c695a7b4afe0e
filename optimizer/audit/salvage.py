"""What is left at the end of a plan of what was bought inside it, from orders and stocks.

Straight line over a life; only what is still owned counts, the most valuable first. With worths in falling order that
is the sum over their steps of (worth − next worth) · min(stock, everything bought that is worth at least so much).
"""

import pandas as pd

from optimizer.audit.plan import FORCE_KEY, SITE_KEY, Plan


def salvage(plan: Plan) -> list[pd.DataFrame]:
    """Rows with actor_id, unit_type_id or site_id, source_column and salvage_usd_m, by what was bought."""
    forces = plan.problem["actor_unit_types"]
    owned, uses = plan.shown("owned_forces"), plan.shown("site_uses")
    room = plan.problem["site_access"].assign(built_at_once=0)
    unit_price, set_price = "raise_cost_usd_m_per_unit", "set_purchase_cost_usd_m_per_set"
    room_price = "housing_build_cost_usd_m_per_person"
    units = forces[[*FORCE_KEY, unit_price, "life_yr", "lead_time_yr"]]
    sets = forces[[*FORCE_KEY, set_price, "set_life_yr", "set_lead_time_yr"]]
    rooms = room[[*SITE_KEY, room_price, "housing_life_yr", "built_at_once"]]
    return [
        _left(plan, owned[[*FORCE_KEY, "year", "raised_count", "owned_count"]], units).assign(
            source_column=f"actor_unit_types.{unit_price}"
        ),
        _left(plan, owned[[*FORCE_KEY, "year", "sets_bought_count", "sets_owned_count"]], sets).assign(
            source_column=f"actor_unit_types.{set_price}"
        ),
        _left(plan, uses[[*SITE_KEY, "year", "housing_built_persons", "housing_persons"]], rooms).assign(
            source_column=f"site_access.{room_price}"
        ),
    ]


def _left(plan: Plan, stocks: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Value left by key.

    Args:
        plan: the plan.
        stocks: the key's two columns, year, what was ordered in it and the stock at its end.
        rates: the key's two columns, price, life and lead time, whatever their names.
    """
    key, last = list(stocks.columns[:2]), plan.problem.years[-1]
    stocks = stocks.set_axis([*key, "year", "ordered", "stock"], axis="columns")
    rates = rates.set_axis([*key, "price", "life", "lead"], axis="columns")
    orders = stocks.loc[(stocks["year"] > plan.problem.today) & (stocks["ordered"] > 0)].drop(columns="stock")
    if orders.empty:
        return orders[key].assign(salvage_usd_m=0.0)
    orders = orders.merge(rates, on=key)
    in_use = last - orders["year"] - orders["lead"].astype("int64") + 1
    orders = orders.assign(worth=orders["price"].fillna(0.0) * (1 - in_use / orders["life"]).clip(lower=0.0))
    orders = orders[(in_use >= 1) & (orders["worth"] > 0)]
    steps = orders.groupby([*key, "worth"])[["ordered"]].sum().sort_index(ascending=False).reset_index()
    kept = stocks.loc[stocks["year"] == last, [*key, "stock"]]
    steps = steps.merge(kept, on=key, how="left").fillna({"stock": 0.0})
    bought = steps.groupby(key)["ordered"].cumsum()
    step = steps["worth"] - steps.groupby(key)["worth"].shift(-1).fillna(0.0)
    steps["salvage_usd_m"] = step * bought.clip(upper=steps["stock"])
    return steps.groupby(key)[["salvage_usd_m"]].sum().reset_index()
