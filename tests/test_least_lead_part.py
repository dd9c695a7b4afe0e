"""The least part of a need that the lead actor's own units count for, worked by hand.

Seven points are needed; the ally would bring them all, and a point of the United States costs 2,600 M$ a year.
"""

from typing import Any

import pytest
from small_problem import Rows, rows
from tiny_cases import FORCE, NEED, allied, optimum, priced, tiny_problem

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


def with_least_part(least: float, most: float | None = None, **tables: Rows) -> Problem:
    need = rows(f"{NEED} minimum_lead_fraction", f"EAST WAR D30 GROUND 2026 7 {least}")
    if most is not None:
        need[0]["maximum_lead_fraction"] = most
    return tiny_problem(requirements=need, **{**allied(20), **tables})


def test_the_lead_actor_brings_its_part_of_a_hard_need() -> None:
    found = optimum(with_least_part(0.25))
    assert found.objective == pytest.approx(0.25 * 7 * 2600)
    assert found.prices("lead_share_least") == pytest.approx({"EAST,GROUND,D30,WAR,2026": 2600})


@pytest.mark.parametrize(("interest", "missing"), [(660, 0), (640, 7)])
def test_a_need_is_met_as_far_as_the_lead_actor_brings_its_part(interest: float, missing: float) -> None:
    """A quarter of a point costs 650 M$: for less interest nothing is met, whatever the ally has there."""
    solution = solve(with_least_part(0.25, interests=priced(interest)), SolveOptions())
    assert solution.outcome["audit_findings"] == []
    assert solution.outcome["objective_usd_m"] == pytest.approx(min(650, interest) * 7)
    assert solution.tables["requirement_results"]["shortfall_points"].to_list() == pytest.approx([missing])


@pytest.mark.parametrize(("tables", "usd_m"), [({}, 650), ({"interests": priced(640)}, 640)])
def test_the_price_is_that_of_one_more_point_with_its_part(tables: dict[str, Any], usd_m: float) -> None:
    """The ally has points to spare, but a quarter of one more is American; or nobody pays more than the interest."""
    solution = solve(with_least_part(0.25, **tables), SolveOptions(relax=True))
    assert solution.outcome["audit_findings"] == []
    assert solution.tables["requirement_results"]["price_usd_m_per_point"].to_list() == pytest.approx([usd_m])


def test_the_price_is_less_by_what_the_lead_actor_may_count_for_of_one_more_point() -> None:
    """Of 7 points 1.75 are American, 5 the ally's, and 0.25 are missing; of one more a quarter would be American."""

    def solved(points: float) -> Solution:
        need = rows(f"{NEED} maximum_lead_fraction", f"EAST WAR D30 GROUND 2026 {points} 0.25")
        problem = tiny_problem(requirements=need, **allied(5), interests=priced(4000))
        return solve(problem, SolveOptions(relax=True))

    solution = solved(7)
    assert solution.outcome["audit_findings"] == []
    (price,) = solution.tables["requirement_results"]["price_usd_m_per_point"]
    assert price == pytest.approx(0.25 * 2600 + 0.75 * 4000)
    assert solved(8).outcome["objective_usd_m"] - solution.outcome["objective_usd_m"] == pytest.approx(price)


def test_the_audit_sees_too_small_a_part() -> None:
    plan = solve(with_least_part(0.25), SolveOptions())
    findings = audit(with_least_part(0.5), plan.tables, False, plan.outcome["objective_usd_m"])
    assert any(
        "1.75 points of the lead actor, but its least part of what is met is 3.5" in f for f in findings
    )
    assert any("3.5 points missing of a hard need" in f for f in findings)


def test_least_and_most_may_meet() -> None:
    assert optimum(with_least_part(0.5, 0.5)).objective == pytest.approx(3.5 * 2600)


def test_a_least_part_above_the_most_is_a_finding() -> None:
    (finding,) = check(with_least_part(0.5, 0.25))
    assert (finding.code, finding.column_name) == ("REQUIREMENT_UNCLEAR", "minimum_lead_fraction")


def test_a_part_that_the_lead_actor_cannot_bring_is_a_finding() -> None:
    forces = rows(FORCE, "ALY BRIGADE 1000 20 READY")
    problem = with_least_part(0.25, actor_unit_types=forces)
    (finding,) = model_findings(build_index(problem))
    assert (finding.code, finding.column_name) == ("REQUIREMENT_UNREACHABLE", "minimum_lead_fraction")
