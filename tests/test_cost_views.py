"""What presence costs, in four views, on a plan worked out by hand; and that each view holds the one before."""

import itertools

import hand_cases
import pytest
from random_problems import problem_of, random_tables

from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution

VIEWS = ["incremental_usd_m", "units_abroad_usd_m", "with_overhead_usd_m", "held_for_theater_usd_m"]


def views(solution: Solution) -> dict[str, list[float]]:
    frame = solution.tables["cost_views"]
    theaters = frame["theater_id"].fillna("")
    return dict(zip(theaters, frame[VIEWS].to_numpy().tolist(), strict=True))


def with_home_units() -> Problem:
    """The worked example with overhead of 100 a year, raising of 3,000 over 30 years, and one brigade in reserve."""
    tables = hand_cases.hand_tables()
    tables["actor_unit_types"] = hand_cases.changed(
        tables["actor_unit_types"],
        {"actor_id": "USA"},
        raise_cost_usd_m_per_unit=3000,
        overhead_usd_m_per_unit_yr=100,
        life_yr=30,
        reserved_count=1,
    )
    tables["owned_today"] = [{"actor_id": "USA", "unit_type_id": "BRIGADE", "owned_count": 10}]
    tables["freed_levers"] = [{"lever": "FORCES", "lever_key": "USA"}]
    return hand_cases.problem_of(tables)


def test_views_of_the_worked_example() -> None:
    """5 brigades in B: 5·100 M$ for being there, 5·2,500 to own them, 5·(3,000/30 + 100) beyond.

    2 in K: 100, 5,000, 400. The reserved brigade, at home for nobody's theater: 2,700 in the last view.
    """
    solution = solve(with_home_units(), SolveOptions())
    assert solution.outcome["audit_findings"] == []
    assert views(solution) == {
        "B": pytest.approx([500, 13_000, 14_000, 14_000]),
        "K": pytest.approx([100, 5_100, 5_500, 5_500]),
        "": pytest.approx([0, 0, 0, 2_700]),
    }


def test_units_at_home_are_spread_by_what_scenarios_take() -> None:
    """U.S. brigades from home, within reach of B alone in one scenario of two with equal weights.

    The other scenario asks for K, where 2 stand; B's need of 7 takes x from home or site alike. Whatever the
    split, all 7 − 0.8·EUR points of B are shown: half of the units at home count for B, half for nobody.
    """
    tables = hand_cases.hand_tables()
    tables["actors"] = hand_cases.changed(
        tables["actors"], {"actor_id": "USA"}, home_staging_area_id="AMERICA"
    )
    tables["staging_areas"].append({"staging_area_id": "AMERICA", "name": "America"})
    tables["transit_times"] = [
        {"staging_area_id": "AMERICA", "theater_id": "B", "unit_type_id": "BRIGADE", "transit_days": 20}
    ]
    tables["readiness_classes"].append(
        {"readiness_class_id": "READY", "mode": "HOME", "notice_to_move_days": 0}
    )
    tables["readiness"].append(
        {"readiness_class_id": "READY", "mode": "HOME", "phase_id": "D30", "ready_fraction": 1}
    )
    tables["scenarios"] = [
        {"scenario_id": "BK", "weight_fraction": 0.5},
        {"scenario_id": "KK", "weight_fraction": 0.5},
    ]
    tables["scenario_theaters"] = [
        {"scenario_id": "BK", "theater_id": "B"},
        {"scenario_id": "KK", "theater_id": "K"},
    ]
    tables["requirements"] = [
        {**row, "scenario_id": "BK" if row["theater_id"] == "B" else "KK"} for row in tables["requirements"]
    ]
    solution = solve(hand_cases.problem_of(tables), SolveOptions())
    assert solution.outcome["audit_findings"] == []
    # No presence in B: EUR spends 5, and 7 − 4 = 3 brigades come from home.
    assert solution.outcome["objective_usd_m"] == pytest.approx(3 * 2500 + 2 * 2550)
    assert views(solution) == {
        "B": pytest.approx([0, 0, 0, 1.5 * 2500]),
        "K": pytest.approx([100, 5_100, 5_100, 5_100]),
        "": pytest.approx([0, 0, 0, 1.5 * 2500]),
    }


@pytest.mark.parametrize("seed", [2, 4, 8, 9])
def test_views_hold_each_other_and_add_up(seed: int) -> None:
    problem = problem_of(random_tables(seed))
    solution = solve(problem, SolveOptions(relax=True))
    frame = solution.tables["cost_views"]
    assert not frame.empty
    for less, more in itertools.pairwise(VIEWS):
        assert (frame[less] <= frame[more] + 1e-6).all()
    ledger = solution.tables["ledger"]
    lead = ledger[ledger["actor_id"] == "USA"]
    incremental = lead[lead["kind"].isin(["STATIONING", "SITES", "OPEN_CLOSE", "HOUSING", "SETS"])]
    assert frame["incremental_usd_m"].sum() == pytest.approx(incremental["usd_m"].sum(), rel=1e-6, abs=1e-3)
    forces = problem["actor_unit_types"].query("actor_id == 'USA'", engine="python").set_index("unit_type_id")
    owned = solution.tables["owned_forces"].query("actor_id == 'USA' and year >= 2026", engine="python")
    each = owned["unit_type_id"].map(forces["own_cost_usd_m_per_unit_yr"])
    raising = forces["raise_cost_usd_m_per_unit"].fillna(0) / forces["life_yr"].fillna(30)
    each += owned["unit_type_id"].map(raising + forces["overhead_usd_m_per_unit_yr"].fillna(0))
    whole = incremental["usd_m"].sum() + (owned["owned_count"] * each).sum()
    assert frame["held_for_theater_usd_m"].sum() == pytest.approx(whole, rel=1e-6, abs=1e-3)
