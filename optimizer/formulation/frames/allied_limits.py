"""What actors spend today, what of it is not modeled, and the limits on it, year by year."""

import math

import pandas as pd

from optimizer.formulation.frames.index import Index, once
from optimizer.tables.by_year import carried_forward, filled_forward
from optimizer.tables.keyed import keys

ACTOR_YEAR = ["actor_id", "year"]


@once
def cost_of_today(index: Index) -> pd.Series:
    """What today's forces, nuclear options and bills cost by actor in a year of period 0, M$."""
    forces, places = index.forces, index.places
    access = index.access
    billing = index.problem["billing"]
    billed = billing["billed_today_usd_m_per_yr"]
    parts = [
        forces.assign(
            cost=forces["own_cost_usd_m_per_unit_yr"] * forces["owned_count"]
            + forces["set_upkeep_cost_usd_m_per_set_yr"] * forces["sets_owned_count"]
        ),
        places.assign(cost=places["stationing_cost_usd_m_per_unit_yr"] * places["stationed_count"]),
        access.assign(
            cost=access["open_cost_usd_m_per_yr"] * access["open_today"].astype(bool)
            + access["housing_cost_usd_m_per_person_yr"] * access["housing_today_persons"]
        ),
        *nuclear_cost_of_today(index),
        billing.assign(cost=billed),
        billing.assign(actor_id=index.lead, cost=-billed),
    ]
    cost = pd.concat([part[["actor_id", "cost"]] for part in parts])
    return cost.groupby("actor_id")["cost"].sum()


def nuclear_cost_of_today(index: Index) -> list[pd.DataFrame]:
    """actor_id and cost, M$ a year, of the nuclear options that hold today: to the ally, and to the lead actor."""
    options = index.problem["nuclear_options"]
    held = options[options["holds_today"].astype(bool)]
    return [
        held.assign(cost=held["own_cost_usd_m_per_yr"]),
        held.assign(actor_id=index.lead, cost=held["lead_cost_usd_m_per_yr"]),
    ]


@once
def limits(index: Index) -> pd.DataFrame:
    """ACTOR_YEAR with gdp_usd_m, other_spending_usd_m, spending_usd_m (period 0), ceilings and ramps.

    One row for each actor with known other spending and each period, period 0 included.
    """
    given = filled_forward(index.problem["actor_years"], ["actor_id"])
    frame = carried_forward(given, ["actor_id"], index.periods)
    today = frame[frame["year"] == index.today].set_index("actor_id")
    published = frame["actor_id"].map(today["spending_usd_m_per_yr"])
    share = frame["gdp_usd_m"] / frame["actor_id"].map(today["gdp_usd_m"])
    modeled = frame["actor_id"].map(cost_of_today(index)).fillna(0.0)
    derived = (published - modeled) * share.fillna(1.0) + _pledged_to_other(index, frame)
    frame["other_spending_usd_m"] = frame["other_spending_usd_m_per_yr"].fillna(derived)
    frame["spending_usd_m"] = published.where(frame["year"] == index.today)
    known = frame["other_spending_usd_m"].notna() | (frame["year"] == index.today)
    has_years = frame.assign(known=frame["other_spending_usd_m"].notna() & (frame["year"] != index.today))
    known &= has_years.groupby("actor_id")["known"].transform("any")
    return frame[known].sort_values(ACTOR_YEAR, ignore_index=True)


def _pledged_to_other(index: Index, frame: pd.DataFrame) -> list[float]:
    """What of pledged growth goes to what is not modeled, M$ a year, by the rows of a frame of years of actors.

    The rows of an actor follow each other in rising years. A year in which no ceiling is given pledges no more than
    the year before.
    """
    spans = index.problem.calendar.spans
    columns = [
        *ACTOR_YEAR,
        "gdp_usd_m",
        "spending_usd_m_per_yr",
        "spending_ceiling_fraction",
        "spending_ramp_fraction_per_yr",
        "other_spending_growth_fraction",
    ]
    actor, published, pledged = None, math.nan, math.nan
    added = []
    for each, year, gdp, spent, ceiling, ramp, part in keys(frame, columns):
        if each != actor:
            actor, published, pledged = each, math.nan, math.nan
        if year == index.today:
            published = pledged = spent / gdp if gdp > 0 else math.nan
        elif not math.isnan(ceiling):
            reached = pledged + ramp * spans[year]
            pledged = ceiling if math.isnan(reached) else min(ceiling, reached)
        growth = pledged - published
        added.append(part * growth * gdp if part > 0 and growth > 0 else 0.0)
    return added
