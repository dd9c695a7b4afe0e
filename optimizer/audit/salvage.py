"""What is left at the end of a plan of what was bought inside it, from orders and stocks.

Straight line over a life; only what is still owned counts, the most valuable first. With worths in falling order that
is the sum over their steps of (worth − next worth) · min(stock, everything bought that is worth at least so much).
"""

from itertools import pairwise

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.plan import Plan

_BOUGHT = {
    "actor_unit_types.raise_cost_usd_m_per_unit": (
        "owned_forces", "raised_count", "owned_count", "life_yr", "lead_time_yr",
    ),
    "actor_unit_types.set_purchase_cost_usd_m_per_set": (
        "owned_forces", "sets_bought_count", "sets_owned_count", "set_life_yr", "set_lead_time_yr",
    ),
    "site_access.housing_build_cost_usd_m_per_person": (
        "site_uses", "housing_built_persons", "housing_persons", "housing_life_yr", None,
    ),
}  # fmt: skip
"""By the column of its price, where what was bought is shown, its order and stock, and its life and lead time."""


def salvage(plan: Plan) -> dict[str, Amounts]:
    """M$ by the key of what was bought, by the column of its price."""
    return {
        price: _left(plan, price, plan.planned(table, order), plan.shown(table, stock), life, lead)
        for price, (table, order, stock, life, lead) in _BOUGHT.items()
    }


def _left(plan: Plan, price: str, orders: Amounts, stock: Amounts, life: str, lead: str | None) -> Amounts:
    """Value left by the key of orders without the year.

    Args:
        plan: the plan.
        price: name of the column of the price, after its table's.
        orders: what was ordered in each year.
        stock: what is there at the end of each year.
        life: name of the column of the life, in the same table.
        lead: likewise of the lead time; None if there is none.
    """
    table, last, names = price.partition(".")[0], plan.problem.years[-1], orders.names[:-1]
    prices, lives = plan.rate(price).ordered(names), plan.given(table, life).ordered(names)
    leads = plan.given(table, lead).ordered(names) if lead else Amounts(names)
    bought: dict[Key, dict[float, float]] = {}
    for (*parts, year), count in orders.positive().items():
        key = tuple(parts)
        years_in_use = last - year - leads[key] + 1
        if years_in_use >= 1 and key in lives:
            worth = prices[key] * max(1 - years_in_use / lives[key], 0.0)
            steps = bought.setdefault(key, {0.0: 0.0})
            steps[worth] = steps.get(worth, 0.0) + count
    value = Amounts(names)
    for key, steps in bought.items():
        there = 0.0
        for worth, next_worth in pairwise(sorted(steps, reverse=True)):
            there += steps[worth]
            value[key] += (worth - next_worth) * min(there, stock[(*key, last)])
    return value
