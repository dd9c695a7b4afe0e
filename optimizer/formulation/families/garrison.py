"""4.4 Garrison: people who must be present, and who supplies them.

Each person stationed in a permanent or rotational unit counts for at most one garrison::

    garrison_people[a,g,l,m,t]     Σ_q garrisoned[q,a,g,l,m,t] ≤ personnel[g,m]·stationed[a,g,l,m,t]
    garrison_requirement[q,t]      Σ_{a,g,l,m} garrisoned[q,a,g,l,m,t] ≥ people[q]
    garrison_points[q,t]           Σ_{a,g,l,m} points_per_person[a,g,m,q]·garrisoned[q,a,g,l,m,t] ≥ points[q]
    garrison_share_least[q,a,t]    Σ_{g,l,m} garrisoned[q,a,g,l,m,t] ≥ least_share[q,a,t]·people[q]
    garrison_share_most[q,a,t]     Σ_{g,l,m} garrisoned[q,a,g,l,m,t] ≤ most_share[q,a,t]·people[q]
    garrison_open[q,a,t]           Σ_{l of q} open[a,l,t] ≥ sites_least[q,a,t]

===========================  ====================================================  ==============================
symbol                       meaning, unit                                         source column
===========================  ====================================================  ==============================
garrisoned[q,a,g,l,m,t]      persons of a's units g at site l in mode m,
                             permanent or rotational, who count for q
people[q], points[q]         persons; capability points                            garrisons
points_per_person[a,g,m,q]   quality·points[g,c] ÷ personnel[g,m]                  unit_capabilities,
                                                                                   unit_type_modes
least_share[q,a,t]           today's share until the lever is freed, then the      garrison_actors
                             least share
most_share[q,a,t]            most share once the lever is freed, before it 1       garrison_actors
sites_least[q,a,t]           how many of q's sites a's least share takes           see below
===========================  ====================================================  ==============================

Only actors listed may supply, the host too. Where garrison_unit_types lists kinds of units for q, only people of
these count for q. A share is of the requirement: 0 lets others supply it and forbids no other presence.

garrison_open cuts off fractions of open sites and no plan: who counts at a site is housed there, and a site has room
only while open, so k open sites hold at most the k largest limits of a's room in q's sites together. sites_least is
the smallest k for which that reaches least_share·people. It stands only where each of those sites has to be opened.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import add_block, key_set, no_keys, parameter, relation, variable
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.housing import used_access
from optimizer.formulation.frames.index import ACCESS, FORCE, PLACE, Index, once
from optimizer.tables.by_year import with_years

ROWS = {
    "garrison_people": RowKind.PHYSICS,
    "garrison_requirement": RowKind.POLICY,
    "garrison_points": RowKind.POLICY,
    "garrison_share_least": RowKind.POLICY,
    "garrison_share_most": RowKind.POLICY,
    "garrison_open": RowKind.POLICY,
}

_ALMOST = 1e-9

SUPPLY = ["garrison_id", *PLACE]


@once
def supplies(index: Index) -> pd.DataFrame:
    """Who can supply which garrison from where: SUPPLY and points_per_person."""
    p = index.problem
    standing = index.places.loc[index.places["mode"] != "PREPOSITIONED", [*PLACE, "personnel_persons"]]
    eligible = p["garrison_actors"].merge(p["garrisons"], on="garrison_id")
    eligible = eligible.merge(index.group_sites, on="site_group_id")
    frame = eligible.merge(standing, on=["actor_id", "site_id"])
    types = p["garrison_unit_types"]
    listed = pd.MultiIndex.from_frame(types[["garrison_id", "unit_type_id"]])
    is_listed = pd.MultiIndex.from_frame(frame[["garrison_id", "unit_type_id"]]).isin(listed)
    frame = frame[is_listed | ~frame["garrison_id"].isin(types["garrison_id"])]
    frame = frame.merge(p["unit_capabilities"], on=["unit_type_id", "capability_id"], how="left")
    frame = frame.merge(index.forces[[*FORCE, "quality_factor"]], on=FORCE)
    points = frame["quality_factor"] * frame["capability_points"] / frame["personnel_persons"]
    frame["points_per_person"] = points.where(frame["personnel_persons"] > 0).fillna(0.0)
    return frame[[*SUPPLY, "points_per_person"]].sort_values(SUPPLY, ignore_index=True)


def shares(index: Index) -> pd.DataFrame:
    """Least and most share by garrison, actor and year: least_fraction and most_fraction."""
    p = index.problem
    frame = with_years(p["garrison_actors"], index.years)
    is_freed = frame["year"] >= frame["garrison_id"].map(p.freed_years("GARRISON"))
    frame["least_fraction"] = frame["minimum_fraction"].where(is_freed, frame["today_fraction"])
    frame["most_fraction"] = frame["maximum_fraction"].where(is_freed, 1.0)
    return frame


@once
def supplying_sites(index: Index) -> pd.DataFrame:
    """Sites from which an actor can supply a garrison, where each of them has to be opened.

    garrison_id, actor_id and site_id with housing_most_persons.
    """
    sites = supplies(index)[["garrison_id", *ACCESS]].drop_duplicates().merge(used_access(index), on=ACCESS)
    must_open = sites.groupby(["garrison_id", "actor_id"])["has_opening"].transform("all")
    return sites.loc[must_open, ["garrison_id", *ACCESS, "housing_most_persons"]]


@once
def least_sites(index: Index) -> pd.DataFrame:
    """How many sites an actor's least share takes: garrison_id, actor_id, year, sites_least_count (1 or more)."""
    by_actor = ["garrison_id", "actor_id"]
    least = shares(index).merge(index.problem["garrisons"], on="garrison_id")
    least["persons"] = least["least_fraction"] * least["required_persons"]
    least = least[least["persons"] > 0]
    sites = supplying_sites(index).sort_values("housing_most_persons", ascending=False, kind="stable")
    sites["before_persons"] = sites.groupby(by_actor)["housing_most_persons"].transform(
        lambda most: most.cumsum().shift(fill_value=0.0)
    )
    both = least.merge(sites, on=by_actor)
    taken = both[both["before_persons"] < both["persons"] * (1 - _ALMOST)]
    return taken.groupby([*by_actor, "year"]).size().rename("sites_least_count").reset_index()


def add_variables(m: Any, index: Index) -> None:
    """Adds garrisoned."""
    m.garrisoned = variable(key_set(supplies(index), SUPPLY), m.years)


def add_nothing(m: Any, index: Index) -> None:
    """Adds no garrisoned."""
    m.garrisoned = variable(no_keys([*SUPPLY, "year"]))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    supply, garrison = supplies(index), ["garrison_id"]
    m.garrisons_at = relation(supply, PLACE, garrison)
    add_block(m, garrison_people, m.garrisons_at, m.years)

    m.suppliers_of_garrison = relation(supply, garrison, PLACE)
    supplied = index.problem["garrisons"].merge(supply[garrison].drop_duplicates(), on=garrison)
    m.garrison_persons = parameter(supplied, garrison, "required_persons")
    add_block(m, garrison_requirement, m.garrison_persons, m.years)
    in_points = supplied[supplied["required_points"] > 0]
    m.garrison_required_points = parameter(in_points, garrison, "required_points")
    m.points_per_person = parameter(supply, SUPPLY, "points_per_person")
    add_block(m, garrison_points, m.garrison_required_points, m.years)

    by_actor = ["garrison_id", "actor_id"]
    m.supplies_of_actor = relation(supply, by_actor, PLACE[1:])
    shared = shares(index).merge(supply[by_actor].drop_duplicates(), on=by_actor)
    key = [*by_actor, "year"]
    m.least_share = parameter(shared[shared["least_fraction"] > 0], key, "least_fraction")
    add_block(m, garrison_share_least, m.least_share)
    m.most_share = parameter(shared[shared["most_fraction"] < 1], key, "most_fraction")
    add_block(m, garrison_share_most, m.most_share)

    m.sites_of_garrison = relation(supplying_sites(index), by_actor, ["site_id"])
    m.sites_least = parameter(least_sites(index), key, "sites_least_count")
    add_block(m, garrison_open, m.sites_least)


def garrison_people(m: Any, actor: Any, unit_type: Any, site: Any, mode: Any, year: Any) -> Any:
    """People counted for garrisons are stationed there, each counted once."""
    return (
        sum(
            m.garrisoned[garrison, actor, unit_type, site, mode, year]
            for garrison in m.garrisons_at[actor, unit_type, site, mode]
        )
        <= m.mode_personnel[unit_type, mode] * m.stationed[actor, unit_type, site, mode, year]
    )


def garrison_requirement(m: Any, garrison: Any, year: Any) -> Any:
    """A garrison has its people."""
    return (
        sum(
            m.garrisoned[garrison, actor, unit_type, site, mode, year]
            for actor, unit_type, site, mode in m.suppliers_of_garrison[garrison]
        )
        >= m.garrison_persons[garrison]
    )


def garrison_points(m: Any, garrison: Any, year: Any) -> Any:
    """A garrison has its points of a capability."""
    return (
        sum(
            m.points_per_person[garrison, actor, unit_type, site, mode]
            * m.garrisoned[garrison, actor, unit_type, site, mode, year]
            for actor, unit_type, site, mode in m.suppliers_of_garrison[garrison]
        )
        >= m.garrison_required_points[garrison]
    )


def garrison_share_least(m: Any, garrison: Any, actor: Any, year: Any) -> Any:
    """An actor supplies its least share of a garrison."""
    return (
        sum(
            m.garrisoned[garrison, actor, unit_type, site, mode, year]
            for unit_type, site, mode in m.supplies_of_actor[garrison, actor]
        )
        >= m.least_share[garrison, actor, year] * m.garrison_persons[garrison]
    )


def garrison_share_most(m: Any, garrison: Any, actor: Any, year: Any) -> Any:
    """An actor counts for no more than its most share of a garrison."""
    return (
        sum(
            m.garrisoned[garrison, actor, unit_type, site, mode, year]
            for unit_type, site, mode in m.supplies_of_actor[garrison, actor]
        )
        <= m.most_share[garrison, actor, year] * m.garrison_persons[garrison]
    )


def garrison_open(m: Any, garrison: Any, actor: Any, year: Any) -> Any:
    """An actor has open sites for its least share."""
    return (
        sum(m.open[actor, site, year] for site in m.sites_of_garrison[garrison, actor])
        >= m.sites_least[garrison, actor, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    supply, shared, years = supplies(index), shares(index), len(index.years)
    by_actor = ["garrison_id", "actor_id"]
    is_standing = (index.places["mode"] != "PREPOSITIONED") & (index.places["personnel_persons"] > 0)
    standing = index.places[is_standing].merge(supply[PLACE].drop_duplicates(), on=PLACE)
    garrisons = index.problem["garrisons"].merge(supply[["garrison_id"]].drop_duplicates(), on="garrison_id")
    in_points = garrisons[garrisons["required_points"] > 0]
    useful = supply[(supply["points_per_person"] > 0) & supply["garrison_id"].isin(in_points["garrison_id"])]
    each = supply.groupby(by_actor).size().rename("members").reset_index()
    least = shared[shared["least_fraction"] > 0].merge(each, on=by_actor)
    most = shared[shared["most_fraction"] < 1].merge(each, on=by_actor)
    openers = supplying_sites(index).groupby(by_actor).size().rename("members").reset_index()
    opened = least_sites(index).merge(openers, on=by_actor)
    return Counts(
        rows={
            "garrison_people": (distinct(supply, PLACE) * years, (len(supply) + len(standing)) * years),
            "garrison_requirement": (len(garrisons) * years, len(supply) * years),
            "garrison_points": (len(in_points) * years, len(useful) * years),
            "garrison_share_least": (len(least), int(least["members"].sum())),
            "garrison_share_most": (len(most), int(most["members"].sum())),
            "garrison_open": (len(opened), int(opened["members"].sum())),
        },
        columns={"garrisoned": len(supply) * years},
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts, tables=("garrisons",), add_nothing=add_nothing)
