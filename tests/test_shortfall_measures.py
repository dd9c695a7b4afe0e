"""How the shortfalls of several scenarios make one price, on cases solved by hand and as laws."""

from typing import Any

import pytest
from random_problems import Tables, random_tables
from small_problem import rows
from test_laws import cost, law, not_above
from tiny_cases import NEED, tiny_problem

from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


def two_scenarios(measure: str, tail: float | None, interest: float, **tables: Any) -> Problem:
    """EAST needs 2 points in CALM, weight 0.75, and 6 in STORM, 0.25; an American brigade there costs 2,600."""
    base = {
        "scenarios": rows("scenario_id weight_fraction", "CALM 0.75", "STORM 0.25"),
        "scenario_theaters": rows("scenario_id theater_id", "CALM EAST", "STORM EAST"),
        "requirements": rows(NEED, "EAST CALM D30 GROUND 2026 2", "EAST STORM D30 GROUND 2026 6"),
        "interests": rows("theater_id capability_id interest_usd_m_per_point_yr", f"EAST GROUND {interest}"),
    }
    settings = {"shortfall_measure": measure, "tail_level_fraction": tail}
    return tiny_problem(
        {name: cell for name, cell in settings.items() if cell is not None}, **{**base, **tables}
    )


def solved(problem: Problem) -> Solution:
    solution = solve(problem, SolveOptions())
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []
    return solution


def results(solution: Solution) -> tuple[float, float]:
    """The objective, and the points unmet."""
    return solution.outcome["objective_usd_m"], float(solution.tables["unmet_needs"]["unmet_points"].sum())


@pytest.mark.parametrize(
    ("measure", "tail", "interest", "objective", "unmet"),
    [
        # 4,000 a point: the worst scenario is met, 6·2,600.
        ("ROBUST", None, 4000, 15_600, 0),
        # Points 3 to 6 serve STORM alone, worth 0.25·4,000: two brigades, and 0.25·4 points missing.
        ("EXPECTED", None, 4000, 5200 + 4000 * 1, 1),
        # Half of the weight is the tail: STORM counts half, worth 2,000; 0.5·4 points missing.
        ("CVAR", 0.5, 4000, 5200 + 4000 * 2, 2),
        ("CVAR", 0, 4000, 5200 + 4000 * 1, 1),
        # The tail is less than STORM's weight.
        ("CVAR", 0.8, 4000, 15_600, 0),
        # 2,000 a point: no brigade is worth it; 6, 0.75·2 + 0.25·6 = 3, and (0.25·6 + 0.25·2)/0.5 = 4 are missing.
        ("ROBUST", None, 2000, 12_000, 6),
        ("EXPECTED", None, 2000, 6000, 3),
        ("CVAR", 0.5, 2000, 8000, 4),
        # Nothing is worth nothing, and that is no reason to call more missing than is.
        ("ROBUST", None, 0, 0, 6),
    ],
)
def test_two_scenarios(
    measure: str, tail: float | None, interest: float, objective: float, unmet: float
) -> None:
    found = results(solved(two_scenarios(measure, tail, interest)))
    assert found == pytest.approx((objective, unmet), rel=1e-7, abs=1e-6)


def test_knowing_the_scenario_is_worth_something() -> None:
    """Wait-and-see 0.75·2·2.6 + 0.25·6·2.6 = 7.8 ≤ here-and-now 9.2 ≤ the plan for the mean need, 3 points,
    3·2.6 + 0.25·3·4 = 10.8.
    """
    seen = [
        solved(
            two_scenarios(
                "EXPECTED", None, 4000, requirements=rows(NEED, f"EAST {name} D30 GROUND 2026 {points}")
            )
        ).outcome["objective_usd_m"]
        for name, points in (("CALM", 2), ("STORM", 6))
    ]
    assert seen == pytest.approx([5200, 15_600])
    assert (
        0.75 * seen[0] + 0.25 * seen[1] <= results(solved(two_scenarios("EXPECTED", None, 4000)))[0] <= 10_800
    )


@pytest.mark.parametrize(
    ("measure", "access", "objective"),
    [
        # ALY, with four brigades, stays out of STORM: six American ones, or two and 0.25·4 points missing.
        ("ROBUST", 1, 15_600),
        ("EXPECTED", 1, 5200 + 4000 * 1),
        # Nor can CAMP be used in STORM: nothing helps there; CALM's last two are worth 0.75·4,000 each.
        ("ROBUST", 0, 24_000),
        ("EXPECTED", 0, 5200 + 4000 * 0.25 * 6),
    ],
)
def test_an_ally_stays_out(measure: str, access: float, objective: float) -> None:
    problem = two_scenarios(
        measure,
        None,
        4000,
        actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
        actor_unit_types=rows(
            "actor_id unit_type_id own_cost_usd_m_per_unit_yr maximum_owned_count readiness_class_id",
            "USA BRIGADE 2500 20 READY",
            "ALY BRIGADE 1000 4 READY",
        ),
        requirements=rows(NEED, "EAST CALM D30 GROUND 2026 6", "EAST STORM D30 GROUND 2026 6"),
        scenario_availability=rows(
            "scenario_id actor_id available_fraction access_fraction", f"STORM ALY 0 {access}"
        ),
    )
    assert results(solved(problem))[0] == pytest.approx(objective)


def test_needs_without_weight_are_a_finding() -> None:
    problem = two_scenarios(
        "EXPECTED", None, 4000, scenarios=rows("scenario_id weight_fraction", "CALM 0", "STORM 0")
    )
    assert check(problem) == []
    (finding,) = model_findings(build_index(problem))
    assert (finding.code, finding.row_key) == ("WEIGHTS_MISSING", "EAST/GROUND")


def measured(tables: Tables, measure: str, tail: float = 0.0) -> float:
    (settings,) = tables["settings"]
    changed = {**settings, "shortfall_measure": measure, "tail_level_fraction": tail}
    return cost({**tables, "settings": [changed]})


@law()
def test_measures_are_in_order(seed: int) -> None:
    """EXPECTED = CVAR at 0 ≤ CVAR ≤ CVAR beyond every weight = ROBUST."""
    tables = random_tables(seed)
    expected, half, robust = (measured(tables, *how) for how in (("EXPECTED",), ("CVAR", 0.5), ("ROBUST",)))
    assert not_above(expected, half)
    assert not_above(half, robust)
    for one, other in ((measured(tables, "CVAR", 0.0), expected), (measured(tables, "CVAR", 0.9), robust)):
        assert one == pytest.approx(other, rel=1e-6, abs=1e-3)


@law()
def test_one_scenario_alone_is_no_worse_than_robust(seed: int) -> None:
    """And the mean over scenarios of what each alone would cost is no more than the plan for the mean."""
    tables = random_tables(seed)
    weights = {row["scenario_id"]: row.get("weight_fraction", 1.0) for row in tables["scenarios"]}
    alone = {
        scenario: measured(
            {**tables, "requirements": [r for r in tables["requirements"] if r["scenario_id"] == scenario]},
            "ROBUST",
        )
        for scenario in weights
    }
    robust = measured(tables, "ROBUST")
    assert all(not_above(each, robust) for each in alone.values())
    mean = sum(weights[name] * alone[name] for name in weights) / sum(weights.values())
    assert not_above(mean, measured(tables, "EXPECTED"))
