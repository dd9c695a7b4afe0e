"""Whether planners' own rules hold, or are violated at their penalty."""

import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.comparison import at_most, equal, none, said
from optimizer.audit.conditional_rules import conditional_rules, holds_alone
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.site_groups import members

_ROW = "policy_rule_results: {policy_rule_id} {year}: "
_FORCE_COLUMNS = {
    "OWNED_COUNT": "owned_count",
    "RAISED_COUNT": "raised_count",
    "DISBANDED_COUNT": "disbanded_count",
}
_STATIONED_COLUMNS = {"STATIONED_COUNT": "stationed_count", "STATIONED_PERSONS": "persons"}
_UNITS = {
    "STATIONED_PERSONS": "persons",
    "SPENDING_USD_M": "usd_m",
    "BILLED_USD_M": "usd_m",
    "SPENDING_FRACTION": "fraction",
    "OWNED_POINTS": "points",
}


def policy_rules(plan: Plan) -> list[str]:
    """Findings about policy rules."""
    rules = plan.problem["policy_rules"]
    rows = pd.concat([_measured(plan, rule) for _, rule in rules.iterrows()], ignore_index=True)
    shown = plan.table("policy_rule_results").rename(columns={"quantity": "shown", "value": "shown_value"})
    extra = shown.merge(rows[["policy_rule_id", "year"]].assign(applies=True), how="left")
    rows = rows.merge(shown, on=["policy_rule_id", "year"], how="left")
    numbers = ["shown", "shown_value", "violation"]
    rows[numbers] = rows[numbers].fillna(0.0)
    rows["holds_alone"] = holds_alone(rules, rows)
    findings = said(extra[extra["applies"].isna()], _ROW + "the rule does not apply then")
    findings += [] if plan.is_relaxed else conditional_rules(rules, rows)
    for unit, group in rows.groupby("unit"):
        findings += _kept(group, str(unit))
    return findings


def _kept(rows: pd.DataFrame, unit: str) -> list[str]:
    rows = rows.assign(most=rows["value"] + rows["violation"], least=rows["value"] - rows["violation"])
    alone = rows[rows["holds_alone"]]
    above = alone[alone["sense"].isin(["AT_MOST", "EQUAL"])]
    below = alone[alone["sense"].isin(["AT_LEAST", "EQUAL"])]
    hard = rows[rows["penalty_usd_m"].isna()]
    return [
        *at_most(
            above, "measured", "most", unit, _ROW + "{measured} is above {value}, violation {violation}"
        ),
        *at_most(
            below, "least", "measured", unit, _ROW + "{measured} is below {value}, violation {violation}"
        ),
        *none(hard, "violation", unit, _ROW + "violated by {violation} without a penalty"),
        *equal(rows, "shown", "measured", unit, _ROW + "{shown} shown but the plan has {measured}"),
        *equal(
            rows, "shown_value", "value", unit, _ROW + "the value {shown_value} is shown but it is {value}"
        ),
    ]


def _measured(plan: Plan, rule: pd.Series) -> pd.DataFrame:
    """The rule in each period that has one of its years, with ``measured`` and ``unit``."""
    quantity = str(rule["quantity"])
    source, column = _source(plan, quantity, rule)
    for selector in ("actor_id", "unit_type_id"):
        if selector in source.columns and pd.notna(rule[selector]):
            source = source[source[selector] == rule[selector]]
    totals = source.groupby("year")[column].sum()
    applies = plan.calendar["calendar_year"].between(rule["first_year"], rule["last_year"])
    years = plan.calendar.loc[applies, "year"].unique()
    return pd.DataFrame(
        {
            "policy_rule_id": rule["policy_rule_id"],
            "year": years,
            "measured": totals.reindex(years).fillna(0.0).to_numpy(),
            "unit": _UNITS.get(quantity, "count"),
            "sense": rule["sense"],
            "value": float(rule["value"]),
            "penalty_usd_m": float(rule["penalty_usd_m"]),
        }
    )


def _source(plan: Plan, quantity: str, rule: pd.Series) -> tuple[pd.DataFrame, str]:
    if quantity in _STATIONED_COLUMNS:
        rows = plan.stationed
        if pd.notna(rule["site_group_id"]):
            groups = members(plan.problem)
            sites = groups.loc[groups["site_group_id"] == rule["site_group_id"], "site_id"]
            rows = rows[rows["site_id"].isin(sites)]
        return rows, _STATIONED_COLUMNS[quantity]
    if quantity == "SPENDING_USD_M":
        return spending(plan), "spending_usd_m"
    if quantity == "SPENDING_FRACTION":
        rows = spending(plan)
        return rows.assign(share=rows["spending_usd_m"] / rows["gdp_usd_m"]), "share"
    if quantity == "BILLED_USD_M":
        return plan.table("billing_results"), "billed_usd_m"
    if quantity == "OWNED_POINTS":
        points = plan.points[plan.points["capability_id"] == rule["capability_id"]]
        rows = plan.forces.merge(points, on=FORCE_KEY)
        return rows.assign(owned_points=rows["owned_count"] * rows["points"]), "owned_points"
    rows, column = plan.forces, _FORCE_COLUMNS[quantity]
    if column == "owned_count":
        return rows, column
    return rows.assign(a_year=rows[column] / plan.spans(rows)), "a_year"
