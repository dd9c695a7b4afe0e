"""Which sites a group of sites holds.

A site, a host and a theater are groups under their own identifiers; named groups are made of sites, of these
and of each other.
"""

import pandas as pd

from optimizer.tables.problem import Problem

_COLUMNS = ["site_group_id", "site_id"]


def members(problem: Problem) -> pd.DataFrame:
    """The sites of every group.

    Args:
        problem: the problem; of groups that contain each other, each holds what all of them hold.

    Returns:
        Columns site_group_id and site_id, one row for each site in a group, sorted by both. A group without
        sites has no row.
    """
    implicit = _implicit_members(problem)
    named = problem["site_group_members"][["site_group_id", "member_id"]]
    known = implicit
    while True:
        inherited = named.merge(
            known.rename(columns={"site_group_id": "member_id"}), on="member_id", how="inner"
        )[_COLUMNS]
        grown = pd.concat([implicit, inherited], ignore_index=True).drop_duplicates()
        if len(grown) == len(known):
            return grown.sort_values(_COLUMNS, ignore_index=True)
        known = grown


def cycles(problem: Problem) -> list[list[str]]:
    """Groups that contain themselves: one way around each knot, from its first group back to it."""
    groups = set(problem["site_groups"]["site_group_id"])
    rows = problem["site_group_members"]
    inner: dict[str, list[str]] = {}
    for group, member in zip(rows["site_group_id"], rows["member_id"], strict=True):
        if member in groups:
            inner.setdefault(group, []).append(member)
    found: list[list[str]] = []
    finished: set[str] = set()
    for start in sorted(inner):
        path = [start]
        waiting = [iter(inner[start])] if start not in finished else []
        while waiting:
            member = next(waiting[-1], None)
            if member is None:
                finished.add(path.pop())
                waiting.pop()
            elif member in path:
                found.append([*path[path.index(member) :], member])
            elif member not in finished:
                path.append(member)
                waiting.append(iter(inner.get(member, [])))
    return found


def _implicit_members(problem: Problem) -> pd.DataFrame:
    sites = problem["sites"].merge(problem["staging_areas"], on="staging_area_id", how="left")
    columns = ["site_id", "host_actor_id", "theater_id"]
    groups = [sites[[column, "site_id"]].set_axis(_COLUMNS, axis="columns") for column in columns]
    return pd.concat(groups, ignore_index=True).dropna().drop_duplicates()
