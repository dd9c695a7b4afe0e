"""Bad input: never a traceback, never a silent default, always a finding that says where and what to do."""

import datetime
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problem import rows, small_cells, small_problem, small_tables

from optimizer.cases.files import cells_from_rows
from optimizer.cases.read import read_case
from optimizer.checks import check
from optimizer.errors import CODES, Finding, ProblemError
from optimizer.tables.problem import problem_from_tables
from optimizer.tables.schema import PROBLEM_TABLES

Edits = dict[str, dict[str, dict[str, Any] | None]]

# By code and place: the small problem with these rows changed, added (a new key) or removed (None); in a row,
# None empties a cell. Seen by the types of cells, keys and references.
CELLS: list[tuple[str, str, Edits]] = [
    ("TABLE_UNKNOWN", "garison", {"garison": {"X": {"garrison_id": "X"}}}),
    ("COLUMN_UNKNOWN", "garrisons.garison_id", {"garrisons": {"BATTLEGROUP_ESTONIA": {"garison_id": "X"}}}),
    ("COLUMN_UNKNOWN", "settings.years", {"settings": {"": {"years": 3}}}),
    ("COLUMN_MISSING", "settings.first_year", {"settings": {"": {"first_year": None}}}),
    ("PERIODS_UNCLEAR", "settings.year_count", {"settings": {"": {"year_count": 2}}}),
    (
        "PERIODS_UNCLEAR",
        "settings.year_count",
        {"settings": {"": {"year_count": None}}, "periods": {"2026": None, "2027": None, "2028": None}},
    ),
    ("PERIODS_UNCLEAR", "periods[2025].year", {"settings": {"": {"year_count": 4}}, "periods": {"2025": {}}}),
    (
        "PERIODS_UNCLEAR",
        "periods[2066].year",
        {"settings": {"": {"year_count": None}}, "periods": {"2066": {}}},
    ),
    ("VALUE_MISSING", "sites[EST_TAPA].host_actor_id", {"sites": {"EST_TAPA": {"host_actor_id": None}}}),
    ("VALUE_MISSING", "sites[EST_TAPA].host_actor_id", {"sites": {"EST_TAPA": {"host_actor_id": "  "}}}),
    ("VALUE_MISSING", "theaters[row 3].theater_id", {"theaters": {"X": {"theater_id": "", "name": "X"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": "many"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": "1,5"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": "1_0"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": True}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": [1]}}}),
    (
        "VALUE_TYPE",
        "sites[EST_TAPA].capacity_persons",
        {"sites": {"EST_TAPA": {"capacity_persons": {"a": 1}}}},
    ),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": b"1"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": 1j}}}),
    (
        "VALUE_TYPE",
        "sites[EST_TAPA].capacity_persons",
        {"sites": {"EST_TAPA": {"capacity_persons": datetime.datetime(2025, 1, 1)}}},
    ),
    ("VALUE_TYPE", "settings.year_count", {"settings": {"": {"year_count": 2.5}}}),
    ("VALUE_TYPE", "settings.year_count", {"settings": {"": {"year_count": "three"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].accepts_air", {"sites": {"EST_TAPA": {"accepts_air": "maybe"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].accepts_air", {"sites": {"EST_TAPA": {"accepts_air": 2}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": 30}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": "a\0b"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": "\ud800"}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": "x" * 40_000}}}),
    ("VALUE_TYPE", "sites[EST_TAPA].name", {"sites": {"EST_TAPA": {"name": ["x"]}}}),
    ("VALUE_TYPE", "unit_types[SQUADRON].is_counted", {"unit_types": {"SQUADRON": {"is_counted": "1"}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": math.nan}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": math.inf}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": "NaN"}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": "-Infinity"}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": "1e999"}}}),
    ("VALUE_NOT_FINITE", "settings.win_ratio", {"settings": {"": {"win_ratio": 10**5000}}}),
    ("VALUE_NOT_FINITE", "settings.year_count", {"settings": {"": {"year_count": "inf"}}}),
    ("VALUE_RANGE", "sites[EST_TAPA].capacity_persons", {"sites": {"EST_TAPA": {"capacity_persons": 1e300}}}),
    (
        "VALUE_RANGE",
        "sites[EST_TAPA].capacity_persons",
        {"sites": {"EST_TAPA": {"capacity_persons": 10**40}}},
    ),
    (
        "VALUE_RANGE",
        "actor_unit_types[USA/BRIGADE].own_cost_usd_m_per_unit_yr",
        {"actor_unit_types": {"USA/BRIGADE": {"own_cost_usd_m_per_unit_yr": -1}}},
    ),
    ("VALUE_RANGE", "settings.discount_rate_fraction", {"settings": {"": {"discount_rate_fraction": 3}}}),
    ("VALUE_RANGE", "settings.year_count", {"settings": {"": {"year_count": 0}}}),
    ("VALUE_RANGE", "settings.first_year", {"settings": {"": {"first_year": "20260"}}}),
    (
        "VALUE_RANGE",
        "sources[actor_unit_types/*/own_cost_usd_m_per_unit_yr].low",
        {"sources": {"actor_unit_types/*/own_cost_usd_m_per_unit_yr": {"low": 1e300}}},
    ),
    ("VALUE_CHOICE", "phases[D0].kind", {"phases": {"D0": {"kind": "DETERR"}}}),
    ("VALUE_CHOICE", "phases[D0].kind", {"phases": {"D0": {"kind": "UNSPECIFIED"}}}),
    ("VALUE_CHOICE", "phases[D0].kind", {"phases": {"D0": {"kind": 1}}}),
    ("VALUE_CHOICE", "unit_types[BRIGADE].domain", {"unit_types": {"BRIGADE": {"domain": "SPACE"}}}),
    ("KEY_DUPLICATE", "theaters[BALTIC]", {"theaters": {"X": {"theater_id": "BALTIC", "name": "again"}}}),
    (
        "KEY_DUPLICATE",
        "requirements[BALTIC/BALTIC_ONLY/D0/HEAVY_GROUND/2026]",
        {
            "requirements": {
                "X": {
                    "theater_id": "BALTIC",
                    "scenario_id": "BALTIC_ONLY",
                    "phase_id": "D0",
                    "capability_id": "HEAVY_GROUND",
                    "year": 2026.0,
                }
            }
        },
    ),
    ("KEY_DUPLICATE", "settings", {"settings": {"X": {"lead_actor_id": "POL"}}}),
    ("KEY_UNSAFE", "theaters[..].theater_id", {"theaters": {"..": {"theater_id": ".."}}}),
    ("KEY_UNSAFE", "theaters[A B].theater_id", {"theaters": {"A B": {"theater_id": "A B"}}}),
    ("KEY_UNSAFE", "theaters[A/B].theater_id", {"theaters": {"A/B": {"theater_id": "A/B"}}}),
    ("KEY_UNSAFE", "theaters[a[1]].theater_id", {"theaters": {"a[1]": {"theater_id": "a[1]"}}}),
    ("KEY_UNSAFE", "theaters[Łódź].theater_id", {"theaters": {"Łódź": {"theater_id": "Łódź"}}}),
    ("REFERENCE_UNKNOWN", "settings.lead_actor_id", {"settings": {"": {"lead_actor_id": "US"}}}),
    ("REFERENCE_UNKNOWN", "sites[EST_TAPA].host_actor_id", {"sites": {"EST_TAPA": {"host_actor_id": "NO"}}}),
    (
        "REFERENCE_UNKNOWN",
        "site_group_members[EASTERN_FLANK/POLAND].member_id",
        {"site_group_members": {"EASTERN_FLANK/POLAND": {}}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "on_order[USA/TANK/2026].unit_type_id",
        {"on_order": {"USA/TANK/2026": {"arriving_count": 1}}},
    ),
    ("TABLE_MISSING", "settings", {"settings": {}}),
    ("TABLE_MISSING", "actors", {"actors": {}}),
    ("TABLE_MISSING", "sites", {"sites": {}}),
    ("TABLE_MISSING", "unit_types", {"unit_types": {}}),
    ("TABLE_MISSING", "requirements", {"requirements": {}}),
    ("TABLE_MISSING", "phases", {"phases": {}}),
    ("TABLE_MISSING", "readiness", {"readiness": {}}),
]

# As CELLS, but each cell is right by itself: what the tables mean together is wrong.
MEANINGS: list[tuple[str, str, Edits]] = [
    (
        "COMMAND_UNCLEAR",
        "commands[SUWALKI_COMMAND].today_actor_id",
        {"commands": {"SUWALKI_COMMAND": {"today_actor_id": "EST"}}},
    ),
    (
        "COMMAND_UNCLEAR",
        "command_prerequisites[SUWALKI_COMMAND/EST/BRIGADE].unit_type_id",
        {"command_prerequisites": {"SUWALKI_COMMAND/POL/BRIGADE": {"actor_id": "EST"}}},
    ),
    (
        "REQUIREMENT_MISPLACED",
        "requirements[SUWALKI/BALTIC_ONLY/D0/HEAVY_GROUND/2026].theater_id",
        {"requirements": {"SUWALKI/BALTIC_ONLY/D0/HEAVY_GROUND/2026": {"required_points": 1}}},
    ),
    (
        "REQUIREMENT_UNCLEAR",
        "requirements[BALTIC/BOTH/D30/HEAVY_GROUND/2026].required_points",
        {"requirements": {"BALTIC/BOTH/D30/HEAVY_GROUND/2026": {"required_points": None}}},
    ),
    (
        "REQUIREMENT_UNCLEAR",
        "requirements[BALTIC/BOTH/D30/HEAVY_GROUND/2026].required_points",
        {"requirements": {"BALTIC/BOTH/D30/HEAVY_GROUND/2026": {"red_score_points": 3}}},
    ),
    (
        "FIRST_YEAR_MISSING",
        "requirements[BALTIC/BOTH/D0/AIR/2027].year",
        {"requirements": {"BALTIC/BOTH/D0/AIR/2027": {"required_points": 0}}},
    ),
    (
        "FIRST_YEAR_MISSING",
        "actor_years[EST/2025].gdp_usd_m",
        {"actor_years": {"EST/2025": {"gdp_usd_m": None}}},
    ),
    (
        "FIRST_YEAR_MISSING",
        "actor_years[POL/2025].gdp_usd_m",
        {"actor_years": {"POL/2025": {"gdp_usd_m": None}}},
    ),
    ("VALUE_RANGE", "actor_years[EST/2025].gdp_usd_m", {"actor_years": {"EST/2025": {"gdp_usd_m": 0}}}),
    (
        "OTHER_SPENDING_UNKNOWN",
        "actor_years[POL/2025].spending_usd_m_per_yr",
        {"actor_years": {"POL/2025": {"spending_usd_m_per_yr": None}}},
    ),
    (
        "OTHER_SPENDING_UNKNOWN",
        "actor_years[EST/2025].spending_usd_m_per_yr",
        {"actor_years": {"EST/2025": {"spending_usd_m_per_yr": None}}},
    ),
    (
        "OTHER_SPENDING_UNKNOWN",
        "actor_years[USA/2025].spending_usd_m_per_yr",
        {
            "actor_years": {"USA/2025": None},
            "policy_rules": {"POLISH_SPENDING": {"actor_id": "USA"}},
        },
    ),
    (
        "GROUP_CYCLE",
        "site_group_members[EASTERN_FLANK/BALTIC_STATES].member_id",
        {"site_group_members": {"BALTIC_STATES/EASTERN_FLANK": {}}},
    ),
    (
        "GROUP_CYCLE",
        "site_group_members[BALTIC_STATES/BALTIC_STATES].member_id",
        {"site_group_members": {"BALTIC_STATES/BALTIC_STATES": {}}},
    ),
    ("KEY_DUPLICATE", "theaters[POL].theater_id", {"theaters": {"POL": {}}}),
    (
        "KEY_DUPLICATE",
        "sites[USA].site_id",
        {"sites": {"USA": {"host_actor_id": "POL", "staging_area_id": "CENTRAL"}}},
    ),
    ("KEY_DUPLICATE", "site_groups[SUWALKI].site_group_id", {"site_groups": {"SUWALKI": {}}}),
    ("KEY_DUPLICATE", "actors[FOREIGN].actor_id", {"actors": {"FOREIGN": {}}}),
    ("MODE_MISPLACED", "unit_type_modes[SQUADRON/HOME].mode", {"unit_type_modes": {"SQUADRON/HOME": {}}}),
    (
        "MODE_MISPLACED",
        "stationed_today[POL/BRIGADE/POL_ORZYSZ/HOME].mode",
        {"stationed_today": {"POL/BRIGADE/POL_ORZYSZ/HOME": {"stationed_count": 1}}},
    ),
    (
        "VALUE_MISSING",
        "unit_type_modes[BRIGADE/PREPOSITIONED].personnel_persons",
        {"unit_type_modes": {"BRIGADE/PREPOSITIONED": {"personnel_persons": None}}},
    ),
    (
        "MODE_NOT_ALLOWED",
        "stationed_today[USA/SQUADRON/POL_POWIDZ/PERMANENT].mode",
        {"unit_type_modes": {"SQUADRON/PERMANENT": None}},
    ),
    (
        "MODE_NOT_ALLOWED",
        "stationed_today[USA/BATTALION/EST_TAPA/ROTATIONAL].site_id",
        {"site_access": {"EST_TAPA/USA": None}},
    ),
    (
        "MODE_NOT_ALLOWED",
        "stationed_today[POL/BRIGADE/POL_ORZYSZ/PERMANENT].unit_type_id",
        {"actor_unit_types": {"POL/BRIGADE": None}},
    ),
    (
        "MODE_NOT_ALLOWED",
        "stationed_today[USA/SQUADRON/POL_POWIDZ/PERMANENT].site_id",
        {"sites": {"POL_POWIDZ": {"accepts_air": False}}},
    ),
    (
        "MODE_NOT_ALLOWED",
        "site_access[POL_ORZYSZ/USA].open_today",
        {"site_access": {"POL_ORZYSZ/USA": {"open_today": False}}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "owned_today[POL/BATTALION].unit_type_id",
        {"actor_unit_types": {"POL/BATTALION": None}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "on_order[EST/BRIGADE/2026].unit_type_id",
        {"on_order": {"EST/BRIGADE/2026": {"arriving_count": 1}}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "readiness[LOCAL/PREPOSITIONED/D30].mode",
        {"readiness": {"LOCAL/PREPOSITIONED/D30": {"ready_fraction": 1}}},
    ),
    (
        "VALUE_RANGE",
        "on_order[POL/BRIGADE/2025].year",
        {"on_order": {"POL/BRIGADE/2025": {"arriving_count": 1}}},
    ),
    (
        "VALUE_TYPE",
        "owned_today[POL/BRIGADE].owned_count",
        {"owned_today": {"POL/BRIGADE": {"owned_count": 4.5}}},
    ),
    (
        "VALUE_TYPE",
        "stationed_today[POL/BRIGADE/POL_ORZYSZ/PERMANENT].stationed_count",
        {"stationed_today": {"POL/BRIGADE/POL_ORZYSZ/PERMANENT": {"stationed_count": 0.5}}},
    ),
    (
        "OWNED_TOO_FEW",
        "owned_today[USA/BATTALION].owned_count",
        {"owned_today": {"USA/BATTALION": {"owned_count": 1.9}}},
    ),
    ("OWNED_TOO_FEW", "owned_today[POL/BRIGADE].owned_count", {"owned_today": {"POL/BRIGADE": None}}),
    (
        "OWNED_TOO_FEW",
        "owned_today[USA/BRIGADE].sets_owned_count",
        {"owned_today": {"USA/BRIGADE": {"sets_owned_count": None}}},
    ),
    (
        "OWNED_TOO_FEW",
        "actor_unit_types[USA/BRIGADE].reserved_count",
        {"actor_unit_types": {"USA/BRIGADE": {"reserved_count": 13}}},
    ),
    (
        "SITE_OVERFULL",
        "sites[POL_ORZYSZ].capacity_persons",
        {"sites": {"POL_ORZYSZ": {"capacity_persons": 7999}}},
    ),
    (
        "SITE_OVERFULL",
        "site_access[POL_ORZYSZ/POL].limit_persons",
        {"site_access": {"POL_ORZYSZ/POL": {"limit_persons": 3999}}},
    ),
    (
        "SITE_OVERFULL",
        "site_access[POL_ORZYSZ/USA].housing_today_persons",
        {"site_access": {"POL_ORZYSZ/USA": {"housing_today_persons": 3999}}},
    ),
    (
        "PHASE_MISPLACED",
        "attrition[BRIGADE/D60_WIN].phase_id",
        {"attrition": {"BRIGADE/D60_WIN": {"attrition_fraction": 0.1}}},
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrisons[BATTLEGROUP_ESTONIA].site_group_id",
        {"garrisons": {"BATTLEGROUP_ESTONIA": {"site_group_id": "USA"}}},
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrisons[BATTLEGROUP_ESTONIA].site_group_id",
        {"garrison_actors": {"BATTLEGROUP_ESTONIA/USA": None, "BATTLEGROUP_ESTONIA/POL": None}},
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrisons[BATTLEGROUP_ESTONIA].capability_id",
        {"garrisons": {"BATTLEGROUP_ESTONIA": {"capability_id": "AIR"}}},
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrison_actors[BATTLEGROUP_ESTONIA/EST].actor_id",
        {"garrison_actors": {"BATTLEGROUP_ESTONIA/EST": {"minimum_fraction": 0.1}}},
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrison_actors[BATTLEGROUP_ESTONIA/*].today_fraction",
        {"garrison_actors": {"BATTLEGROUP_ESTONIA/POL": {"today_fraction": 0.3}}},
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrison_actors[BATTLEGROUP_ESTONIA/*].minimum_fraction",
        {
            "garrison_actors": {
                "BATTLEGROUP_ESTONIA/POL": {"minimum_fraction": 0.6},
                "BATTLEGROUP_ESTONIA/USA": {"minimum_fraction": 0.6},
            }
        },
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrison_actors[BATTLEGROUP_ESTONIA/*].maximum_fraction",
        {"garrison_actors": {"BATTLEGROUP_ESTONIA/POL": {"maximum_fraction": 0.09, "minimum_fraction": 0}}},
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrison_actors[BATTLEGROUP_ESTONIA/POL].minimum_fraction",
        {"garrison_actors": {"BATTLEGROUP_ESTONIA/POL": {"minimum_fraction": 0.2, "maximum_fraction": 0.1}}},
    ),
    (
        "VALUE_MISSING",
        "garrisons[BATTLEGROUP_ESTONIA].capability_id",
        {"garrisons": {"BATTLEGROUP_ESTONIA": {"capability_id": None}}},
    ),
    (
        "VALUE_MISSING",
        "garrisons[BATTLEGROUP_ESTONIA].required_points",
        {"garrisons": {"BATTLEGROUP_ESTONIA": {"required_points": None}}},
    ),
    (
        "RULE_UNCLEAR",
        "policy_rules[ESTONIAN_POINTS].capability_id",
        {"policy_rules": {"ESTONIAN_POINTS": {"capability_id": None}}},
    ),
    (
        "RULE_UNCLEAR",
        "policy_rules[NO_RUSH].capability_id",
        {"policy_rules": {"NO_RUSH": {"capability_id": "AIR"}}},
    ),
    (
        "RULE_UNCLEAR",
        "policy_rules[NO_RUSH].site_group_id",
        {"policy_rules": {"NO_RUSH": {"site_group_id": "POL"}}},
    ),
    (
        "RULE_UNCLEAR",
        "policy_rules[POLISH_SPENDING].unit_type_id",
        {"policy_rules": {"POLISH_SPENDING": {"unit_type_id": "BRIGADE"}}},
    ),
    (
        "RULE_UNCLEAR",
        "policy_rules[ESTONIAN_ORDERS].first_year",
        {"policy_rules": {"ESTONIAN_ORDERS": {"first_year": 2028}}},
    ),
    ("LEVER_UNKNOWN", "freed_levers[GARRISON/POL].lever_key", {"freed_levers": {"GARRISON/POL": {}}}),
    ("LEVER_UNKNOWN", "freed_levers[CEILING/BALTIC].lever_key", {"freed_levers": {"CEILING/BALTIC": {}}}),
    (
        "MONEY_YEAR_MIXED",
        "money_conversions[EUR/2024].money_base_year",
        {"money_conversions": {"EUR/2024": {"money_base_year": 2024}}},
    ),
    (
        "MONEY_YEAR_MIXED",
        "sources[actor_unit_types/EST/BATTALION/own_cost_usd_m_per_unit_yr].original_year",
        {"sources": {"actor_unit_types/EST/BATTALION/own_cost_usd_m_per_unit_yr": {"original_year": 2020}}},
    ),
    (
        "VALUE_MISSING",
        "sources[actor_unit_types/EST/BATTALION/own_cost_usd_m_per_unit_yr].original_year",
        {"sources": {"actor_unit_types/EST/BATTALION/own_cost_usd_m_per_unit_yr": {"original_year": None}}},
    ),
    (
        "VALUE_RANGE",
        "sources[actor_unit_types/EST/BATTALION/own_cost_usd_m_per_unit_yr].low",
        {"sources": {"actor_unit_types/EST/BATTALION/own_cost_usd_m_per_unit_yr": {"low": 191}}},
    ),
    (
        "CONVERSION_MISMATCH",
        "sources[actor_unit_types/EST/BATTALION/own_cost_usd_m_per_unit_yr].original_value",
        {"sources": {"actor_unit_types/EST/BATTALION/own_cost_usd_m_per_unit_yr": {"original_value": 151}}},
    ),
    (
        "TABLE_UNKNOWN",
        "sources[actors_years/*/gdp_usd_m].table_name",
        {"sources": {"actors_years/*/gdp_usd_m": {"source": "x", "verified": True}}},
    ),
    (
        "COLUMN_UNKNOWN",
        "sources[actor_years/*/gdp].column_name",
        {"sources": {"actor_years/*/gdp": {"source": "x", "verified": True}}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "sources[actor_years/USA/2024/gdp_usd_m].row_key",
        {"sources": {"actor_years/USA/2024/gdp_usd_m": {"source": "x", "verified": True}}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "sources[actor_years/DEU/*/gdp_usd_m].row_key",
        {"sources": {"actor_years/DEU/*/gdp_usd_m": {"source": "x", "verified": True}}},
    ),
    (
        "SITE_WITHOUT_LIMIT",
        "site_access[POL_POWIDZ/USA].limit_persons",
        {"site_access": {"POL_POWIDZ/USA": {"limit_persons": None}}},
    ),
    (
        "SITE_WITHOUT_LIMIT",
        "site_access[POL_POWIDZ/POL].limit_persons",
        {
            "site_access": {"POL_POWIDZ/POL": {"minimum_garrison_persons": 10}},
            "actor_unit_types": {
                "POL/BATTALION": {"maximum_owned_count": None, "maximum_raised_count_per_yr": None}
            },
        },
    ),
]

PRODUCED_ELSEWHERE = {
    "ACCESS_UNUSABLE": "test_sites",
    "OTHER_SPENDING_NEGATIVE": "the formulation, which knows what today's forces cost",
    "RESPONSE_UNCLEAR": "test_hand_cases",
    "BILL_UNCLEAR": "test_billing",
    "NUCLEAR_UNCLEAR": "test_nuclear",
    "EXPOSURE_IMPOSSIBLE": "test_exposure",
    "RULE_WITHOUT_BOUND": "test_conditional_rules",
    "WEIGHTS_MISSING": "test_shortfall_measures",
    "OBJECTIVE_UNCLEAR": "test_objectives",
    "QUESTION_CONFLICT": "test_variants",
    "QUESTION_POINTLESS": "test_variants",
    "REQUIREMENT_UNREACHABLE": "the formulation, which knows what can be where by when",
    "MODEL_TOO_LARGE": "the size of the model, before it is built",
    "CASE_NOT_FOUND": "test_bad_files",
    "CASE_UNREADABLE": "test_bad_files",
    "CASE_UNSAFE": "test_bad_files",
    "TABLE_DUPLICATE": "test_bad_files",
    "COLUMN_DUPLICATE": "test_bad_files",
    "FIGURE_SUSPICIOUS": "test_suspicious_figures",
}


def edited_cells(edits: Edits) -> dict[str, pd.DataFrame]:
    """The raw cells of the small problem with rows changed, added or removed by their keys."""
    tables: dict[str, list[dict[str, Any]]] = small_tables()
    for name, changes in edits.items():
        key = PROBLEM_TABLES[name].key if name in PROBLEM_TABLES else []
        listed = {"/".join(str(row[column]) for column in key): row for row in tables.get(name, [])}
        if not changes:
            listed = {}
        for row_key, cells in changes.items():
            if cells is None:
                del listed[row_key]
                continue
            row = listed.setdefault(row_key, _row_of_key(name, row_key, key))
            row.update(cells)
            for column in [column for column, cell in row.items() if cell is None]:
                del row[column]
        tables[name] = list(listed.values())
    return {name: cells_from_rows(table) for name, table in tables.items()}


def _row_of_key(name: str, row_key: str, key: list[str]) -> dict[str, Any]:
    if name == "sources":
        table, *middle, column = row_key.split("/")
        return dict(zip(key, (table, "/".join(middle), column), strict=True))
    parts = row_key.split("/")
    return dict(zip(key, parts, strict=True)) if len(parts) == len(key) else {}


def findings_of(edits: Edits) -> list[Finding]:
    try:
        return check(problem_from_tables(edited_cells(edits)))
    except ProblemError as error:
        return list(error.findings)


def _ids(case: object) -> str | None:
    return case if isinstance(case, str) else ""


@pytest.mark.parametrize(("code", "path", "edits"), CELLS, ids=_ids)
def test_bad_cells(code: str, path: str, edits: Edits) -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_tables(edited_cells(edits))
    assert_found(code, path, caught.value.findings)


@pytest.mark.parametrize(("code", "path", "edits"), MEANINGS, ids=_ids)
def test_bad_meanings(code: str, path: str, edits: Edits) -> None:
    assert_found(code, path, check(problem_from_tables(edited_cells(edits))))


def assert_found(code: str, path: str, findings: list[Finding] | tuple[Finding, ...]) -> None:
    assert (code, path) in {(finding.code, finding.path) for finding in findings}, list(map(str, findings))
    for finding in findings:
        assert finding.message
        assert not finding.message.endswith(".")
        assert finding.fix.endswith((".", "?")) or finding.fix.startswith("Known: ")
        assert "{" not in finding.message + finding.fix
        str(finding).encode("utf-8")


def test_every_code_is_tested() -> None:
    produced = {code for code, _, _ in CELLS + MEANINGS} | set(PRODUCED_ELSEWHERE)
    assert produced == set(CODES)


def test_findings_name_the_nearest_name() -> None:
    (finding,) = [f for f in findings_of({"garison": {"X": {"a": 1}}}) if f.code == "TABLE_UNKNOWN"]
    assert finding.fix == "Did you mean garrisons?"
    findings = findings_of({"garrisons": {"BATTLEGROUP_ESTONIA": {"garison_id": "X"}}})
    assert [f.fix for f in findings if f.code == "COLUMN_UNKNOWN"] == ["Did you mean garrison_id?"]
    findings = findings_of({"settings": {"": {"lead_actor_id": "US"}}})
    assert [(f.value, f.fix) for f in findings] == [("US", "Did you mean USA?")]


def test_all_findings_come_at_once() -> None:
    findings = findings_of(
        {
            "settings": {"": {"year_count": "three", "lead_actor_id": "US"}},
            "sites": {"EST_TAPA": {"capacity_persons": -1}, "POL_POWIDZ": {"host_actor_id": None}},
            "garison": {"X": {"a": 1}},
        }
    )
    assert {f.code for f in findings} == {
        "VALUE_TYPE",
        "REFERENCE_UNKNOWN",
        "VALUE_RANGE",
        "VALUE_MISSING",
        "TABLE_UNKNOWN",
    }
    misplaced = next(edits for code, _, edits in MEANINGS if code == "REQUIREMENT_MISPLACED")
    findings = check(
        problem_from_tables(
            edited_cells({**misplaced, "freed_levers": {"GARRISON/POL": {}}, "theaters": {"POL": {}}})
        )
    )
    assert [f.code for f in findings] == ["KEY_DUPLICATE", "REQUIREMENT_MISPLACED", "LEVER_UNKNOWN"]


def test_many_unknown_references_are_counted() -> None:
    sites = [
        {"site_id": f"S{i}", "host_actor_id": "ATLANTIS", "staging_area_id": "CENTRAL"} for i in range(250)
    ]
    with pytest.raises(ProblemError) as caught:
        small_problem(sites=sites)
    unknown = [f for f in caught.value.findings if f.column_name == "host_actor_id"]
    assert len(unknown) == 101
    assert "150 more rows like these" in unknown[-1].message


def test_many_findings_of_a_kind_are_counted() -> None:
    sites = [
        {"site_id": f"S{i}", "host_actor_id": "POL", "staging_area_id": "CENTRAL", "capacity_persons": -1}
        for i in range(250)
    ]
    with pytest.raises(ProblemError) as caught:
        small_problem(sites=small_tables()["sites"] + sites)
    assert len(caught.value.findings) == 101
    assert "150 more" in caught.value.findings[-1].message
    attrition = rows("unit_type_id phase_id attrition_fraction", *(f"U{i} D60_WIN 0.1" for i in range(250)))
    types = rows("unit_type_id personnel_persons", *(f"U{i} 1" for i in range(250)))
    problem = small_problem(unit_types=small_tables()["unit_types"] + types, attrition=attrition)
    findings = check(problem)
    assert len(findings) == 101
    assert "150 more" in findings[-1].message


def test_nothing_at_all() -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_tables({})
    assert {f.code for f in caught.value.findings} == {"TABLE_MISSING"}


def test_ceilings_may_begin_late_and_today_may_exceed_them() -> None:
    edits: Edits = {
        "site_group_limits": {"POL/USA/2025": None, "POL/USA/2027": {"maximum_persons": 7000}},
        "actor_years": {
            "POL/2025": {"spending_ceiling_fraction": None},
            "POL/2026": {"spending_ceiling_fraction": 0.001},
        },
    }
    assert findings_of(edits) == []


def test_numbers_that_pandas_marks_as_missing_are_empty_cells() -> None:
    cells = small_cells()
    sites = cells["sites"]
    cells["sites"] = sites.assign(capacity_persons=pd.to_numeric(sites["capacity_persons"]))
    assert problem_from_tables(cells).digest == small_problem().digest


Place = tuple[str, int, str]

_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["USA", "POL", "BRIGADE", "BALTIC", "HOME", "FOREIGN", "1e300", "-1", "0", "*", "NaN", ""]
    ),
    st.sampled_from([[], {}, b"x", object(), datetime.date(2025, 1, 1), pd.NA, pd.NaT]),
)
_PLACES = [
    (name, position, column.name)
    for name, table in PROBLEM_TABLES.items()
    for position in range(len(small_tables()[name]))
    for column in table.columns
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_PLACES), _CELLS), min_size=1, max_size=4))
def test_no_cell_raises_anything_else(edits: list[tuple[Place, Any]]) -> None:
    tables = small_tables()
    for (name, position, column), cell in edits:
        tables[name][position][column] = cell
    assert_harmless(tables)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(PROBLEM_TABLES)), max_size=5, unique=True),
    st.lists(st.tuples(st.sampled_from(_PLACES), st.sampled_from(_PLACES)), max_size=4),
)
def test_no_missing_row_or_table_raises_anything_else(
    emptied: list[str], moved: list[tuple[Place, Place]]
) -> None:
    tables = small_tables()
    for (name, position, column), (other, other_position, other_column) in moved:
        tables[name][position][column] = tables[other][other_position].get(other_column)
    for name in emptied:
        tables[name] = tables[name][:-1]
    assert_harmless(tables)


def assert_harmless(tables: dict[str, list[dict[str, Any]]]) -> None:
    try:
        findings = check(problem_from_tables({n: cells_from_rows(table) for n, table in tables.items()}))
    except ProblemError as error:
        findings = list(error.findings)
        assert findings
    for finding in findings:
        str(finding).encode("utf-8")


def test_a_case_folder_reports_what_its_tables_say(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("title: x\nlead_actor_id: USA\n", encoding="utf-8")
    (tmp_path / "actors.csv").write_text("actor_id,nmae\nUSA,America\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        read_case(tmp_path)
    found = {(finding.code, finding.path) for finding in caught.value.findings}
    assert ("COLUMN_UNKNOWN", "actors.nmae") in found
    assert ("COLUMN_MISSING", "settings.first_year") in found
    assert ("TABLE_MISSING", "sites") in found
