"""Which limits hold the plan, in a planner's words."""

import pandas as pd
from rich.console import RenderableType

from forceposture.report.numbers import figure, spans
from forceposture.report.tables import Table, name, section, sentence, words
from forceposture.report.view import View
from optimizer.audit.plan import Plan
from optimizer.objectives import Asked
from optimizer.questions.limits_reached import limits_reached

_OF_A_KIND = 5
_SPENT = 1e-6
"""Part of a budget that may be left when it counts as spent."""

_SENSES = {"AT_MOST": "at most", "AT_LEAST": "at least", "EQUAL": "exactly"}
_ORDER = "First those reached in most years. A limit may be reached and cost nothing."


def limits(view: View) -> list[RenderableType]:
    """The limits that are reached exactly, by kind, with their bounds and years."""
    is_relaxed = bool(view.solution.options.get("relax"))
    reached = limits_reached(Plan(view.problem, view.solution.tables, is_relaxed, Asked()))
    budget = _budget(view)
    if reached.empty and not budget:
        return [sentence("No rule, ceiling or ramp is reached, and no ally's will to spend.")]
    made = Table(name("Limit"), *words("On", "In"))
    for row in budget:
        made.add_row(*row)
    hidden = 0
    for kind, rows in reached.groupby("kind", sort=False):
        told = [_told(view, group) for _, group in rows.groupby("what", sort=False)]
        told.sort(key=lambda line: -line[0])
        for _, text, years in told[:_OF_A_KIND]:
            made.add_row(str(kind), text, years)
        hidden += max(len(told) - _OF_A_KIND, 0)
    notes = [f"And {hidden} more." if hidden > 1 else "And 1 more."] if hidden else []
    return [section("Limits that the plan reaches", made, *notes, _ORDER)]


def _budget(view: View) -> list[tuple[str, str, str]]:
    """A row for the most that the lead actor may spend, if that was asked for and is spent."""
    budget = view.solution.options.get("lead_budget_usd_m")
    if budget is None or view.solution.outcome["lead_cost_usd_m"] < budget * (1 - _SPENT):
        return []
    said = f"M$ for {view.lead_name}, discounted (at most {figure(budget)})"
    return [("Budget", said, "all years")]


def _told(view: View, rows: pd.DataFrame) -> tuple[int, str, str]:
    """In how many periods a limit is reached; what it is, with the bound of the last; and the years."""
    rows = rows.sort_values("year")
    last = rows.iloc[-1]
    bound = figure(float(last["bound"])).replace("–", "0")
    condition = f"{_SENSES[last['sense']]} {bound}"
    condition += f" in {last['year']}" if rows["bound"].nunique() > 1 else ""
    condition += "; broken at its price" if rows["is_broken"].any() else ""
    text = f"{str(last['what']).removeprefix('rule ')} ({condition})"
    years = rows["year"].to_list()
    return len(years), text, spans(years, view.problem.years)
