"""What is said where no plan exists: the needs or the budget at fault, by their names and with their figures."""

import pytest

from forceposture.report.text import outcome_text
from optimizer.cases.read import read_case
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem


def test_the_need_that_cannot_be_met_is_named() -> None:
    """The Baltic needs 7 brigades and 5 may come from Europe; of the other 2 the United States may own none."""
    problem = read_case("hand_no_response")
    owners = problem["actor_unit_types"]
    most = owners["maximum_owned_count"].where(owners["actor_id"] != "USA", 1.0)
    problem = Problem({**problem.tables, "actor_unit_types": owners.assign(maximum_owned_count=most)})
    solution = solve(problem, SolveOptions())
    assert solution.outcome["termination"] == "INFEASIBLE"
    first, second, need, *_ = outcome_text(solution).splitlines()
    assert (first, second) == (
        "No plan exists.",
        "Not all needs can be met. Least is missing where these are not:",
    )
    assert need.endswith("needed, 3 missing")
    assert "Ground forces, " in need


@pytest.mark.parametrize("relax", [True, False])
def test_a_budget_too_small_says_the_least_that_is_feasible(relax: bool) -> None:
    problem = read_case("hand_no_response")
    solution = solve(problem, SolveOptions(relax=relax, lead_budget_usd_m=900.0))
    assert outcome_text(solution).splitlines() == [
        "No plan exists.",
        "A budget of 900 M$ is too small.",
        "No plan costs the lead actor less than 10,350 M$.",
        "With a budget of 10,350 M$ there is a plan.",
    ]
