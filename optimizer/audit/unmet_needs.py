"""What each theater lacks of a capability in a year, and whether unmet_needs says so."""

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.comparison import equal
from optimizer.audit.deterrence import needs
from optimizer.audit.once import once
from optimizer.audit.plan import Plan

_NEED_YEAR = ("theater_id", "capability_id", "year")
_ROW = "unmet_needs: {theater_id} {capability_id} {year}: "


def unmet_shown(plan: Plan) -> list[str]:
    """Findings about the table unmet_needs."""
    words = _ROW + "{right} points missing but unmet_needs says {left}"
    return equal(plan.planned("unmet_needs", "unmet_points"), unmet_needs(plan), "points", words)


@once
def unmet_needs(plan: Plan) -> Amounts:
    """unmet_points by _NEED_YEAR of every need that is asked for and has a price.

    Each scenario counts with its worst phase. ROBUST takes the worst scenario. The mean over the worst scenarios that
    make up a part of the weight is the least, over levels η, of η + Σ weight · (shortfall above η) ÷ part; some
    shortfall, or 0, is such a level. EXPECTED is that with the whole weight as the part.
    """
    settings = plan.problem.settings
    priced = needs(plan).required.positive().inside(plan.given("interests", "interest_usd_m_per_point_yr"))
    missing = needs(plan).missing
    worst: dict[Key, dict[str, float]] = {}
    for key in priced:
        theater, scenario, _, capability, year = key
        by_scenario = worst.setdefault((theater, capability, year), {})
        by_scenario[scenario] = max(by_scenario.get(scenario, 0.0), missing[key])
    if settings["shortfall_measure"] == "ROBUST":
        return Amounts(_NEED_YEAR, {key: max(of.values()) for key, of in worst.items()})
    part = 1.0
    if settings["shortfall_measure"] == "CVAR":
        part -= float(settings["tail_level_fraction"])
    weights = plan.given("scenarios", "weight_fraction")

    def mean_of_worst(of: dict[str, float]) -> float:
        whole = sum(weights[scenario,] for scenario in of)
        return min(
            level + sum(weights[s,] / whole * max(points - level, 0.0) for s, points in of.items()) / part
            for level in {0.0, *of.values()}
        )

    return Amounts(_NEED_YEAR, {key: mean_of_worst(of) for key, of in worst.items()})
