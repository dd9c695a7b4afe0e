"""A result that a person can read: text and tables for a screen or a page of 100 characters."""

from rich.console import RenderableType
from rich.text import Text

from forceposture.summary.conditional_rules import conditional_rules
from forceposture.summary.dangers import exposure, nuclear
from forceposture.summary.forces import allied_forces, became, lead_forces, lead_presence
from forceposture.summary.headline import headline, outcome_text
from forceposture.summary.money import lead_year, payers
from forceposture.summary.needs import policy_rules, requirements
from forceposture.summary.politics import bills, commands, responses
from forceposture.summary.transition import handovers, stability
from forceposture.summary.view import View
from forceposture.summary.views_of_presence import views_of_presence
from optimizer.problem import Problem
from optimizer.solution import Solution

__all__ = ["outcome_text", "summary"]

CAUTION = (
    "Figures rest on public sources and stated assumptions: read data/README.md and sources.csv of the case "
    "before using a result."
)


def summary(problem: Problem, solution: Solution) -> list[RenderableType]:
    """The parts of a summary, in their order.

    Args:
        problem: the problem as it was given.
        solution: its solution, with or without a plan.
    """
    view = View(problem, solution)
    parts = headline(view)
    if not solution.has_plan:
        return parts
    sections: list[list[RenderableType]] = [
        [lead_forces(view)],
        lead_presence(view),
        [allied_forces(view)],
        [became(view)],
        [payers(view)],
        [lead_year(view)],
        views_of_presence(view),
        [requirements(view)],
        policy_rules(view),
        conditional_rules(view),
        commands(view),
        bills(view),
        responses(view),
        nuclear(view),
        exposure(view),
        handovers(view),
        stability(view),
        [Text(CAUTION)],
    ]
    for section in sections:
        parts += [Text(), *section] if section else []
    return parts
