"""A result that a person can read: text and tables for a screen or a page of any width."""

from rich.console import RenderableType
from rich.text import Text

from forceposture.report.conditional_rules import conditional_rules
from forceposture.report.cost_change import Baseline
from forceposture.report.dangers import exposure, nuclear
from forceposture.report.first_screen import first_screen
from forceposture.report.forces import allied_forces, became, lead_forces, lead_presence
from forceposture.report.headline import headline, outcome_text
from forceposture.report.limit_prices import has_limit_prices
from forceposture.report.limits import limits
from forceposture.report.money import lead_year, payers
from forceposture.report.needs import policy_rules, prices, requirements
from forceposture.report.politics import bills, commands, responses
from forceposture.report.tables import sentence
from forceposture.report.transition import handovers, stability
from forceposture.report.view import View
from forceposture.report.views_of_presence import views_of_presence
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution

__all__ = ["outcome_text", "summary"]


def summary(problem: Problem, solution: Solution, baseline: Baseline | None = None) -> list[RenderableType]:
    """The parts of a summary, in their order.

    Args:
        problem: the problem as it was given.
        solution: its solution, with or without a plan.
        baseline: the plan from which the search started, if from one.
    """
    view = View(problem, solution)
    parts = headline(view)
    if not solution.has_plan:
        return parts
    sections = [*first_screen(view, baseline), lead_forces(view), lead_presence(view)]
    if "allied_figures_withheld" not in solution.outcome:
        sections += _with_allies(view)
    sections.append([sentence(_caution(problem))])
    for section in sections:
        parts += [Text(), *section] if section else []
    return parts


def _with_allies(view: View) -> list[list[RenderableType]]:
    """The tables in which allies have a part."""
    return [
        allied_forces(view),
        became(view),
        [payers(view)],
        [lead_year(view)],
        views_of_presence(view),
        requirements(view),
        prices(view),
        limits(view) if has_limit_prices(view) else [],
        policy_rules(view),
        conditional_rules(view),
        commands(view),
        bills(view),
        responses(view),
        nuclear(view),
        exposure(view),
        handovers(view),
        stability(view),
    ]


def _caution(problem: Problem) -> str:
    said = "sources.csv says where they come from" if len(problem["sources"]) else "it names no sources"
    return f"A result is as good as the figures of its case: {said}."
