"""What a reader sees first of a plan: what it costs whom, what moves, what holds it, and what is asked of allies."""

from rich.console import RenderableType

from forceposture.report.ask_sheet import ask_sheet
from forceposture.report.cost_change import Baseline, against_baseline, cost_change, kept_by_law
from forceposture.report.limit_prices import has_limit_prices, limit_prices
from forceposture.report.limits import limits
from forceposture.report.moves import moves
from forceposture.report.needs import highest_prices
from forceposture.report.tables import sentence
from forceposture.report.view import View

_WITHHELD = "Costs are not set against today's posture: what allies pay, bills included, is not shown."


def first_screen(view: View, baseline: Baseline | None) -> list[list[RenderableType]]:
    """The sections of the first screen; where allied figures are withheld, those of the lead actor alone.

    Args:
        view: a solution with a plan.
        baseline: the plan from which the search started, if from one.
    """
    compared = [] if baseline is None else against_baseline(view, baseline)
    if "allied_figures_withheld" in view.solution.outcome:
        priced = [limit_prices(view)] if has_limit_prices(view) else []
        return [[sentence(_WITHHELD), *compared], moves(view), highest_prices(view), *priced]
    return [
        cost_change(view) + compared + kept_by_law(view),
        moves(view),
        highest_prices(view),
        limit_prices(view) if has_limit_prices(view) else limits(view),
        ask_sheet(view),
    ]
