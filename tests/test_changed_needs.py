"""What changes all needs, or all those of a theater: worked by hand, and the same as requirements written out."""

from typing import Any

import pandas as pd
import pytest
from hand_cases import problem_of
from random_problems import Tables, random_tables
from small_problem import Rows, rows
from test_laws import law
from tiny_cases import NEED, allied, optimum, tiny_problem

from optimizer.questions.variants import standing_alone
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.by_year import carried_forward
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem

YEARS = "theater_id year need_factor maximum_lead_fraction"


def four_needed(*changes: str, settings: Any = None, **tables: Rows) -> Problem:
    """Four points in each of three years, of which a point of the United States costs 2,600 M$."""
    needs = rows(NEED, "EAST WAR D30 GROUND 2026 4")
    return tiny_problem(
        {"year_count": 3, **(settings or {})},
        **{"requirements": needs, "theater_years": rows(YEARS, *changes), **tables},
    )


def test_a_factor_holds_from_its_year_on() -> None:
    found = optimum(four_needed("EAST 2027 1.5 -"))
    assert found.objective == pytest.approx((4 + 6 + 6) * 2600)


def test_a_factor_on_all_needs_multiplies_those_of_theaters() -> None:
    problem = four_needed("EAST 2027 1.5 -", settings={"need_factor": 0.5})
    assert optimum(problem).objective == pytest.approx((2 + 3 + 3) * 2600)
    completed = complete(problem).problem
    assert completed.settings["need_factor"] is None
    assert complete(completed).problem["requirements"].equals(completed["requirements"])
    without_theaters = four_needed(settings={"need_factor": 0.5}, theater_years=[])
    assert optimum(without_theaters).objective == pytest.approx(3 * 2 * 2600)


def test_each_column_takes_its_last_earlier_value() -> None:
    problem = four_needed("EAST 2027 - 0.5", "EAST 2028 2 -", **allied(20))
    solution = solve(problem, SolveOptions())
    assert solution.outcome["audit_findings"] == []
    results = solution.tables["requirement_results"]
    assert results["required_points"].to_list() == pytest.approx([4, 4, 8])
    needs = complete(problem).problem["requirements"]
    assert needs["year"].to_list() == [2026, 2027, 2028]
    assert needs["maximum_lead_fraction"].fillna(1.0).to_list() == [1.0, 0.5, 0.5]


def test_the_lead_actor_counts_for_no_more_and_its_least_part_gives_way() -> None:
    """With 3 of 4 points asked of the lead actor and at most 1 in the end, the ally brings the others for nothing."""
    needs = rows(f"{NEED} minimum_lead_fraction", "EAST WAR D30 GROUND 2026 4 0.75")
    problem = four_needed("EAST 2027 - 0.5", "EAST 2028 - 0", requirements=needs, **allied(20))
    assert optimum(problem).objective == pytest.approx((3 + 2 + 0) * 2600)


def test_a_factor_on_the_least_part_caps_nothing() -> None:
    """The ally brings what the lead actor need not bring; alone the lead actor brings all the same."""
    needs = rows(f"{NEED} minimum_lead_fraction", "EAST WAR D30 GROUND 2026 4 0.75")
    changes = rows("theater_id year minimum_lead_factor", "EAST 2027 0.5", "EAST 2028 0")
    problem = four_needed(requirements=needs, theater_years=changes, **allied(20))
    assert optimum(problem).objective == pytest.approx((3 + 1.5 + 0) * 2600)
    alone = four_needed(requirements=needs, theater_years=changes)
    assert optimum(alone).objective == pytest.approx(3 * 4 * 2600)


def test_a_need_that_says_less_keeps_its_own_most() -> None:
    needs = rows(f"{NEED} maximum_lead_fraction", "EAST WAR D30 GROUND 2026 4 0.25")
    completed = complete(four_needed("EAST 2026 - 0.5", requirements=needs)).problem
    assert completed["requirements"]["maximum_lead_fraction"].to_list() == [0.25]


def test_defaults_are_filled_in_once() -> None:
    completed = complete(four_needed("EAST 2026 2 -")).problem
    assert complete(completed).problem["requirements"].equals(completed["requirements"])
    assert completed["requirements"]["required_points"].to_list() == [8]


def test_an_ally_alone_counts_for_all_it_brings() -> None:
    problem = four_needed("EAST 2026 2 0", **allied(20))
    needs = complete(standing_alone(problem, "ALY")).problem["requirements"]
    assert needs["maximum_lead_fraction"].isna().all()
    assert needs["required_points"].to_list() == [8]


def written_out(tables: Tables) -> Tables:
    """The tables with the requirements of every year as ``theater_years`` makes them, and without that table."""
    of_all = tables["settings"][0]["need_factor"]
    needs: dict[tuple[Any, ...], dict[int, dict[str, Any]]] = {}
    for row in tables["requirements"]:
        key = (row["theater_id"], row["scenario_id"], row["phase_id"], row["capability_id"])
        needs.setdefault(key, {})[row["year"]] = row
    found = []
    for key, given in needs.items():
        changes = [row for row in tables["theater_years"] if row["theater_id"] == key[0]]
        for year in sorted({*given, *(row["year"] for row in changes)}):
            if year < min(given):
                continue
            row = {**given[max(each for each in given if each <= year)], "year": year}
            for change in sorted(changes, key=lambda change: change["year"]):
                if change["year"] <= year:
                    row |= {f"theater {name}": cell for name, cell in change.items()}
            factor = of_all * row.pop("theater need_factor", 1.0)
            part = row.pop("theater minimum_lead_factor", 1.0)
            most = row.pop("theater maximum_lead_fraction", None)
            for column in ("required_points", "red_score_points"):
                if column in row:
                    row[column] *= factor
            if most is not None:
                row["maximum_lead_fraction"] = min(most, row.get("maximum_lead_fraction", 1.0))
            if "minimum_lead_fraction" in row:
                least = part * row["minimum_lead_fraction"]
                row["minimum_lead_fraction"] = least if most is None else min(most, least)
            found.append({name: cell for name, cell in row.items() if not name.startswith("theater ")})
    settings = [{**tables["settings"][0], "need_factor": 1.0}]
    return {**tables, "settings": settings, "requirements": found, "theater_years": []}


@law(20)
def test_it_is_the_same_as_the_requirements_written_out(seed: int) -> None:
    tables = random_tables(seed)
    long = written_out(tables)
    long.pop("theater_years")
    one, other = (complete(problem_of(each)).problem for each in (tables, long))
    assert one["theater_years"].empty
    by = ["theater_id", "scenario_id", "phase_id", "capability_id"]
    needs = [carried_forward(each["requirements"], by, each.years) for each in (one, other)]
    pd.testing.assert_frame_equal(needs[0], needs[1], rtol=1e-12)
