"""Room for people: where it can be, how much at most, and what of it is worth something at the end."""

import numpy as np
import pandas as pd

from optimizer.formulation.frames.index import ACCESS, FORCE, Index, once
from optimizer.tables.by_year import with_years
from optimizer.tables.keyed import joined, looked_up, values


@once
def used_access(index: Index) -> pd.DataFrame:
    """The rows of ``index.access`` where a unit can be stationed, with housing_most_persons.

    housing_most_persons is the smallest valid limit: the own limit, the site's capacity, or the people of all
    units and sets that the actor can own and station there, in the mode with most people and as facilities allow.
    """
    people, facility = index.places.copy(deep=False), ["site_id", "facility_id"]
    capacities = values(index.problem["site_facilities"], facility, "capacity_count")
    no_limit = people["mode"] == "PREPOSITIONED"
    units = np.fmin(
        looked_up(people, FORCE, index.most_owned, np.nan), looked_up(people, facility, capacities, np.nan)
    )
    people["persons"] = people["personnel_persons"] * np.where(no_limit, np.inf, units)
    people.loc[people["personnel_persons"] == 0, "persons"] = 0.0
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
