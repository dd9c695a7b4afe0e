"""What became of the people: raised, disbanded, converted, brought home, sent abroad, moved."""

from collections.abc import Mapping

import pandas as pd

from optimizer.formulation.frames.index import CONVERSION, FORCE, Index


def force_changes(index: Index, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compares the end of a plan with today, force by force, in people.

    Units disbanded, raised and converted are added up over the years. Of the people abroad today and at the end, what
    left one site and came to another was moved; what left beyond that was brought home, or went with units that were
    disbanded or converted; what came beyond that was sent abroad, or came with units that were converted there. Units
    at home are disbanded and converted before others. Units in turns of duty count where they stand, sets not.

    Args:
        index: the index of the problem.
        tables: owned_forces, conversion_results and stationed_forces of the plan.

    Returns:
        The columns of the table ``force_changes``.
    """
    personnel = index.forces.set_index(FORCE)["personnel_persons"]
    owned = tables["owned_forces"].astype({"year": "int64"})
    planned = owned[owned["year"] != index.today]
    flows = ["arrived_count", "disbanded_count", "converted_out_count"]
    over_years = planned.groupby(FORCE)[flows].sum()

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
    disbanded_abroad = (frame["disbanded_count"] - at_home).clip(lower=0.0)
    gone = frame["disbanded_count"] + frame["converted_out_count"]
    gone_abroad = (gone - at_home).clip(lower=0.0)
    kept = (net_left - gone_abroad).clip(lower=0.0)
    become_abroad = _become(tables["conversion_results"], gone_abroad - disbanded_abroad)
    sent = (frame["came"] - moved).sub(become_abroad.reindex(frame.index, fill_value=0.0)).clip(lower=0.0)
    counts = pd.DataFrame(
        {
            "brought_home_persons": kept,
            "sent_abroad_persons": sent,
            "moved_persons": moved,
            "disbanded_persons": frame["disbanded_count"],
            "raised_persons": frame["arrived_count"],
            "converted_persons": frame["converted_out_count"],
        }
    )
    return counts.mul(frame["people"], axis="index").reset_index()


def _become(converted: pd.DataFrame, abroad: pd.Series) -> pd.Series:
    """Units by the force they became, of those converted abroad; each kind's in proportion to what it became.

    Args:
        converted: the table conversion_results.
        abroad: units converted abroad by the force they were.
    """
    pairs = converted.groupby(CONVERSION)["converted_count"].sum().reset_index()
    pairs = pairs[pairs["converted_count"] > 0]
    was = pd.MultiIndex.from_frame(pairs[["actor_id", "from_unit_type_id"]])
    share = pairs["converted_count"] / pairs.groupby(CONVERSION[:2])["converted_count"].transform("sum")
    units = share * abroad.reindex(was).to_numpy()
    by_force: pd.Series = units.groupby(
        [pairs["actor_id"], pairs["to_unit_type_id"].rename("unit_type_id")]
    ).sum()
    return by_force
