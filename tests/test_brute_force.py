"""Tiny whole-number problems: every choice of whole numbers is tried, and the best is the solver's."""

from itertools import product

import numpy as np
import pytest
from small_problem import rows
from tiny_cases import EXACT, FORCE, INTEREST, NEED, audit_findings, in_periods, optimum, tiny_problem

from optimizer.solver.matrix import Matrix
from optimizer.solver.session import Session
from optimizer.tables.problem import Problem

MOST_CHOICES = 3000


def best_of_all(matrix: Matrix) -> float:
    """The least objective over all choices of the whole columns that can differ.

    What opens and what closes follows from what is open.
    """
    can_differ = matrix.is_integer & (matrix.column_lower < matrix.column_upper)
    for block in ("opening", "closing"):
        can_differ[matrix.columns[block].positions] = False
    whole = np.flatnonzero(can_differ)
    ranges = [range(int(matrix.column_lower[c]), int(matrix.column_upper[c]) + 1) for c in whole]
    assert 1 < np.prod([len(choices) for choices in ranges]) <= MOST_CHOICES
    session = Session(matrix, EXACT)
    best = np.inf
    for choice in product(*ranges):
        lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
        lower[whole] = upper[whole] = choice
        session.set_column_bounds(lower, upper)
        answer = session.solve(time_limit_seconds=10.0, relax=True)
        assert answer.termination in ("OPTIMAL", "INFEASIBLE")
        best = min(best, answer.objective)
    return best + matrix.objective_offset


def with_limits(matrix: Matrix, block: str, most: float) -> None:
    """Gives the columns of a block an upper bound that cannot bind, so that they can be listed."""
    positions = matrix.columns[block].positions
    matrix.column_upper[positions] = np.minimum(matrix.column_upper[positions], most)


ACCESS = (
    "site_id actor_id limit_persons open_cost_usd_m_per_yr opening_cost_usd_m closing_cost_usd_m"
    " minimum_garrison_persons stationing_cost_usd_m_per_person_yr"
)


def counted_units(seed: int) -> Problem:
    """Whole brigades and battalions, some in place and some from home within what lift can carry."""
    random = np.random.default_rng(seed)
    types = ["BRIGADE", "BATTALION"]
    return tiny_problem(
        unit_types=rows(
            "unit_type_id personnel_persons is_counted", "BRIGADE 4000 true", "BATTALION 800 true"
        ),
        unit_type_modes=rows("unit_type_id mode", "BRIGADE PERMANENT", "BATTALION PERMANENT"),
        unit_capabilities=rows(
            "unit_type_id capability_id capability_points",
            f"BRIGADE GROUND {random.choice([2, 3, 3.5])}",
            "BATTALION GROUND 0.8",
        ),
        actor_unit_types=rows(
            FORCE,
            f"USA BRIGADE {random.integers(800, 1500)} 2 READY",
            f"USA BATTALION {random.integers(200, 500)} 3 READY",
        ),
        transit_times=rows(
            "staging_area_id theater_id unit_type_id transit_days", *[f"AMERICA EAST {g} 20" for g in types]
        ),
        lift=rows(
            "lift_pool_id scenario_id phase_id capacity_points", f"SHIPS WAR D30 {random.uniform(0.5, 2)}"
        ),
        lift_actors=rows("lift_pool_id actor_id", "SHIPS USA"),
        lift_unit_types=rows(
            "lift_pool_id unit_type_id lift_points", "SHIPS BRIGADE 1", "SHIPS BATTALION 0.3"
        ),
        requirements=rows(NEED, f"EAST WAR D30 GROUND 2026 {random.uniform(2, 8):.2f}"),
        interests=rows(INTEREST, f"EAST GROUND {random.integers(300, 900)}"),
    )


def kept_and_housed_units(seed: int) -> Problem:
    """Whole brigades of the lead actor and parts of an ally's, within a facility and beside what is kept elsewhere."""
    random = np.random.default_rng(seed)
    return tiny_problem(
        theaters=rows("theater_id", "EAST", "WEST"),
        facilities=rows("facility_id", "RANGE"),
        unit_types=rows(
            "unit_type_id personnel_persons is_counted is_counted_for_lead_only facility_id",
            "BRIGADE 4000 true true RANGE",
        ),
        unit_type_modes=rows("unit_type_id mode", "BRIGADE PERMANENT", "BRIGADE ROTATIONAL"),
        site_access=rows(
            "site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0.025", "CAMP ALY 0"
        ),
        site_facilities=rows("site_id facility_id capacity_count", f"CAMP RANGE {random.uniform(2, 5):.2f}"),
        actor_unit_types=rows(
            FORCE,
            f"USA BRIGADE {random.integers(800, 1500)} 9 READY",
            f"ALY BRIGADE 900 {random.uniform(0.5, 2):.2f} READY",
        ),
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 3", "ALY BRIGADE 0.5"),
        scenario_theaters=rows("scenario_id theater_id", "WAR EAST", "WAR WEST"),
        transit_times=rows("staging_area_id theater_id unit_type_id transit_days", "AMERICA WEST BRIGADE 20"),
        requirements=rows(
            NEED,
            f"EAST WAR D30 GROUND 2026 {random.uniform(2, 6):.2f}",
            f"WEST WAR D30 GROUND 2026 {random.uniform(1, 3):.2f}",
        ),
        interests=rows(INTEREST, "EAST GROUND 2500", f"WEST GROUND {random.choice([700, 1800])}"),
        theater_reserves=rows(
            "actor_id unit_type_id theater_id reserved_count",
            f"USA BRIGADE WEST {random.uniform(0.5, 2.5):.2f}",
            "ALY BRIGADE EAST 0.25",
        ),
    )


def converted_and_supported(seed: int) -> Problem:
    """Whole Guard brigades over two years, kept, disbanded or made ready; in the theater each takes support along."""
    random = np.random.default_rng(seed)
    types = ["BRIGADE", "SUPPORT"]
    return tiny_problem(
        {"year_count": 2, "discount_rate_fraction": 0.05},
        unit_types=rows(
            "unit_type_id personnel_persons is_counted",
            "BRIGADE 4000 true",
            f"GUARD 4000 {['true', '-'][random.integers(2)]}",
            "SUPPORT 1000 -",
        ),
        unit_type_modes=rows("unit_type_id mode", "SUPPORT PERMANENT"),
        capabilities=rows("capability_id", "GROUND", "ENABLERS"),
        unit_support=rows(
            "unit_type_id capability_id needed_points provided_points",
            f"BRIGADE ENABLERS {random.uniform(0.5, 2):.2f} -",
            "SUPPORT ENABLERS - 1",
        ),
        actor_unit_types=[
            {**row, "maximum_raised_count_per_yr": most}
            for row, most in zip(
                rows(
                    FORCE,
                    f"USA BRIGADE {random.integers(800, 1500)} 3 READY",
                    f"USA GUARD {random.integers(100, 400)} 3 READY",
                    f"USA SUPPORT {random.integers(100, 400)} 4 READY",
                ),
                (0, 0, None),
                strict=True,
            )
        ],
        owned_today=rows("actor_id unit_type_id owned_count", "USA GUARD 3"),
        conversions=rows(
            "actor_id from_unit_type_id to_unit_type_id conversion_cost_usd_m_per_unit lead_time_yr"
            " maximum_converted_count_per_yr life_yr",
            f"USA GUARD BRIGADE {random.integers(100, 600)} {random.choice([0, 1])} 2 {random.choice(['-', '5'])}",
            f"USA BRIGADE GUARD {random.integers(0, 50)} - 1 -",
        ),
        transit_times=rows(
            "staging_area_id theater_id unit_type_id transit_days", *[f"AMERICA EAST {g} 20" for g in types]
        ),
        requirements=rows(
            NEED,
            f"EAST WAR D30 GROUND 2026 {random.uniform(0, 1.5):.2f}",
            f"EAST WAR D30 GROUND 2027 {random.uniform(0.5, 3):.2f}",
        ),
        interests=rows(INTEREST, f"EAST GROUND {random.integers(1500, 4000)}"),
    )


def sites_that_open(seed: int) -> Problem:
    """Two sites over two years, open or closed, opened or closed on the way."""
    random = np.random.default_rng(seed)
    access = [
        f"{site} USA {random.choice([4000, 9000])} {random.integers(0, 400)} {random.integers(0, 300)}"
        f" {random.integers(0, 300)} {random.choice([0, 2500])} {random.choice([0.01, 0.03])}"
        for site in ("CAMP", "FORT")
    ]
    return tiny_problem(
        {"year_count": 2, "discount_rate_fraction": 0.05},
        sites=rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "FORT ALY EAST_AREA"),
        site_access=[{**row, "open_today": bool(random.integers(2))} for row in rows(ACCESS, *access)],
        requirements=rows(
            NEED,
            f"EAST WAR D30 GROUND 2026 {random.uniform(0, 2):.2f}",
            f"EAST WAR D30 GROUND 2027 {random.uniform(0, 3):.2f}",
        ),
        interests=rows(INTEREST, "EAST GROUND 3500"),
    )


def nuclear_programs(seed: int) -> Problem:
    """An ally under the umbrella for three years, whose money a program, shared forces or brigades may take."""
    random = np.random.default_rng(seed)
    need = [f"EAST WAR D30 GROUND {year} {random.uniform(3, 8):.2f}" for year in (2026, 2027, 2028)]
    return tiny_problem(
        {"year_count": 3, "discount_rate_fraction": 0.05},
        actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
        actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 9 READY"),
        actor_years=rows(
            "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
            "ALY 2025 100000 0.045 500",
        ),
        requirements=rows(NEED, *need),
        nuclear_options=rows(
            "actor_id nuclear_posture holds_today lead_cost_usd_m_per_yr own_cost_usd_m_per_yr"
            " program_cost_usd_m lead_time_yr exposure_points",
            f"ALY UMBRELLA true {random.integers(100, 900)} - - - 3",
            f"ALY INDEPENDENT - - {random.integers(0, 900)} {random.integers(100, 3000)}"
            f" {random.integers(1, 3)} -",
            f"ALY SHARED - 50 {random.integers(0, 900)} - - 1",
        ),
        nuclear_reductions=rows(
            "actor_id nuclear_posture theater_id capability_id reduction_points",
            f"ALY INDEPENDENT EAST GROUND {random.uniform(1, 4):.2f}",
            f"ALY SHARED EAST GROUND {random.uniform(0, 1):.2f}",
        ),
        freed_levers=rows("lever lever_key", "NUCLEAR ALY"),
        exposure=rows("theater_id hazard_factor", "EAST 0.5"),
        exposure_limits=rows(
            "year maximum_exposure_points exposure_price_usd_m_per_point_yr", "2025 - 30", "2028 16 -"
        ),
    )


@pytest.mark.parametrize("seed", range(2))
def test_nuclear_programs(seed: int) -> None:
    problem = nuclear_programs(seed)
    found = optimum(problem, relax=False)
    assert best_of_all(found.matrix) == pytest.approx(found.objective, rel=1e-9)
    assert optimum(problem).objective <= found.objective + 1e-6
    assert audit_findings(problem, found, is_relaxed=False) == []


@pytest.mark.parametrize(
    "problem",
    [
        in_periods(sites_that_open(0), [2026, 2029]),
        in_periods(sites_that_open(3), [2026, 2028]),
        in_periods(nuclear_programs(0), [2026, 2028, 2029]),
        in_periods(nuclear_programs(1), [2026, 2027, 2030]),
    ],
    ids=[
        "sites of four years",
        "sites of three years",
        "nuclear, long then short",
        "nuclear, short then long",
    ],
)
def test_periods_of_several_years(problem: Problem) -> None:
    found = optimum(problem, relax=False)
    assert best_of_all(found.matrix) == pytest.approx(found.objective, rel=1e-9)
    assert audit_findings(problem, found, is_relaxed=False) == []


@pytest.mark.parametrize("seed", range(4))
def test_counted_units(seed: int) -> None:
    problem = counted_units(seed)
    found = optimum(problem, relax=False)
    with_limits(found.matrix, "stationed", 3)
    assert best_of_all(found.matrix) == pytest.approx(found.objective, rel=1e-9)
    assert audit_findings(problem, found, is_relaxed=False) == []


@pytest.mark.parametrize("seed", range(3))
def test_kept_and_housed_units(seed: int) -> None:
    problem = kept_and_housed_units(seed)
    found = optimum(problem, relax=False)
    with_limits(found.matrix, "stationed", 5)
    assert best_of_all(found.matrix) == pytest.approx(found.objective, rel=1e-9)
    assert optimum(problem).objective < found.objective - 1e-6
    assert audit_findings(problem, found, is_relaxed=False) == []


@pytest.mark.parametrize("seed", range(4))
def test_units_that_are_converted_and_supported(seed: int) -> None:
    problem = converted_and_supported(seed)
    found = optimum(problem, relax=False)
    assert best_of_all(found.matrix) == pytest.approx(found.objective, rel=1e-9)
    assert audit_findings(problem, found, is_relaxed=False) == []


@pytest.mark.parametrize("seed", range(4))
def test_sites_that_open_and_close(seed: int) -> None:
    problem = sites_that_open(seed)
    found = optimum(problem, relax=False)
    assert best_of_all(found.matrix) == pytest.approx(found.objective, rel=1e-9)
    assert audit_findings(problem, found, is_relaxed=False) == []
