"""Hand-over before withdrawal and stability, on cases solved by hand."""

from functools import cache
from typing import Any

import pandas as pd
import pytest
from small_problem import Rows, rows
from tiny_cases import NEED, handing_over, handing_over_late, tiny_problem

from optimizer.audit import audit
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


def solved(problem: Problem) -> Solution:
    solution = solve(problem, SolveOptions())
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []
    return solution


def brigades(solution: Solution, actor: str, site: str = "CAMP") -> list[float]:
    """Units and sets of an actor at a site by year, period 0 first."""
    frame = solution.tables["stationed_forces"]
    here = frame[(frame["actor_id"] == actor) & (frame["site_id"] == site)]
    counts = here.groupby("year")["stationed_count"].sum()
    years = range(2025, int(solution.tables["owned_forces"]["year"].max()) + 1)
    return [float(counts.get(year, 0.0)) for year in years]


def test_allies_must_stand_there_a_year_before_the_lead_actor_leaves() -> None:
    """ALY can have 1, 2, 3, 4 brigades. The need alone leaves 3, 2, 1, 0 American ones, 6·2.6; hand-over keeps one more
    a year, 4, 3, 2, 1, as what ALY gains in year 1 counts in year 2: 10·2.6 = 26.
    """
    without = solved(handing_over(handovers=[]))
    assert brigades(without, "USA") == pytest.approx([4, 3, 2, 1, 0])
    solution = solved(handing_over())
    assert brigades(solution, "USA") == pytest.approx([4, 4, 3, 2, 1])
    assert solution.outcome["objective_usd_m"] == pytest.approx(26_000, rel=1e-9)
    frame = solution.tables["handover_results"]
    assert frame["lead_points"].to_list() == pytest.approx([4, 4, 3, 2, 1])
    assert frame["allied_points"].to_list() == pytest.approx([0, 1, 2, 3, 3])
    assert frame["carried_points"].to_list() == pytest.approx([0, 0, 0, 0, 0])


def test_what_allies_added_and_nobody_used_is_carried() -> None:
    """A rule keeps four brigades through 2028; in 2029 the three that ALY had by 2028 are used at once."""
    solution = solved(handing_over_late())
    assert brigades(solution, "USA") == pytest.approx([4, 4, 4, 4, 1])
    frame = solution.tables["handover_results"]
    assert frame["carried_points"].to_list() == pytest.approx([0, 0, 1, 2, 0])


def test_what_allies_take_away_is_replaced() -> None:
    """ALY can pay for one of its two brigades: 4 + 2 points stand there today, so 5 American ones from year 2."""
    problem = handing_over(
        2,
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 4", "ALY BRIGADE 2"),
        programmed_forces=rows("actor_id unit_type_id year programmed_count", "ALY BRIGADE 2026 1"),
        actor_years=rows(
            "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
            "ALY 2025 100000 0.01 0",
        ),
        requirements=rows(NEED, "EAST WAR D30 GROUND 2026 0"),
    )
    assert brigades(solved(problem), "USA") == pytest.approx([4, 4, 5])


def test_units_of_allies_elsewhere_and_sets_take_nothing_over() -> None:
    """ALY's home lies outside and its site access is none: nothing is handed over, and four stay."""
    problem = handing_over(
        2,
        actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY ALYLAND"),
        transit_times=rows("staging_area_id theater_id unit_type_id transit_days", "ALYLAND EAST BRIGADE 5"),
    )
    assert brigades(solved(problem), "USA") == pytest.approx([4, 4, 4])


def moving(year_count: int = 1, limit: str = "- -", **tables: Rows) -> Problem:
    """Two American brigades stand at CAMP, and none are needed; FORT is another site there."""
    base: dict[str, Any] = {
        "sites": rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "FORT ALY EAST_AREA"),
        "site_access": rows(
            "site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0.025", "FORT USA 0.025"
        ),
        "requirements": rows(NEED, "EAST WAR D30 GROUND 2026 0"),
        "owned_today": rows("actor_id unit_type_id owned_count sets_owned_count", "USA BRIGADE 2 1"),
        "stationed_today": rows(
            "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 2"
        ),
        "stability_limits": rows(
            "actor_id year maximum_moves_count move_price_usd_m_per_unit", f"USA 2025 {limit}"
        ),
    }
    return tiny_problem({"year_count": year_count}, **{**base, **tables})


def moves(solution: Solution) -> list[float]:
    return list(solution.tables["stability_results"]["moves_count"])


def test_no_more_moves_than_the_limit() -> None:
    """One brigade may leave in a year: 1 and 0 stay, one year of one brigade is 2.6; without a limit none stay."""
    assert solved(moving(2)).outcome["objective_usd_m"] == pytest.approx(0)
    solution = solved(moving(2, "1 -"))
    assert solution.outcome["objective_usd_m"] == pytest.approx(2600)
    assert moves(solution) == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("price", "money", "penalty"),
    [
        # Two moves for 500 each are cheaper than two brigades for two years.
        (500, 0, 1000),
        # 6,000 for a move is more than the 5,200 of a brigade that stays for two years.
        (6000, 4 * 2600, 0),
    ],
)
def test_moves_at_a_price(price: int, money: int, penalty: int) -> None:
    outcome = solved(moving(2, f"- {price}")).outcome
    assert outcome["lead_cost_usd_m"] == pytest.approx(money)
    assert outcome["penalty_usd_m"] == pytest.approx(penalty)


def fixed(*lines: str) -> Rows:
    made = rows("policy_rule_id quantity actor_id site_group_id sense value", *lines)
    return [{**rule, "sentence": "By order."} for rule in made]


def test_from_site_to_site_is_one_move() -> None:
    """Both brigades go to FORT: two leave and two come, and that is two moves for 10 each."""
    there = fixed("GO STATIONED_COUNT USA FORT AT_LEAST 2", "LEAVE STATIONED_COUNT USA CAMP AT_MOST 0")
    solution = solved(moving(1, "- 10", policy_rules=there))
    assert moves(solution) == pytest.approx([2])
    assert solution.outcome["objective_usd_m"] == pytest.approx(2 * 2600 + 20)


def test_a_set_that_comes_is_no_unit_that_left() -> None:
    """Two brigades go and a set comes, since FORT has room for its keepers only: three moves."""
    modes = rows("unit_type_id mode personnel_persons", "BRIGADE PERMANENT -", "BRIGADE PREPOSITIONED 100")
    access = rows("site_id actor_id limit_persons", "CAMP USA -", "FORT USA 100")
    there = fixed("GO STATIONED_COUNT USA FORT AT_LEAST 1", "LEAVE STATIONED_COUNT USA CAMP AT_MOST 0")
    owned = fixed("ONE OWNED_COUNT USA - AT_MOST 1")
    rules = [*there, *owned]
    problem = moving(1, "- 10", unit_type_modes=modes, site_access=access, policy_rules=rules)
    assert moves(solved(problem)) == pytest.approx([3])


@cache
def handed_over() -> tuple[Problem, Solution]:
    problem = handing_over(2, stability_limits=rows("actor_id year maximum_moves_count", "USA 2025 2"))
    return problem, solved(problem)


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("handover_results", "carried_points", 1.0, "1 carried but 0 left"),
        ("handover_results", "lead_points", 2.0, "2 shown but 3 stand there"),
        ("handover_results", "allied_points", 4.0, "4 shown but 1 stand there"),
        ("stationed_forces", "stationed_count", 2.0, "1 more than allies had taken over"),
        ("stability_results", "moves_count", 3.0, "3 moves shown but 1 made"),
        ("stationed_forces", "stationed_count", 1.0, "3 moves but at most 2"),
    ],
)
def test_the_audit_sees_it(table: str, column: str, value: float, words: str) -> None:
    """Two years: 4 and 3 American brigades stand there, and one of ALY."""
    problem, solution = handed_over()
    frame: pd.DataFrame = solution.tables[table].copy()
    frame.loc[(frame["year"] == 2027).to_numpy(), column] = value
    found = audit(problem, {**solution.tables, table: frame}, False, solution.outcome["objective_usd_m"])
    assert any(words in finding for finding in found), found
