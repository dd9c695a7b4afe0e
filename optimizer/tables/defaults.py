"""What an empty cell means: the one place where defaults are filled in."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.tables.changed_needs import changes_needs, with_changed_needs
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
    "actors": {
        "quality_factor": 1.0,
        "response_speed_fraction": 1.0,
        "homecoming_usd_m_per_person": 0.0,
    },
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
    "unit_types": {"domain": "ANY", "is_counted": False, "is_counted_for_lead_only": False},
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

ROTATION_RATIOS: dict[str, float] = {"PERMANENT": 1.0, "ROTATIONAL": 2.0, "PREPOSITIONED": 0.0}
"""Owned units behind each one stationed, by mode."""


BRIGADE_PERSONS = 4500.0
"""People of a typical armored brigade combat team (EUCOM statement), the unit in which presence is counted."""


@dataclass(frozen=True)
class Completed:
    """A problem with its defaults filled in.

    Attributes:
        problem: the problem; a cell still empty means "no limit" or "none", as its column's comment says. Its
            requirements say what theater_years and the settings make of them; there these are empty.
    """

    problem: Problem


def complete(problem: Problem) -> Completed:
    """Fills in the defaults of a problem's empty cells, and writes into its requirements what changes them.

    Carrying values of earlier years forward, and the default of spending on what is not modeled, are left to
    where years and costs are known.
    """
    tables = dict(problem.tables)
    for name, table in PROBLEM_TABLES.items():
        if len(tables[name]):
            tables[name] = tables[name].copy(deep=False)
            for column, default in CONSTANT_DEFAULTS.get(name, {}).items():
                _fill(tables, name, column, [default] * len(tables[name]))
            if table.key and "name" in table.by_name:
                _fill(tables, name, "name", tables[name][table.key[0]].to_list())
    if len(tables["unit_type_modes"]):
        _fill_modes(tables)
    if len(tables["site_access"]):
        _fill_access(tables)
    if changes_needs(tables):
        tables = with_changed_needs(tables)
    first, last = problem.years[0], problem.years[-1]
    for name, column, year in (
        ("policy_rules", "first_year", first),
        ("policy_rules", "last_year", last),
        ("freed_levers", "first_year", first),
    ):
        if len(tables[name]):
            _fill(tables, name, column, [year] * len(tables[name]))
    return Completed(Problem(tables))


def _fill(tables: dict[str, pd.DataFrame], name: str, column: str, defaults: list[Any]) -> None:
    """Fills the empty cells of a column, each with what the list has for its row."""
    cells = tables[name][column].array
    empty = cells.isna()
    if empty.any():
        filled = PROBLEM_TABLES[name].by_name[column].array(defaults)
        filled[~empty] = cells[~empty]
        tables[name][column] = filled


def _fill_modes(tables: dict[str, pd.DataFrame]) -> None:
    modes, types = tables["unit_type_modes"], tables["unit_types"]
    ratios = [ROTATION_RATIOS.get(mode) for mode in modes["mode"].to_list()]
    _fill(tables, "unit_type_modes", "rotation_ratio", ratios)
    persons = dict(zip(types["unit_type_id"].to_list(), types["personnel_persons"].to_list(), strict=True))
    people = [persons.get(unit_type) for unit_type in modes["unit_type_id"].to_list()]
    _fill(tables, "unit_type_modes", "personnel_persons", people)
    present = modes["personnel_persons"].to_list()
    _fill(tables, "unit_type_modes", "presence_points", [count / BRIGADE_PERSONS for count in present])
    _fill(tables, "unit_type_modes", "exposure_points", [count / 1000.0 for count in present])


def _fill_access(tables: dict[str, pd.DataFrame]) -> None:
    access, people = tables["site_access"], stationed_persons_today(tables)
    places = zip(access["actor_id"].to_list(), access["site_id"].to_list(), strict=True)
    today = [people.get(place, 0.0) for place in places]
    _fill(tables, "site_access", "housing_today_persons", today)
    _fill(tables, "site_access", "open_today", [count > 0 for count in today])


def stationed_persons_today(tables: Mapping[str, pd.DataFrame]) -> dict[tuple[str, str], float]:
    """People of modeled units by actor_id and site_id in period 0; of tables with their defaults."""
    modes, stationed = tables["unit_type_modes"], tables["stationed_today"]
    columns = (modes[name].to_list() for name in ("unit_type_id", "mode", "personnel_persons"))
    persons = {(unit_type, mode): count for unit_type, mode, count in zip(*columns, strict=True)}
    columns = (
        stationed[name].to_list()
        for name in ("actor_id", "site_id", "unit_type_id", "mode", "stationed_count")
    )
    present: dict[tuple[str, str], list[float]] = {}
    for actor, site, unit_type, mode, count in zip(*columns, strict=True):
        people = count * persons.get((unit_type, mode), math.nan)
        present.setdefault((actor, site), []).append(0.0 if math.isnan(people) else people)
    return {place: math.fsum(people) for place, people in present.items()}
