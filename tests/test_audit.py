"""Plans made by hand pass their audit; each number changed alone is caught by the rule it breaks."""

from dataclasses import replace

import pandas as pd
import pytest
from hand_plans import AnsweredProblem, in_full, one_base, two_theaters
from small_problem import rows

from optimizer.audit import audit
from optimizer.tables.schema import SOLUTION_TABLES


def findings(answered: AnsweredProblem) -> list[str]:
    return audit(answered.problem, answered.tables, answered.is_relaxed, answered.objective_usd_m)


@pytest.mark.parametrize("answered", [two_theaters(), one_base()], ids=["two_theaters", "one_base"])
def test_a_plan_that_keeps_the_rules_passes(answered: AnsweredProblem) -> None:
    assert findings(answered) == []
    assert findings(replace(answered, is_relaxed=True)) == []


def test_points_that_no_command_adds_are_no_bonus() -> None:
    """Without its three brigades in B the lead actor would have 2,550 M$ to pay in place of 10,350."""
    answered = two_theaters()
    for table, where, column, value in (
        ("owned_forces", "actor_id == 'USA' and year == 2026", "owned_count", 1.0),
        ("owned_forces", "actor_id == 'USA' and year == 2026", "arrived_count", 1.0),
        ("owned_forces", "actor_id == 'USA' and year == 2026", "raised_count", 1.0),
        ("stationed_forces", "actor_id == 'USA' and site_id == 'B_SITE'", "stationed_count", 0.0),
        ("deployments", "actor_id == 'USA' and theater_id == 'B'", "deployed_count", 0.0),
        ("requirement_results", "theater_id == 'B'", "lead_points", 0.0),
        ("requirement_results", "theater_id == 'B'", "bonus_points", 3.0),
    ):
        answered = answered.changed(table, where, column, value)
    cheaper = in_full(answered.problem, answered.tables, 2550.0)
    assert "requirement_results: B BK D30 GROUND 2026: a bonus of 3 but there is no command" in findings(
        cheaper
    )


def test_a_plan_without_all_its_tables_is_no_plan() -> None:
    answered = one_base()
    kept = {name: frame for name, frame in answered.tables.items() if name not in ("ledger", "unmet_needs")}
    assert findings(replace(answered, tables=kept)) == [
        "unmet_needs: the table is missing",
        "ledger: the table is missing",
    ]


UNASKED = {
    "command_results": rows("command_id actor_id year held_fraction", "OPCON USA 2026 1"),
    "presence_results": rows("theater_id year presence_points", "A 2026 1"),
    "billing_results": rows(
        "actor_id host_actor_id year billed_usd_m incremental_usd_m stationed_persons", "USA USA 2026 1 1 1"
    ),
    "nuclear_results": rows(
        "actor_id nuclear_posture year chosen_fraction started_fraction", "USA NATIONAL 2026 1 0"
    ),
    "stability_results": rows("actor_id year moves_count", "USA 2026 1"),
}
"""Rows of tables that nothing in the problem of two theaters asks for."""


@pytest.mark.parametrize("table", UNASKED)
def test_a_plan_with_rows_that_nothing_asks_for_is_refused(table: str) -> None:
    """No check looks at a table that the problem does not ask for: such a row is refused before, and alone."""
    answered = two_theaters()
    frame = SOLUTION_TABLES[table].typed(pd.DataFrame(UNASKED[table]))
    found = findings(replace(answered, tables={**answered.tables, table: frame}))
    assert any(f"{table}: " in f and "nothing in the problem asks for it" in f for f in found)
    assert all(f.startswith(f"{table}: ") for f in found)


PLAN_CHANGES = [
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "arrived_count", 0.0, "1 were due"),
    (
        "owned_forces",
        "year == 2027 and actor_id == 'USA'",
        "owned_count",
        8.0,
        "arrivals and disbanding leave 7",
    ),
    ("owned_forces", "year == 2028 and actor_id == 'USA'", "disbanded_count", 0.0, "disbanding leave 7"),
    ("owned_forces", "year == 2028 and actor_id == 'USA'", "disbanded_count", 2.0, "disbanded but at most 1"),
    (
        "owned_forces",
        "year == 2026 and actor_id == 'USA'",
        "raised_count",
        2.0,
        "2 raised but at most 1 allowed",
    ),
    ("owned_forces", "year == 2028 and actor_id == 'USA'", "raised_count", 1.0, "would not arrive"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "owned_count", 8.0, "owned but at most 7 allowed"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "owned_count", 0.0, "0 owned but 1 reserved"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "owned_count", 6.5, "no whole number"),
    ("owned_forces", "year == 2025 and actor_id == 'USA'", "owned_count", 5.0, "owned_today says 6"),
    (
        "owned_forces",
        "year == 2027 and actor_id == 'USA'",
        "sets_owned_count",
        0.0,
        "1 sets stationed but 0 owned",
    ),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "sets_owned_count", 2.0, "arrivals leave 1"),
    ("owned_forces", "year == 2027 and actor_id == 'POL'", "sets_bought_count", 1.0, "without a price"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "home_count", 4.0, "4 at home but 5 left there"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "home_count", float("nan"), "home_count is nan"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "raised_count", -1.0, "below 0"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "year", 2026, "given twice"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "year", 2031, "no year of the plan"),
    ("owned_forces", "year == 2027 and actor_id == 'USA'", "actor_id", "USB", "there is no actor_id USB"),
    (
        "stationed_forces",
        "mode == 'ROTATIONAL'",
        "stationed_count",
        4.0,
        "9 stationed or standing behind them",
    ),
    ("stationed_forces", "mode == 'ROTATIONAL'", "stationed_count", 0.5, "0.5 stationed is no whole number"),
    ("stationed_forces", "mode == 'ROTATIONAL'", "stationed_persons", 900.0, "the units have 1000"),
    ("stationed_forces", "mode == 'PREPOSITIONED'", "stationed_count", 9.0, "9 sets but units for"),
    ("stationed_forces", "year == 2025", "stationed_count", 2.0, "stationed_today says 1"),
    ("stationed_forces", "mode == 'ROTATIONAL'", "mode", "HOME", "has no such mode"),
    ("stationed_forces", "mode == 'ROTATIONAL'", "actor_id", "POL", "no access to the site"),
    (
        "stationed_forces",
        "mode == 'PERMANENT' and year > 2025",
        "stationed_count",
        0.0,
        "900 people leave but at most 400 may",
    ),
    ("site_uses", "year == 2027", "housing_persons", 2000.0, "2100 people but room for 2000"),
    ("site_uses", "year == 2027", "housing_persons", 5500.0, "the limit is 5000"),
    ("site_uses", "year == 2027", "housing_built_persons", 900.0, "release leave 2000"),
    ("site_uses", "year == 2027", "housing_released_persons", 100.0, "release leave 2000"),
    ("site_uses", "year == 2025", "housing_persons", 900.0, "site_access says 1000"),
    ("site_uses", "year == 2027", "open_fraction", 0.0, "open only for 0"),
    ("site_uses", "year == 2027", "open_fraction", 0.9, "neither 0 nor 1"),
    ("site_uses", "year == 2027", "open_fraction", 2.0, "above 1"),
    ("site_uses", "year == 2025", "open_fraction", 0.0, "open_today says True"),
    ("site_uses", "year == 2027", "stationed_persons", 0.0, "0 people shown but 2100 stationed"),
    ("site_uses", "year == 2027", "unassigned_persons", 7.0, "7 unassigned people shown but 0 given"),
    ("garrison_supplies", "year == 2027", "garrisoned_persons", 700.0, "700 people but 800 required"),
    ("garrison_supplies", "year == 2027", "garrisoned_persons", 700.0, "today's share is 800"),
    (
        "garrison_supplies",
        "year == 2027",
        "garrisoned_persons",
        400.0,
        "0.4 points of GROUND but 0.5 required",
    ),
    (
        "garrison_supplies",
        "year == 2026",
        "garrisoned_persons",
        1100.0,
        "1100 people in garrisons but 1000 there",
    ),
    ("garrison_supplies", "year == 2027", "actor_id", "POL", "may not supply this garrison"),
    (
        "deployments",
        "source_id == 'HOME' and phase_id == 'D30'",
        "deployed_count",
        3.1,
        "deployed but 3 ready",
    ),
    ("deployments", "source_id.str.endswith('SET')", "deployed_count", 1.0, "1 deployed but 0.9 ready"),
    ("deployments", "source_id.str.endswith('SET')", "source_id", "KANSAS", "no such units stand there"),
    ("deployments", "source_id.str.endswith('SET')", "source_id", "MASURIA/SET", "no such units stand there"),
    ("deployments", "source_id.str.endswith('SET') and phase_id == 'D30'", "phase_id", "D0", "after 5 days"),
    ("deployments", "source_id.str.endswith('SET')", "theater_id", "KOREA", "not in the scenario"),
    ("deployments", "phase_id == 'D0'", "deployed_count", 0.95, "0.9 deployed but 0.95 in the phase before"),
    (
        "deployments",
        "source_id == 'HOME' and phase_id == 'W60'",
        "deployed_count",
        3.5,
        "3.5 lift points used but 3",
    ),
    ("deployments", "source_id == 'HOME' and year == 2028", "deployed_count", 3.0, "but 5 owned, available"),
    (
        "deployments",
        "phase_id == 'D0'",
        "deployed_count",
        0.4,
        "0.5 points required but 0.4 of the lead actor",
    ),
    (
        "deployments",
        "phase_id == 'W60' and actor_id == 'USA'",
        "deployed_count",
        0.0,
        "4 points required but",
    ),
    ("requirement_results", "phase_id == 'D30'", "required_points", 4.0, "the tables say 5"),
    (
        "requirement_results",
        "phase_id == 'D30'",
        "lead_points",
        4.02,
        "4.02 points of the lead actor shown but",
    ),
    ("requirement_results", "phase_id == 'D30'", "allied_points", 0.9, "0.9 points of allies shown but 0.8"),
    ("requirement_results", "phase_id == 'D30'", "shortfall_points", 0.4, "5 points required but 3.75"),
    ("requirement_results", "phase_id == 'D0'", "phase_id", "D99", "no phase_id D99"),
    ("unmet_needs", "year == 2027", "unmet_points", 0.2, "0.45 points missing but unmet_needs says 0.2"),
    ("spending_results", "year == 2027", "spending_usd_m", 350.0, "spending_usd_m of 350 shown"),
    (
        "spending_results",
        "year == 2027",
        "spending_fraction",
        0.05,
        "spending_fraction of 0.05 shown but 0.04",
    ),
    ("spending_results", "year == 2027", "ceiling_fraction", 0.04, "ceiling_fraction of 0.04 shown but 0.05"),
    ("spending_results", "year == 2027", "other_spending_usd_m", 250.0, "other_spending_usd_m of 250 shown"),
    ("policy_rule_results", "year == 2026", "violation", 0.5, "6 is below 7"),
    ("policy_rule_results", "year == 2026", "quantity", 7.0, "7 shown but the plan has 6"),
    ("policy_rule_results", "year == 2026", "value", 6.0, "value 6 is shown but it is 7"),
]


@pytest.mark.parametrize(("table", "where", "column", "value", "words"), PLAN_CHANGES)
def test_a_changed_number_is_caught(table: str, where: str, column: str, value: object, words: str) -> None:
    found = findings(one_base().changed(table, where, column, value))
    assert any(words in finding for finding in found), found


INPUT_CHANGES = [
    ("sites", "capacity_persons", 2000.0, "the site holds 2000"),
    ("sites", "accepts_land", False, "takes no LAND units"),
    ("site_access", "minimum_garrison_persons", 1500.0, "open site needs 1500"),
    ("site_group_limits", "maximum_persons", 2000.0, "2100 people but the ceiling is 2000"),
    ("scenario_availability", "access_fraction", 0.8, "0.9 deployed but 0.8 ready"),
    ("transit_times", "transit_days", 40.0, "there after 45 days, needed by 30"),
    ("attrition", "attrition_fraction", 0.9, "4 points required but"),
    ("unit_capabilities", "capability_points", 0.5, "points required but"),
    ("actor_years", "spending_ceiling_fraction", 0.039, "400 M$ spent but the ceiling is 390"),
    ("actor_years", "other_spending_usd_m_per_yr", 320.0, "420 M$ spent but the ramp allows 410"),
    ("policy_rules", "penalty_usd_m", None, "violated by 1 without a penalty"),
    ("interests", "theater_id", "KOREA", "points missing of a hard need"),
]


@pytest.mark.parametrize(("table", "column", "value", "words"), INPUT_CHANGES)
def test_a_changed_rule_is_caught(table: str, column: str, value: object, words: str) -> None:
    found = findings(one_base().with_input(table, column, value))
    assert any(words in finding for finding in found), found


def test_units_on_order_must_arrive() -> None:
    answered = one_base()
    on_order = pd.DataFrame({"actor_id": ["POL"], "unit_type_id": ["BRIGADE"], "year": [2027]})
    assert findings(answered.with_table("on_order", on_order.assign(arriving_count=1.0))) == [
        "owned_forces: POL BRIGADE 2027: 0 arrived but 1 were due",
        "owned_forces: POL BRIGADE 2027: 2 owned but last year's, arrivals and disbanding leave 3",
    ]


def test_a_freed_ceiling_follows_its_path() -> None:
    levers = pd.DataFrame({"lever": ["CEILING"], "lever_key": ["BALTIC"], "first_year": [2028]})
    answered = one_base()
    freed = answered.with_table("freed_levers", levers)
    assert findings(freed) == [
        "site_group_limits: FOREIGN in BALTIC 2028: 2100 people but the ceiling is 1000"
    ]


def test_a_freed_garrison_keeps_its_least_and_most_shares() -> None:
    answered = one_base()
    levers = pd.DataFrame({"lever": ["GARRISON"], "lever_key": ["GUARD"], "first_year": [2027]})
    freed = answered.with_table("freed_levers", levers)
    assert findings(freed) == []
    assert findings(freed.with_input("garrison_actors", "maximum_fraction", 0.5)) == [
        f"garrison_supplies: GUARD USA {year}: 800 people but at most 400 may count" for year in (2027, 2028)
    ]
    more = freed.changed("garrison_supplies", "year == 2026", "garrisoned_persons", 900.0)
    assert findings(more.with_input("garrison_actors", "today_fraction", 0.5)) == []
    assert any(
        "at least 960 are its share" in finding
        for finding in findings(freed.with_input("garrison_actors", "minimum_fraction", 1.2))
    )


def test_units_stand_where_their_facility_is() -> None:
    answered = one_base().with_input("unit_types", "facility_id", "RANGE")
    found = findings(answered)
    assert found[0] == "stationed_forces: USA BRIGADE BASE PERMANENT 2026: the site has no RANGE"
    assert not any("PREPOSITIONED" in finding for finding in found)
    there = pd.DataFrame({"site_id": ["BASE"], "facility_id": ["RANGE"], "capacity_count": [1.5]})
    assert findings(answered.with_table("site_facilities", there)) == [
        f"stationed_forces: BASE RANGE {year}: 2 units need it but it holds 1.5" for year in (2027, 2028)
    ]
    assert findings(answered.with_table("site_facilities", there.assign(capacity_count=float("nan")))) == []


def test_only_kinds_of_units_that_are_listed_count_for_a_garrison() -> None:
    def listing(unit_type: str) -> AnsweredProblem:
        rows = pd.DataFrame({"garrison_id": ["GUARD"], "unit_type_id": [unit_type]})
        return one_base().with_table("garrison_unit_types", rows)

    assert findings(listing("BRIGADE")) == []
    assert findings(listing("BATTERY")) == [
        f"garrison_supplies: GUARD USA BRIGADE BASE PERMANENT {year}: this kind of unit does not count for it"
        for year in (2026, 2027, 2028)
    ]


def test_what_is_kept_for_a_theater_is_owned_and_serves_no_other() -> None:
    kept = pd.DataFrame({"actor_id": ["USA"], "unit_type_id": ["BRIGADE"], "reserved_count": [6.0]})
    baltic = findings(one_base().with_table("theater_reserves", kept.assign(theater_id="BALTIC")))
    reserved = "owned but 7 reserved for home and for theaters"
    assert baltic[:2] == [f"owned_forces: USA BRIGADE {year}: 6 {reserved}" for year in (2026, 2028)]
    # Nothing is needed in Korea, so that nothing is kept for it.
    assert findings(one_base().with_table("theater_reserves", kept.assign(theater_id="KOREA"))) == []


def test_only_the_lead_actors_units_are_whole_where_the_table_says_so() -> None:
    answered = one_base().changed("owned_forces", "actor_id == 'POL' and year > 2025", "owned_count", 2.5)
    assert any("2.5 owned is no whole number" in finding for finding in findings(answered))
    parts = answered.with_input("unit_types", "is_counted_for_lead_only", True)
    assert not any("whole" in finding for finding in findings(parts))
    rotating = one_base().changed("stationed_forces", "mode == 'ROTATIONAL'", "stationed_count", 0.5)
    rotating = rotating.with_input("unit_types", "is_counted_for_lead_only", True)
    assert any("0.5 stationed is no whole number" in finding for finding in findings(rotating))


def test_a_relaxed_plan_need_not_be_whole() -> None:
    answered = one_base().changed("stationed_forces", "mode == 'ROTATIONAL'", "stationed_count", 0.5)
    assert any("whole" in finding for finding in findings(answered))
    assert not any("whole" in finding for finding in findings(replace(answered, is_relaxed=True)))


def test_the_objective_must_be_the_ledger() -> None:
    answered = one_base()
    assert findings(replace(answered, objective_usd_m=answered.objective_usd_m * (1 + 5e-7))) == []
    (finding,) = findings(replace(answered, objective_usd_m=answered.objective_usd_m * (1 + 2e-6)))
    assert finding.startswith("outcome: objective_usd_m is")
    (finding,) = findings(replace(answered, objective_usd_m=float("nan")))
    assert finding.startswith("outcome: objective_usd_m is nan M$ but the ledger adds up to")
    shown = answered.ledger
    shown.loc[shown["kind"] == "SALVAGE", "usd_m"] *= 2
    assert any(
        "SALVAGE" in f for f in findings(replace(answered, tables={**answered.tables, "ledger": shown}))
    )


def test_many_breaches_are_counted_not_listed() -> None:
    answered = one_base()
    deployments = answered.tables["deployments"].assign(source_id="KANSAS")
    deployments = pd.concat([deployments.assign(theater_id=name) for name in ("BALTIC", "KOREA")])
    deployments = deployments.drop_duplicates(SOLUTION_TABLES["deployments"].key)
    found = findings(replace(answered, tables={**answered.tables, "deployments": deployments}))
    assert f"deployments: and {len(deployments) - 20} more like the last" in found
