"""What actors spend, and whether ceilings and ramps hold."""

from dataclasses import dataclass

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import equal, limited
from optimizer.audit.ledger import KEY, NOT_MONEY, costs_today, ledger
from optimizer.audit.once import once
from optimizer.audit.plan import Plan

_ACTOR_YEAR = ("actor_id", "year")
_ROW = "spending_results: {actor_id} {year}: "
_NOT_SPENDING = ("SALVAGE", *NOT_MONEY)


@dataclass(frozen=True)
class Spending:
    """What actors spend in a year, in the mean over those of a period, by actor and period, period 0 too.

    Attributes:
        total: in period 0 what is published, only where something is.
        other: on what is not modeled; only where it is known, elsewhere it counts as 0.
        fraction: total as part of GDP, where there is a GDP.
    """

    total: Amounts
    other: Amounts
    fraction: Amounts


def allied_spending(plan: Plan) -> list[str]:
    """Findings about spending."""
    spent = spending(plan)
    gdp = plan.carried("actor_years", "gdp_usd_m")
    ceiling = plan.carried("actor_years", "spending_ceiling_fraction")
    ramp = plan.carried("actor_years", "spending_ramp_fraction_per_yr")
    before = plan.after(spent.fraction)
    ramped = Amounts(
        _ACTOR_YEAR, {key: before[key] + step for key, step in (ramp * plan.span).items() if key in before}
    )
    ceiling_words = _ROW + "{left} M$ spent but the ceiling is {right}"
    ramp_words = _ROW + "{left} M$ spent but the ramp allows {right}"
    return [
        *limited(spent.total, (ceiling * gdp).inside(plan.years), "usd_m", ceiling_words),
        *limited(spent.total, (ramped * gdp).inside(plan.years), "usd_m", ramp_words),
        *_shown(plan, spent, ceiling),
    ]


@once
def spending(plan: Plan) -> Spending:
    """What actors spend; see Spending.

    What is not modeled is given, or else what was published less what today's posture costs, growing with GDP, and
    the part of pledged growth that goes to it.
    """
    gdp = plan.carried("actor_years", "gdp_usd_m")
    published = plan.carried("actor_years", "spending_usd_m_per_yr").having(year=plan.today)
    other = plan.carried("actor_years", "other_spending_usd_m_per_yr")
    to_other = _pledged_to_other(plan)
    cost_today = costs_today(plan).summed("actor_id")
    kind = KEY.index("kind")
    lines = ledger(plan)
    modeled = Amounts(KEY, {key: usd_m for key, usd_m in lines.items() if key[kind] not in _NOT_SPENDING})
    modeled = modeled.summed(*_ACTOR_YEAR)
    total = Amounts(_ACTOR_YEAR, published)
    for actor, year in plan.pairs("actors", "actor_id") * plan.periods:
        key, today = (actor, year), (actor, plan.today)
        if key not in other and today in published:
            growth = gdp[key] / gdp[today] if key in gdp and gdp[today] else 1.0
            other[key] = (published[today] - cost_today[actor,]) * growth + to_other[key]
        if year > plan.today:
            total[key] = other[key] + modeled[key] / plan.span[year,]
    fraction = {key: usd_m / gdp[key] for key, usd_m in total.items() if gdp[key] > 0}
    return Spending(total, other, Amounts(_ACTOR_YEAR, fraction))


def _pledged_to_other(plan: Plan) -> Amounts:
    """The part of pledged growth that goes to what is not modeled, by actor and period.

    Pledged is the share of GDP that ceilings and ramps let an actor come to from the one published for period 0.
    """
    gdp = plan.carried("actor_years", "gdp_usd_m")
    ceiling = plan.carried("actor_years", "spending_ceiling_fraction")
    ramp = plan.carried("actor_years", "spending_ramp_fraction_per_yr") * plan.span
    part = plan.carried("actor_years", "other_spending_growth_fraction")
    published = plan.carried("actor_years", "spending_usd_m_per_yr").having(year=plan.today)
    to_other = Amounts(_ACTOR_YEAR)
    for (actor, today), usd_m in published.items():
        if gdp[actor, today] > 0:
            share = pledged = usd_m / gdp[actor, today]
            for year in sorted(plan.problem.years):
                key = (actor, year)
                if key in ceiling:
                    pledged = min(ceiling[key], pledged + ramp[key]) if key in ramp else ceiling[key]
                to_other[key] = part[key] * max(0.0, pledged - share) * gdp[key]
    return to_other


def _shown(plan: Plan, spent: Spending, ceiling: Amounts) -> list[str]:
    """Findings about what the table shows.

    Where spending on what is not modeled is not known nothing may be shown, nor in period 0 unless it is published.
    """
    known = spent.other.inside(plan.years)
    told = known + spent.total.having(year=plan.today).inside(known.summed("actor_id"))
    findings: list[str] = []
    for name, unit, drawn in (
        ("spending_usd_m", "usd_m", spent.total),
        ("other_spending_usd_m", "usd_m", spent.other),
        ("spending_fraction", "fraction", spent.fraction),
        ("ceiling_fraction", "fraction", ceiling),
    ):
        sentence = f"{_ROW}{name} of {{left}} shown but {{right}} follows from the tables"
        findings += equal(plan.shown("spending_results", name), drawn.inside(told), unit, sentence)
    return findings
