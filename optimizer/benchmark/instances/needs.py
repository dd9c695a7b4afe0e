"""What a made-up problem requires: a part of what today's posture supplies, so that it can be met.

The plan behind it keeps today's posture. Each unit that is not reserved is divided equally among a scenario's
theaters, and serves those it can reach; prepositioned sets serve nobody. What this supplies, and the lift it
takes, bound what is required and available from below and above.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.benchmark.instances.names import FIRST_YEAR, LEAD, Names
from optimizer.benchmark.instances.today import FORCE

Tables = dict[str, pd.DataFrame]

WIN_RATIO = 1.2
BREAK_EVEN_RATIO = 1.5
_LEAST_POINTS = 0.01
_NEED = ["theater_id", "scenario_id", "phase_id", "capability_id"]


def tables(names: Names, given: Mapping[str, pd.DataFrame], random: np.random.Generator) -> Tables:
    """requirements, interests and the tables of lift.

    Args:
        names: the sets.
        given: the tables about places, units and today.
        random: where the figures come from.
    """
    deployed = _deployed(given)
    supply = _supply(given, deployed)
    return {
        "requirements": _requirements(names, supply, random),
        "interests": _interests(names),
        **_lift(names, deployed, random),
    }


def _sources(given: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """FORCE, staging_area_id, mode, host_actor_id and units, of today."""
    away = given["stationed_today"][given["stationed_today"]["mode"] != "PREPOSITIONED"]
    away = away.merge(given["sites"][["site_id", "host_actor_id", "staging_area_id"]], on="site_id")
    source = [*FORCE, "staging_area_id", "mode", "host_actor_id"]
    away = away.groupby(source)["stationed_count"].sum().reset_index(name="units")
    gone = away.groupby(FORCE)["units"].sum().reset_index(name="gone")
    home = given["owned_today"].merge(gone, on=FORCE, how="left")
    home["units"] = home["owned_count"] - home["gone"].fillna(0.0)
    areas = given["actors"][["actor_id", "home_staging_area_id"]]
    areas = areas.rename(columns={"home_staging_area_id": "staging_area_id"})
    home = home.merge(areas, on="actor_id").assign(mode="HOME", host_actor_id=home["actor_id"])
    return pd.concat([home[[*source, "units"]], away], ignore_index=True)


def _deployed(given: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Units in place by FORCE, theater_id, phase_id and scenario_id, and whether they came from outside."""
    forces = given["actor_unit_types"].merge(given["owned_today"], on=FORCE)
    forces["free"] = 1 - forces["reserved_count"] / forces["owned_count"]
    frame = _sources(given).merge(forces[[*FORCE, "readiness_class_id", "free"]], on=FORCE)
    within = given["staging_areas"].dropna().merge(given["unit_types"][["unit_type_id"]], how="cross")
    ways = pd.concat(
        [given["transit_times"].assign(is_outside=True), within.assign(transit_days=0.0, is_outside=False)]
    )
    frame = frame.merge(ways, on=["staging_area_id", "unit_type_id"])
    frame = frame.merge(given["readiness_classes"], on=["readiness_class_id", "mode"])
    frame = frame.merge(given["readiness"], on=["readiness_class_id", "mode"])
    frame = frame.merge(given["phases"], on="phase_id")
    frame = frame[frame["notice_to_move_days"] + frame["transit_days"] <= frame["days"]]
    theaters = given["scenario_theaters"]
    theaters = theaters.assign(at_once=theaters.groupby("scenario_id")["theater_id"].transform("size"))
    frame = frame.merge(theaters, on="theater_id")
    parts = given["scenario_availability"]
    frame = frame.merge(
        parts[["scenario_id", "actor_id", "available_fraction"]], on=["scenario_id", "actor_id"], how="left"
    )
    hosts = parts[["scenario_id", "actor_id", "access_fraction"]].rename(
        columns={"actor_id": "host_actor_id"}
    )
    frame = frame.merge(hosts, on=["scenario_id", "host_actor_id"], how="left")
    access = frame["access_fraction"].fillna(1.0).where(frame["host_actor_id"] != frame["actor_id"], 1.0)
    usable = frame["ready_fraction"] * frame["available_fraction"].fillna(1.0) * access
    frame["deployed"] = frame["units"] * frame["free"] * usable / frame["at_once"]
    by = [*FORCE, "theater_id", "scenario_id", "phase_id", "kind", "is_outside"]
    return frame.groupby(by)["deployed"].sum().reset_index()


def _supply(given: Mapping[str, pd.DataFrame], deployed: pd.DataFrame) -> pd.DataFrame:
    """Points supplied by need, losses taken off: lead and allied."""
    points = deployed.merge(given["unit_capabilities"], on="unit_type_id")
    points = points.merge(given["actors"][["actor_id", "quality_factor"]], on="actor_id")
    points = points.merge(given["unit_type_theaters"], on=["unit_type_id", "theater_id"], how="left")
    effect = points["capability_points"] * points["quality_factor"] * points["theater_factor"].fillna(1.0)
    points["points"] = points["deployed"] * effect
    if len(given["attrition"]):
        lost = points.merge(given["attrition"], on=["unit_type_id", "phase_id"])
        lost["points"] *= -lost["attrition_fraction"]
        wins = given["phases"].loc[given["phases"]["kind"] == "WIN", ["phase_id", "kind"]]
        lost = lost.drop(columns=["phase_id", "kind"]).merge(wins, how="cross")
        points = pd.concat([points, lost], ignore_index=True)
    points["side"] = np.where(points["actor_id"] == LEAD, "lead", "allied")
    supply = points.pivot_table(
        index=[*_NEED, "kind"], columns="side", values="points", aggfunc="sum", fill_value=0.0
    )
    return supply.reindex(columns=["lead", "allied"], fill_value=0.0).reset_index()


def _requirements(names: Names, supply: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Half to two thirds of the supply in year 1, more from the middle year on; some given as the opponent's."""
    supply = supply[supply["lead"] + supply["allied"] > _LEAST_POINTS].reset_index(drop=True)
    first = random.uniform(0.5, 0.65, len(supply))
    rows = [supply.assign(year=FIRST_YEAR, part=first)]
    if names.size.years > 2:
        later = first + random.uniform(0.05, 0.2, len(supply))
        rows.append(supply.assign(year=FIRST_YEAR + names.size.years // 2, part=later))
    frame = pd.concat(rows, ignore_index=True)
    points = (frame["part"] * (frame["lead"] + frame["allied"])).round(4)
    is_red = frame["capability_id"].isin(names.capabilities[1::2])
    ratio = np.where(frame["kind"] == "WIN", 1 / WIN_RATIO, BREAK_EVEN_RATIO)
    is_capped = (frame["theater_id"] == names.theaters[0]) & (frame["capability_id"] == names.capabilities[0])
    most = (1 - 0.8 * frame["allied"] / points).clip(0.3, 1.0).round(3)
    return frame[[*_NEED, "year"]].assign(
        required_points=points.where(~is_red),
        red_score_points=(points * ratio).where(is_red),
        maximum_lead_fraction=most.where(is_capped),
    )


def _interests(names: Names) -> pd.DataFrame:
    """A price for what is missing in the last of several theaters."""
    if names.size.regions == 1:
        return pd.DataFrame()
    rows = {"theater_id": names.theaters[-1], "capability_id": names.capabilities}
    return pd.DataFrame({**rows, "interest_usd_m_per_point_yr": 4000.0})


def _lift(names: Names, deployed: pd.DataFrame, random: np.random.Generator) -> Tables:
    """A pool of the lead actor's that moves a little more than today's posture needs."""
    points = {"LAND": 1.0, "AIR": 0.1, "SEA": 0.0}
    types = names.types.assign(lift_points=names.types["domain"].map(points))
    types = types[types["lift_points"] > 0]
    moved = deployed[(deployed["actor_id"] == LEAD) & deployed["is_outside"]].merge(types, on="unit_type_id")
    moved["points"] = moved["deployed"] * moved["lift_points"]
    lift = moved.groupby(["scenario_id", "phase_id"])["points"].sum().reset_index()
    if lift.empty:
        return {}
    capacity = (lift["points"] * random.uniform(1.02, 1.2, len(lift)) + 0.001).round(3)
    pool = {"lift_pool_id": "LEAD_LIFT"}
    return {
        "lift": lift[["scenario_id", "phase_id"]].assign(**pool, capacity_points=capacity),
        "lift_actors": pd.DataFrame({**pool, "actor_id": [LEAD]}),
        "lift_unit_types": types[["unit_type_id", "lift_points"]].assign(**pool),
    }
