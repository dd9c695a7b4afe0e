"""How the solve ended, and what the plan costs, in words."""

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from forceposture.report.view import View
from forceposture.report.words import money_unit
from optimizer.objectives import LEAD_COST
from optimizer.plan.ledger import money_lines
from optimizer.tables.solution import Solution

_WITHOUT_PLAN = {
    "INFEASIBLE": "No plan exists: the rules contradict each other. A second solve confirmed it.",
    "INFEASIBLE_UNCONFIRMED": "The solver says that no plan exists; a second solve did not confirm it.",
    "TIME_LIMIT": "No plan was found before the time limit. Give it more time (--time-limit).",
    "WORK_LIMIT": "The usual search found no plan. Search longer (--time-limit).",
    "INTERRUPTED": "Interrupted before any plan was found.",
    "UNBOUNDED": "The cost can fall without end: the problem lacks a limit.",
    "SOLVER_FAILURE": "The solver gave up without a plan.",
}
_ENDINGS = {
    "TIME_LIMIT": "the time limit ended the search",
    "WORK_LIMIT": "this was the usual search, --time-limit searches longer",
    "INTERRUPTED": "you ended the search",
    "SOLVER_FAILURE": "the solver gave up the search",
}

_TIES_LEFT = "What allies have and pay is therefore not shown. More time may help (--time-limit)."


def outcome_text(solution: Solution) -> str:
    """How the solve ended, in a sentence or two."""
    outcome = solution.outcome
    if not solution.has_plan:
        return _WITHOUT_PLAN[outcome["termination"]]
    gap = outcome.get("relative_gap")
    is_cost = solution.options.get("objectives", [LEAD_COST]) == [LEAD_COST]
    if outcome["plan"] == "OPTIMAL" and not is_cost:
        text = "Best plan for what was asked, in that order."
    elif outcome["plan"] == "OPTIMAL":
        text = f"Best plan: none is cheaper by more than {max(gap or 0.0, 1e-9):.2g} of its cost."
        if not gap or gap < 1e-6:
            text = "Best plan: none is cheaper."
        if outcome.get("bound_source") == "SOLVER":
            text += " The bound is by the solver."
    else:
        text = f"Plan within {gap:.2%} of the best possible" if gap is not None else "Plan without a bound"
        text += ", by the solver" if gap is not None and outcome.get("bound_source") == "SOLVER" else ""
        ending = _ENDINGS.get(outcome["termination"])
        text += f"; {ending}." if ending else "."
    if solution.options.get("relax"):
        text += " Relaxed: units and sites may be fractions, so this is a bound, not a plan to carry out."
    return text


def headline(view: View) -> list[RenderableType]:
    """Title, what was asked, outcome, audit, and the costs of the plan if there is one."""
    settings, outcome = view.problem.settings, view.solution.outcome
    first, last = view.problem.years[0], view.end
    years = f"{first} to {last}" if first < last else str(first)
    title = f"{settings['title'] or 'Untitled case'} ({years}; real dollars of {settings['money_base_year']})"
    asked = "; ".join([f"Problem {view.solution.problem_digest[:8]}", *_asked(view.solution.options)])
    parts: list[RenderableType] = [
        Text(title, style="bold"),
        Text(asked),
        Text(outcome_text(view.solution)),
    ]
    if not view.solution.has_plan:
        return parts
    if not outcome["audit_passed"]:
        parts.append(Text("This plan FAILS its audit: do not use it.", style="bold red"))
        parts += [Text(f"  {finding}") for finding in outcome["audit_findings"]]
    return [*parts, *_costs(view), *_objectives(view)]


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
        Text(f"Least {row.order_number}: {_objective_name(str(row.objective))} {row.value:,.6g} {row.unit}")
        for row in rows.itertuples()
    ]


def _costs(view: View) -> list[RenderableType]:
    settings, outcome = view.problem.settings, view.solution.outcome
    money = money_lines(view.rows("ledger"))
    year_count = int(settings["year_count"])
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
        parts.append(Text(text))
    penalty = outcome["penalty_usd_m"]
    if penalty:
        price = money_unit([penalty]).full(penalty)
        what = "the price of shortfalls, broken rules, exposure and moves; not money"
        parts.append(Text(f"Penalty: {price}, {what}"))
    if "allied_figures_withheld" in outcome:
        parts.append(Text(f"{outcome['allied_figures_withheld']} {_TIES_LEFT}"))
    return parts
