"""Which sites a group of sites holds.

A site, a host and a theater are groups under their own identifiers; named groups are made of sites, of these
and of each other.
"""

import pandas as pd

from optimizer.tables.problem import Problem


def members(problem: Problem) -> pd.DataFrame:
    """The sites of every group.

    Args:
        problem: the problem; of groups that contain each other, each holds what all of them hold.

    Returns:
        Columns site_group_id and site_id, one row for each site in a group, sorted by both. A group without
        sites has no row.
    """
    groups = sites_of_groups(problem)
    pairs = [(group, site) for group in sorted(groups) for site in sorted(groups[group])]
    return pd.DataFrame(pairs, columns=["site_group_id", "site_id"], dtype="str")


def sites_of_groups(problem: Problem) -> dict[str, set[str]]:
    """The same as sets of sites by group."""
    theaters = {row["staging_area_id"]: row["theater_id"] for row in problem.rows("staging_areas")}
    sites: dict[str, set[str]] = {}
    for row in problem.rows("sites"):
        for group in (row["site_id"], row["host_actor_id"], theaters.get(row["staging_area_id"])):
            if group is not None:
                sites.setdefault(group, set()).add(row["site_id"])
    named = [(row["site_group_id"], row["member_id"]) for row in problem.rows("site_group_members")]
    has_grown = True
    while has_grown:
        has_grown = False
        for group, member in named:
            added = sites.get(member, set()) - sites.get(group, set())
            if added:
                sites.setdefault(group, set()).update(added)
                has_grown = True
    return sites


def cycles(problem: Problem) -> list[list[str]]:
    """Groups that contain themselves: one way around each knot, from its first group back to it."""
    groups = {row["site_group_id"] for row in problem.rows("site_groups")}
    inner: dict[str, list[str]] = {}
    for row in problem.rows("site_group_members"):
        if row["member_id"] in groups:
            inner.setdefault(row["site_group_id"], []).append(row["member_id"])
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
