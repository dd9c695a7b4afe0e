"""Who supports whom: which kinds of units need support and give it, and which actors share it."""

import pandas as pd

from optimizer.formulation.frames.index import Index, no_rows, once

SUPPORT = ["support_group_id", "capability_id", "theater_id", "phase_id", "scenario_id"]
"""Columns of what supports itself together."""

EVERYBODY = "ALL"
"""The group of all actors, where nobody says who shares."""


@once
def support_by_type(index: Index) -> pd.DataFrame:
    """What a deployed unit gives of support less what it needs: unit_type_id, capability_id, net_points, not 0.

    Only of kinds of support of which some unit needs more than it gives; of others there is always enough.
    """
    support = index.problem["unit_support"]
    if support.empty:
        return no_rows(["unit_type_id", "capability_id", "net_points"])
    frame = support[["unit_type_id", "capability_id"]].assign(
        net_points=support["provided_points"] - support["needed_points"]
    )
    is_needed = (frame["net_points"] < 0).groupby(frame["capability_id"]).transform("any")
    return frame[is_needed & (frame["net_points"] != 0)].reset_index(drop=True)


@once
def support_groups(index: Index) -> pd.Series:
    """By actor, the group that shares its support: the one given, the actor itself, or everybody."""
    actors = index.problem["actors"]["actor_id"]
    sharing = index.problem["support_sharing"]
    if sharing.empty:
        return pd.Series(EVERYBODY, index=actors.array)
    given = sharing.set_index("actor_id")["support_group_id"]
    return given.reindex(actors.array).fillna(pd.Series(actors.array, index=actors.array))


@once
def supporters(index: Index) -> pd.DataFrame:
    """Which kind of unit can support which: unit_type_id and supporter_id."""
    frame = support_by_type(index)
    if frame.empty:
        return no_rows(["unit_type_id", "supporter_id"])
    giving = frame[frame["net_points"] > 0].rename(columns={"unit_type_id": "supporter_id"})
    pairs = frame[frame["net_points"] < 0].merge(giving, on="capability_id")
    return pairs[["unit_type_id", "supporter_id"]].drop_duplicates(ignore_index=True)
