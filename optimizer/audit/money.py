"""Whether the ledger shown is the ledger of the plan, and the costs of the outcome are its sums."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from optimizer.audit.comparison import OBJECTIVE, equal
from optimizer.audit.ledger import KEY, ledger, money_lines
from optimizer.audit.plan import Plan

_SUMS = ["usd_m", "discounted_usd_m"]


def costs(plan: Plan, outcome: Mapping[str, Any]) -> list[str]:
    """Findings about the costs that the outcome states.

    Args:
        plan: the plan.
        outcome: fields of Outcome; a cost that it does not have is not compared.
    """
    lines = ledger(plan)
    led = lines[lines["actor_id"] == plan.problem.settings["lead_actor_id"]]
    money = money_lines(lines)
    sums = {
        "lead_cost_usd_m": money_lines(led),
        "penalty_usd_m": lines.drop(money.index),
        "alliance_cost_usd_m": money,
        "objective_usd_m": led,
    }
    findings = []
    for name, part in sums.items():
        shown, drawn = outcome.get(name), float(part["discounted_usd_m"].sum())
        if shown is not None and not abs(drawn - shown) <= OBJECTIVE * max(1.0, abs(shown)):
            findings.append(f"outcome: {name} is {shown:.9g} M$ but the ledger adds up to {drawn:.9g}")
    return findings


def ledger_shown(plan: Plan) -> list[str]:
    """Findings about the lines of the ledger; a line that is not there shows 0."""
    shown, drawn = plan.shown("ledger"), ledger(plan)
    both = pd.concat([shown.assign(is_shown=True), drawn.assign(is_shown=False)], ignore_index=True)
    if both.empty:
        return []
    both[KEY] = both[KEY].astype("str").fillna("")
    sums = both.groupby([*KEY, "is_shown"])[_SUMS].sum().unstack("is_shown", fill_value=0.0)
    sentence = "ledger: {actor_id} {year} {kind} {source_column} {unit_type_id} {site_id} {theater_id}: "
    findings: list[str] = []
    for column in _SUMS:
        sides = pd.DataFrame(sums[column]).reindex(columns=[True, False], fill_value=0.0)
        rows = sides.set_axis(["shown", "drawn"], axis="columns").reset_index()
        words = sentence + f"{column} of {{shown}} shown but {{drawn}} drawn up"
        findings += equal(rows, "shown", "drawn", "usd_m", words)
    return findings
