"""What is left at the end of a plan of what was bought inside it, from orders and stocks.

Straight line over a life; only what is still owned counts, the most valuable first. With worths in falling order, what
is bought counts as far as the stock reaches beyond everything bought before. Units raised and units converted to a kind
are one stock.
"""

from collections.abc import Iterator

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.plan import FORCE, SITE, Plan

_BOUGHT: dict[tuple[str, str, tuple[str, ...]], dict[str, tuple[str, str, str, str | None]]] = {
    ("owned_forces", "owned_count", FORCE): {
        "actor_unit_types.raise_cost_usd_m_per_unit": (
            "owned_forces", "raised_count", "life_yr", "lead_time_yr",
        ),
        "conversions.conversion_cost_usd_m_per_unit": (
            "conversion_results", "converted_count", "life_yr", "lead_time_yr",
        ),
    },
    ("owned_forces", "sets_owned_count", FORCE): {
        "actor_unit_types.set_purchase_cost_usd_m_per_set": (
            "owned_forces", "sets_bought_count", "set_life_yr", "set_lead_time_yr",
        ),
    },
    ("site_uses", "housing_persons", SITE): {
        "site_access.housing_build_cost_usd_m_per_person": (
            "site_uses", "housing_built_persons", "housing_life_yr", None,
        ),
    },
}  # fmt: skip
"""By where a stock is shown, and the key of what is in it: by the column of its price, where what is bought for it is
shown, and its life and lead time."""


def salvage(plan: Plan) -> dict[str, Amounts]:
    """M$ by the key of what was bought, by the column of its price."""
    value = {}
    for (table, column, names), bought in _BOUGHT.items():
        stock, steps = plan.shown(table, column), dict[Key, list[tuple[float, str, float]]]()
        for price, where in bought.items():
            value[price] = Amounts(names)
            for key, worth, count in _orders(plan, price, *where):
                steps.setdefault(key, []).append((-worth, price, count))
        for key, orders in steps.items():
            left = stock[(*key, plan.problem.years[-1])]
            for negative_worth, price, count in sorted(orders):
                counted = min(count, left)
                value[price][key] -= negative_worth * counted
                left -= counted
    return value


def _orders(
    plan: Plan, price: str, table: str, order: str, life: str, lead: str | None
) -> Iterator[tuple[Key, float, float]]:
    """What was bought and is worth something at the end: its actor and kind or site, the worth of one, how many.

    Args:
        plan: the plan.
        price: name of the column of the price, after its table's.
        table: where orders are shown.
        order: in which column.
        life: name of the column of the life, in the table of the price; an empty one leaves nothing.
        lead: likewise of the lead time; None if there is none.
    """
    orders, last = plan.planned(table, order).positive(), plan.problem.years[-1]
    source, names = price.partition(".")[0], orders.names[:-1]
    prices, lives = plan.rate(price).ordered(names), plan.given(source, life).ordered(names)
    leads = plan.given(source, lead).ordered(names) if lead else Amounts(names)
    for (*parts, year), count in orders.items():
        key = tuple(parts)
        years_in_use = last - year - leads[key] + 1
        if years_in_use >= 1 and years_in_use < lives[key]:
            yield (key[0], key[-1]), prices[key] * (1 - years_in_use / lives[key]), count
