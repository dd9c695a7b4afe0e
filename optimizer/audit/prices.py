"""Whether prices of needs can be duals: they are no solver's word that a plan could contradict.

The price of a need that is met with something to spare is 0, and none is negative. It holds what one more point of the
lead actor's least part costs, so a need has nothing to spare while that part is just met. A point that is missing costs
its interest, so prices of a theater's capability in a year, over phases and scenarios, are together at most the
interest, and just that where the worst scenario counts and something is missing. They may be less where the lead actor
counts for the most it may: of one more point it would count for its greatest part.
"""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import ABSOLUTE, RELATIVE, limited, said
from optimizer.audit.deterrence import needs
from optimizer.audit.plan import Plan
from optimizer.audit.requirements import greatest_lead_fraction, least_lead_fraction
from optimizer.audit.unmet_needs import unmet_needs

_NEED_YEAR = ("theater_id", "capability_id", "year")
_ROW = "requirement_results: {theater_id} {scenario_id} {phase_id} {capability_id} {year}: "
_TOGETHER = "requirement_results: {theater_id} {capability_id} {year}: prices of {price} M$ together, "
_SPARE = 10.0
"""How many times the tolerance of a need is met before it counts as met with something to spare."""

_DUAL = 1e-5
"""Part by which a dual may be off: a solver's tolerance for reduced costs."""


def prices(plan: Plan) -> list[str]:
    """Findings about prices."""
    price = plan.shown("requirement_results", "price_usd_m_per_point")
    if not any(price.values()):
        return []
    if not plan.asked.is_money_first:
        priced = [key for key, dual in price.items() if dual]
        return said(price.names, priced, _ROW + "a price where the first objective is no money")
    drawn = needs(plan)
    price = price.inside(drawn.required)
    nothing = ABSOLUTE["usd_m"] + _DUAL * max(map(abs, price.values()), default=0.0)
    spare = drawn.met - drawn.required
    for key, part in least_lead_fraction(plan).inside(drawn.required).items():
        spare[key] = min(spare[key], drawn.counted[key] / part - drawn.required[key])
    negative = [key for key, dual in price.items() if dual < -nothing]
    needless = [
        key
        for key, dual in price.items()
        if dual > nothing and spare[key] > _SPARE * (ABSOLUTE["points"] + RELATIVE * drawn.required[key])
    ]
    needless_words = _ROW + "a price of {price} M$ though there are points to spare"
    return [
        *said(price.names, negative, _ROW + "a price of {price} M$, below 0", price=price),
        *said(price.names, needless, needless_words, price=price),
        *_interests(plan, price),
    ]


def _interests(plan: Plan, price: Amounts) -> list[str]:
    total = price.summed(*_NEED_YEAR)
    interest = plan.given("interests", "interest_usd_m_per_point_yr") * plan.years
    interest = interest.inside(total)
    words = "the interest of {interest}"
    also = {"price": total, "interest": interest}
    findings = limited(total, interest * (1 + _DUAL), "usd_m", f"{_TOGETHER}above {words}", **also)
    if plan.problem.settings["shortfall_measure"] != "ROBUST":
        return findings
    unmet = unmet_needs(plan)
    held = _counted_most(plan)
    short = interest.where(lambda *key: unmet[key] > _SPARE * ABSOLUTE["points"] and key not in held)
    least = short * (1 - _DUAL)
    words = f"{_TOGETHER}points missing, below {words}"
    return [*findings, *limited(least, total.inside(least), "usd_m", words, **also)]


def _counted_most(plan: Plan) -> Amounts:
    """Theaters, capabilities and years in which the lead actor counts for as much of a need as it may."""
    drawn = needs(plan)
    most = drawn.required * greatest_lead_fraction(plan)
    return most.where(lambda *key: drawn.counted[key] >= most[key] * (1 - _DUAL)).summed(*_NEED_YEAR)
