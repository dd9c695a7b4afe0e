"""What goes where in a contingency: readiness, reach, availability, lift."""

import pandas as pd

from optimizer.audit.comparison import at_most, none
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.audit.sources import HOME, Sources, sources
from optimizer.tables.plan_tables import carried

_FORCE = "deployments: {actor_id} {unit_type_id} {scenario_id} {phase_id} {year}: "
_SOURCE = "deployments: {actor_id} {unit_type_id} from {source_id} {scenario_id} {phase_id} {year}: "
_ROW = _SOURCE.replace("{source_id}", "{source_id} to {theater_id}")
_WHEN = ["scenario_id", "phase_id", "year"]


def deployment(plan: Plan) -> list[str]:
    """Findings about deployments."""
    places = sources(plan)
    rows = plan.table("deployments").rename(columns={"source_id": "label"})
    rows = rows.merge(places.starts, on=[*FORCE_KEY, "label"], how="left")
    unknown = rows[rows["source_id"].isna()].drop(columns="source_id").rename(columns={"label": "source_id"})
    rows = rows[rows["source_id"].notna()]
    return [
        *none(unknown, "deployed_count", "count", _ROW + "no such units stand there"),
        *_reach(plan, rows),
        *_ready(plan, rows, places),
        *_ready_at_home(plan, rows, places),
        *_owned(plan, rows),
        *_staying(plan, rows),
        *_lift(plan, rows),
    ]


def _reach(plan: Plan, rows: pd.DataFrame) -> list[str]:
    inside = plan.problem["scenario_theaters"].assign(is_inside=True)
    rows = rows.merge(inside, on=["scenario_id", "theater_id"], how="left")
    rows = rows.merge(
        plan.problem["transit_times"], on=["staging_area_id", "theater_id", "unit_type_id"], how="left"
    )
    is_there = rows["start_theater_id"] == rows["theater_id"]
    rows["transit_days"] = rows["transit_days"].where(rows["transit_days"].notna() | ~is_there, 0.0)
    rows = rows.merge(plan.problem["phases"][["phase_id", "days"]], on="phase_id")
    rows["needed_days"] = rows["notice_to_move_days"] + rows["transit_days"]
    late = rows[~(rows["needed_days"] <= rows["days"] + 1e-9)]
    elsewhere = rows[rows["is_inside"].isna()]
    return [
        *none(late, "deployed_count", "count", _ROW + "there after {needed_days} days, needed by {days}"),
        *none(elsewhere, "deployed_count", "count", _ROW + "the theater is not in the scenario"),
    ]


def _ready(plan: Plan, rows: pd.DataFrame, places: Sources) -> list[str]:
    key = [*FORCE_KEY, "source_id", *_WHEN]
    units = places.units.merge(plan.problem["readiness"], on=["readiness_class_id", "mode"])
    units = units.merge(plan.problem["scenarios"][["scenario_id"]], how="cross")
    units = _with_availability(plan, units)
    host = plan.problem["scenario_availability"][["scenario_id", "actor_id", "access_fraction"]]
    host = host.rename(columns={"actor_id": "access_host_id"})
    units = units.merge(host, on=["scenario_id", "access_host_id"], how="left").fillna(
        {"access_fraction": 1.0}
    )
    part = units["ready_fraction"] * units["available_fraction"] * units["access_fraction"]
    units["ready_count"] = units["unit_count"] * part
    ready = units.groupby(key)[["ready_count"]].sum().reset_index()
    used = rows.groupby(key)[["deployed_count"]].sum().reset_index().merge(ready, on=key, how="left")
    used["ready_count"] = used["ready_count"].fillna(0.0)
    sentence = _SOURCE + "{deployed_count} deployed but {ready_count} ready"
    return at_most(used, "deployed_count", "ready_count", "count", sentence)


def _ready_at_home(plan: Plan, rows: pd.DataFrame, places: Sources) -> list[str]:
    """Units that take up sets are units at home, ready there, and come from nowhere else."""
    key = [*FORCE_KEY, *_WHEN]
    homes = places.units[places.units["mode"] == HOME].merge(
        plan.problem["readiness"], on=["readiness_class_id", "mode"]
    )
    homes = _with_availability(plan, homes.merge(plan.problem["scenarios"][["scenario_id"]], how="cross"))
    part = homes["ready_fraction"] * homes["available_fraction"]
    homes["ready_count"] = homes["unit_count"] * part
    from_home = rows[rows["is_set"].astype(bool) | (rows["source_id"] == HOME)]
    with_sets = from_home.groupby(key)["is_set"].transform("any").astype(bool)
    used = from_home[with_sets].groupby(key)[["deployed_count"]].sum().reset_index()
    used = used.merge(homes[[*key, "ready_count"]], on=key, how="left").fillna({"ready_count": 0.0})
    sentence = _FORCE + "{deployed_count} deployed from home and with sets but {ready_count} ready at home"
    return at_most(used, "deployed_count", "ready_count", "count", sentence)


def _owned(plan: Plan, rows: pd.DataFrame) -> list[str]:
    used = rows.groupby([*FORCE_KEY, *_WHEN])[["deployed_count"]].sum().reset_index()
    forces = plan.forces[[*FORCE_KEY, "year", "owned_count", "reserved_count"]]
    used = _with_availability(plan, used.merge(forces, on=[*FORCE_KEY, "year"], how="left"))
    free = used["owned_count"] - used["reserved_count"].fillna(0.0)
    used["usable_count"] = used["available_fraction"] * free
    sentence = _FORCE + "{deployed_count} deployed but {usable_count} owned, available and not reserved"
    return at_most(used, "deployed_count", "usable_count", "count", sentence)


def _with_availability(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    part = plan.problem["scenario_availability"][["scenario_id", "actor_id", "available_fraction"]]
    return rows.merge(part, on=["scenario_id", "actor_id"], how="left").fillna({"available_fraction": 1.0})


def _staying(plan: Plan, rows: pd.DataFrame) -> list[str]:
    """What is there by a phase is there by the next, up to the scenario's last.

    Phases count in which nothing is needed, too: units are lost in them.
    """
    phases = plan.problem["phases"].sort_values(["days", "kind", "phase_id"], ignore_index=True)
    phases = phases[["phase_id"]].assign(position=range(len(phases)))
    used = pd.concat([_needs(plan), rows])[["scenario_id", "phase_id"]].merge(phases, on="phase_id")
    last = used.groupby("scenario_id")["position"].max().rename("last_position").reset_index()
    series = [*FORCE_KEY, "source_id", "theater_id", "scenario_id", "year"]
    there = rows.groupby([*series, "phase_id"])[["deployed_count"]].sum().reset_index()
    dense = rows[series].drop_duplicates().merge(last, on="scenario_id").merge(phases, how="cross")
    dense = dense[dense["position"] <= dense["last_position"]]
    dense = dense.merge(there, on=[*series, "phase_id"], how="left").fillna({"deployed_count": 0.0})
    dense = dense.sort_values([*series, "position"], ignore_index=True)
    dense["earlier_count"] = dense.groupby(series)["deployed_count"].shift()
    sentence = _ROW + "{deployed_count} deployed but {earlier_count} in the phase before"
    return at_most(dense, "earlier_count", "deployed_count", "count", sentence)


def _needs(plan: Plan) -> pd.DataFrame:
    """Requirements of years 1…n that ask for anything."""
    by = ["theater_id", "scenario_id", "phase_id", "capability_id"]
    rows = carried(plan.problem["requirements"], by, plan.problem.years)
    return rows[(rows[["required_points", "red_score_points"]] > 0).any(axis="columns")]


def _lift(plan: Plan, rows: pd.DataFrame) -> list[str]:
    key = ["lift_pool_id", "scenario_id", "phase_id"]
    moved = rows[rows["start_theater_id"] != rows["theater_id"]]
    moved = moved.merge(plan.problem["lift_actors"], on="actor_id")
    moved = moved.merge(plan.problem["lift_unit_types"], on=["lift_pool_id", "unit_type_id"])
    moved = moved.assign(used_points=moved["deployed_count"] * moved["lift_points"])
    used = moved.groupby([*key, "year"])[["used_points"]].sum().reset_index()
    pools = used.merge(plan.problem["lift"], on=key)
    sentence = "deployments: {lift_pool_id} {scenario_id} {phase_id} {year}: "
    sentence += "{used_points} lift points used but {capacity_points} there"
    return at_most(pools, "used_points", "capacity_points", "points", sentence)
