"""When one-off money is paid, and what it counts in a year of the period in which it is paid.

A period's costs stand in the model as money a year, the same in each of its years. Money that is paid once has two
such figures, which are the same where a period is one year::

    average[y]   1 / span[t]               spread over the years of the period t that holds y
    worth[y]     factor[y] / discount[t]   as much in every year of t as is worth the same, discounted

Yearly limits look at the average. What is discounted looks at the worth, and then counts in the calendar year y in
which it is paid. factor[y] is the discount factor of y, discount[t] the sum of those of the years of t.
"""

import math
from itertools import chain

import numpy as np
import pandas as pd

from optimizer.formulation.frames.index import Index, once
from optimizer.tables.keyed import keys, repeated, values


@once
def weights(index: Index) -> pd.DataFrame:
    """By calendar_year: year, the period it belongs to, and average and worth of a dollar paid in it."""
    frame = pd.DataFrame({"calendar_year": list(index.factors), "factor": list(index.factors.values())})
    frame["year"] = index.problem.calendar.periods_of(frame["calendar_year"])
    frame["average"] = 1 / frame["year"].map(index.problem.calendar.spans)
    frame["worth"] = frame["factor"] / frame["year"].map(index.discount)
    return frame.drop(columns="factor")


def once_weights(index: Index) -> pd.DataFrame:
    """By period: average and worth of a dollar paid in its own year, as everything is that is done in a period."""
    frame = weights(index)
    return frame[frame["calendar_year"] == frame["year"]]


def in_equal_parts(index: Index, orders: pd.DataFrame, cost: str, lead_time: str) -> pd.DataFrame:
    """What orders cost in which period: a row for each order that costs something and each period it is paid in.

    Args:
        index: the index of the problem.
        orders: one row for each order, with year, the period in which it is placed, and its cost and lead time.
        cost: column of what an order costs in all, M$.
        lead_time: column of the years over which it is paid, from the year it is placed; whole where there is none.

    Returns:
        The columns of ``orders`` with paid_year, a period, and average_usd_m and worth_usd_m, M$ a year of it.
    """
    costly = orders[orders[cost] > 0]
    counted = weights(index)
    periods = values(counted, ["calendar_year"], "year")
    figures = {name: values(counted, ["calendar_year"], name) for name in ("average", "worth")}
    paid: list[dict[int, list[int]]] = []
    for year, parts in zip(keys(costly, ["year"]), keys(costly, [lead_time]), strict=True):
        by_period: dict[int, list[int]] = {}
        for each in range(year, year + max(parts, 1)):
            if each in periods:
                by_period.setdefault(periods[each], []).append(each)
        paid.append(by_period)
    rows = repeated(costly, np.array([len(by_period) for by_period in paid], dtype=np.int64))
    rows["paid_year"] = np.fromiter(chain.from_iterable(paid), np.int64, len(rows))
    part = (rows[cost] / rows[lead_time].clip(lower=1)).to_list()
    years = list(chain.from_iterable(by_period.values() for by_period in paid))
    for name, figure in figures.items():
        rows[f"{name}_usd_m"] = [
            math.fsum(money * figure[year] for year in each) for money, each in zip(part, years, strict=True)
        ]
    return rows
