"""Exposure: what it counts, what a price or a cap moves, and what no plan could keep."""

from typing import Any

import pytest
from hand_cases import changed, hand_command, hand_tables, problem_of
from small_problem import rows
from test_hand_cases import solved, stationed
from tiny_cases import optimum, tiny_problem

from optimizer.audit import audit
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import build_index
from optimizer.solver.compilation import compile_matrix
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES

LIMITS = "year maximum_exposure_points exposure_price_usd_m_per_point_yr"


def two_sites(price: float | None = None, cap: float | None = None) -> Problem:
    """CAMP lies in the danger of EAST; at REAR, a day away and safe, a brigade costs 100 more."""
    return tiny_problem(
        staging_areas=rows(
            "staging_area_id theater_id", "AMERICA -", "ALYLAND -", "EAST_AREA EAST", "SAFE -"
        ),
        sites=rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "REAR ALY SAFE"),
        site_access=rows(
            "site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0.025", "REAR USA 0.05"
        ),
        transit_times=rows("staging_area_id theater_id unit_type_id transit_days", "SAFE EAST BRIGADE 1"),
        exposure=rows("theater_id hazard_factor", "EAST 2"),
        exposure_limits=rows(LIMITS, f"2025 {cap or '-'} {price or '-'}"),
    )


@pytest.mark.parametrize(
    ("price", "cost"), [(None, 7 * 2600), (12, 7 * 2696), (12.5, 7 * 2700), (50, 7 * 2700)]
)
def test_a_price_moves_brigades_out_of_danger(price: float | None, cost: float) -> None:
    """A brigade at CAMP is 4 points, doubled by the hazard: from 12.5 a point REAR's 100 more are worth it."""
    assert optimum(two_sites(price)).objective == pytest.approx(cost)


def test_a_cap_moves_as_many_as_it_must_and_its_price_is_what_one_costs() -> None:
    """Under 20 points stand 2.5 brigades at CAMP; a point more would save 100/8."""
    found = optimum(two_sites(cap=20))
    assert found.objective == pytest.approx(7 * 2700 - 2.5 * 100)
    assert found.prices("exposure_cap") == pytest.approx({"2026": -12.5})


def test_exposure_costs_nothing_where_nobody_asks() -> None:
    assert len(compile_matrix(build_index(tiny_problem())).columns["exposure"].keys) == 0
    assert len(compile_matrix(build_index(two_sites())).columns["exposure"].keys) == 1


def with_exposure(tables: dict[str, Any], price: float | None, cap: float | None) -> dict[str, Any]:
    """People of a brigade are not counted; a command held in K is 3 points."""
    return {
        **tables,
        "unit_type_modes": changed(tables["unit_type_modes"], {}, exposure_points=0),
        "command_options": changed(tables["command_options"], {"actor_id": "USA"}, exposure_points=3),
        "exposure": [{"theater_id": "K", "hazard_factor": 1}],
        "exposure_limits": [
            {"year": 2026, "maximum_exposure_points": cap, "exposure_price_usd_m_per_point_yr": price}
        ],
    }


def commanded(price: float | None = None, cap: float | None = None, is_freed: bool = True) -> Problem:
    """Seoul's command would cost the United States 100 and add nothing."""
    case = hand_command(is_freed)
    tables = {name: filled_rows(case, name) for name in PROBLEM_TABLES}
    tables = {name: table for name, table in tables.items() if table}
    tables["command_options"] = [
        {"command_id": "OPCON", "actor_id": "USA"},
        {"command_id": "OPCON", "actor_id": "ROK", "lead_cost_usd_m_per_yr": 100},
    ]
    del tables["command_prerequisites"], tables["sources"]
    return problem_of(with_exposure(tables, price, cap))


@pytest.mark.parametrize(
    ("price", "cap", "holder", "money", "penalty"),
    [
        (None, None, "USA", 18_100, 0),
        (None, 2, "ROK", 18_200, 0),
        (30, None, "USA", 18_100, 90),
        (40, None, "ROK", 18_200, 0),
    ],
)
def test_a_cap_or_a_price_hands_a_command_over(
    price: float | None, cap: float | None, holder: str, money: float, penalty: float
) -> None:
    """Holding it is 3 points: at 30 a point 90 of penalty, less than the 100 of handing it over; at 40 more."""
    solution = solved(commanded(price, cap))
    held = solution.tables["command_results"]
    assert held.loc[held["year"] == 2026, "actor_id"].to_list() == [holder]
    assert solution.outcome["lead_cost_usd_m"] == pytest.approx(money, rel=1e-9)
    assert solution.outcome["penalty_usd_m"] == pytest.approx(penalty)
    assert solution.outcome["objective_usd_m"] == pytest.approx(money + penalty, rel=1e-9)
    exposure = solution.tables["exposure_results"].set_index("year")["command_exposure_points"]
    assert exposure.get(2026, 0.0) == (3 if holder == "USA" else 0)
    assert exposure[2025] == 3
    lines = solution.tables["ledger"]
    assert lines.loc[lines["kind"] == "EXPOSURE", "usd_m"].sum() == pytest.approx(penalty)


def test_a_price_makes_the_lead_actor_leave() -> None:
    """B is worth 4,500 a point, its price 2,600/0.6: with 4 points a brigade at 30, 2,720/0.6 is too dear.

    The United States leaves, and 3 points of B are unmet: 5.1 of money, 13.5 of penalty.
    """
    tables = hand_tables()
    tables["interests"] = [
        {"theater_id": "B", "capability_id": "GROUND", "interest_usd_m_per_point_yr": 4500}
    ]
    stays = solved(problem_of(tables))
    assert stationed(stays, "USA", "B_SITE") == pytest.approx(5)
    tables["exposure"] = [{"theater_id": "B", "hazard_factor": 1}]
    tables["exposure_limits"] = [{"year": 2025, "exposure_price_usd_m_per_point_yr": 30}]
    leaves = solved(problem_of(tables))
    assert stationed(leaves, "USA", "B_SITE") == 0
    assert leaves.outcome["objective_usd_m"] == pytest.approx(5_100 + 13_500, rel=1e-9)


def test_umbrellas_are_counted_without_any_other_row() -> None:
    tables = hand_tables()
    umbrella = {"actor_id": "ROK", "nuclear_posture": "UMBRELLA", "holds_today": True, "exposure_points": 5}
    tables["nuclear_options"] = [umbrella]
    results = solved(problem_of(tables)).tables["exposure_results"]
    assert results["umbrella_exposure_points"].to_list() == [5, 5]
    assert results["exposure_points"].to_list() == [5, 5]


@pytest.mark.parametrize(
    ("cap", "is_freed", "found"), [(2.9, False, True), (3, False, False), (0, True, False)]
)
def test_a_cap_below_what_nothing_can_move_is_a_finding(cap: float, is_freed: bool, found: bool) -> None:
    findings = model_findings(build_index(commanded(cap=cap, is_freed=is_freed)))
    assert [finding.code for finding in findings] == ["EXPOSURE_IMPOSSIBLE"] * found
    if found:
        (finding,) = findings
        assert finding.path == "exposure_limits[2026].maximum_exposure_points"
        assert "cause 3 points in 2026" in finding.message


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("command_exposure_points", 0.0, "command_exposure_points of 0 shown but 3 follows"),
        ("exposure_points", 1.0, "exposure_points of 1 shown but 3 follows"),
    ],
)
def test_a_changed_number_is_caught(column: str, value: float, words: str) -> None:
    problem = commanded(price=30)
    solution = solved(problem)
    shown = solution.tables["exposure_results"]
    shown = shown.assign(**{column: shown[column].where(shown["year"] != 2026, value)})
    tables = {**solution.tables, "exposure_results": shown}
    findings = audit(problem, tables, False, solution.outcome["objective_usd_m"])
    assert any(words in finding for finding in findings), findings


def test_a_broken_cap_is_caught() -> None:
    solution = solved(commanded(price=30))
    capped = commanded(price=30, cap=1)
    findings = audit(capped, solution.tables, False, solution.outcome["objective_usd_m"])
    assert any("at most 1 are borne" in finding for finding in findings), findings
