"""How a plan stands to the limits of a problem, its own or another: ceilings, rules, shares of garrisons, spending."""

import numpy as np
import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.garrison import shares
from optimizer.audit.plan import Plan
from optimizer.audit.policy_rules import measured
from optimizer.audit.site_limits import limits_in_force, people_in_groups
from optimizer.tables.names import group_names, names, sentences

LIMIT = ["table_name", "row_key", "column_name"]
_COLUMNS = [*LIMIT, "what", "year", "sense", "has", "bound"]


def limits_met(plan: Plan) -> pd.DataFrame:
    """A row for each limit and year, empty bounds left out.

    Returns:
        LIMIT (a row of the input without its year), what (in words, with its unit), year, sense (AT_MOST, AT_LEAST or
        EQUAL), has and bound. Of two rules of which one may hold, the row of the first has the side that holds, or
        the one that is nearer to it.
    """
    parts = [_ceilings(plan), _policy_rules(plan), *_garrison_shares(plan), _spending_ceilings(plan)]
    parts = [part for part in parts if not part.empty]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)
    rows = rows.astype({"year": "int64", "has": "float64", "bound": "float64"})
    return rows[rows["bound"].notna()].reset_index(drop=True)


def slack(rows: pd.DataFrame) -> "pd.Series[float]":
    """How far inside its limit each row of ``limits_met`` is, in parts of it; negative outside."""
    below = rows["bound"] - rows["has"]
    inside = below.where(rows["sense"] == "AT_MOST", -below).where(rows["sense"] != "EQUAL", -below.abs())
    return inside / np.maximum(rows["bound"].abs(), 1.0)


def _ceilings(plan: Plan) -> pd.DataFrame:
    limits = plan.problem["site_group_limits"]
    if limits.empty:
        return pd.DataFrame(columns=_COLUMNS)
    key = ["site_group_id", "actor_id", "year"]
    rows = limits_in_force(plan, limits).merge(people_in_groups(plan), on=key, how="left")
    groups = group_names(plan.problem)
    actors = {**names(plan.problem, "actors"), "FOREIGN": "all foreign actors"}
    what = "people of " + rows["actor_id"].map(actors) + " in " + rows["site_group_id"].map(groups)
    return rows.assign(
        table_name="site_group_limits",
        row_key=rows["site_group_id"] + "/" + rows["actor_id"],
        column_name="maximum_persons",
        what=what,
        sense="AT_MOST",
        has=rows["persons"].fillna(0.0),
        bound=rows["maximum_persons"],
    )[_COLUMNS]


def _policy_rules(plan: Plan) -> pd.DataFrame:
    rules = plan.problem["policy_rules"]
    if rules.empty:
        return pd.DataFrame(columns=_COLUMNS)
    rows = pd.concat([measured(plan, rule) for _, rule in rules.iterrows()], ignore_index=True)
    rows = rows.rename(columns={"measured": "has", "value": "bound"})
    said = sentences(plan.problem)
    # A rule that another one names holds only as its other side.
    named = rules[rules["or_policy_rule_id"].notna()]
    first = dict(zip(named["or_policy_rule_id"], named["policy_rule_id"], strict=True))
    rule = rows["policy_rule_id"].map(lambda name: first.get(name, name))
    rows = rows.assign(
        table_name="policy_rules",
        row_key=rule,
        column_name="value",
        what="rule " + rows["policy_rule_id"].map(said),
    )
    nearest = slack(rows).groupby([rows["row_key"], rows["year"]]).idxmax()
    return rows.loc[nearest, _COLUMNS]


def _garrison_shares(plan: Plan) -> list[pd.DataFrame]:
    if plan.problem["garrison_actors"].empty:
        return []
    rows = shares(plan, plan.table("garrison_supplies"))
    garrisons, actors = names(plan.problem, "garrisons"), names(plan.problem, "actors")
    what = "people of " + rows["actor_id"].map(actors) + " in garrison " + rows["garrison_id"].map(garrisons)
    rows = rows.assign(
        table_name="garrison_actors",
        row_key=rows["garrison_id"] + "/" + rows["actor_id"],
        what=what,
        has=rows["garrisoned_persons"],
    )
    least = rows["minimum_persons"].where(rows["is_freed"], rows["today_persons"])
    most = rows["maximum_persons"].where(rows["is_freed"] & (rows["maximum_fraction"] < 1))
    least = least.where(least > 0)
    return [
        rows.assign(column_name=f"{word}_fraction", sense=sense, bound=bound)[_COLUMNS]
        for word, sense, bound in (("minimum", "AT_LEAST", least), ("maximum", "AT_MOST", most))
    ]


def _spending_ceilings(plan: Plan) -> pd.DataFrame:
    rows = spending(plan)
    rows = rows[rows["is_known"] & (rows["year"] > plan.problem.today) & (rows["gdp_usd_m"] > 0)]
    actors = names(plan.problem, "actors")
    return rows.assign(
        table_name="actor_years",
        row_key=rows["actor_id"],
        column_name="spending_ceiling_fraction",
        what="percent of GDP spent by " + rows["actor_id"].map(actors),
        sense="AT_MOST",
        has=rows["spending_usd_m"] / rows["gdp_usd_m"] * 100,
        bound=rows["spending_ceiling_fraction"] * 100,
    )[_COLUMNS]
