"""How the solve ended, and what the plan costs, in words."""

import math
from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from forceposture.report.numbers import NOTHING, at_most, figure, money_unit
from forceposture.report.plain_text import plain
from forceposture.report.tables import sentence
from forceposture.report.view import View
from optimizer.objectives import ALLIANCE_COST, EXPOSURE, LEAD_COST, SHORTFALL, WORST_BURDEN
from optimizer.plan.ledger import money_lines
from optimizer.tables.solution import Solution

_WITHOUT_PLAN = {
    "INFEASIBLE": "No plan exists: the rules contradict each other.",
    "INFEASIBLE_UNCONFIRMED": "The solver says that no plan exists; a second solve did not confirm it.",
    "TIME_LIMIT": "No plan was found before the search reached its limit. Give it more time (--time-limit).",
    "WORK_LIMIT": "The usual search found no plan. Search longer (--time-limit).",
    "INTERRUPTED": "Interrupted before any plan was found.",
    "UNBOUNDED": "What is minimized can fall without end: the problem lacks a limit.",
    "SOLVER_FAILURE": "The solver gave up without a plan.",
}
_ENDINGS = {
    "TIME_LIMIT": "the search reached its limit",
    "WORK_LIMIT": "this was the usual search, --time-limit searches longer",
    "INTERRUPTED": "you ended the search",
    "SOLVER_FAILURE": "the solver gave up the search",
}
_FAILED = "This plan FAILS its audit: do not use it."
_PROVEN = 1e-9
_MINIMIZED = {
    LEAD_COST: "cost, penalties included",
    ALLIANCE_COST: "cost to all, penalties included",
    SHORTFALL: "shortfall, over all needs",
    EXPOSURE: "exposure, over all years",
    WORST_BURDEN: "burden, on the ally that bears most",
}

_TIES_LEFT = "What allies have and pay is therefore not shown. More time may help (--time-limit)."


def outcome_text(solution: Solution) -> str:
    """How the solve ended, in a sentence or two, and where there is no plan, what is at fault."""
    outcome = solution.outcome
    if not solution.has_plan:
        conflicts = outcome.get("conflicts", [])
        said = "No plan exists." if conflicts else _WITHOUT_PLAN[outcome["termination"]]
        return "\n".join(map(plain, [said, *conflicts]))
    if not outcome["audit_passed"]:
        return _FAILED
    gap = outcome.get("relative_gap")
    gap = math.inf if gap is None else float(gap)
    objectives = solution.options.get("objectives", [LEAD_COST])
    what = _MINIMIZED[objectives[0]]
    if outcome["plan"] == "OPTIMAL" and len(objectives) > 1:
        text = "Best plan for what was asked, in that order."
    elif outcome["plan"] == "OPTIMAL" and gap <= _PROVEN:
        text = f"Best plan: none has a lower {what}."
    elif outcome["plan"] == "OPTIMAL":
        text = f"Best plan: the least possible {what}, is at most {at_most(gap)} lower."
    else:
        text = "Plan found, without a bound"
        if math.isfinite(gap):
            text = f"Plan found: the least possible {what}, is at most {at_most(gap)} lower"
        ending = _ENDINGS.get(outcome["termination"])
        text += f"; {ending}." if ending else "."
    if outcome.get("bound_source") == "SOLVER":
        text += " The bound is by the solver."
    if solution.options.get("relax"):
        text += " Relaxed: units and sites may be fractions, so this is no plan to carry out."
    return text


def headline(view: View) -> list[RenderableType]:
    """Title, what was asked, outcome, audit, and the costs of the plan if there is one."""
    settings, outcome = view.problem.settings, view.solution.outcome
    first, last = view.problem.years[0], view.end
    years = f"{first} to {last}" if first < last else str(first)
    title = f"{settings['title'] or 'Untitled case'} ({years}; real dollars of {settings['money_base_year']})"
    asked = "; ".join([f"Problem {view.solution.problem_digest[:8]}", *_asked(view.solution.options)])
    ending = outcome_text(view.solution)
    style = "bold red" if ending == _FAILED else ""
    parts: list[RenderableType] = [
        Text(plain(title), style="bold"),
        *_periods(view),
        sentence(asked),
        *(Text(line, style=style) for line in ending.split("\n")),
    ]
    if not view.solution.has_plan:
        return parts
    parts += [sentence(f"  {finding}") for finding in outcome["audit_findings"]]
    return [*parts, *_costs(view), *_objectives(view)]


def _periods(view: View) -> list[RenderableType]:
    """Which years each period stands for, where they are not single ones."""
    begins = view.problem.calendar.first_years
    if all(year == first for year, first in begins.items()):
        return []
    spans = [str(year) if year == first else f"{first}–{year}" for year, first in begins.items()]
    return [sentence(f"Periods, each named by its last year: {', '.join(spans)}.")]


def _asked(options: Mapping[str, Any]) -> list[str]:
    """What was asked of the plan where it is not the usual, in words."""
    parts = []
    objectives = options.get("objectives", [LEAD_COST])
    if objectives != [LEAD_COST]:
        parts.append("least " + ", then least ".join(map(_objective_name, objectives)))
    if "lead_budget_usd_m" in options:
        parts.append(f"at most {options['lead_budget_usd_m']:,.15g} M$ for the lead actor")
    if options.get("relax"):
        parts.append("relaxed")
    return parts


def _objective_name(objective: str) -> str:
    return objective.lower().replace("_", " ")


def _objectives(view: View) -> list[RenderableType]:
    """What was minimized, in order, unless it is the lead actor's cost alone."""
    rows = view.rows("objective_results")
    if rows["objective"].to_list() == [LEAD_COST]:
        return []
    return [
        Text(
            f"Least {row['order_number']}: {_objective_name(row['objective'])} {_measured(row['value'], row['unit'])}"
        )
        for row in rows.to_dict("records")
    ]


def _measured(value: float, unit: str) -> str:
    """A value of an objective in its unit."""
    match unit:
        case "M$":
            return money_unit([value]).full(value)
        case "share of GDP":
            return f"{figure(value * 100)}% of GDP".replace("–", "0")
        case _:
            return f"{figure(value)} {unit}".replace("–", "0")


def _costs(view: View) -> list[RenderableType]:
    settings, outcome = view.problem.settings, view.solution.outcome
    money = money_lines(view.rows("ledger"))
    year_count = view.end - view.today
    rate = float(settings["discount_rate_fraction"])
    parts: list[RenderableType] = []
    for payer, amount, is_paid in (
        (view.lead_name, outcome["lead_cost_usd_m"], money["actor_id"] == view.lead),
        ("all actors together", outcome.get("alliance_cost_usd_m"), money["actor_id"] != ""),
    ):
        if amount is None:
            continue
        unit = money_unit([amount])
        text = f"Cost to {payer}: {unit.full(amount)}"
        text += f", discounted at {rate * 100:.3g}% a year" if rate and year_count > 1 else ""
        if year_count > 1:
            yearly = float(money.loc[is_paid, "usd_m"].sum()) / year_count
            text += f"; {unit.full(yearly)} a year undiscounted"
        parts.append(sentence(text))
    penalty = outcome["penalty_usd_m"]
    if penalty > NOTHING:
        price = money_unit([penalty]).full(penalty)
        what = "the price of shortfalls, broken rules, exposure and moves; not money"
        parts.append(Text(f"Penalty: {price}, {what}"))
    if "allied_figures_withheld" in outcome:
        parts.append(Text(f"{outcome['allied_figures_withheld']} {_TIES_LEFT}"))
    return parts
