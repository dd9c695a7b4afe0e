"""Solved plans pass their audit; one table of a plan changed, or left out, is caught."""

from dataclasses import replace
from functools import cache

import hand_cases
import pandas as pd
import pytest
from hand_plans import AnsweredProblem
from small_problem import Rows, rows
from tiny_cases import FORCE, needed, rule, tiny_problem

from optimizer.audit import audit
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem


def findings(answered: AnsweredProblem) -> list[str]:
    return audit(answered.problem, answered.tables, answered.is_relaxed, answered.objective_usd_m)


def solved(problem: Problem, is_relaxed: bool = False) -> AnsweredProblem:
    solution = solve(problem, SolveOptions(relax=is_relaxed))
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []
    return AnsweredProblem(
        problem, dict(solution.tables), solution.outcome["objective_usd_m"], is_relaxed=is_relaxed
    )


def without_rows(answered: AnsweredProblem, table: str) -> AnsweredProblem:
    return replace(answered, tables={**answered.tables, table: answered.tables[table].iloc[:0]})


def with_rows(answered: AnsweredProblem, table: str, added: pd.DataFrame) -> AnsweredProblem:
    frame = pd.concat([answered.tables[table], added], ignore_index=True)
    return replace(answered, tables={**answered.tables, table: frame})


def answering(response_usd_m: float, spending: Rows, **tables: Rows) -> Problem:
    """ALY, at home in EAST, answers each brigade of the United States there."""
    base = {
        "actors": rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
        "actor_unit_types": rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 20 READY"),
        "actor_years": [{"actor_id": "ALY", "year": 2025, **cells} for cells in spending],
        "responses": rows(
            "actor_id theater_id response_usd_m_per_point_yr reference_presence_points",
            f"ALY EAST {response_usd_m} 0",
        ),
    }
    return tiny_problem(**{**base, **tables})


@cache
def with_derived_floor() -> AnsweredProblem:
    spending = rows("other_spending_usd_m_per_yr reference_spending_usd_m_per_yr", "0 3000")
    return solved(answering(100, spending))


def test_a_floor_is_drawn_from_the_tables_not_from_the_plan() -> None:
    """3,000 M$ less 100 a brigade, and no floor, as ALY owns nothing that it could not disband."""
    answered = with_derived_floor()
    for column in ("floor_usd_m", "target_usd_m", "willingness_usd_m"):
        answered = answered.changed("response_results", "year == 2026", column, 7000.0)
    found = findings(answered)
    assert "response_results: ALY 2026: a floor of 7000 shown but 0 follows from the tables" in found
    assert any("a target of 7000 but 2609.75" in finding for finding in found)


def test_an_answer_that_is_left_out_is_an_answer_of_nothing() -> None:
    found = findings(without_rows(with_derived_floor(), "response_results"))
    assert len(found) == 2
    assert found[0].startswith("response_results: ALY 2026: a target of 0 but 2609.75")
    assert found[1].startswith("response_results: ALY 2026: 2609.75")
    assert found[1].endswith("spent, above the 0 it is willing to")


def test_what_an_ally_is_willing_to_is_shown_though_it_spends_less() -> None:
    """No need asks anything of ALY: it owns nothing, and would spend 3,000 M$ without a brigade of the lead actor."""
    spending = rows("other_spending_usd_m_per_yr reference_spending_usd_m_per_yr", "0 3000")
    shown = solved(answering(100, spending, requirements=needed("2026 0"))).tables["response_results"]
    assert shown["willingness_usd_m"].to_list() == pytest.approx([3000])


def test_a_derived_floor_counts_forces_run_down_and_what_is_owed() -> None:
    """Other spending of 500, 2 − 0.5 brigades at 1,000 and 0.5 disbanded at 10 M$: 500 + 1,500 + 5 M$.

    ALY, whose program keeps none, pays no bill today, and once freed owes 0.001 M$ for each of the 4,000 people who are
    there today.
    """
    ally = {"maximum_disbanded_count_per_yr": 0.5, "disband_cost_usd_m_per_unit": 10}
    problem = answering(
        100,
        rows("other_spending_usd_m_per_yr reference_spending_usd_m_per_yr", "500 3000"),
        actor_unit_types=[
            *rows(FORCE, "USA BRIGADE 2500 20 READY"),
            {**rows(FORCE, "ALY BRIGADE 1000 20 READY")[0], **ally},
        ],
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 1", "ALY BRIGADE 2"),
        programmed_forces=rows("actor_id unit_type_id year programmed_count", "ALY BRIGADE 2026 0"),
        stationed_today=rows(
            "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 1"
        ),
        billing=rows("actor_id host_actor_id floor_usd_m_per_person_yr", "ALY ALY 0.001"),
        freed_levers=rows("lever lever_key", "BILLING ALY"),
    )
    shown = solved(problem).tables["response_results"]
    assert shown["floor_usd_m"].to_list() == pytest.approx([2009])


def test_a_relaxed_floor_may_hold_in_part_and_no_more() -> None:
    """4,000 M$ less 1,000 a brigade, at least 1,000; at most 20 brigades, so that below is 17,000 and above 3,000."""
    columns = "other_spending_usd_m_per_yr reference_spending_usd_m_per_yr floor_spending_usd_m_per_yr"
    problem = answering(1000, rows(columns, "0 4000 1000"))
    answered = solved(problem, is_relaxed=True)
    shown = answered.tables["response_results"]["target_usd_m"].iloc[0]
    assert shown == pytest.approx(59_000 / 17)
    beyond = answered.changed("response_results", "year == 2026", "target_usd_m", shown + 1)
    target, willing = findings(beyond)
    assert target.endswith("a target of 3471.58824 but 3470.58824 follows from presence")
    assert willing.endswith("willing to 3470.58824 but 3471.58824 follows from its targets")
    assert any(
        "3470.58824 but 1000 follows" in finding for finding in findings(replace(answered, is_relaxed=False))
    )


@cache
def billed() -> AnsweredProblem:
    """100 people at 0.01 M$ and a room of 0.1; 2,000 rooms there today."""
    return solved(
        tiny_problem(
            requirements=needed("2026 0"),
            unit_types=rows("unit_type_id personnel_persons", "BRIGADE 100"),
            actor_unit_types=[
                {**rows(FORCE, "USA BRIGADE 50 20 READY")[0], "maximum_disbanded_count_per_yr": 0}
            ],
            owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 1"),
            stationed_today=rows(
                "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 1"
            ),
            site_access=rows(
                "site_id actor_id stationing_cost_usd_m_per_person_yr housing_cost_usd_m_per_person_yr"
                " housing_today_persons",
                "CAMP USA 0.01 0.1 2000",
            ),
            policy_rules=rule("STATIONED_COUNT", "AT_LEAST", 1),
            billing=rows("actor_id host_actor_id allows_more_presence", "ALY ALY true"),
            freed_levers=rows("lever lever_key", "BILLING ALY"),
        )
    )


def test_rooms_that_stand_empty_are_not_billed() -> None:
    answered = billed()
    for table, column, value in (
        ("site_uses", "housing_persons", 2000.0),
        ("site_uses", "housing_released_persons", 0.0),
        ("billing_results", "incremental_usd_m", 201.0),
        ("billing_results", "billed_usd_m", 201.0),
    ):
        answered = answered.changed(table, "year == 2026", column, value)
    bills = [finding for finding in findings(answered) if finding.startswith("billing_results")]
    assert bills == ["billing_results: ALY ALY 2026: 201 M$, above 11 for the 100 people there"]


def test_nobody_pays_a_bill_that_is_not_in_the_tables() -> None:
    answered = billed()
    shown = answered.tables["billing_results"]
    other = shown[shown["year"] == 2026].assign(host_actor_id="USA")
    found = findings(with_rows(answered, "billing_results", other))
    assert "billing_results: ALY USA 2026: there is no such bill" in found


def test_a_command_has_one_holder_who_may_hold_it() -> None:
    answered = solved(hand_cases.hand_command())
    shown = answered.tables["command_results"]
    stranger = shown[shown["year"] == 2026].assign(actor_id="EUR")
    assert findings(with_rows(answered, "command_results", stranger)) == [
        "command_results: OPCON EUR 2026: the actor is no possible holder",
        "command_results: OPCON 2026: held by 2",
    ]
    nobody = answered.changed("command_results", "year == 2025", "held_fraction", 0.0)
    found = findings(nobody)
    assert "command_results: OPCON USA 2025: held by 0 but today it is 1" in found


@cache
def fewer_abroad() -> AnsweredProblem:
    """Of 6 brigades 5 stand in CAMP; 3 are needed there, and 4 to be owned."""
    return solved(
        tiny_problem(
            requirements=needed("2026 3"),
            actor_years=rows("actor_id year other_spending_usd_m_per_yr", "USA 2025 100"),
            owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 6"),
            stationed_today=rows(
                "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 5"
            ),
            policy_rules=rule("OWNED_COUNT", "AT_LEAST", 4),
        )
    )


@pytest.mark.parametrize(
    "column",
    [
        "brought_home_persons",
        "sent_abroad_persons",
        "moved_persons",
        "disbanded_persons",
        "raised_persons",
    ],
)
def test_what_became_of_the_people_is_audited(column: str) -> None:
    """Of 2 brigades that leave, 1 is disbanded with the one at home, and 1 is brought home."""
    answered = fewer_abroad()
    drawn = {"brought_home_persons": 4000, "disbanded_persons": 8000}.get(column, 0)
    assert findings(answered.changed("force_changes", "actor_id == 'USA'", column, 12_000.0)) == [
        f"force_changes: USA BRIGADE: {column} of 12000 shown but {drawn} follows from the plan"
    ]


@pytest.mark.parametrize(
    ("column", "shown", "words"),
    [
        ("incremental_usd_m", 900.0, "incremental_usd_m of 900 shown but 300 follows"),
        ("units_abroad_usd_m", 8000.0, "units_abroad_usd_m of 8000 shown but 7800 follows"),
        ("with_overhead_usd_m", 7000.0, "with_overhead_usd_m of 7000 shown but 7800 follows"),
        ("held_for_theater_usd_m", 7000.0, "held_for_theater_usd_m of 7000 shown but 7800 follows"),
        ("held_for_theater_usd_m", 9000.0, "held_for_theater_usd_m of 9000 shown but 7800 follows"),
    ],
)
def test_views_of_cost_are_audited(column: str, shown: float, words: str) -> None:
    """3 brigades at 100 and 2,500 M$ in EAST, one more at home."""
    found = findings(fewer_abroad().changed("cost_views", "theater_id == 'EAST'", column, shown))
    assert any(words in finding for finding in found), found


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("requirement_results", "EAST WAR D30 GROUND 2026: the requirement is not shown"),
        ("spending_results", "USA 2026: spending_usd_m of 0 shown but 10400 follows"),
        ("policy_rule_results", "RULE 2026: 0 shown but the plan has 4"),
        ("site_uses", "USA CAMP 2026: 0 people shown but 12000 stationed"),
        ("force_changes", "USA BRIGADE: brought_home_persons of 0 shown but 4000 follows"),
        ("cost_views", "EAST 2026: incremental_usd_m of 0 shown but 300 follows"),
    ],
)
def test_a_table_without_its_rows_is_caught(table: str, words: str) -> None:
    found = findings(without_rows(fewer_abroad(), table))
    assert any(f"{table}: {words}" in finding for finding in found), found


def test_a_derived_floor_is_high_enough_for_slow_willingness() -> None:
    """ALY spends 1,000 M$, other spending rises to 2,000: half of the way from 1,000 to 3,000."""
    columns = "spending_usd_m_per_yr other_spending_usd_m_per_yr reference_spending_usd_m_per_yr"
    actors = rows(
        "actor_id home_staging_area_id response_speed_fraction", "USA AMERICA 1", "ALY EAST_AREA 0.5"
    )
    shown = solved(answering(100, rows(columns, "1000 2000 4000"), actors=actors)).tables["response_results"]
    assert shown["floor_usd_m"].to_list() == pytest.approx([3000])
