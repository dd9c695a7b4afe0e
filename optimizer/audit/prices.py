"""Whether prices of needs can be duals: they are no solver's word that a plan could contradict.

The dual of a need that is met with something to spare is 0, and none is negative. A point that is missing costs its
interest, so duals of a theater's capability in a year, over phases and scenarios, are together at most the interest,
and just that where the worst scenario counts and something is missing.
"""

import pandas as pd

from optimizer.audit.comparison import ABSOLUTE, RELATIVE, at_most, said
from optimizer.audit.deterrence import needs
from optimizer.audit.plan import Plan
from optimizer.audit.unmet_needs import unmet_needs

_NEED_YEAR = ["theater_id", "capability_id", "year"]
_KEY = ["theater_id", "scenario_id", "phase_id", "capability_id", "year"]
_ROW = "requirement_results: {theater_id} {scenario_id} {phase_id} {capability_id} {year}: "
_TOGETHER = "requirement_results: {theater_id} {capability_id} {year}: "
_PRICE = "price_usd_m_per_point"
_SPARE = 10.0
"""How many times the tolerance of a need is met before it counts as met with something to spare."""

_DUAL = 1e-5
"""Part by which a dual may be off: a solver's tolerance for reduced costs."""


def prices(plan: Plan) -> list[str]:
    """Findings about prices."""
    shown = plan.shown("requirement_results")[[*_KEY, _PRICE]]
    if not shown[_PRICE].any():
        return []
    if not plan.asked.is_money_first:
        return said(shown[shown[_PRICE] != 0], _ROW + "a price where the first objective is no money")
    rows = needs(plan).merge(shown, on=_KEY)
    size = rows[_PRICE].abs().max()
    nothing = ABSOLUTE["usd_m"] + _DUAL * size
    met = rows["counted_supply"] + rows["allied_supply"] + rows["bonus_points"] + rows["reduction_points"]
    spare = met - rows["required_points"]
    is_spare = spare > _SPARE * (ABSOLUTE["points"] + RELATIVE * rows["required_points"])
    return [
        *said(rows[rows[_PRICE] < -nothing], _ROW + f"a price of {{{_PRICE}}} M$, below 0"),
        *said(
            rows[is_spare & (rows[_PRICE] > nothing)],
            _ROW + f"a price of {{{_PRICE}}} M$ though there are points to spare",
        ),
        *_interests(plan, rows),
    ]


def _interests(plan: Plan, rows: pd.DataFrame) -> list[str]:
    totals = rows.groupby(_NEED_YEAR)[[_PRICE]].sum().reset_index()
    totals = totals.merge(plan.problem["interests"], on=["theater_id", "capability_id"])
    totals = totals.merge(unmet_needs(plan), on=_NEED_YEAR, how="left")
    totals["most"] = totals["interest_usd_m_per_point_yr"] * (1 + _DUAL)
    totals["least"] = totals["interest_usd_m_per_point_yr"] * (1 - _DUAL)
    is_short = totals["unmet_points"] > _SPARE * ABSOLUTE["points"]
    worst_counts = plan.problem.settings["shortfall_measure"] == "ROBUST"
    words = (
        _TOGETHER
        + f"prices of {{{_PRICE}}} M$ together, {{0}} the interest of {{interest_usd_m_per_point_yr}}"
    )
    return [
        *at_most(totals, _PRICE, "most", "usd_m", words.replace("{0}", "above")),
        *at_most(
            totals[is_short & worst_counts],
            "least",
            _PRICE,
            "usd_m",
            words.replace("{0}", "points missing, below"),
        ),
    ]
