"""What the summary says of a plan."""

import re
from dataclasses import replace
from io import StringIO

import hand_cases
from rich.console import Console

from forceposture.report.text import summary
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


def test_a_need_met_but_for_the_solvers_tolerance_is_shown_as_met() -> None:
    problem = hand_cases.problem_of(hand_cases.hand_tables())
    solution = solve(problem, SolveOptions())
    needs = solution.tables["requirement_results"].assign(required_points=103.95, reduction_points=0.0)
    needs = needs.assign(lead_points=103.95 - 1e-7, allied_points=0.0, bonus_points=0.0)
    shown = replace(solution, tables={**solution.tables, "requirement_results": needs})
    assert "104.0 of 104.0" in printed(problem, shown)


def test_a_year_costs_what_commands_cost_too() -> None:
    """Today the United States pays 300 for its command; at the end Seoul has it, which saves 400."""
    problem = hand_cases.hand_command()
    options = problem["command_options"]
    costs = options["lead_cost_usd_m_per_yr"].where(options["actor_id"] != "USA", 300.0)
    frame = options.assign(lead_cost_usd_m_per_yr=costs)
    problem = Problem({**problem.tables, "command_options": frame})
    solution = solve(problem, SolveOptions())
    page = printed(problem, solution)
    assert re.search(r"^ Commands held +300 +-400 +-700 *$", page, re.MULTILINE)
    year = f"{solution.outcome['lead_cost_usd_m']:,.0f}"
    assert re.search(rf"^ All +300 +{year} ", page, re.MULTILINE)


def printed(problem: Problem, solution: Solution) -> str:
    page = StringIO()
    Console(file=page, width=200).print(*summary(problem, solution), sep="\n")
    return page.getvalue()
