"""4.3 Basing: room for people, open sites, ceilings and the pace of leaving.

People need room, room needs an open site, and groups of sites have ceilings::

    housing_need[a,l,t]          people[a,l,t] ≤ housing[a,l,t]
    site_capacity[l,t]           Σ_a housing[a,l,t] ≤ capacity[l]
    housing_balance[a,l,t]       housing[a,l,t] = housing[a,l,t-1] + housing_built[a,l,t] − housing_released[a,l,t]
    housing_open[a,l,t]          housing[a,l,t] ≤ housing_most[a,l]·open[a,l,t]
    open_balance[a,l,t]          open[a,l,t] − open[a,l,t-1] = opening[a,l,t] − closing[a,l,t]
    open_after_opening[a,l,t]    opening[a,l,t] ≤ open[a,l,t]
    shut_after_closing[a,l,t]    closing[a,l,t] ≤ 1 − open[a,l,t]
    minimum_garrison[a,l,t]      people[a,l,t] ≥ minimum_garrison[a,l]·open[a,l,t]
    site_group_ceiling[h,a,t]    Σ_{l∈h} people[·,l,t] ≤ ceiling[h,a,t]
    withdrawal_pace[h,a,t]       Σ_{l∈h} (people[·,l,t-1] − people[·,l,t]) ≤ pace[h,a,t]·span[t]
    housing_salvage_kept[a,l,n]  Σ_y housing_salvaged[a,l,y] ≤ housing[a,l,n]
    housing_salvage_added        housing_salvaged[a,l,y] ≤ housing_built[a,l,y]

=======================  ====================================================  ==================================
symbol                   meaning, unit                                         source column
=======================  ====================================================  ==================================
housing[a,l,t]           room kept, persons, t = 0 fixed                       site_access.housing_today_persons
open[a,l,t]              1 while a runs l, binary, t = 0 fixed                 site_access.open_today
opening, closing         1 in the period a site is opened or closed, binary
capacity[l]              persons, all actors                                   sites.capacity_persons
housing_most[a,l]        min(own limit, capacity, people of all units that     site_access.limit_persons
                         a can own and station there)
ceiling, pace            persons; persons a year                               site_group_limits
span[t]                  years for which the period t stands                   periods
=======================  ====================================================  ==================================

``open`` exists only where being open costs or demands something; elsewhere housing_most is a bound. A ceiling
for FOREIGN counts everyone but a site's host.

A site is not opened and closed in one period: with open_balance, the two rows say as well that what is opened was shut,
opening ≤ 1 − open[t-1], that what is closed was open, closing ≤ open[t-1], and, added up, opening + closing ≤ 1. They
leave the mixtures of whole choices and nothing else. So a relaxed plan opens and closes a site in one period only where
it has a part of the site open before and after: the mixture of a plan that opens it and one that closes it.
"""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, bounded_variable, key_set, parameter, relation, variable
from optimizer.formulation.counts import Counts, distinct, salvage_rows
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.housing import housing_salvage_rates, used_access
from optimizer.formulation.frames.index import ACCESS, Index, with_periods
from optimizer.tables.by_year import carried_forward, filled_forward, with_years
from optimizer.tables.keyed import is_among, keys

ROWS = {
    "housing_need": RowKind.PHYSICS,
    "site_capacity": RowKind.PHYSICS,
    "housing_balance": RowKind.PHYSICS,
    "housing_open": RowKind.PHYSICS,
    "open_balance": RowKind.PHYSICS,
    "open_after_opening": RowKind.PHYSICS,
    "shut_after_closing": RowKind.PHYSICS,
    "minimum_garrison": RowKind.POLICY,
    "site_group_ceiling": RowKind.POLICY,
    "withdrawal_pace": RowKind.POLICY,
    "housing_salvage_kept": RowKind.PHYSICS,
    "housing_salvage_added": RowKind.PHYSICS,
}

GROUP_LIMIT = ["site_group_id", "actor_id"]


def group_limits(index: Index) -> pd.DataFrame:
    """Ceilings and paces in force: GROUP_LIMIT, year, maximum_persons, maximum_withdrawal_persons_per_yr.

    Where the lever CEILING of a group is not freed yet, the values of period 0 hold.
    """
    given = filled_forward(index.problem["site_group_limits"], GROUP_LIMIT)
    limits = carried_forward(given, GROUP_LIMIT, index.periods)
    today = limits[limits["year"] == index.today].drop(columns="year")
    locked = with_years(today, index.years)
    freed = index.problem.freed_years("CEILING")

    def follows_path(frame: pd.DataFrame) -> pd.Series:
        return frame["year"] >= frame["site_group_id"].map(freed)

    later = limits[limits["year"] != index.today]
    chosen = pd.concat([locked[~follows_path(locked)], later[follows_path(later)]])
    return chosen.sort_values([*GROUP_LIMIT, "year"], ignore_index=True)


def counted_people(index: Index) -> pd.DataFrame:
    """Whose people at which sites a limit of a group counts: GROUP_LIMIT, counted_actor_id, site_id."""
    limited = index.problem["site_group_limits"][GROUP_LIMIT].drop_duplicates()
    used = used_access(index)[["actor_id", "site_id", "host_actor_id"]]
    used = used.rename(columns={"actor_id": "counted_actor_id"})
    counted = limited.merge(index.group_sites, on="site_group_id").merge(used, on="site_id")
    is_foreign = (counted["actor_id"] == "FOREIGN") & (
        counted["counted_actor_id"] != counted["host_actor_id"]
    )
    return counted[is_foreign | (counted["actor_id"] == counted["counted_actor_id"])]


def add_variables(m: Any, index: Index) -> None:
    """Adds housing, and open, opening and closing where being open matters."""
    used, key = used_access(index), [*ACCESS, "year"]
    # Where being open matters, housing_open holds the limit.
    room = used.assign(bound=used["housing_most_persons"].where(~used["has_opening"], np.inf))
    m.housing = bounded_variable(with_periods(index, room, "housing_today_persons", "bound"), key)
    m.housing_built = bounded_variable(
        with_years(used, index.years), key, least=0, most="housing_limit_persons"
    )
    m.housing_released = variable(m.housing_built)
    m.housing_salvaged = variable(key_set(housing_salvage_rates(index), key))

    opened = used[used["has_opening"]].assign(most_open=1)
    periods = with_periods(index, opened, "open_today", "most_open")
    m.open = bounded_variable(periods, key, binary=True)
    m.opening = variable(key_set(with_years(opened, index.years), key), binary=True)
    m.closing = variable(m.opening, binary=True)


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    used = used_access(index)
    m.room = key_set(used, ACCESS)
    add_block(m, housing_need, m.room, m.years)
    limited = used[used["capacity_persons"].notna()]
    m.users_of = relation(limited, ["site_id"], ["actor_id"])
    m.capacity = parameter(limited, ["site_id"], "capacity_persons")
    add_block(m, site_capacity, m.capacity, m.years)
    add_block(m, housing_balance, m.room, m.years)

    opened = used[used["has_opening"]]
    m.housing_most = parameter(opened, ACCESS, "housing_most_persons")
    add_block(m, housing_open, m.housing_most, m.years)
    add_block(m, open_balance, m.housing_most, m.years)
    add_block(m, open_after_opening, m.housing_most, m.years)
    add_block(m, shut_after_closing, m.housing_most, m.years)
    manned = opened[opened["minimum_garrison_persons"] > 0]
    m.least_persons = parameter(manned, ACCESS, "minimum_garrison_persons")
    add_block(m, minimum_garrison, m.least_persons, m.years)

    m.salvaged_years = relation(housing_salvage_rates(index), ACCESS, ["year"])
    add_block(m, housing_salvage_kept, m.salvaged_years, m.end)
    add_block(m, housing_salvage_added, m.housing_salvaged)

    if len(index.problem["site_group_limits"]):
        _add_group_limits(m, index)


def _add_group_limits(m: Any, index: Index) -> None:
    counted = counted_people(index)
    m.counted_people = relation(counted, GROUP_LIMIT, ["counted_actor_id", "site_id"])
    limits = group_limits(index).merge(counted[GROUP_LIMIT].drop_duplicates(), on=GROUP_LIMIT)
    key = [*GROUP_LIMIT, "year"]
    ceilings = limits[limits["maximum_persons"].notna()]
    m.ceiling = parameter(ceilings, key, "maximum_persons")
    add_block(m, site_group_ceiling, m.ceiling)
    paces = limits[limits["maximum_withdrawal_persons_per_yr"].notna()]
    pace = paces.assign(persons=paces["maximum_withdrawal_persons_per_yr"] * index.spans(paces))
    m.pace = parameter(pace, key, "persons")
    add_block(m, withdrawal_pace, m.pace)


def housing_need(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """People have room."""
    return m.people[actor, site, year] <= m.housing[actor, site, year]


def site_capacity(m: Any, site: Any, year: Any) -> Any:
    """Room of all actors fits into the site."""
    return sum(m.housing[actor, site, year] for actor in m.users_of[site]) <= m.capacity[site]


def housing_balance(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """Room is last year's, plus what is built, less what is given up."""
    return (
        m.housing[actor, site, year]
        - m.housing[actor, site, m.previous[year]]
        - m.housing_built[actor, site, year]
        + m.housing_released[actor, site, year]
        == 0
    )


def housing_open(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """Only an open site has room."""
    return m.housing[actor, site, year] <= m.housing_most[actor, site] * m.open[actor, site, year]


def open_balance(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """A site changes between open and closed by opening and closing."""
    return (
        m.open[actor, site, year] - m.open[actor, site, m.previous[year]]
        == m.opening[actor, site, year] - m.closing[actor, site, year]
    )


def open_after_opening(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """A site that is opened is open."""
    return m.opening[actor, site, year] <= m.open[actor, site, year]


def shut_after_closing(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """A site that is closed is shut."""
    return m.closing[actor, site, year] + m.open[actor, site, year] <= 1


def minimum_garrison(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """An open site has its least number of people."""
    return m.people[actor, site, year] >= m.least_persons[actor, site] * m.open[actor, site, year]


def site_group_ceiling(m: Any, group: Any, actor: Any, year: Any) -> Any:
    """People in a group of sites stay below its ceiling."""
    return (
        sum(m.people[counted, site, year] for counted, site in m.counted_people[group, actor])
        <= m.ceiling[group, actor, year]
    )


def withdrawal_pace(m: Any, group: Any, actor: Any, year: Any) -> Any:
    """No more people leave a group of sites in a period than the pace of its years allows."""
    return (
        sum(
            m.people[counted, site, m.previous[year]] - m.people[counted, site, year]
            for counted, site in m.counted_people[group, actor]
        )
        <= m.pace[group, actor, year]
    )


def housing_salvage_kept(m: Any, actor: Any, site: Any, end: Any) -> Any:
    """Only room still kept at the end has a salvage value."""
    return (
        sum(m.housing_salvaged[actor, site, year] for year in m.salvaged_years[actor, site])
        <= m.housing[actor, site, end]
    )


def housing_salvage_added(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """Only room built inside the horizon has a salvage value."""
    return m.housing_salvaged[actor, site, year] <= m.housing_built[actor, site, year]


def counts(index: Index) -> Counts:
    """Counts of the family."""
    years, periods = len(index.years), len(index.periods)
    used, built = used_access(index), housing_salvage_rates(index)
    opened = used[used["has_opening"]]
    limited = used[used["capacity_persons"].notna()]
    manned = int((opened["minimum_garrison_persons"] > 0).sum())
    roomy = int((opened["housing_most_persons"] > 0).sum())
    counted = counted_people(index).groupby(GROUP_LIMIT).size().rename("members").reset_index()
    limits = group_limits(index).merge(counted, on=GROUP_LIMIT)
    ceilings = limits[limits["maximum_persons"].notna()]
    paces = limits[limits["maximum_withdrawal_persons_per_yr"].notna()]
    return Counts(
        rows={
            "housing_need": (len(used) * years, 2 * len(used) * years),
            "site_capacity": (distinct(limited, ["site_id"]) * years, len(limited) * years),
            "housing_balance": (len(used) * years, 4 * len(used) * years),
            "housing_open": (len(opened) * years, (len(opened) + roomy) * years),
            "open_balance": (len(opened) * years, 4 * len(opened) * years),
            "open_after_opening": (len(opened) * years, 2 * len(opened) * years),
            "shut_after_closing": (len(opened) * years, 2 * len(opened) * years),
            "minimum_garrison": (manned * years, 2 * manned * years),
            "site_group_ceiling": (len(ceilings), int(ceilings["members"].sum())),
            "withdrawal_pace": (len(paces), 2 * int(paces["members"].sum())),
            **salvage_rows("housing_salvage", built, ACCESS, "salvage_usd_m_per_person"),
        },
        columns={
            "housing": len(used) * periods,
            "housing_built": len(used) * years,
            "housing_released": len(used) * years,
            "housing_salvaged": len(built),
            "open": len(opened) * periods,
            "opening": len(opened) * years,
            "closing": len(opened) * years,
        },
        integer_count=len(opened) * (periods + 2 * years),
    )


def findings(index: Index) -> list[Finding]:
    """Findings for sites that an actor keeps open, or has room in, where none of its units can be stationed."""
    access = index.access
    is_usable = is_among(access, ACCESS, set(keys(index.places, ACCESS)))
    is_kept = access["open_today"].astype(bool) | (access["housing_today_persons"] > 0)
    return [
        Finding(
            "ACCESS_UNUSABLE",
            "site_access",
            f"{site}/{actor}",
            "",
            "",
            "the site is open, or has room, but none of the actor's units can be stationed there",
            "Let the site accept a domain of its units, give them a mode, or leave open_today and "
            "housing_today_persons empty.",
        )
        for actor, site in keys(access[is_kept & ~is_usable], ACCESS)
    ]


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)
