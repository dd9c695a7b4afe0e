"""Units kept for a theater: they serve no other, and stand with others in no other."""

import pandas as pd

from optimizer.audit.comparison import at_most
from optimizer.audit.plan import FORCE_KEY, Plan

_WHEN = ["scenario_id", "phase_id", "year"]
_FORCE = [*FORCE_KEY, "year"]


def theater_reserves(plan: Plan) -> list[str]:
    """Findings about units kept for theaters."""
    if plan.problem["theater_reserves"].empty:
        return []
    return [*_deployed(plan), *_stationed(plan)]


def _deployed(plan: Plan) -> list[str]:
    """What is deployed and what is held back for others is available together."""
    used = (
        plan.table("deployments")
        .groupby([*FORCE_KEY, *_WHEN, "theater_id"])[["deployed_count"]]
        .sum()
        .reset_index()
    )
    part = plan.problem["scenario_availability"][["scenario_id", "actor_id", "available_fraction"]]
    serving = (
        used[[*FORCE_KEY, *_WHEN]].drop_duplicates().merge(part, on=["scenario_id", "actor_id"], how="left")
    )
    serving = serving.fillna({"available_fraction": 1.0})
    rows = _with_held_back(plan, used, serving, "deployed_count")
    sentence = (
        "deployments: {actor_id} {unit_type_id} {scenario_id} {phase_id} {year}: {used_count} deployed and"
    )
    sentence += " {held_count} more kept for theaters but {free_count} available"
    return at_most(rows, "needed_count", "free_count", "count", sentence)


def _stationed(plan: Plan) -> list[str]:
    """What stands with others in theaters, and what is kept for others, is owned and not reserved for home."""
    units = plan.stationed[
        (plan.stationed["year"] > plan.problem.today) & (plan.stationed["mode"] != "PREPOSITIONED")
    ]
    units = units.merge(plan.places, on="site_id")
    units = units[(units["host_actor_id"] != units["actor_id"]) & units["theater_id"].notna()]
    used = units.groupby([*_FORCE, "theater_id"])[["stationed_count"]].sum().reset_index()
    standing = used[_FORCE].drop_duplicates().assign(available_fraction=1.0)
    rows = _with_held_back(plan, used, standing, "stationed_count")
    sentence = "stationed_forces: {actor_id} {unit_type_id} {year}: {used_count} stationed in theaters and"
    sentence += " {held_count} more kept for these but {free_count} owned and not reserved for home"
    return at_most(rows, "needed_count", "free_count", "count", sentence)


def _with_held_back(plan: Plan, used: pd.DataFrame, keys: pd.DataFrame, count: str) -> pd.DataFrame:
    """The rows of ``keys`` with used_count, held_count, needed_count (both) and free_count.

    Args:
        plan: the plan.
        used: units by theater, in a column ``count``.
        keys: a row for each force and occasion, with available_fraction, the part of its units that takes part.
        count: the column.
    """
    key = [name for name in keys.columns if name != "available_fraction"]
    kept = keys.merge(plan.theater_reserves, on=_FORCE).merge(used, on=[*key, "theater_id"], how="left")
    missing = kept["available_fraction"] * kept["kept_count"] - kept[count].fillna(0.0)
    held = (
        missing.clip(lower=0.0).groupby([kept[name] for name in key]).sum().rename("held_count").reset_index()
    )
    rows = keys.merge(used.groupby(key)[count].sum().rename("used_count").reset_index(), on=key)
    rows = rows.merge(held, on=key, how="left").fillna({"held_count": 0.0})
    rows = rows.merge(plan.forces[[*_FORCE, "owned_count", "reserved_count"]], on=_FORCE)
    rows["needed_count"] = rows["used_count"] + rows["held_count"]
    rows["free_count"] = rows["available_fraction"] * (
        rows["owned_count"] - rows["reserved_count"].fillna(0.0)
    )
    return rows
