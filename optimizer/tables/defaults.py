"""What an empty cell means: the one place where defaults are filled in, each with its origin."""

from dataclasses import dataclass

import pandas as pd

from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

CONSTANT_DEFAULTS: dict[str, dict[str, float | int | bool | str]] = {
    "settings": {
        "discount_rate_fraction": 0.0,
        "break_even_ratio": 1.5,
        "win_ratio": 1.0,
        "shortfall_measure": "ROBUST",
        "tail_level_fraction": 0.9,
    },
    "actors": {"quality_factor": 1.0, "response_speed_fraction": 1.0},
    "sites": {"accepts_land": True, "accepts_air": True, "accepts_sea": True},
    "site_access": {
        "open_cost_usd_m_per_yr": 0.0,
        "opening_cost_usd_m": 0.0,
        "closing_cost_usd_m": 0.0,
        "stationing_cost_usd_m_per_person_yr": 0.0,
        "housing_cost_usd_m_per_person_yr": 0.0,
        "housing_build_cost_usd_m_per_person": 0.0,
        "housing_life_yr": 30.0,
        "minimum_garrison_persons": 0.0,
        "unassigned_persons": 0.0,
    },
    "unit_types": {"domain": "ANY", "is_counted": False},
    "unit_type_modes": {"mode_cost_usd_m_per_unit_yr": 0.0},
    "actor_unit_types": {
        "raise_cost_usd_m_per_unit": 0.0,
        "disband_cost_usd_m_per_unit": 0.0,
        "lead_time_yr": 0,
        "life_yr": 30.0,
        "reserved_count": 0.0,
        "effect_factor": 1.0,
        "set_upkeep_cost_usd_m_per_set_yr": 0.0,
        "set_lead_time_yr": 0,
        "set_life_yr": 30.0,
        "overhead_usd_m_per_unit_yr": 0.0,
    },
    "scenarios": {"weight_fraction": 1.0},
    "scenario_availability": {"available_fraction": 1.0, "access_fraction": 1.0},
    "owned_today": {"sets_owned_count": 0.0},
    "garrison_actors": {"today_fraction": 0.0, "minimum_fraction": 0.0, "maximum_fraction": 1.0},
    "command_options": {
        "lead_cost_usd_m_per_yr": 0.0,
        "bonus_fraction": 0.0,
        "holder_share_fraction": 0.0,
        "exposure_points": 0.0,
    },
    "command_prerequisites": {"years_before_count": 0, "years_already_met_count": 0},
    "billing": {
        "billed_today_usd_m_per_yr": 0.0,
        "floor_usd_m_per_person_yr": 0.0,
        "maximum_multiple_ratio": 1.0,
        "allows_more_presence": False,
    },
    "nuclear_options": {
        "holds_today": False,
        "lead_cost_usd_m_per_yr": 0.0,
        "own_cost_usd_m_per_yr": 0.0,
        "program_cost_usd_m": 0.0,
        "lead_time_yr": 0,
        "exposure_points": 0.0,
    },
    "conversions": {"lead_time_yr": 0},
    "unit_support": {"needed_points": 0.0, "provided_points": 0.0},
    "theaters": {"shortfall_weight_factor": 1.0},
    "policy_rules": {"kind": "POLICY"},
}
"""By table and column, what an empty cell means wherever that is a constant."""

ROTATION_RATIOS = {"PERMANENT": 1.0, "ROTATIONAL": 2.0, "PREPOSITIONED": 0.0}
"""Owned units behind each one stationed, by mode."""


BRIGADE_PERSONS = 4500.0
"""People of a typical armored brigade combat team (EUCOM statement), the unit in which presence is counted."""


@dataclass(frozen=True)
class Completed:
    """A problem with its defaults filled in.

    Attributes:
        problem: the problem; a cell still empty means "no limit" or "none", as its column's comment says.
        origins: table_name, column_name, filled_count (cells that were empty) and origin, which is "default"
            for a constant and "derived" for what follows from other cells.
    """

    problem: Problem
    origins: pd.DataFrame


def complete(problem: Problem) -> Completed:
    """Fills in the defaults of a problem's empty cells.

    Carrying values of earlier years forward, and the default of spending on what is not modeled, are left to
    where years and costs are known.
    """
    tables = {name: frame.copy(deep=False) for name, frame in problem.tables.items()}
    filled: list[tuple[str, str, int, str]] = []

    def fill(table: str, column: str, values: pd.Series | float | int | bool | str, origin: str) -> None:
        frame = tables[table]
        if frame.empty:
            return
        empty = frame[column].isna()
        if empty.any():
            filled.append((table, column, int(empty.sum()), origin))
            frame[column] = frame[column].where(~empty, values)

    for table, defaults in CONSTANT_DEFAULTS.items():
        for column, value in defaults.items():
            fill(table, column, value, "default")
    for table in PROBLEM_TABLES:
        if "name" in tables[table].columns and PROBLEM_TABLES[table].key:
            fill(table, "name", tables[table][PROBLEM_TABLES[table].key[0]], "derived")

    modes = tables["unit_type_modes"]
    fill("unit_type_modes", "rotation_ratio", modes["mode"].map(ROTATION_RATIOS).astype(float), "default")
    personnel = tables["unit_types"].set_index("unit_type_id")["personnel_persons"]
    fill(
        "unit_type_modes", "personnel_persons", modes["unit_type_id"].map(personnel).astype(float), "derived"
    )

    presence = (modes["personnel_persons"] / BRIGADE_PERSONS).astype(float)
    fill("unit_type_modes", "presence_points", presence, "derived")
    exposed = (modes["personnel_persons"] / 1000.0).astype(float)
    fill("unit_type_modes", "exposure_points", exposed, "derived")

    access = tables["site_access"]
    people = stationed_persons_today(tables)
    here = pd.MultiIndex.from_frame(access[["actor_id", "site_id"]])
    today = pd.Series(people.reindex(here).fillna(0.0).to_numpy(dtype=float), index=access.index)
    fill("site_access", "housing_today_persons", today, "derived")
    fill("site_access", "open_today", (today > 0).astype("boolean"), "derived")

    rules = tables["policy_rules"]
    fill("policy_rules", "first_year", pd.Series(problem.years[0], index=rules.index), "derived")
    fill("policy_rules", "last_year", pd.Series(problem.years[-1], index=rules.index), "derived")
    levers = tables["freed_levers"]
    fill("freed_levers", "first_year", pd.Series(problem.years[0], index=levers.index), "derived")

    columns = ["table_name", "column_name", "filled_count", "origin"]
    return Completed(Problem(tables), pd.DataFrame(filled, columns=columns))


def stationed_persons_today(tables: dict[str, pd.DataFrame]) -> pd.Series:
    """People of modeled units by (actor_id, site_id) in period 0."""
    stationed = tables["stationed_today"].merge(
        tables["unit_type_modes"][["unit_type_id", "mode", "personnel_persons"]],
        on=["unit_type_id", "mode"],
        how="left",
    )
    stationed["persons"] = stationed["stationed_count"] * stationed["personnel_persons"]
    return stationed.groupby(["actor_id", "site_id"])["persons"].sum()
