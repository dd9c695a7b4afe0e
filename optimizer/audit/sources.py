"""Where deployed units start: the pools of units behind each source_id."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.audit.plan import FORCE_KEY, Plan

HOME = "HOME"
_DETAIL = {"PREPOSITIONED": "/SET"}


@dataclass(frozen=True)
class Sources:
    """The sources of a plan.

    Attributes:
        units: actor_id, unit_type_id, source_id, mode, readiness_class_id, year, access_host_id (whose leave
            is needed, if anyone's) and unit_count.
        starts: by actor_id, unit_type_id, label: the source_id that the label means, staging_area_id,
            start_theater_id, notice_to_move_days and is_set.
    """

    units: pd.DataFrame
    starts: pd.DataFrame


def sources(plan: Plan) -> Sources:
    """Groups the plan's units by where and how they stand.

    Sources of the same area are told apart where host access or readiness differ. A label that tells apart
    more than it must is understood.
    """
    forces = plan.problem["actor_unit_types"][[*FORCE_KEY, "readiness_class_id"]]
    units = pd.concat([_abroad(plan), _at_home(plan)], ignore_index=True).merge(forces, on=FORCE_KEY)
    classes = plan.problem["readiness_classes"]
    units = units.merge(classes, on=["readiness_class_id", "mode"], how="left")
    differing = units["readiness_class_id"].isin(_classes_that_differ(plan))
    needs_mode = (units["mode"] == "PREPOSITIONED") | (differing & (units["mode"] != HOME))
    needs_host = units["access_host_id"].isin(_hosts_that_may_refuse(plan))
    host = "/" + units["host_actor_id"].fillna("")
    detail = units["mode"].map(_DETAIL).fillna("/" + units["mode"])
    units["source_id"] = units["place"] + host.where(needs_host, "") + detail.where(needs_mode, "")
    is_home = units["mode"] == HOME
    labels = []
    for has_host in (False, True):
        for has_mode in (False, True):
            labeled = units.assign(
                label=units["place"] + (host if has_host else "") + (detail if has_mode else "")
            )
            enough = (has_host | ~needs_host) & (has_mode | ~needs_mode)
            labels.append(labeled[enough & ~(is_home & (has_host or has_mode))])
    starts = pd.concat(labels, ignore_index=True)
    starts["is_set"] = starts["mode"] == "PREPOSITIONED"
    starts = starts.sort_values("notice_to_move_days").drop_duplicates([*FORCE_KEY, "label"])
    columns = ["source_id", "staging_area_id", "start_theater_id", "notice_to_move_days", "is_set"]
    key = [*FORCE_KEY, "source_id", "mode", "readiness_class_id", "year", "access_host_id"]
    pools = units[units["notice_to_move_days"].notna()].groupby(key, dropna=False)[["unit_count"]].sum()
    return Sources(pools.reset_index(), starts[[*FORCE_KEY, "label", *columns]])


def _abroad(plan: Plan) -> pd.DataFrame:
    rows = plan.stationed[plan.stationed["year"] > plan.problem.today].merge(plan.places, on="site_id")
    is_guest = rows["actor_id"] != rows["host_actor_id"]
    rows = rows.rename(columns={"theater_id": "start_theater_id", "stationed_count": "unit_count"})
    rows = rows.assign(place=rows["staging_area_id"], access_host_id=rows["host_actor_id"].where(is_guest))
    columns = ["place", "host_actor_id", "access_host_id", "staging_area_id", "start_theater_id", "mode"]
    return rows[[*FORCE_KEY, "year", *columns, "unit_count"]]


def _at_home(plan: Plan) -> pd.DataFrame:
    key = [*FORCE_KEY, "year"]
    abroad = plan.stationed[plan.stationed["mode"] != "PREPOSITIONED"].groupby(key)[["stationed_count"]].sum()
    rows = plan.forces[plan.forces["year"] > plan.problem.today].merge(
        abroad.reset_index(), on=key, how="left"
    )
    homes = plan.problem["actors"][["actor_id", "home_staging_area_id"]].dropna()
    homes = homes.rename(columns={"home_staging_area_id": "staging_area_id"})
    areas = plan.problem["staging_areas"][["staging_area_id", "theater_id"]]
    areas = areas.rename(columns={"theater_id": "start_theater_id"})
    rows = rows.merge(homes, on="actor_id").merge(areas, on="staging_area_id")
    rows = rows.assign(
        unit_count=rows["owned_count"] - rows["stationed_count"].fillna(0.0),
        place=HOME,
        mode=HOME,
        host_actor_id=np.nan,
        access_host_id=np.nan,
    )
    columns = ["place", "host_actor_id", "access_host_id", "staging_area_id", "start_theater_id", "mode"]
    return rows[[*key, *columns, "unit_count"]].astype({"host_actor_id": "str", "access_host_id": "str"})


def _classes_that_differ(plan: Plan) -> list[str]:
    """Readiness classes that hold PERMANENT and ROTATIONAL units in a different readiness."""
    notice = plan.problem["readiness_classes"].pivot(
        index="readiness_class_id", columns="mode", values="notice_to_move_days"
    )
    notice = notice.reindex(columns=["PERMANENT", "ROTATIONAL"]).dropna()
    ready = plan.problem["readiness"].pivot(
        index=["readiness_class_id", "phase_id"], columns="mode", values="ready_fraction"
    )
    ready = ready.reindex(columns=["PERMANENT", "ROTATIONAL"]).fillna(0.0)
    differing = ready[ready["PERMANENT"] != ready["ROTATIONAL"]].index.get_level_values("readiness_class_id")
    later = notice.index[notice["PERMANENT"] != notice["ROTATIONAL"]]
    return [name for name in notice.index if name in set(differing) | set(later)]


def _hosts_that_may_refuse(plan: Plan) -> pd.Series:
    availability = plan.problem["scenario_availability"]
    return availability.loc[availability["access_fraction"] < 1, "actor_id"]
