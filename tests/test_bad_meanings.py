"""Bad input that no single cell shows: what the tables mean together, and that every code has its test."""

import pytest
from edited_problems import Edits, assert_found, code_of, edited_cells, findings_of
from small_problem import rows, small_problem, small_tables
from test_bad_cells import CELLS

from optimizer.checks import check
from optimizer.errors import CODES
from optimizer.tables.problem import problem_from_tables

# By code and place: the edits of which each cell is right by itself.
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
        "OWNED_TOO_FEW",
        "theater_reserves[USA/BRIGADE/*].reserved_count",
        {"theater_reserves": {"USA/BRIGADE/BALTIC": {"reserved_count": 8}}},
    ),
    (
        "OWNED_TOO_FEW",
        "theater_reserves[USA/SQUADRON/*].reserved_count",
        {
            "owned_today": {"USA/SQUADRON": {"owned_count": 40}},
            "theater_reserves": {"USA/SQUADRON/BALTIC": {"reserved_count": 29}},
        },
    ),
    (
        "OWNED_TOO_FEW",
        "theater_reserves[USA/BATTALION/*].reserved_count",
        {"theater_reserves": {"USA/BATTALION/SUWALKI": {"reserved_count": 2.5}}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "theater_reserves[EST/BRIGADE/BALTIC].unit_type_id",
        {"theater_reserves": {"EST/BRIGADE/BALTIC": {"reserved_count": 0}}},
    ),
    (
        "MODE_NOT_ALLOWED",
        "stationed_today[USA/SQUADRON/POL_POWIDZ/PERMANENT].site_id",
        {"site_facilities": {"POL_POWIDZ/AIRFIELD": None}},
    ),
    (
        "SITE_OVERFULL",
        "site_facilities[POL_POWIDZ/AIRFIELD].capacity_count",
        {"site_facilities": {"POL_POWIDZ/AIRFIELD": {"capacity_count": 0.5}}},
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrisons[BATTLEGROUP_ESTONIA].site_group_id",
        {
            "garrison_unit_types": {
                "BATTLEGROUP_ESTONIA/BATTALION": None,
                "BATTLEGROUP_ESTONIA/SQUADRON": {},
            }
        },
    ),
    (
        "GARRISON_IMPOSSIBLE",
        "garrison_actors[BATTLEGROUP_ESTONIA/USA].today_fraction",
        {
            "garrison_unit_types": {
                "BATTLEGROUP_ESTONIA/BATTALION": None,
                "BATTLEGROUP_ESTONIA/BRIGADE": {},
            }
        },
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
        "CONVERSION_UNCLEAR",
        "conversions[POL/BRIGADE/BRIGADE].to_unit_type_id",
        {"conversions": {"POL/BRIGADE/BRIGADE": {"conversion_cost_usd_m_per_unit": 1}}},
    ),
    (
        "REFERENCE_UNKNOWN",
        "conversions[EST/BATTALION/BRIGADE].to_unit_type_id",
        {"conversions": {"EST/BATTALION/BRIGADE": {"conversion_cost_usd_m_per_unit": 1}}},
    ),
    (
        "SUPPORT_UNCLEAR",
        "unit_support[BRIGADE/ENGINEERS].capability_id",
        {"unit_support": {"BATTALION/ENGINEERS": None}},
    ),
    (
        "SUPPORT_UNCLEAR",
        "support_sharing[POL/EST].support_group_id",
        {"support_sharing": {"BALTIC_STATES/EST": None, "POL/EST": {}}},
    ),
    (
        "SUPPORT_UNCLEAR",
        "support_sharing[BALTIC_STATES/EST].actor_id",
        {"support_sharing": {"ALLIANCE/EST": {}}},
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
    "PROGRAM_IMPOSSIBLE": "test_levers",
    "PRESENCE_UNCLEAR": "test_levers",
    "WEIGHTS_MISSING": "test_shortfall_measures",
    "OBJECTIVE_UNCLEAR": "test_objectives",
    "QUESTION_CONFLICT": "test_variants",
    "QUESTION_POINTLESS": "test_variants",
    "REQUIREMENT_UNREACHABLE": "the formulation, which knows what can be where by when",
    "MODEL_TOO_LARGE": "the size of the model, before it is built",
    "CHANGE_CONFLICT": "test_changes",
    "CHANGE_POINTLESS": "test_changes",
    "CHANGE_UNREADABLE": "test_changes",
    "CASE_NOT_FOUND": "test_bad_files",
    "CASE_UNREADABLE": "test_bad_files",
    "CASE_UNSAFE": "test_bad_files",
    "TABLE_DUPLICATE": "test_bad_files",
    "COLUMN_DUPLICATE": "test_bad_files",
    "FIGURE_SUSPICIOUS": "test_suspicious_figures",
    "ALREADY_SO": "test_compare",
    "LIMIT_IGNORED": "test_locked_limits",
    "YEAR_UNSEEN": "test_periods",
}


@pytest.mark.parametrize(("code", "path", "edits"), MEANINGS, ids=code_of)
def test_bad_meanings(code: str, path: str, edits: Edits) -> None:
    assert_found(code, path, check(problem_from_tables(edited_cells(edits))))


def test_every_code_is_tested() -> None:
    produced = {code for code, _, _ in CELLS + MEANINGS} | set(PRODUCED_ELSEWHERE)
    assert produced == set(CODES)


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


def test_many_meanings_of_a_kind_are_counted() -> None:
    attrition = rows("unit_type_id phase_id attrition_fraction", *(f"U{i} D60_WIN 0.1" for i in range(250)))
    types = rows("unit_type_id personnel_persons", *(f"U{i} 1" for i in range(250)))
    problem = small_problem(unit_types=small_tables()["unit_types"] + types, attrition=attrition)
    findings = check(problem)
    assert len(findings) == 101
    assert "150 more" in findings[-1].message


def test_ceilings_may_begin_late_and_today_may_exceed_them() -> None:
    edits: Edits = {
        "site_group_limits": {"POL/USA/2025": None, "POL/USA/2027": {"maximum_persons": 7000}},
        "actor_years": {
            "POL/2025": {"spending_ceiling_fraction": None},
            "POL/2026": {"spending_ceiling_fraction": 0.001},
        },
    }
    assert findings_of(edits) == []
