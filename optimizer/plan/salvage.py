"""What is left at the end of a plan of what was bought inside it.

Straight line over a life: what arrived in year ``y`` is worth ``price · max(0, 1 − (last − y + 1) ÷ life)``
after the last year. Only what is still owned counts, the most valuable first.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
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
class _Stock:
    """What is bought and kept: the plan's table and its columns; the input's table and its columns."""

    plan: str
    added: str
    stock: str
    rates: str
    price: str
    life: str
    lead_time: str | None = None


_STOCKS = (
    _Stock(
        plan="owned_forces",
        added="raised_count",
        stock="owned_count",
        rates="actor_unit_types",
        price="raise_cost_usd_m_per_unit",
        life="life_yr",
        lead_time="lead_time_yr",
    ),
    _Stock(
        plan="owned_forces",
        added="sets_bought_count",
        stock="sets_owned_count",
        rates="actor_unit_types",
        price="set_purchase_cost_usd_m_per_set",
        life="set_life_yr",
        lead_time="set_lead_time_yr",
    ),
    _Stock(
        plan="site_uses",
        added="housing_built_persons",
        stock="housing_persons",
        rates="site_access",
        price="housing_build_cost_usd_m_per_person",
        life="housing_life_yr",
    ),
)


def salvage(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """The value left of units raised, sets bought and housing built.

    Args:
        problem: the problem, its defaults filled in.
        tables: the plan's tables.

    Returns:
        Rows with actor_id, unit_type_id or site_id, source_column (of the price) and ``salvage_usd_m`` ≥ 0.
    """
    rows = []
    for kind in _STOCKS:
        by = PROBLEM_TABLES[kind.rates].key
        for key, usd_m in _left(problem, kind, plan_rows(tables, kind.plan), by).items():
            named = dict(zip(by, key, strict=True))
            rows.append({**named, "source_column": f"{kind.rates}.{kind.price}", "salvage_usd_m": usd_m})
    return rows


def _left(problem: Problem, kind: _Stock, rows: list[dict[str, Any]], by: list[str]) -> dict[Key, float]:
    """Value left by key."""
    last, which, rates = problem.years[-1], itemgetter(*by), problem[kind.rates]
    added = [row for row in rows if row["year"] > problem.today and row[kind.added] > 0]
    if not added:
        return {}
    price, life = values(rates, by, kind.price), values(rates, by, kind.life)
    lead_time = values(rates, by, kind.lead_time) if kind.lead_time else {}
    kept = {which(row): row[kind.stock] for row in rows if row["year"] == last}
    orders: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    for row in added:
        key = which(row)
        served = last - (row["year"] + lead_time.get(key, 0)) + 1
        if served >= 1 and not math.isnan(price[key]):
            orders[key].append((price[key] * max(1 - served / life[key], 0.0), row[kind.added]))
    return {key: _most_valuable(bought, kept.get(key, 0.0)) for key, bought in orders.items()}


def _most_valuable(bought: list[tuple[float, float]], stock: float) -> float:
    """The value of a stock out of what was bought, given by worth and number."""
    parts = []
    for worth, count in sorted(bought, reverse=True):
        parts.append(worth * min(count, stock))
        stock = max(stock - count, 0.0)
    return math.fsum(parts)
