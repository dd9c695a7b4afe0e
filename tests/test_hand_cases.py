"""The worked example of the formulation, digit by digit."""

import hand_cases
import pytest

from optimizer.cases.read import read_case
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


def solved(problem: Problem, relax: bool = False) -> Solution:
    solution = solve(problem, SolveOptions(relax=relax, time_limit_seconds=60))
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []
    return solution


def owned(solution: Solution, actor: str, year: int = 2026) -> float:
    frame = solution.tables["owned_forces"]
    return float(frame[(frame["actor_id"] == actor) & (frame["year"] == year)]["owned_count"].sum())


def stationed(solution: Solution, actor: str, site: str, year: int = 2026) -> float:
    frame = solution.tables["stationed_forces"]
    here = (frame["actor_id"] == actor) & (frame["site_id"] == site) & (frame["year"] == year)
    return float(frame[here]["stationed_count"].sum())


def prices(solution: Solution) -> dict[str, float]:
    frame = solution.tables["requirement_results"]
    return dict(zip(frame["theater_id"], frame["price_usd_m_per_point"], strict=True))


def test_hand() -> None:
    """x + 0.8(5 − 0.5x) = 7 gives x = 5; x + (4 − 0.4x)/0.8 = 6 gives x = 2; 2.6·5 + 2.55·2 = 18.1."""
    solution = solved(read_case("hand"))
    assert solution.outcome["objective_usd_m"] == pytest.approx(18_100, rel=1e-9)
    assert stationed(solution, "USA", "B_SITE") == pytest.approx(5)
    assert stationed(solution, "USA", "K_SITE") == pytest.approx(2)
    assert owned(solution, "EUR") == pytest.approx(2.5)
    assert owned(solution, "ROK") == pytest.approx(4)
    assert prices(solution) == {"B": pytest.approx(2600 / 0.6), "K": pytest.approx(2550 / 0.5)}
    assert solution.outcome["price_kind"] == "LINEAR"


def test_prices_of_a_relaxation_are_called_so() -> None:
    solution = solved(read_case("hand", "whole"), relax=True)
    assert solution.outcome["price_kind"] == "RELAXATION"
    assert prices(solution)["B"] > 0


def test_hand_whole() -> None:
    """6 and 2 U.S. brigades: EUR's 5 − 0.5·6 = 2 are 1.6 points; 2.6·6 + 2.55·2 + 0.2 + 0.1 = 21.0."""
    solution = solved(read_case("hand", "whole"))
    assert solution.outcome["objective_usd_m"] == pytest.approx(21_000, rel=1e-9)
    assert (stationed(solution, "USA", "B_SITE"), stationed(solution, "USA", "K_SITE")) == (6, 2)
    assert (owned(solution, "EUR"), owned(solution, "ROK")) == (2, 4)
    assert solution.outcome["price_kind"] == "INTEGERS_HELD"
    # 7.6 points in B are more than enough while all whole units stay.
    assert prices(solution)["B"] == 0


def test_an_ally_leaves_sites_where_nobody_is() -> None:
    """EUR, with money to spare, runs a second site for 10 M$ a year; nobody goes there, so a plan closes it."""
    tables = hand_cases.hand_tables()
    tables["unit_types"] = hand_cases.changed(tables["unit_types"], {}, is_counted=True)
    tables["sites"] = [
        *tables["sites"],
        {"site_id": "IDLE", "host_actor_id": "EUR", "staging_area_id": "B_AREA", "capacity_persons": 9000},
    ]
    idle = {"site_id": "IDLE", "actor_id": "EUR", "open_today": True, "open_cost_usd_m_per_yr": 10}
    tables["site_access"] = [*tables["site_access"], idle]
    solution = solved(hand_cases.problem_of(tables))
    uses = solution.tables["site_uses"]
    later = uses[(uses["site_id"] == "IDLE") & (uses["year"] >= 2026)]
    assert solution.outcome["audit_passed"]
    assert later["open_fraction"].sum() == pytest.approx(later.loc[later["stationed_persons"] > 0].shape[0])


def test_hand_command() -> None:
    """x + 1.1(4 − 0.4x)/0.8 = 6 gives x = 10/9 and Seoul 40/9 ≥ 4.4; 13 + 2.55·10/9 − 0.4 = 15.4333."""
    solution = solved(read_case("hand", "command"))
    assert solution.outcome["objective_usd_m"] == pytest.approx(13_000 + 2550 * 10 / 9 - 400, rel=1e-9)
    held = solution.tables["command_results"]
    assert held.loc[held["year"] == 2026, "actor_id"].to_list() == ["ROK"]
    assert stationed(solution, "USA", "K_SITE") == pytest.approx(10 / 9)
    assert solution.outcome["price_kind"] == "INTEGERS_HELD"
    # With the holder as it is, a U.S. brigade in K brings 1 point and takes 1.1 · 0.4/0.8 of Seoul's.
    assert prices(solution) == {"B": pytest.approx(2600 / 0.6), "K": pytest.approx(2550 / 0.45)}


def test_hand_command_locked() -> None:
    """While the lever is not freed, today's holder keeps the command, and the plan is that of ``hand``."""
    solution = solved(hand_cases.hand_command(is_freed=False))
    assert solution.outcome["objective_usd_m"] == pytest.approx(18_100, rel=1e-9)
    held = solution.tables["command_results"]
    assert held["actor_id"].unique().tolist() == ["USA"]


def test_hand_interest() -> None:
    """At 4,000 a point, below the price of 4,333, the United States leaves B: 7 − 0.8·5 = 3 points are unmet."""
    solution = solved(read_case("hand", "interest"))
    outcome = solution.outcome
    assert outcome["lead_cost_usd_m"] == pytest.approx(5_100, rel=1e-9)
    assert outcome["penalty_usd_m"] == pytest.approx(12_000, rel=1e-9)
    assert outcome["objective_usd_m"] == pytest.approx(17_100, rel=1e-9)
    assert stationed(solution, "USA", "B_SITE") == 0
    assert solution.tables["unmet_needs"]["unmet_points"].to_list() == [pytest.approx(3)]
    assert prices(solution)["B"] == pytest.approx(4000)


def test_a_response_without_reference_is_a_finding() -> None:
    tables = hand_cases.hand_tables()
    tables["actor_years"] = hand_cases.changed(
        tables["actor_years"], {"actor_id": "EUR"}, reference_spending_usd_m_per_yr=None
    )
    findings = model_findings(build_index(hand_cases.problem_of(tables)))
    assert [(finding.code, finding.row_key) for finding in findings] == [("RESPONSE_UNCLEAR", "EUR/2026")]


def test_a_response_to_a_presence_without_limit_is_a_finding() -> None:
    tables = hand_cases.hand_tables()
    tables["site_access"] = hand_cases.changed(tables["site_access"], {}, limit_persons=None)
    tables["actor_unit_types"] = hand_cases.changed(tables["actor_unit_types"], {}, maximum_owned_count=None)
    findings = model_findings(build_index(hand_cases.problem_of(tables)))
    assert [finding.row_key for finding in findings] == ["EUR", "ROK"]


def test_where_the_floor_can_hold_presence_is_not_forbidden() -> None:
    """ROK answers with 1 $B a brigade, down to a floor of 1: K needs x + max(1, 4 − x)/0.8 ≥ 6.

    Up to x = 3 the left side is 5 − 0.25x, never 6; beyond, the floor holds and x + 1.25 = 6 gives x = 4.75.
    """
    tables = hand_cases.hand_tables()
    tables["responses"] = hand_cases.changed(
        tables["responses"], {"actor_id": "ROK"}, response_usd_m_per_point_yr=1000
    )
    tables["actor_years"] = hand_cases.changed(
        tables["actor_years"], {"actor_id": "ROK"}, floor_spending_usd_m_per_yr=1000
    )
    solution = solved(hand_cases.problem_of(tables))
    assert stationed(solution, "USA", "K_SITE") == pytest.approx(4.75)
    assert solution.outcome["objective_usd_m"] == pytest.approx(13_000 + 2550 * 4.75, rel=1e-9)
    targets = solution.tables["response_results"].set_index("actor_id")["target_usd_m"]
    assert targets["ROK"] == pytest.approx(1000)


def test_hand_five_years() -> None:
    """EUR's 5, 6, 7, 8, 9 leave 5, 11/3, 7/3, 1 and 0 brigades in B: 12·2.6 = 31.2; 5.1 a year in K."""
    solution = solved(read_case("hand", "five_years"))
    brigades = [stationed(solution, "USA", "B_SITE", year) for year in range(2026, 2031)]
    assert brigades == pytest.approx([5, 11 / 3, 7 / 3, 1, 0], abs=1e-6)
    assert solution.outcome["objective_usd_m"] == pytest.approx(31_200 + 5 * 5_100, rel=1e-9)


def test_a_plan_that_costs_almost_nothing_passes_its_audit() -> None:
    """Seoul holds the command, which saves 400 M$; nothing keeps allies from spending, so that nobody needs to pay."""
    problem = hand_cases.hand_command()
    responses = ["reference_spending_usd_m_per_yr", "floor_spending_usd_m_per_yr"]
    years = problem["actor_years"].assign(**dict.fromkeys(responses, float("nan")))
    without = {name: problem[name].head(0) for name in ("responses", "presence_weights", "sources")}
    commands = problem["commands"].assign(today_actor_id="ROK")
    problem = Problem({**problem.tables, **without, "actor_years": years, "commands": commands})
    assert solved(problem).outcome["lead_cost_usd_m"] == pytest.approx(0.0, abs=1e-5)
