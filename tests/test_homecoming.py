"""What coming home costs, worked by hand: a brigade abroad costs 100 M$ a year, and 200 once to bring home."""

from typing import Any

import pytest
from small_problem import Rows, rows
from tiny_cases import american, needed, tiny_problem

from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.solution import Solution


def kept(settings: dict[str, Any] | None = None, **tables: Rows) -> Solution:
    """Three brigades that nobody may disband, two of them in CAMP; room at home costs 0.05 M$ a person."""
    base: dict[str, Rows] = {
        "actors": rows(
            "actor_id home_staging_area_id homecoming_usd_m_per_person", "USA AMERICA 0.05", "ALY ALYLAND -"
        ),
        "requirements": needed("2026 0"),
        "owned_today": rows("actor_id unit_type_id owned_count", "USA BRIGADE 3"),
        "stationed_today": rows(
            "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 2"
        ),
        "actor_unit_types": american(maximum_disbanded_count_per_yr=0),
    }
    solution = solve(tiny_problem(settings, **{**base, **tables}), SolveOptions())
    assert solution.outcome["audit_findings"] == []
    return solution


def test_nobody_comes_home_for_less_than_it_costs() -> None:
    solution = kept()
    assert solution.outcome["objective_usd_m"] == pytest.approx(3 * 2500 + 2 * 100)
    assert solution.tables["homecoming_results"]["home_persons"].to_list() == [4000, 4000]


def test_people_are_paid_for_once_and_stay_at_home() -> None:
    """Three years abroad would cost 300 a brigade."""
    solution = kept({"year_count": 3})
    assert solution.outcome["objective_usd_m"] == pytest.approx(3 * 3 * 2500 + 2 * 200)
    shown = solution.tables["homecoming_results"]
    assert shown["home_room_persons"].to_list() == [4000, 12000, 12000, 12000]
    assert shown["homecoming_persons"].to_list() == [0, 8000, 0, 0]
    lines = solution.tables["ledger"]
    lines = lines[lines["kind"] == "HOMECOMING"]
    assert lines[["year", "usd_m", "source_column"]].to_numpy().tolist() == [
        [2026, 400, "actors.homecoming_usd_m_per_person"]
    ]


def test_what_it_costs_is_no_theaters_and_in_the_last_view() -> None:
    views = kept({"year_count": 3}).tables["cost_views"]
    first = views[(views["year"] == 2026) & views["theater_id"].isna()].iloc[0]
    assert first["with_overhead_usd_m"] == 0
    assert first["held_for_theater_usd_m"] == pytest.approx(3 * 2500 + 400)


def test_units_on_order_have_their_room_and_units_raised_have_none() -> None:
    """One on order stays at home; a fifth, raised for a rule, stands in CAMP, which costs less than room at home."""
    solution = kept(
        on_order=rows("actor_id unit_type_id year arriving_count", "USA BRIGADE 2026 1"),
        policy_rules=[
            {
                "policy_rule_id": "FIVE",
                "sentence": "Five are wanted.",
                "quantity": "OWNED_COUNT",
                "actor_id": "USA",
                "sense": "AT_LEAST",
                "value": 5,
            }
        ],
    )
    assert solution.outcome["objective_usd_m"] == pytest.approx(5 * 2500 + 3 * 100)
