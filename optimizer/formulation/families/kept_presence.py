"""4.2 Kept presence: what stands at a site today stays there, until it is freed.

While the lever PRESENCE is not freed for a site, by its own name or by that of a group that holds it, the lead actor
keeps there what it has there today, or so many people in a group of sites as a path says::

    presence_kept[u,g,l,m,t]  stationed[u,g,l,m,t] ≥ stationed[u,g,l,m,0]                          u the lead actor
    presence_open[u,l,t]      open[u,l,t] ≥ 1                                      where what is kept needs people
    presence_path[r,a,t]      Σ_{l∈r} people[a,l,t] ≥ path[a,r,t]

=========================  =====================================================  ================================
symbol                     meaning, unit                                          source column
=========================  =====================================================  ================================
stationed[u,g,l,m,t]       units, or sets, in the mode m                          stationed_today.stationed_count
open[u,l,t]                1 while u runs l                                       see ``basing``
people[a,l,t]              persons of a's modeled units at site l
path[a,r,t]                persons who stay in the group r                        presence_paths.minimum_persons
=========================  =====================================================  ================================

Units are kept kind by kind, site by site and mode by mode: with nothing freed the plan is today's course. It does not
reshuffle the units of a host, and what rotates is not made permanent. That such a site stays open follows where it is
open or closed; said in a row of its own, it also keeps a relaxed plan from paying for a part of a site. A path of the
lead actor takes the place of the first two rows at all sites of its group. It goes where the lever is freed for all
these sites that the lead actor may use; a part of them cannot be freed, since nobody has said how many of the people
may leave that part. An ally's path is a promise of the ally, and no lever moves it.
"""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, key_set, parameter, relation
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.housing import used_access
from optimizer.formulation.frames.index import ACCESS, PLACE, Index, once
from optimizer.tables.by_year import carried_forward, with_years
from optimizer.tables.keyed import is_among, joined, keys, looked_up

ROWS = {
    "presence_kept": RowKind.POLICY,
    "presence_open": RowKind.POLICY,
    "presence_path": RowKind.POLICY,
}

KEPT = ["unit_type_id", "site_id", "mode"]
PATH = ["site_group_id", "actor_id", "year"]


def with_freedom(index: Index, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the lead actor's sites and years, with is_freed: whether the lever PRESENCE is freed there then."""
    freed = index.problem.freed_years("PRESENCE").to_dict()
    first: dict[str, float] = {}
    for group, site in keys(index.group_sites, ["site_group_id", "site_id"]):
        first[site] = min(freed.get(group, np.inf), first.get(site, np.inf))
    return frame.assign(is_freed=frame["year"] >= looked_up(frame, ["site_id"], first, np.inf))


@once
def path_sites(index: Index) -> pd.DataFrame:
    """Paths by year and site that their actor may use: PATH, site_id, minimum_persons and is_freed."""
    paths = carried_forward(index.problem["presence_paths"], ["actor_id", "site_group_id"], index.years)
    frame = joined(paths, index.group_sites, ["site_group_id"])
    frame = with_freedom(index, frame[is_among(frame, ACCESS, set(keys(index.places, ACCESS)))])
    return frame.assign(is_freed=frame["is_freed"] & (frame["actor_id"] == index.lead))


def paths_kept(index: Index) -> pd.DataFrame:
    """The rows of ``path_sites`` that ask for people and are not freed."""
    frame = path_sites(index)
    return frame[~frame["is_freed"] & (frame["minimum_persons"] > 0)]


@once
def places_kept(index: Index) -> pd.DataFrame:
    """The lead actor's places where something stands today: PLACE, stationed_count and personnel_persons."""
    places = index.places[(index.places["actor_id"] == index.lead) & (index.places["stationed_count"] > 0)]
    return places[[*PLACE, "stationed_count", "personnel_persons"]]


def years_kept(index: Index) -> pd.DataFrame:
    """Where and when today's units stay: KEPT and year, neither freed nor covered by a path."""
    frame = with_years(places_kept(index)[KEPT], index.years)
    frame = with_freedom(index, frame)
    paths = path_sites(index)
    covered = set(keys(paths[paths["actor_id"] == index.lead], ["site_id", "year"]))
    is_covered = is_among(frame, ["site_id", "year"], covered)
    return frame.loc[~frame["is_freed"] & ~is_covered, [*KEPT, "year"]]


def sites_kept(index: Index) -> pd.DataFrame:
    """Sites that the lead actor keeps open for what stays there: ACCESS and year."""
    places = places_kept(index)
    manned = set(keys(places[places["personnel_persons"] > 0], KEPT))
    kept = years_kept(index)
    kept = kept.loc[is_among(kept, KEPT, manned), ["site_id", "year"]].drop_duplicates()
    kept.insert(0, "actor_id", index.lead)
    used = used_access(index)
    opened = set(keys(used[used["has_opening"]], ACCESS))
    return kept[is_among(kept, ACCESS, opened)]


def add_variables(m: Any, index: Index) -> None:
    """Adds nothing: the rows are about what stationing decides."""


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    m.kept_today = parameter(places_kept(index), PLACE, "stationed_count")
    kept = years_kept(index).assign(actor_id=index.lead)
    add_block(m, presence_kept, key_set(kept, [*PLACE, "year"]))
    add_block(m, presence_open, key_set(sites_kept(index), [*ACCESS, "year"]))

    paths = paths_kept(index)
    m.path_people = parameter(paths, PATH, "minimum_persons")
    m.path_sites = relation(paths, PATH[:2], ["site_id"])
    add_block(m, presence_path, m.path_people)


def presence_kept(m: Any, actor: Any, unit_type: Any, site: Any, mode: Any, year: Any) -> Any:
    """What stands at a site today stays there."""
    return m.stationed[actor, unit_type, site, mode, year] >= m.kept_today[actor, unit_type, site, mode]


def presence_open(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """A site stays open while what stands there stays."""
    return m.open[actor, site, year] >= 1


def presence_path(m: Any, group: Any, actor: Any, year: Any) -> Any:
    """As many people stay in a group of sites as its path says."""
    return (
        sum(m.people[actor, site, year] for site in m.path_sites[group, actor])
        >= m.path_people[group, actor, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    kept, sites, paths = years_kept(index), sites_kept(index), paths_kept(index)
    return Counts(
        rows={
            "presence_kept": (len(kept), len(kept)),
            "presence_open": (len(sites), len(sites)),
            "presence_path": (len(paths[PATH].drop_duplicates()), len(paths)),
        },
        columns={},
    )


def findings(index: Index) -> list[Finding]:
    """Findings for paths that no site can keep, and for those of which only a part is freed."""
    paths = index.problem["presence_paths"]
    if paths.empty:
        return []
    frame = path_sites(index)
    named = set(keys(joined(index.places[ACCESS], index.group_sites, ["site_id"]), PATH[:2]))
    siteless = paths[~is_among(paths, PATH[:2], named) & (paths["minimum_persons"] > 0)]
    parts = frame.groupby(PATH)["is_freed"].agg(["any", "all"]).reset_index()
    torn = parts[parts["any"] & ~parts["all"]]
    return [
        *(
            Finding(
                "PRESENCE_UNCLEAR",
                "presence_paths",
                f"{row.actor_id}/{row.site_group_id}/{row.year}",
                "site_group_id",
                str(row.site_group_id),
                f"none of {row.actor_id}'s units can be stationed there",
                "Give site_access and a mode, or leave the row out.",
            )
            for row in siteless.drop_duplicates(PATH[:2]).itertuples()
        ),
        *(
            Finding(
                "PRESENCE_UNCLEAR",
                "presence_paths",
                f"{row.actor_id}/{row.site_group_id}/{row.year}",
                "site_group_id",
                str(row.site_group_id),
                f"the lever PRESENCE is freed in {row.year} for a part of the group, "
                "but nobody says how many of the path's people that part holds",
                f"Free PRESENCE of {row.site_group_id}, or give paths of its parts in place of this one.",
            )
            for row in torn.drop_duplicates(PATH[:2]).itertuples()
        ),
    ]


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)
