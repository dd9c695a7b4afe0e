"""Whether the ledger shown is the ledger of the plan, and the costs of the outcome are its sums."""

from collections.abc import Mapping
from typing import Any

from optimizer.audit.comparison import OBJECTIVE, equal
from optimizer.audit.ledger import discounted, ledger, money_lines
from optimizer.audit.plan import Plan


def costs(plan: Plan, outcome: Mapping[str, Any]) -> list[str]:
    """Findings about the costs that the outcome states.

    Args:
        plan: the plan.
        outcome: fields of Outcome; a cost that it does not have is not compared.
    """
    lines = discounted(plan)
    led, money = lines.having(actor_id=plan.lead), money_lines(lines)
    sums = {
        "lead_cost_usd_m": money_lines(led),
        "penalty_usd_m": lines.outside(money),
        "alliance_cost_usd_m": money,
        "objective_usd_m": led,
    }
    findings = []
    for name, part in sums.items():
        shown, drawn = outcome.get(name), sum(part.values())
        if shown is not None and not abs(drawn - shown) <= OBJECTIVE * max(1.0, abs(shown)):
            findings.append(f"outcome: {name} is {shown:.9g} M$ but the ledger adds up to {drawn:.9g}")
    return findings


def ledger_shown(plan: Plan) -> list[str]:
    """Findings about the lines of the ledger; a line that is not there shows 0."""
    sentence = "ledger: {actor_id} {year} {kind} {source_column} {unit_type_id} {site_id} {theater_id}: "
    findings: list[str] = []
    for column, drawn in (("usd_m", ledger(plan)), ("discounted_usd_m", discounted(plan))):
        words = sentence + f"{column} of {{left}} shown but {{right}} drawn up"
        findings += equal(plan.shown("ledger", column), drawn, "usd_m", words)
    return findings
