"""From deployments of pools and columns to deployments of each actor's sources.

The formulation deploys together what no row can tell apart; here each phase's growth is given to the members in
proportion to the usable units they have left, as the proof in ``formulation.reach`` says is always possible.
"""

import pandas as pd

from optimizer.formulation.families.deployment import ready_forces
from optimizer.formulation.frames.index import FORCE
from optimizer.formulation.frames.reach import COLUMN, Reach

_TOGETHER = [*COLUMN, "scenario_id", "year"]
_MEMBER = [*_TOGETHER, "actor_id", "source_id"]
_NOTHING = 1e-9


def deployments_by_actor(
    reach: Reach, deployed: pd.DataFrame, units: pd.DataFrame, ready: pd.DataFrame
) -> pd.DataFrame:
    """Gives every deployment to actors and sources.

    Args:
        reach: the frames of deployment.
        deployed: the held deployments by HELD and year, in a column ``value``.
        units: units of lone sources by actor_id, unit_type_id, source_id and year, in a column ``value``.
        ready: ready units of merged forces by actor_id, unit_type_id, phase_id and year, in a column ``value``.

    Returns:
        The columns of the table ``deployments``, without rows of nothing.
    """
    totals = reach.held.merge(
        deployed,
        on=["pool_id", "unit_type_id", "held_column_id", "theater_id", "held_phase_id", "held_scenario_id"],
    )
    totals = totals.sort_values("order", kind="stable")
    by_path = [*_TOGETHER, "theater_id"]
    totals["total"] = totals.groupby(by_path)["value"].cummax()
    limits = _limits(reach, units, ready)
    shares = limits.iloc[:0].rename(columns={"limit": "share"}).drop(columns="phase_id").assign(theater_id="")
    written = []
    for phase in reach.phases["phase_id"]:
        now = totals.loc[totals["phase_id"] == phase, [*by_path, "total"]]
        if now.empty:
            continue
        shares = _next_shares(now, limits[limits["phase_id"] == phase], shares)
        written.append(shares.assign(phase_id=phase))
    frame = pd.concat(written) if written else shares.assign(phase_id="")
    frame = frame[frame["share"] > _NOTHING].rename(columns={"share": "deployed_count"})
    columns = [*FORCE, "source_id", "theater_id", "scenario_id", "phase_id", "year", "deployed_count"]
    return frame[columns].reset_index(drop=True)


def _limits(reach: Reach, units: pd.DataFrame, ready: pd.DataFrame) -> pd.DataFrame:
    """Usable units of every member by phase: _MEMBER, phase_id, limit."""
    columns = [*COLUMN, "scenario_id", "phase_id", "actor_id", "source_id", "usable_fraction"]
    lone = reach.members[~reach.members["is_merged"]][columns].drop_duplicates()
    lone = lone.merge(units, on=[*FORCE, "source_id"])
    lone["limit"] = lone["usable_fraction"] * lone["value"]

    merged = reach.members[reach.members["is_merged"]].drop(columns="actor_id")
    merged = merged[
        [*COLUMN, "scenario_id", "phase_id", "source_id", "ready_fraction", "available_fraction"]
    ].drop_duplicates()
    parts = ready_forces(reach).rename(columns={"phase_id": "ready_phase_id"})
    merged = merged.merge(parts, on=["pool_id", "unit_type_id", "ready_fraction"])
    merged = merged.merge(ready.rename(columns={"phase_id": "ready_phase_id"}), on=[*FORCE, "ready_phase_id"])
    merged["limit"] = merged["available_fraction"] * merged["value"]
    both = [*_MEMBER, "phase_id", "limit"]
    return pd.concat([lone[both], merged[both]]).astype({"limit": "float64", "year": "int64"})


def _next_shares(now: pd.DataFrame, limits: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Shares of members by theater after a phase: those before it, and their part of its growth."""
    used = before.groupby(_MEMBER)["share"].sum().rename("used").reset_index()
    left = limits.merge(used, on=_MEMBER, how="left")
    left["left"] = (left["limit"] - left["used"].fillna(0.0)).clip(lower=0.0)
    everyone = left.groupby(_TOGETHER)["left"].transform("sum")
    left["part"] = (left["left"] / everyone.where(everyone > 0)).fillna(0.0)
    given = before.groupby([*_TOGETHER, "theater_id"])["share"].sum().rename("given").reset_index()
    growth = now.merge(given, on=[*_TOGETHER, "theater_id"], how="left")
    growth["growth"] = (growth["total"] - growth["given"].fillna(0.0)).clip(lower=0.0)
    both = growth.merge(left[[*_MEMBER, "part"]], on=_TOGETHER)
    both = both.merge(before, on=[*_MEMBER, "theater_id"], how="left")
    both["share"] = both["share"].fillna(0.0) + both["growth"] * both["part"]
    return both.loc[both["share"] > _NOTHING, [*_MEMBER, "theater_id", "share"]]
