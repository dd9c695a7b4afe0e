"""What became of the people: raised, disbanded, brought home, sent abroad, moved."""

from collections.abc import Mapping

import pandas as pd

from optimizer.formulation.frames.index import FORCE, Index


def force_changes(index: Index, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compares the end of a plan with today, force by force, in people.

    Units disbanded and raised are added up over the years. Of the people abroad today and at the end, what left
    one site and came to another was moved; what left beyond that was brought home, or went with units that were
    disbanded; what came beyond that was sent abroad. Units in turns of duty count where they stand, sets not.

    Args:
        index: the index of the problem.
        tables: owned_forces and stationed_forces of the plan.

    Returns:
        The columns of the table ``force_changes``.
    """
    personnel = index.forces.set_index(FORCE)["personnel_persons"]
    owned = tables["owned_forces"].astype({"year": "int64"})
    planned = owned[owned["year"] != index.today]
    over_years = planned.groupby(FORCE)[["arrived_count", "disbanded_count"]].sum()

    stationed = tables["stationed_forces"].astype({"year": "int64"})
    stationed = stationed[stationed["mode"] != "PREPOSITIONED"]
    stationed = stationed.merge(index.problem["sites"][["site_id", "host_actor_id"]], on="site_id")
    is_home = stationed["host_actor_id"] == stationed["actor_id"]
    own_sites_today = stationed[is_home & (stationed["year"] == index.today)]
    stationed = stationed[~is_home]
    by_site = stationed.groupby([*FORCE, "site_id", "year"])["stationed_count"].sum().unstack(fill_value=0)
    by_site = by_site.reindex(columns=[index.today, index.years[-1]], fill_value=0.0)
    change = by_site[index.years[-1]] - by_site[index.today]
    came = change.clip(lower=0).groupby(FORCE).sum()
    left = (-change).clip(lower=0).groupby(FORCE).sum()

    frame = pd.DataFrame({"people": personnel}).join(over_years)
    frame = frame.join(came.rename("came")).join(left.rename("left")).fillna(0.0)
    moved = frame[["came", "left"]].min(axis="columns")
    net_left = frame["left"] - moved
    home_today = owned[owned["year"] == index.today].set_index(FORCE)["home_count"]
    at_home = frame.join(home_today)["home_count"].fillna(0.0)
    at_home = at_home.add(own_sites_today.groupby(FORCE)["stationed_count"].sum(), fill_value=0.0)
    from_abroad = (frame["disbanded_count"] - at_home).clip(lower=0.0)
    kept = (net_left - from_abroad).clip(lower=0.0)
    counts = pd.DataFrame(
        {
            "brought_home_persons": kept,
            "sent_abroad_persons": frame["came"] - moved,
            "moved_persons": moved,
            "disbanded_persons": frame["disbanded_count"],
            "raised_persons": frame["arrived_count"],
        }
    )
    return counts.mul(frame["people"], axis="index").reset_index()
