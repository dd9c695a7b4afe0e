"""What the summary says of a plan."""

import re
from dataclasses import replace
from io import StringIO
from typing import Any

import hand_cases
import pandas as pd
import pytest
from rich.console import Console
from small_problem import small_problem

from forceposture.report.side_by_side import record_parts
from forceposture.report.text import summary
from optimizer.cases.read import read_case
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


def test_sites_in_its_own_country_are_home() -> None:
    """The site in Korea is made one of the United States, as Hawaii is: its 4,000 people are not abroad."""
    case = read_case("hand_no_response")
    sites = case["sites"]
    hosts = sites["host_actor_id"].where(sites["site_id"] != "K_SITE", "USA")
    names = sites["name"].where(sites["site_id"] != "K_SITE", "Hawaii")
    problem = Problem({**case.tables, "sites": sites.assign(host_actor_id=hosts, name=names)})
    solution = solve(problem, SolveOptions())
    page = printed(problem, solution)
    assert re.search(r"^ All abroad +– +12,000 +\+12,000 +1 open *$", page, re.MULTILINE)
    assert re.search(r"^ In its own country +– +4,000 +\+4,000 +Hawaii 4,000 *$", page, re.MULTILINE)
    assert re.search(r"^ People abroad +none to 12,000 \(\+12,000\) *$", page, re.MULTILINE)
    assert re.search(r"^ People at home +none to 4,000 \(\+4,000\) *$", page, re.MULTILINE)
    assert "Allies' people abroad: none in 2025, 20,000 in 2026." in page
    changes = solution.tables["force_changes"].set_index("actor_id")
    assert changes.loc["USA", "sent_abroad_persons"] == pytest.approx(12_000)
    assert changes.loc["EUR", "sent_abroad_persons"] == 0


@pytest.mark.parametrize(
    ("held", "row"),
    [
        ({2026: (1, 0), 2027: (1, 0), 2028: (1, 0), 2029: (1, 0), 2030: (1, 0)}, "United States  2025"),
        ({2026: (1, 0), 2027: (0, 1), 2028: (0, 1), 2029: (0, 1), 2030: (0, 1)}, "South Korea    2027"),
        ({2026: (0, 1), 2027: (1, 0), 2028: (0, 1), 2029: (1, 0), 2030: (1, 0)}, "United States  2029"),
        ({2026: (1, 0), 2027: (1, 0), 2028: (0.5, 0.5), 2029: (0.5, 0.5), 2030: (0.5, 0.5)}, "shared  2028"),
    ],
    ids=["kept", "handed over", "given back", "shared in a relaxed plan"],
)
def test_a_command_is_held_since_its_last_holder_took_it_for_good(
    held: dict[int, tuple[float, float]], row: str
) -> None:
    tables = hand_cases.hand_tables()
    settings = [{**tables["settings"][0], "year_count": 5}]
    command = read_case("hand", "command").tables
    commands = {name: command[name] for name in ("commands", "command_options", "command_actors")}
    problem = Problem({**hand_cases.problem_of({**tables, "settings": settings}).tables, **commands})
    solution = solve(problem, SolveOptions(relax=True))
    today = [("OPCON", "USA", 2025, 1.0), ("OPCON", "ROK", 2025, 0.0)]
    rows = [
        ("OPCON", actor, year, part)
        for year, parts in held.items()
        for actor, part in zip(("USA", "ROK"), parts, strict=True)
    ]
    results = pd.DataFrame([*today, *rows], columns=["command_id", "actor_id", "year", "held_fraction"])
    page = printed(problem, with_rows(solution, "command_results", results))
    holder, since = row.split("  ", 1)
    last = rf"^ Wartime command in Korea +United States +{holder} +{since.strip()} *$"
    assert re.search(last, page, re.MULTILINE)


def test_half_a_program_is_said_to_be_one_in_part() -> None:
    problem = small_problem()
    rows = [
        *(
            ("EST", "UMBRELLA", year, part, 0.0)
            for year, part in ((2025, 1), (2026, 1), (2027, 1), (2028, 0.5))
        ),
        ("EST", "INDEPENDENT", 2026, 0.0, 0.5),
        ("EST", "INDEPENDENT", 2028, 0.5, 0.0),
    ]
    columns = ["actor_id", "nuclear_posture", "year", "chosen_fraction", "started_fraction"]
    solution = solve(problem, SolveOptions(relax=True))
    shown = with_rows(solution, "nuclear_results", pd.DataFrame(rows, columns=columns))
    page = printed(problem, shown)
    assert re.search(r"^ Estonia +umbrella +in part +in part from 2026 ", page, re.MULTILINE)


def test_a_plan_without_allied_units_speaks_of_no_allied_units() -> None:
    case = read_case("hand_no_response")
    forces = case["actor_unit_types"]
    problem = Problem({**case.tables, "actor_unit_types": forces[forces["actor_id"] == "USA"]})
    solution = solve(problem, SolveOptions())
    page = printed(problem, solution)
    assert solution.outcome["lead_cost_usd_m"] == pytest.approx(7 * 2600 + 6 * 2550)
    assert "Allies: units owned" not in page
    assert "All allies" not in page
    assert re.search(r"^ Baltic +deter +1/1 +100% ", page, re.MULTILINE)


def test_prices_are_what_one_more_point_costs() -> None:
    """A U.S. brigade costs 2,500 M$ and 100 or 50 for being there; where nobody pays, no need has a price."""
    problem = read_case("hand_no_response")
    solution = solve(problem, SolveOptions())
    page = printed(problem, solution)
    assert re.search(r"^ Baltic +Ground forces +2,600 ", page, re.MULTILINE)
    assert re.search(r"^ Korea +Ground forces +2,550 ", page, re.MULTILINE)
    needs = solution.tables["requirement_results"].assign(price_usd_m_per_point=0.0)
    free = printed(problem, with_rows(solution, "requirement_results", needs))
    assert "No need has a price." in free
    assert "A need without a price could be slightly greater at no cost." in free


def test_no_price_of_whole_brigades_is_not_called_free() -> None:
    """With whole brigades held no small change costs anything, yet one more point takes another brigade."""
    problem = read_case("hand", "whole")
    page = printed(problem, solve(problem, SolveOptions()))
    assert "No need has a price of the short run." in page
    assert "could be slightly greater at no cost" not in page


def test_sums_of_one_year_are_not_called_discounted() -> None:
    for alternative, covers in ((None, "in 2026"), ("five_years", "all years")):
        problem = read_case("hand", alternative)
        assert f"Who pays what (M$ of 2025, {covers})" in printed(problem, solve(problem, SolveOptions()))


def test_tables_of_comparisons_tell_names_apart() -> None:
    case = read_case("hand_no_response")
    problem = Problem({**case.tables, "theaters": case["theaters"].assign(name="Front [east]")})
    records: list[dict[str, str | float]] = [
        {"theater": "B", "avoidable_usd_m": 7800.0},
        {"theater": "K", "avoidable_usd_m": 0.0},
        {"theater": "joint remainder", "avoidable_usd_m": 0.0},
    ]
    page = on_a_page(record_parts(records, problem))
    assert re.findall(r"Front \[east\] \(.\)|joint remainder", page) == [
        "Front [east] (B)",
        "Front [east] (K)",
        "joint remainder",
    ]


def with_rows(solution: Solution, table: str, frame: pd.DataFrame) -> Solution:
    return replace(solution, tables={**solution.tables, table: frame})


def printed(problem: Problem, solution: Solution) -> str:
    return on_a_page(summary(problem, solution))


def on_a_page(parts: list[Any]) -> str:
    page = StringIO()
    Console(file=page, width=200).print(*parts, sep="\n")
    return page.getvalue()
