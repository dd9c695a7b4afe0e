"""Whether the budget is kept, and what was asked for is shown as it was asked, with the values of the plan."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.comparison import OBJECTIVE, at_most, equal, said
from optimizer.audit.deterrence import needs
from optimizer.audit.exposure import borne
from optimizer.audit.ledger import ledger, money_lines
from optimizer.audit.plan import Plan
from optimizer.objectives import ALLIANCE_COST, EXPOSURE, LEAD_COST, SHORTFALL, UNITS, WORST_BURDEN
from optimizer.tables.schema import SOLUTION_TABLES

_ROW = "objective_results: {objective}: "
_LINES = {LEAD_COST: "usd_m", ALLIANCE_COST: "usd_m", SHORTFALL: "points", EXPOSURE: "points"}
_NOTHING = 1e-7


def objectives(plan: Plan) -> list[str]:
    """Findings about the budget and about what was minimized."""
    shown = plan.shown("objective_results")
    shown["best_bound"] = _bounds(plan)
    order = {word: place for place, word in enumerate(plan.asked.objectives, start=1)}
    missing = [word for word in order if word not in set(shown["objective"])]
    shown["place"] = shown["objective"].map(order)
    shown["right_unit"] = shown["objective"].map(UNITS)
    known = shown[shown["place"].notna()].reset_index(drop=True)
    known["drawn"] = [_value(plan, str(word)) for word in known["objective"]]
    misplaced = known[known["order_number"] != known["place"]]
    misnamed = known[known["unit"] != known["right_unit"]]
    findings = [
        *said(pd.DataFrame({"objective": missing}), _ROW + "asked for and not shown"),
        *said(shown[shown["place"].isna()], _ROW + "shown and not asked for"),
        *said(misplaced, _ROW + "shown in place {order_number} but asked for in place {place}"),
        *said(misnamed, _ROW + "its unit is {right_unit}, not {unit}"),
    ]
    for word, rows in known.groupby("objective"):
        unit = _LINES.get(str(word), "fraction")
        words = _ROW + "{value} shown but {drawn} follows from the tables"
        findings += equal(rows, "value", "drawn", unit, words)
    above = known["best_bound"] - known["drawn"] > OBJECTIVE * known["drawn"].abs().clip(lower=1.0)
    findings += said(known[above], _ROW + "a bound of {best_bound} is above the plan's {drawn}")
    return [*findings, *_budget(plan)]


def bound_and_gap(plan: Plan, outcome: Mapping[str, Any]) -> list[str]:
    """Findings about the bound and the gap that the outcome states, which are those of the first objective."""
    first = plan.asked.objectives[0]
    bounds = _bounds(plan)
    is_first = plan.tables["objective_results"]["objective"].to_numpy() == first
    bound = float(bounds[is_first].iloc[0]) if is_first.any() else np.nan
    value = _value(plan, first)
    drawn = {"best_bound_usd_m": bound if first == LEAD_COST else np.nan, "relative_gap": _gap(value, bound)}
    findings = []
    for name, expected in drawn.items():
        shown = outcome.get(name, np.nan)
        # A gap is a part of the value: of a value that is hardly there, every gap is hardly anything.
        slack = OBJECTIVE / min(1.0, abs(value)) if name == "relative_gap" and value else OBJECTIVE
        if not np.isclose(shown, expected, rtol=OBJECTIVE, atol=slack, equal_nan=True):
            findings.append(f"outcome: {name} is {shown:.9g} but objective_results say {expected:.9g}")
    return findings


def _bounds(plan: Plan) -> pd.Series:
    """Bounds as they are shown, empty where there is none."""
    table = SOLUTION_TABLES["objective_results"]
    bounds: pd.Series = table.typed(plan.tables["objective_results"])["best_bound"].reset_index(drop=True)
    return bounds


def _gap(value: float, bound: float) -> float:
    """How far a value is above its bound, as part of the value; infinite where there is no bound."""
    if np.isnan(bound):
        return float("inf")
    above = value - bound
    if above <= _NOTHING * max(1.0, abs(value) * 1e-6):
        return 0.0
    return float(above / abs(value)) if value else float("inf")


def _budget(plan: Plan) -> list[str]:
    budget = plan.asked.lead_budget_usd_m
    paid = money_lines(ledger(plan))
    spent = paid.loc[paid["actor_id"] == plan.problem.settings["lead_actor_id"], "discounted_usd_m"].sum()
    row = pd.DataFrame({"spent": [float(spent)], "budget": [budget]}).astype("float64")
    return at_most(row, "spent", "budget", "usd_m", "ledger: {spent} M$ spent but the budget is {budget}")


def _value(plan: Plan, objective: str) -> float:
    lead = plan.problem.settings["lead_actor_id"]
    lines = ledger(plan)
    if objective == LEAD_COST:
        return float(lines.loc[lines["actor_id"] == lead, "discounted_usd_m"].sum())
    if objective == ALLIANCE_COST:
        return float(lines["discounted_usd_m"].sum())
    if objective == SHORTFALL:
        return _missing_shares(plan)
    if objective == WORST_BURDEN:
        return _worst_burden(plan, lead)
    exposed = borne(plan)
    return float((exposed["exposure_points"] * plan.spans(exposed)).sum())


def _missing_shares(plan: Plan) -> float:
    rows = needs(plan).merge(plan.problem["theaters"], on="theater_id")
    rows = rows[rows["required_points"] > 0]
    shares = rows["shortfall_weight_factor"] * rows["missing_points"] / rows["required_points"]
    return float((shares * plan.spans(rows)).sum())


def _worst_burden(plan: Plan, lead: str) -> float:
    rows = spending(plan)
    rows = rows[(rows["year"] > plan.problem.today) & (rows["actor_id"] != lead)]
    return float((rows["spending_usd_m"] / rows["gdp_usd_m"]).max())
