"""What is left at the end of a plan of what was bought inside it.

Straight line over a life: what arrived in year ``y`` is worth ``price · max(0, 1 − (last − y + 1) ÷ life)``
after the last year. Only what is still owned counts, the most valuable first. Units raised and units converted to a
kind are one stock.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import pandas as pd

from optimizer.tables.keyed import values
from optimizer.tables.plan_tables import plan_rows
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

Key = tuple[Any, ...]


@dataclass(frozen=True)
class _Purchase:
    """What is bought: the plan's table and its columns, what is had for it too; the input's table and its columns."""

    plan: str
    added: str
    had: str
    rates: str
    price: str
    life: str
    lead_time: str | None = None


_STOCKS: dict[tuple[str, str, str], tuple[_Purchase, ...]] = {
    ("owned_forces", "owned_count", "unit_type_id"): (
        _Purchase(
            plan="owned_forces",
            added="raised_count",
            had="unit_type_id",
            rates="actor_unit_types",
            price="raise_cost_usd_m_per_unit",
            life="life_yr",
            lead_time="lead_time_yr",
        ),
        _Purchase(
            plan="conversion_results",
            added="converted_count",
            had="to_unit_type_id",
            rates="conversions",
            price="conversion_cost_usd_m_per_unit",
            life="life_yr",
            lead_time="lead_time_yr",
        ),
    ),
    ("owned_forces", "sets_owned_count", "unit_type_id"): (
        _Purchase(
            plan="owned_forces",
            added="sets_bought_count",
            had="unit_type_id",
            rates="actor_unit_types",
            price="set_purchase_cost_usd_m_per_set",
            life="set_life_yr",
            lead_time="set_lead_time_yr",
        ),
    ),
    ("site_uses", "housing_persons", "site_id"): (
        _Purchase(
            plan="site_uses",
            added="housing_built_persons",
            had="site_id",
            rates="site_access",
            price="housing_build_cost_usd_m_per_person",
            life="housing_life_yr",
        ),
    ),
}
"""By the plan's table of a stock, and its columns of the stock and of what it is of, how it is bought."""


def salvage(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """The value left of units raised and converted, sets bought and housing built.

    Args:
        problem: the problem, its defaults filled in.
        tables: the plan's tables.

    Returns:
        Rows with actor_id, unit_type_id or site_id, source_column (of the price) and ``salvage_usd_m`` ≥ 0.
    """
    last, rows = problem.years[-1], []
    for (table, stock, thing), purchases in _STOCKS.items():
        bought: dict[Key, list[tuple[float, str, float]]] = defaultdict(list)
        for purchase in purchases:
            for key, worth, count in _orders(problem, tables, purchase):
                bought[key].append((-worth, f"{purchase.rates}.{purchase.price}", count))
        kept = {
            (row["actor_id"], row[thing]): row[stock]
            for row in (plan_rows(tables, table) if bought else [])
            if row["year"] == last
        }
        for (actor, name), orders in bought.items():
            for source, usd_m in _most_valuable(orders, kept.get((actor, name), 0.0)).items():
                named = {"actor_id": actor, thing: name}
                rows.append({**named, "source_column": source, "salvage_usd_m": usd_m})
    return rows


def _orders(
    problem: Problem, tables: Mapping[str, pd.DataFrame], purchase: _Purchase
) -> Iterator[tuple[Key, float, float]]:
    """What was bought and arrived: its actor and what it is, the worth of one at the end, how many."""
    added = [
        row
        for row in plan_rows(tables, purchase.plan)
        if row["year"] > problem.today and row[purchase.added] > 0
    ]
    if not added:
        return
    rates, by = problem[purchase.rates], PROBLEM_TABLES[purchase.rates].key
    which, last = itemgetter(*by), problem.years[-1]
    price, life = values(rates, by, purchase.price), values(rates, by, purchase.life)
    lead_time = values(rates, by, purchase.lead_time) if purchase.lead_time else {}
    for row in added:
        key = which(row)
        served = last - (row["year"] + lead_time.get(key, 0)) + 1
        # Without a life, or a price, nothing is left.
        if served >= 1 and not math.isnan(price[key]) and not math.isnan(life[key]):
            worth = price[key] * max(1 - served / life[key], 0.0)
            yield (row["actor_id"], row[purchase.had]), worth, row[purchase.added]


def _most_valuable(bought: list[tuple[float, str, float]], stock: float) -> dict[str, float]:
    """The value of a stock by source, out of what was bought, given by falling worth, source and number."""
    parts = defaultdict(list)
    for negative_worth, source, count in sorted(bought):
        parts[source].append(-negative_worth * min(count, stock))
        stock = max(stock - count, 0.0)
    return {source: math.fsum(each) for source, each in parts.items()}
