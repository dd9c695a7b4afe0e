"""Room for people: where it can be, how much at most, and what of it is worth something at the end."""

import numpy as np
import pandas as pd

from optimizer.formulation.frames.index import ACCESS, FORCE, Index, once
from optimizer.tables.by_year import with_years
from optimizer.tables.keyed import joined, looked_up, values


def units_with_room(index: Index) -> pd.DataFrame:
    """The rows of ``index.places`` with the most units there, and their people.

    With most_count (units that the actor can own), capacity_count (as facilities allow; empty if any), and persons.
    """
    places, facility = index.places.copy(deep=False), ["site_id", "facility_id"]
    capacities = values(index.problem["site_facilities"], facility, "capacity_count")
    places["most_count"] = looked_up(places, FORCE, index.most_owned, np.nan)
    places["capacity_count"] = looked_up(places, facility, capacities, np.nan)
    units = np.fmin(places["most_count"], places["capacity_count"])
    is_set = places["mode"] == "PREPOSITIONED"
    places["persons"] = places["personnel_persons"] * np.where(is_set, np.inf, units)
    places.loc[places["personnel_persons"] == 0, "persons"] = 0.0
    return places


@once
def used_access(index: Index) -> pd.DataFrame:
    """The rows of ``index.access`` where a unit can be stationed, with housing_most_persons.

    housing_most_persons is the smallest valid limit: the own limit, the site's capacity, or the people of all
    units and sets that the actor can own and station there, in the mode with most people and as facilities allow.
    """
    people = units_with_room(index)
    at_most = people.groupby([*FORCE, "site_id"])["persons"].max().groupby(["actor_id", "site_id"]).sum()
    access = joined(index.access, at_most.rename("owned_persons").reset_index(), ACCESS)
    access["housing_most_persons"] = np.fmin(access["housing_limit_persons"], access["owned_persons"])
    return access


@once
def housing_salvage_rates(index: Index) -> pd.DataFrame:
    """What a person's room built in a year is worth at the end: ACCESS, year, salvage_usd_m_per_person.

    Only years and sites where it is worth something.
    """
    built = with_years(used_access(index), index.years)
    served = index.years[-1] - built["year"] + 1
    share = (1 - served / built["housing_life_yr"]).clip(lower=0)
    built["salvage_usd_m_per_person"] = built["housing_build_cost_usd_m_per_person"] * share
    return built[built["salvage_usd_m_per_person"] > 0]
