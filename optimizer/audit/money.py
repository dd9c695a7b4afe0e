"""Whether the ledger shown is the ledger of the plan, and adds up to the objective."""

import pandas as pd

from optimizer.audit.comparison import OBJECTIVE, equal
from optimizer.audit.plan import Plan
from optimizer.tables.plan_tables import plan_table
from optimizer.tables.schema import SOLUTION_TABLES

_KEY = SOLUTION_TABLES["ledger"].key
_SUMS = ["usd_m", "discounted_usd_m"]


def money(plan: Plan, objective_usd_m: float) -> list[str]:
    """Findings about the ledger and the objective."""
    lead = plan.problem.settings["lead_actor_id"]
    total = float(plan.ledger.loc[plan.ledger["actor_id"] == lead, "discounted_usd_m"].sum())
    findings = []
    if not abs(total - objective_usd_m) <= OBJECTIVE * max(1.0, abs(objective_usd_m)):
        findings.append(
            f"ledger: {lead}: lines add up to {total:.9g} M$ but the objective is {objective_usd_m:.9g}"
        )
    if "ledger" in plan.tables:
        findings += _lines_shown(plan)
    return findings


def _lines_shown(plan: Plan) -> list[str]:
    shown = plan_table(plan.tables, "ledger")
    both = pd.concat(
        [shown.assign(is_shown=True), plan.ledger.astype({"year": "int64"}).assign(is_shown=False)]
    )
    if both.empty:
        return []
    both[_KEY] = both[_KEY].astype("str").fillna("")
    sums = both.groupby([*_KEY, "is_shown"])[_SUMS].sum().unstack("is_shown", fill_value=0.0)
    sentence = "ledger: {actor_id} {year} {kind} {source_column} {unit_type_id} {site_id} {theater_id}: "
    sentence += "{shown} M$ shown but {drawn} drawn up"
    findings: list[str] = []
    for column in _SUMS:
        sides = pd.DataFrame(sums[column]).reindex(columns=[True, False], fill_value=0.0)
        rows = sides.set_axis(["shown", "drawn"], axis="columns").reset_index()
        findings += equal(rows, "shown", "drawn", "usd_m", sentence)
    return findings
