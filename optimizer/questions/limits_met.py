"""How a plan stands to the limits of a problem, its own or another: ceilings, rules, shares of garrisons, spending."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.amounts import Amounts
from optimizer.audit.garrison import shares
from optimizer.audit.plan import Plan
from optimizer.audit.policy_rules import measured_by_year
from optimizer.audit.site_limits import in_force, people_in_groups
from optimizer.tables.names import group_names, names, sentences

LIMIT = ["table_name", "row_key", "column_name"]
_COLUMNS = [*LIMIT, "what", "year", "sense", "has", "bound"]


def limits_met(plan: Plan) -> pd.DataFrame:
    """A row for each limit and year.

    Returns:
        LIMIT (a row of the input without its year), what (in words, with its unit), year, sense (AT_MOST, AT_LEAST or
        EQUAL), has and bound. Of two rules of which one may hold, the row of the first has the side that holds, or
        the one that is nearer to it.
    """
    rows = [*_ceilings(plan), *_policy_rules(plan), *_garrison_shares(plan), *_spending_ceilings(plan)]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.astype({"year": "int64", "has": "float64", "bound": "float64"})


def slack(rows: pd.DataFrame) -> "pd.Series[float]":
    """How far inside its limit each row of ``limits_met`` is, in parts of it; negative outside."""
    below = rows["bound"] - rows["has"]
    inside = below.where(rows["sense"] == "AT_MOST", -below).where(rows["sense"] != "EQUAL", -below.abs())
    return inside / np.maximum(rows["bound"].abs(), 1.0)


def _rows(
    limit: tuple[str, str], sense: str, has: Amounts, bound: Amounts, what: Callable[..., str]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a limit that is an amount by key and year, the year last."""
    table, column = limit
    for key, amount in bound.items():
        yield table, "/".join(map(str, key[:-1])), column, what(*key[:-1]), key[-1], sense, has[key], amount


def _ceilings(plan: Plan) -> Iterator[tuple[Any, ...]]:
    groups = group_names(plan.problem)
    actors = {**names(plan.problem, "actors"), "FOREIGN": "all foreign actors"}
    limit = ("site_group_limits", "maximum_persons")
    bound = in_force(plan, "maximum_persons")
    has = people_in_groups(plan).ordered(bound.names)
    yield from _rows(
        limit, "AT_MOST", has, bound, lambda group, actor: f"people of {actors[actor]} in {groups[group]}"
    )


def _policy_rules(plan: Plan) -> Iterator[tuple[Any, ...]]:
    rules, said = plan.rows("policy_rules"), sentences(plan.problem)
    # A rule that another one names holds only as its other side.
    first = {rule.or_policy_rule_id: rule.policy_rule_id for rule in rules if rule.or_policy_rule_id}
    found = []
    for rule in rules:
        has = measured_by_year(plan, rule)
        name = first.get(rule.policy_rule_id, rule.policy_rule_id)
        found += [
            (
                "policy_rules",
                name,
                "value",
                f"rule {said[rule.policy_rule_id]}",
                year,
                rule.sense,
                has[year,],
                rule.value,
            )
            for year in plan.problem.years
            if rule.first_year <= year and plan.begins[year] <= rule.last_year
        ]
    frame = pd.DataFrame(found, columns=_COLUMNS)
    nearest = slack(frame).groupby([frame["row_key"], frame["year"]]).idxmax()
    yield from frame.loc[nearest].itertuples(index=False, name=None)


def _garrison_shares(plan: Plan) -> Iterator[tuple[Any, ...]]:
    garrisons, actors = names(plan.problem, "garrisons"), names(plan.problem, "actors")
    counted = plan.planned("garrison_supplies", "garrisoned_persons").summed(
        "garrison_id", "actor_id", "year"
    )

    def what(garrison: str, actor: str) -> str:
        return f"people of {actors[actor]} in garrison {garrisons[garrison]}"

    today, least, most = shares(plan)
    yield from _rows(
        ("garrison_actors", "minimum_fraction"), "AT_LEAST", counted, (today + least).positive(), what
    )
    yield from _rows(("garrison_actors", "maximum_fraction"), "AT_MOST", counted, most, what)


def _spending_ceilings(plan: Plan) -> Iterator[tuple[Any, ...]]:
    spent, actors = spending(plan), names(plan.problem, "actors")
    ceiling = plan.carried("actor_years", "spending_ceiling_fraction").inside(plan.years)
    known = ceiling.inside(spent.other).inside(spent.fraction)
    yield from _rows(
        ("actor_years", "spending_ceiling_fraction"),
        "AT_MOST",
        spent.fraction * 100,
        known * 100,
        lambda actor: f"percent of GDP spent by {actors[actor]}",
    )
