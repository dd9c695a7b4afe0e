"""Whether the budget is kept, and what was asked for is shown as it was asked, with the values of the plan."""

import math
from collections.abc import Mapping
from typing import Any

from optimizer.audit.allied_spending import spending
from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import OBJECTIVE, equal, limited, said
from optimizer.audit.deterrence import needs
from optimizer.audit.exposure import borne
from optimizer.audit.ledger import discounted, money_lines
from optimizer.audit.plan import Plan
from optimizer.objectives import ALLIANCE_COST, EXPOSURE, LEAD_COST, SHORTFALL, UNITS, WORST_BURDEN

_ROW = "objective_results: {objective}: "
_LINES = {LEAD_COST: "usd_m", ALLIANCE_COST: "usd_m", SHORTFALL: "points", EXPOSURE: "points"}
_NOTHING = 1e-7


def objectives(plan: Plan) -> list[str]:
    """Findings about the budget and about what was minimized."""
    columns = ("order_number", "objective", "unit", "value", "best_bound")
    rows = list(zip(*(plan.cells("objective_results", name) for name in columns), strict=True))
    place_of = {word: place for place, word in enumerate(plan.asked.objectives, start=1)}
    missing = {(word,) for word in place_of} - {(row[1],) for row in rows}
    findings = said(("objective",), missing, _ROW + "asked for and not shown")
    for number, word, unit, value, bound in rows:
        row = f"objective_results: {word}: "
        if word not in place_of:
            findings.append(f"{row}shown and not asked for")
            continue
        if number != place_of[word]:
            findings.append(f"{row}shown in place {number} but asked for in place {place_of[word]}")
        if unit != UNITS[word]:
            findings.append(f"{row}its unit is {UNITS[word]}, not {unit}")
        drawn, name = _value(plan, word), (word,)
        one, other = (Amounts(("objective",), {name: number}) for number in (value, drawn))
        words = _ROW + "{left} shown but {right} follows from the tables"
        findings += equal(one, other, _LINES.get(word, "fraction"), words)
        if bound - drawn > OBJECTIVE * max(abs(drawn), 1.0):
            findings.append(f"{row}a bound of {bound:.9g} is above the plan's {drawn:.9g}")
    return [*findings, *_budget(plan)]


def bound_and_gap(plan: Plan, outcome: Mapping[str, Any]) -> list[str]:
    """Findings about the bound and the gap that the outcome states, which are those of the first objective."""
    first = plan.asked.objectives[0]
    words, bounds = (plan.cells("objective_results", name) for name in ("objective", "best_bound"))
    bound = bounds[words.index(first)] if first in words else math.nan
    value = _value(plan, first)
    drawn = {
        "best_bound_usd_m": bound if first == LEAD_COST else math.nan,
        "relative_gap": _gap(value, bound),
    }
    findings = []
    for name, expected in drawn.items():
        shown = outcome.get(name, math.nan)
        # A gap is a part of the value: of a value that is hardly there, every gap is hardly anything.
        slack = OBJECTIVE / min(1.0, abs(value)) if name == "relative_gap" and value else OBJECTIVE
        if not _is_close(shown, expected, slack):
            findings.append(f"outcome: {name} is {shown:.9g} but objective_results say {expected:.9g}")
    return findings


def _is_close(shown: float, expected: float, slack: float) -> bool:
    if math.isnan(shown) or math.isnan(expected):
        return math.isnan(shown) and math.isnan(expected)
    return shown == expected or abs(shown - expected) <= slack + OBJECTIVE * abs(expected) < math.inf


def _gap(value: float, bound: float) -> float:
    """How far a value is above its bound, as part of the value; infinite where there is no bound."""
    if math.isnan(bound):
        return math.inf
    above = value - bound
    if above <= _NOTHING * max(1.0, abs(value) * 1e-6):
        return 0.0
    return above / abs(value) if value else math.inf


def _budget(plan: Plan) -> list[str]:
    if plan.asked.lead_budget_usd_m is None:
        return []
    spent = money_lines(discounted(plan)).having(actor_id=plan.lead).summed()
    budget = Amounts((), {(): plan.asked.lead_budget_usd_m})
    return limited(spent, budget, "usd_m", "ledger: {left} M$ spent but the budget is {right}")


def _value(plan: Plan, objective: str) -> float:
    if objective == LEAD_COST:
        return sum(discounted(plan).having(actor_id=plan.lead).values())
    if objective == ALLIANCE_COST:
        return sum(discounted(plan).values())
    if objective == SHORTFALL:
        return _missing_shares(plan)
    if objective == WORST_BURDEN:
        burdens = spending(plan).fraction.inside(plan.years).without(actor_id=plan.lead)
        return max(burdens.values(), default=math.nan)
    return sum((borne(plan) * plan.span).values())


def _missing_shares(plan: Plan) -> float:
    drawn = needs(plan)
    weighted = drawn.missing * plan.given("theaters", "shortfall_weight_factor") * plan.span
    return sum(points / drawn.required[key] for key, points in weighted.items() if drawn.required[key] > 0)
