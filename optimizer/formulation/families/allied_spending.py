"""4.8 Allied spending: what actors spend, and how much they may.

Spending is what is modeled plus what is not; the political limits are on all of it::

    spending_identity[a,t]    spending[a,t] = other_spending[a,t] + outlays(a,t)
    spending_ceiling[a,t]     spending[a,t] ≤ ceiling[a,t]·gdp[a,t]
    spending_ramp[a,t]        spending[a,t]/gdp[a,t] − spending[a,t-1]/gdp[a,t-1] ≤ ramp[a,t]·span[t]

Where other spending is not given, it follows from what is published and pledged, and is data all the same::

    other_spending[a,t] = (spending[a,0] − cost of today's forces)·gdp[a,t]/gdp[a,0]
                          + growth[a,t]·max(0, pledged[a,t] − pledged[a,0])·gdp[a,t]
    pledged[a,t]        = min(ceiling[a,t], pledged[a,t-1] + ramp[a,t]·span[t]),  pledged[a,0] = spending[a,0]/gdp[a,0]

=====================  =========================================================  ===============================
symbol                 meaning, unit                                              source column
=====================  =========================================================  ===============================
spending[a,t]          M$ in a year of t; t = 0 fixed to what is published        actor_years.spending_usd_m_per_yr
other_spending[a,t]    M$ a year on what is not modeled: research, pensions, …   actor_years.other_spending_…
outlays(a,t)           see ``outlays``
gdp[a,t]               M$                                                         actor_years.gdp_usd_m
ceiling, ramp          share of GDP; share of GDP a year                          actor_years.spending_…
growth[a,t]            part of pledged growth that goes to what is not modeled    actor_years.other_spending_growth_…
span[t]                years for which the period t stands                        periods
=====================  =========================================================  ===============================

Of a period of several years, spending is the mean over its years: what is paid once is spread over them.

Other spending keeps its share of GDP, and takes its part of what ceilings pledge beyond today's share: research, stocks
and pensions grow with the forces. So a higher ceiling leaves less than all of it for forces, and a ceiling that falls
takes from both. An ally that wants to beat a ramp, or to keep a rule that asks for spending, cannot pad it. It can
still spend on what is modeled and nobody needs, at its price: room up to the limits of its sites, units raised and
disbanded. The price of the identity is what the lead actor saves if the actor spends a dollar more.
"""

from typing import Any

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, bounded_variable, parameter
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.allied_limits import ACTOR_YEAR, limits
from optimizer.formulation.frames.index import Index
from optimizer.formulation.outlays import outlay_terms, outlays
from optimizer.tables.keyed import is_among, keys

ROWS = {
    "spending_identity": RowKind.PHYSICS,
    "spending_ceiling": RowKind.POLICY,
    "spending_ramp": RowKind.POLICY,
}


def spending_years(index: Index) -> pd.DataFrame:
    """The rows of ``limits`` in which spending is decided, or published for period 0."""
    frame = limits(index)
    return frame[(frame["year"] != index.today) | frame["spending_usd_m"].notna()]


def ramped_years(index: Index) -> pd.DataFrame:
    """The rows of ``limits`` in which a ramp from the period before holds."""
    frame = spending_years(index)
    before = frame[ACTOR_YEAR].assign(year=frame["year"].map(index.problem.calendar.previous))
    has_before = is_among(before, ACTOR_YEAR, set(keys(frame, ACTOR_YEAR)))
    has_ramp = frame["spending_ramp_fraction_per_yr"].notna() & (frame["gdp_usd_m"] > 0)
    return frame[has_before & has_ramp]


def add_variables(m: Any, index: Index) -> None:
    """Adds spending."""
    # Published spending is that of period 0 alone.
    frame = spending_years(index)
    frame = frame.assign(least=frame["spending_usd_m"].fillna(0.0))
    m.spending = bounded_variable(frame, ACTOR_YEAR, most="spending_usd_m")


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    frame = limits(index)
    years = frame[frame["year"] != index.today]
    m.other_spending = parameter(years, ACTOR_YEAR, "other_spending_usd_m")
    add_block(m, spending_identity, m.other_spending)
    capped = years[years["spending_ceiling_fraction"].notna()]
    ceiling = capped.assign(usd_m=capped["spending_ceiling_fraction"] * capped["gdp_usd_m"])
    m.spending_ceiling_usd_m = parameter(ceiling, ACTOR_YEAR, "usd_m")
    add_block(m, spending_ceiling, m.spending_ceiling_usd_m)

    ramped = ramped_years(index)
    ramp = ramped.assign(fraction=ramped["spending_ramp_fraction_per_yr"] * index.spans(ramped))
    m.ramp = parameter(ramp, ACTOR_YEAR, "fraction")
    m.gdp = parameter(frame[frame["gdp_usd_m"] > 0], ACTOR_YEAR, "gdp_usd_m")
    add_block(m, spending_ramp, m.ramp)


def spending_identity(m: Any, actor: Any, year: Any) -> Any:
    """Spending is what is modeled and what is not."""
    return m.spending[actor, year] - outlays(m, actor, year) == m.other_spending[actor, year]


def spending_ceiling(m: Any, actor: Any, year: Any) -> Any:
    """Spending stays below its ceiling."""
    return m.spending[actor, year] <= m.spending_ceiling_usd_m[actor, year]


def spending_ramp(m: Any, actor: Any, year: Any) -> Any:
    """Spending rises no faster than its ramp, in dollars of this year's GDP."""
    return (
        m.spending[actor, year]
        - m.gdp[actor, year] / m.gdp[actor, m.previous[year]] * m.spending[actor, m.previous[year]]
        <= m.ramp[actor, year] * m.gdp[actor, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    frame, ramped = limits(index), len(ramped_years(index))
    years = frame[frame["year"] != index.today]
    capped = int(years["spending_ceiling_fraction"].notna().sum())
    return Counts(
        rows={
            "spending_identity": (len(years), len(years) + outlay_terms(index, years)),
            "spending_ceiling": (capped, capped),
            "spending_ramp": (ramped, 2 * ramped),
        },
        columns={"spending": len(spending_years(index))},
    )


def findings(index: Index) -> list[Finding]:
    """Findings for actors whose modeled forces cost more today than the actor is said to spend."""
    frame = limits(index)
    bad = frame[frame["other_spending_usd_m"] < 0].drop_duplicates("actor_id")
    return [
        Finding(
            "OTHER_SPENDING_NEGATIVE",
            "actor_years",
            f"{actor}/{index.today}",
            "spending_usd_m_per_yr",
            f"{other:.1f}",
            "today's modeled forces cost more than the actor is said to spend; the rest would be negative",
            "Lower the costs of its units, correct its spending, or give other_spending_usd_m_per_yr.",
        )
        for actor, other in keys(bad, ["actor_id", "other_spending_usd_m"])
    ]


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)
