"""Whether the budget is kept, and the values of what was asked for are those of the tables."""

import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.comparison import at_most, equal, said
from optimizer.audit.plan import Plan
from optimizer.objectives import ALLIANCE_COST, EXPOSURE, LEAD_COST, SHORTFALL, WORST_BURDEN
from optimizer.plan.ledger import money_lines
from optimizer.tables.plan_tables import plan_table

_ROW = "objective_results: {objective}: "
_LINES = {LEAD_COST: "usd_m", ALLIANCE_COST: "usd_m", SHORTFALL: "points", EXPOSURE: "points"}


def objectives(plan: Plan) -> list[str]:
    """Findings about the budget and about what was minimized."""
    shown = plan_table(plan.tables, "objective_results").assign(
        objective=lambda rows: rows["objective"].astype(str)
    )
    missing = [word for word in plan.asked.objectives if word not in set(shown["objective"])]
    if "objective_results" not in plan.tables:
        return _budget(plan)
    findings = said(pd.DataFrame({"objective": missing}), _ROW + "asked for and not shown")
    shown["drawn"] = [_value(plan, str(word)) for word in shown["objective"]]
    sentence = _ROW + "{value} shown but {drawn} follows from the tables"
    for word, rows in shown.groupby("objective"):
        findings += equal(rows, "value", "drawn", _LINES.get(str(word), "fraction"), sentence)
    return [*findings, *_budget(plan)]


def _budget(plan: Plan) -> list[str]:
    budget = plan.asked.lead_budget_usd_m
    paid = money_lines(plan.ledger)
    spent = paid.loc[paid["actor_id"] == plan.problem.settings["lead_actor_id"], "discounted_usd_m"].sum()
    row = pd.DataFrame({"spent": [float(spent)], "budget": [budget]}).astype("float64")
    return at_most(row, "spent", "budget", "usd_m", "ledger: {spent} M$ spent but the budget is {budget}")


def _value(plan: Plan, objective: str) -> float:
    lead = plan.problem.settings["lead_actor_id"]
    ledger = plan.ledger
    if objective == LEAD_COST:
        return float(ledger.loc[ledger["actor_id"] == lead, "discounted_usd_m"].sum())
    if objective == ALLIANCE_COST:
        return float(ledger["discounted_usd_m"].sum())
    if objective == SHORTFALL:
        return _missing_shares(plan)
    if objective == WORST_BURDEN:
        return _worst_burden(plan, lead)
    return float(plan.table("exposure_results")["exposure_points"].sum())


def _missing_shares(plan: Plan) -> float:
    rows = plan.table("requirement_results").merge(plan.problem["theaters"], on="theater_id")
    rows = rows[rows["required_points"] > 0]
    shares = rows["shortfall_weight_factor"] * rows["shortfall_points"] / rows["required_points"]
    return float(shares.sum())


def _worst_burden(plan: Plan, lead: str) -> float:
    rows = spending(plan)
    rows = rows[(rows["year"] > plan.problem.today) & (rows["actor_id"] != lead)]
    return float((rows["spending_usd_m"] / rows["gdp_usd_m"]).max())
