"""The core rows of a problem as a linopy model: deployment, with the formulation's merging, and deterrence."""

from typing import Any

import numpy as np
import pandas as pd
from linopy_columns import ROW, LongModel, numbered

from optimizer.formulation.families.deployment import READY, lone_sources, ready_forces
from optimizer.formulation.families.deterrence import needs
from optimizer.formulation.frames.index import FORCE, Index
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import COLUMN, DEPLOYMENT, HELD, WHEN, Reach

SOURCE = [*FORCE, "source_id"]
STANDS_FOR = dict(zip(HELD, DEPLOYMENT, strict=True))
POOL = ["pool_id", "unit_type_id"]


def add_deployment(long: LongModel, index: Index, reach: Reach) -> None:
    """Adds deployed, ready and units, and their rows."""
    ready, sources = ready_forces(index), lone_sources(reach)
    long.add_columns("deployed", reach.variables, DEPLOYMENT, long.years)
    long.add_columns("ready", ready, READY, long.years)
    long.add_columns("units", sources, SOURCE, long.years)
    _add_ready(long, index, ready)
    _add_pools(long, reach, ready)
    _add_sources(long, reach, sources)
    _add_source_readiness(long, reach)
    _add_ready_at_home(long, reach)
    _add_deployable(long, index, reach)
    _add_stays(long, reach)
    _add_lift(long, reach)


def _add_ready(long: LongModel, index: Index, ready: pd.DataFrame) -> None:
    rows = numbered(ready, READY).assign(ready_fraction=-ready["ready_fraction"])
    parts = [long.one_each("ready", rows, 1.0), long.one_each("owned", rows, "ready_fraction")]
    long.add_rows("ready_part", parts, "<=")
    free = ready.merge(index.forces[[*FORCE, "reserved_count"]], on=FORCE)
    free = free[free["reserved_count"] > 0].reset_index(drop=True)
    rows = numbered(free, READY)
    if rows.empty:
        return
    parts = [long.one_each("ready", rows, 1.0), long.one_each("owned", rows, -1.0)]
    long.add_rows("ready_free", parts, "<=", -np.repeat(free["reserved_count"].to_numpy(float), long.years))


def _add_pools(long: LongModel, reach: Reach, ready: pd.DataFrame) -> None:
    merged = reach.variables[reach.variables["is_merged"]]
    merged = reach.last_of_alike(merged, [*POOL, "scenario_id"], "limit")
    key = [*POOL, *WHEN]
    rows = numbered(merged, key)
    if rows.empty:
        return
    parts = reach.members[[*key, "ready_fraction", "available_fraction"]].drop_duplicates()
    parts = rows.merge(parts, on=key).drop(columns="phase_id")
    parts = parts.merge(ready, on=["pool_id", "unit_type_id", "ready_fraction"])
    parts["available_fraction"] *= -1
    sums = [
        long.grouped("deployed", merged[DEPLOYMENT].merge(rows, on=key), 1.0),
        long.grouped("ready", parts, "available_fraction"),
    ]
    long.add_rows("pool_readiness", sums, "<=")


def _add_sources(long: LongModel, reach: Reach, sources: pd.DataFrame) -> None:
    places = reach.source_places
    home = numbered(sources[sources["source_id"] == "HOME"], SOURCE)
    standing = places[places["mode"] != "PREPOSITIONED"].drop(columns="source_id").merge(home, on=FORCE)
    parts = [
        long.one_each("units", home, 1.0),
        long.one_each("owned", home, -1.0),
        long.grouped("stationed", standing, 1.0, row_count=len(home) * long.years),
    ]
    long.add_rows("home_units", parts, "=")
    away = numbered(sources[sources["source_id"] != "HOME"], SOURCE)
    if away.empty:
        return
    parts = [
        long.one_each("units", away, 1.0),
        long.grouped("stationed", places.merge(away, on=SOURCE), -1.0),
    ]
    long.add_rows("away_units", parts, "=")


def _add_source_readiness(long: LongModel, reach: Reach) -> None:
    lone = reach.variables[~reach.variables["is_merged"]]
    limited = reach.last_of_alike(lone, [*FORCE, "column_id", "scenario_id"], "limit")
    key = [*FORCE, "column_id", *WHEN]
    rows = numbered(limited, key)
    members = reach.members.drop_duplicates([*key, "source_id"])
    members = members[[*key, "source_id", "usable_fraction"]].merge(rows, on=key)
    members["usable_fraction"] *= -1
    parts = [
        long.grouped("deployed", limited[[*DEPLOYMENT, "actor_id"]].merge(rows, on=key), 1.0),
        long.grouped("units", members, "usable_fraction"),
    ]
    long.add_rows("source_readiness", parts, "<=")


def _add_ready_at_home(long: LongModel, reach: Reach) -> None:
    """What takes up sets and what comes from home are together at most the ready part of the units at home."""
    limited = _limited(reach)
    leaving = limited[limited["home_fraction"].notna()].assign(source_id="HOME")
    leaving = reach.last_of_alike(leaving, [*FORCE, "scenario_id"], "home_fraction")
    key = [*SOURCE, *WHEN]
    rows = numbered(leaving, key)
    if rows.empty:
        return
    homes = rows.merge(leaving[[*key, "home_fraction"]].drop_duplicates(key), on=key)
    homes["home_fraction"] *= -1
    drawn = leaving[[*HELD, *(name for name in key if name not in HELD)]].merge(rows, on=key)
    parts = [
        long.grouped("deployed", _standing(drawn[[*HELD, ROW]]), 1.0),
        long.one_each("units", homes, "home_fraction"),
    ]
    long.add_rows("ready_at_home", parts, "<=")


def _limited(reach: Reach) -> pd.DataFrame:
    """The deployments of forces that are not merged, once for phases and scenarios that share them."""
    held = reach.held
    stands = (held["held_scenario_id"] == held["scenario_id"]) & (held["held_phase_id"] == held["phase_id"])
    return held[~held["is_merged"] & (stands | ~held["is_unrivaled"])]


def _add_deployable(long: LongModel, index: Index, reach: Reach) -> None:
    serving = _limited(reach)
    serving = reach.last_of_alike(serving, [*FORCE, "scenario_id"], "available_fraction")
    key = [*FORCE, *WHEN]
    rows = numbered(serving, key)
    limits = serving[[*key, "available_fraction"]].drop_duplicates(key)
    limits = rows.merge(limits, on=key).merge(index.forces[[*FORCE, "reserved_count"]], on=FORCE)
    limits = limits.sort_values(ROW, ignore_index=True)
    limits["part"] = -limits["available_fraction"]
    right = np.repeat((limits["part"] * limits["reserved_count"]).to_numpy(float), long.years)
    served = serving[[*HELD, *(name for name in key if name not in HELD)]].merge(rows, on=key)
    parts = [
        long.grouped("deployed", _standing(served[[*HELD, ROW]]), 1.0),
        long.one_each("owned", limits, "part"),
    ]
    long.add_rows("deployable", parts, "<=", right)


def _add_stays(long: LongModel, reach: Reach) -> None:
    stays = reach.stays
    rows = numbered(stays, DEPLOYMENT)
    if rows.empty:
        return
    earlier = rows.assign(phase_id=stays["earlier_phase_id"].to_numpy())
    parts = [long.one_each("deployed", earlier, 1.0), long.one_each("deployed", rows, -1.0)]
    long.add_rows("stays_deployed", parts, "<=")


def _add_lift(long: LongModel, reach: Reach) -> None:
    uses = reach.lift_uses
    key = ["lift_pool_id", *WHEN]
    rows = numbered(uses, key)
    if rows.empty:
        return
    capacity = np.repeat(uses.drop_duplicates(key)["capacity_points"].to_numpy(float), long.years)
    users = _standing(uses.merge(rows, on=key)[[*HELD, "lift_points", ROW]])
    long.add_rows("lift_capacity", [long.grouped("deployed", users, "lift_points")], "<=", capacity)


def add_deterrence(long: LongModel, index: Index, reach: Reach) -> None:
    """Adds shortfall, unmet and lead_counted, and the rows of deterrence."""
    need = needs(index)
    once = need.drop_duplicates(NEED)
    priced, capped = need[need["is_priced"]], need[need["is_capped"]]
    priced_once = priced.drop_duplicates(NEED)
    required = priced["required_points"].to_numpy(float)
    long.add_columns("shortfall", priced_once, NEED, long.years, 0.0, required)
    unmet = priced_once[["theater_id", "capability_id"]].drop_duplicates()
    long.add_columns("unmet", unmet, ["theater_id", "capability_id"], long.years)
    most = capped["most_lead_points"].to_numpy(float)
    capped_once = capped.drop_duplicates(NEED)
    long.add_columns("lead_counted", capped_once, NEED, long.years, 0.0, most)

    rows, capped_rows = numbered(once, NEED), numbered(capped_once, NEED)
    count = len(need)
    supply = reach.supply.merge(once[[*NEED, "is_capped"]], on=NEED)
    losses = reach.losses.assign(lost_points=-reach.losses["lost_points"]).merge(
        once[[*NEED, "is_capped"]], on=NEED
    )
    parts = [_points(long, frame, rows, count, index.lead, False, 1.0) for frame in (supply, losses)]
    parts += [
        long.grouped(name, frame.merge(rows, on=NEED), 1.0, row_count=count)
        for name, frame in (("lead_counted", capped_once[NEED]), ("shortfall", priced_once[NEED]))
        if len(frame)
    ]
    parts = [part for part in parts if part is not None]
    long.add_rows("deterrence", parts, ">=", need["required_points"].to_numpy(float))
    if len(capped):
        lead = [
            _points(long, frame, capped_rows, len(capped), index.lead, True, -1.0)
            for frame in (supply, losses)
        ]
        parts = [
            long.one_each("lead_counted", capped_rows, 1.0),
            *(part for part in lead if part is not None),
        ]
        long.add_rows("lead_share", parts, "<=")
    if len(priced):
        rows = numbered(priced_once, NEED)
        parts = [long.one_each("shortfall", rows, 1.0), long.one_each("unmet", rows, -1.0)]
        long.add_rows("shortfall_priced", parts, "<=")


def _points(
    long: LongModel,
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    count: int,
    lead: str,
    of_lead: bool,
    sign: float,
) -> Any:
    """Supplied or lost points by need: those of the lead actor where it is capped, or all others."""
    is_lead = frame["is_capped"] & (frame["pool_id"] == lead)
    chosen = frame[is_lead == of_lead].merge(rows, on=NEED)
    if chosen.empty:
        return None
    if "effect_points" in chosen:
        chosen = chosen[[*HELD, "effect_points", ROW]].rename(columns={"effect_points": "points"})
        chosen = _standing(chosen)
    else:
        names = [*COLUMN, "theater_id", "scenario_id", "earlier_phase_id", "lost_points", ROW]
        chosen = chosen[names].rename(columns={"earlier_phase_id": "phase_id", "lost_points": "points"})
    chosen["points"] *= sign
    return long.grouped("deployed", chosen, "points", row_count=count)


def _standing(frame: pd.DataFrame) -> pd.DataFrame:
    """Names the deployment that stands for each by the names of a deployment."""
    return frame.rename(columns=STANDS_FOR)
