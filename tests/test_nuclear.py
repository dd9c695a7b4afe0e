"""Nuclear options on the worked example: who is covered how, at whose cost, and what that spares."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hand_cases import Rows, changed, hand_tables, problem_of
from hand_plans import AnsweredProblem
from small_problem import rows
from test_hand_cases import owned, solved, stationed
from tiny_cases import optimum, tiny_problem

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.allied_limits import limits
from optimizer.formulation.frames.index import build_index
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution

Option = dict[str, Any]

UMBRELLA: Option = {"nuclear_posture": "UMBRELLA", "holds_today": True, "lead_cost_usd_m_per_yr": 300}


def independent(program_cost: float, lead_time: int = 0) -> Option:
    """Forces of its own."""
    return {
        "nuclear_posture": "INDEPENDENT",
        "program_cost_usd_m": program_cost,
        "lead_time_yr": lead_time,
    }


def hand_nuclear(*options: Option, lever: int | None = 2026, years: int = 1, reduction: float = 2) -> Problem:
    """ROK's cover may change from the lever's year; forces of its own lower K's need by the reduction."""
    tables = hand_tables()
    tables["settings"] = [{**tables["settings"][0], "year_count": years}]
    tables["nuclear_options"] = [{"actor_id": "ROK", **option} for option in options]
    names = {option["nuclear_posture"] for option in options}
    if "INDEPENDENT" in names:
        tables["nuclear_reductions"] = [lowering("ROK", "INDEPENDENT", "K", reduction)]
    if lever is not None:
        tables["freed_levers"] = [{"lever": "NUCLEAR", "lever_key": "ROK", "first_year": lever}]
    return problem_of(tables)


def lowering(actor: str, posture: str, theater: str, points: float) -> dict[str, Any]:
    return {
        "actor_id": actor,
        "nuclear_posture": posture,
        "theater_id": theater,
        "capability_id": "GROUND",
        "reduction_points": points,
    }


def cover(solution: Solution, actor: str = "ROK") -> list[str]:
    """What covers an ally, from today to the end."""
    frame = solution.tables["nuclear_results"]
    frame = frame[(frame["actor_id"] == actor) & (frame["chosen_fraction"] > 0.5)]
    return [str(posture) for posture in frame.sort_values("year")["nuclear_posture"]]


def starts(solution: Solution) -> list[int]:
    frame = solution.tables["nuclear_results"]
    return frame.loc[frame["started_fraction"] > 0.5, "year"].to_list()


def test_forces_of_its_own_spare_brigades() -> None:
    """The program takes 1.2 of ROK's money: x + (4 − 1.2 − 0.4x)/0.8 = 6 − 2 gives x = 1; 13 + 2.55 = 15.55.

    Under the umbrella K takes 2 brigades, 5.1, and 0.3: 18.4 in all.
    """
    solution = solved(hand_nuclear(UMBRELLA, independent(1200)))
    assert solution.outcome["objective_usd_m"] == pytest.approx(15_550, rel=1e-9)
    assert stationed(solution, "USA", "K_SITE") == pytest.approx(1)
    assert owned(solution, "ROK") == pytest.approx((4 - 1.2 - 0.4) / 0.8)
    assert (cover(solution), starts(solution)) == (["UMBRELLA", "INDEPENDENT"], [2026])
    spent = solution.tables["spending_results"].set_index("actor_id")["spending_usd_m"]
    assert spent["ROK"] == pytest.approx(4000 - 400)


@pytest.mark.parametrize(("lever", "program"), [(None, 1200), (2026, 2400)])
def test_the_umbrella_stays_if_locked_or_if_the_program_is_dear(lever: int | None, program: float) -> None:
    """18.1 and the umbrella's 0.3; a program of 2.4 leaves ROK 2 − 0.5x, so K would take x = 4, 10.2."""
    solution = solved(hand_nuclear(UMBRELLA, independent(program), lever=lever))
    assert solution.outcome["objective_usd_m"] == pytest.approx(18_400, rel=1e-9)
    assert (cover(solution), starts(solution)) == (["UMBRELLA", "UMBRELLA"], [])


def test_the_umbrella_holds_while_the_program_runs_and_it_is_paid_in_equal_parts() -> None:
    """600 over two years: x + (4 − 0.3 − 0.4x)/0.8 = 6 gives x = 2.75, 7.0125 and the umbrella's 0.3, twice.

    In the third year ROK's 4 are 5 points against 4: nothing in K. 3·13 + 2·7.3125 = 53.625; locked it is
    3·18.4 = 55.2.
    """
    solution = solved(hand_nuclear(UMBRELLA, independent(600, lead_time=2), years=3))
    assert solution.outcome["objective_usd_m"] == pytest.approx(53_625, rel=1e-9)
    assert cover(solution) == ["UMBRELLA", "UMBRELLA", "UMBRELLA", "INDEPENDENT"]
    assert starts(solution) == [2026]
    lines = solution.tables["ledger"].query("kind == 'NUCLEAR'")
    paid = {actor: group.set_index("year")["usd_m"].to_dict() for actor, group in lines.groupby("actor_id")}
    assert paid == {"ROK": {2026: 300, 2027: 300}, "USA": {2026: 300, 2027: 300}}


@pytest.mark.parametrize(("lead_time", "lever"), [(3, 2026), (2, 2027), (1, 2028), (0, 2029)])
def test_a_program_that_cannot_finish_does_not_start(lead_time: int, lever: int) -> None:
    """What would be paid beyond the horizon is not had for nothing: there is no such start."""
    problem = hand_nuclear(UMBRELLA, independent(600, lead_time), lever=lever, years=3)
    found = optimum(problem, relax=False)
    assert len(found.matrix.columns["program_start"].keys) == 0
    assert found.objective == pytest.approx(3 * 18_400, rel=1e-9)


def test_cover_is_not_dropped_without_its_lever() -> None:
    """NONE would save the umbrella's 0.3 a year: only from the year in which it is freed."""
    none = {"nuclear_posture": "NONE"}
    costs = {
        lever: optimum(hand_nuclear(UMBRELLA, none, lever=lever, years=2), relax=False).objective
        for lever in (None, 2026, 2027)
    }
    assert costs == pytest.approx({None: 2 * 18_400, 2026: 2 * 18_100, 2027: 2 * 18_400 - 300}, rel=1e-9)


def test_what_holds_today_needs_no_program() -> None:
    """ROK's own forces are there: K needs 4, ROK's 4 are 5 points, the United States pays 13 for B alone."""
    today = {**independent(9000, lead_time=30), "holds_today": True}
    solution = solved(hand_nuclear(today, lever=None))
    assert solution.outcome["objective_usd_m"] == pytest.approx(13_000, rel=1e-9)
    assert starts(solution) == []


def test_allies_together_lower_a_need_to_nothing_and_not_below() -> None:
    """EUR and ROK spare 4 points each of K's 6, EUR also 9 of B's 7: nobody needs anything."""
    tables = hand_tables()
    shared = {"nuclear_posture": "SHARED", "holds_today": True}
    tables["nuclear_options"] = [{"actor_id": actor, **shared} for actor in ("EUR", "ROK")]
    tables["nuclear_reductions"] = [
        lowering("EUR", "SHARED", "K", 4),
        lowering("ROK", "SHARED", "K", 4),
        lowering("EUR", "SHARED", "B", 9),
    ]
    solution = solved(problem_of(tables))
    assert solution.outcome["objective_usd_m"] == 0
    results = solution.tables["requirement_results"].set_index("theater_id")
    assert results["reduction_points"].to_dict() == {"B": 7, "K": 6}
    assert results["shortfall_points"].to_dict() == {"B": 0, "K": 0}


def test_a_lowered_need_may_go_short_of_what_is_left() -> None:
    """At 4,000 a point the United States leaves B: 7 − 1 − 0.8·5 = 2 points are unmet; 5.1 + 8 = 13.1."""
    tables = hand_tables()
    tables["nuclear_options"] = [{"actor_id": "EUR", **UMBRELLA, "lead_cost_usd_m_per_yr": 0}]
    tables["nuclear_reductions"] = [lowering("EUR", "UMBRELLA", "B", 1)]
    tables["interests"] = [
        {"theater_id": "B", "capability_id": "GROUND", "interest_usd_m_per_point_yr": 4000}
    ]
    solution = solved(problem_of(tables))
    assert solution.outcome["objective_usd_m"] == pytest.approx(13_100, rel=1e-9)
    shortfall = solution.tables["requirement_results"].set_index("theater_id")["shortfall_points"]
    assert shortfall["B"] == pytest.approx(2)


def test_nuclear_forces_of_today_are_modeled_spending() -> None:
    """Of 4,000 published, 500 go to shared forces and 3,500 to what is not modeled; 300 of the lead's 9,000."""
    tables = hand_tables()
    tables["nuclear_options"] = [
        {
            "actor_id": "ROK",
            "nuclear_posture": "SHARED",
            "holds_today": True,
            "own_cost_usd_m_per_yr": 500,
            "lead_cost_usd_m_per_yr": 300,
        }
    ]
    for actor, usd_m in (("ROK", 4000), ("USA", 9000)):
        tables["actor_years"] = changed(
            tables["actor_years"],
            {"actor_id": actor},
            other_spending_usd_m_per_yr=None,
            spending_usd_m_per_yr=usd_m,
        )
    frame = limits(build_index(problem_of(tables)))
    other = frame[frame["year"] == 2026].set_index("actor_id")["other_spending_usd_m"]
    assert (other["ROK"], other["USA"]) == (3500, 8700)


def answered(problem: Problem, solution: Solution) -> AnsweredProblem:
    return AnsweredProblem(problem, dict(solution.tables), solution.outcome["objective_usd_m"])


CHEATS = [
    ("year == 2028 and nuclear_posture == 'INDEPENDENT'", "chosen_fraction", 0.0, "covered 0 times"),
    ("year == 2027 and nuclear_posture == 'UMBRELLA'", "nuclear_posture", "INDEPENDENT", "is finished"),
    ("year == 2027 and nuclear_posture == 'UMBRELLA'", "nuclear_posture", "INDEPENDENT", "today's option"),
    ("started_fraction > 0", "started_fraction", 0.0, "only 0 of its program is finished"),
    ("started_fraction > 0", "started_fraction", 2.0, "starts 2 times"),
    ("year == 2028 and started_fraction == 0", "started_fraction", 1.0, "a program starts that may not"),
    (
        "year == 2025 and nuclear_posture == 'UMBRELLA'",
        "nuclear_posture",
        "INDEPENDENT",
        "lever is not freed",
    ),
    ("year == 2028 and nuclear_posture == 'INDEPENDENT'", "nuclear_posture", "SHARED", "no such option"),
    ("year == 2028 and nuclear_posture == 'INDEPENDENT'", "chosen_fraction", 0.5, "by a part"),
    ("year == 2028 and nuclear_posture == 'INDEPENDENT'", "nuclear_posture", "UMBRELLA", "not needed"),
]


@pytest.fixture(scope="module")
def plan() -> AnsweredProblem:
    problem = hand_nuclear(UMBRELLA, independent(600, lead_time=2), years=3)
    return answered(problem, solved(problem))


@pytest.mark.parametrize(("where", "column", "value", "words"), CHEATS)
def test_a_cheat_is_caught(plan: AnsweredProblem, where: str, column: str, value: Any, words: str) -> None:
    frame = plan.tables["nuclear_results"].astype({"nuclear_posture": "str"})
    plan = replace(plan, tables={**plan.tables, "nuclear_results": frame})
    cheat = plan.changed("nuclear_results", where, column, value)
    findings = audit(cheat.problem, cheat.tables, False, cheat.objective_usd_m)
    assert any(words in finding for finding in findings), findings


def test_a_lever_that_is_not_freed_is_seen_by_the_audit(plan: AnsweredProblem) -> None:
    locked = plan.with_table("freed_levers", pd.DataFrame(columns=plan.problem["freed_levers"].columns))
    findings = audit(locked.problem, locked.tables, False, locked.objective_usd_m)
    assert any("lever is not freed" in finding for finding in findings)


FAULTS: list[tuple[str, dict[str, Rows]]] = [
    ("NUCLEAR_UNCLEAR", {"nuclear_options": [{"actor_id": "ROK", "nuclear_posture": "UMBRELLA"}]}),
    (
        "NUCLEAR_UNCLEAR",
        {
            "nuclear_options": [
                {"actor_id": "ROK", "nuclear_posture": name, "holds_today": True}
                for name in ("UMBRELLA", "NONE")
            ]
        },
    ),
    ("NUCLEAR_UNCLEAR", {"nuclear_options": [{"actor_id": "USA", **UMBRELLA}]}),
    ("NUCLEAR_UNCLEAR", {"nuclear_reductions": [lowering("ROK", "SHARED", "K", 1)]}),
    ("LEVER_UNKNOWN", {"freed_levers": [{"lever": "NUCLEAR", "lever_key": "EUR"}]}),
]


@pytest.mark.parametrize(("code", "tables"), FAULTS)
def test_a_fault_is_a_finding(code: str, tables: dict[str, Rows]) -> None:
    base = {**hand_tables(), "nuclear_options": [{"actor_id": "ROK", **UMBRELLA}]}
    assert check(problem_of(base)) == []
    assert [finding.code for finding in check(problem_of({**base, **tables}))] == [code]


def test_none_may_hold_today() -> None:
    base = {
        **hand_tables(),
        "nuclear_options": [{"actor_id": "ROK", "nuclear_posture": "NONE", "holds_today": True}],
    }
    assert check(problem_of(base)) == []


@pytest.mark.parametrize(("points", "codes"), [(3, []), (2, ["REQUIREMENT_UNREACHABLE"])])
def test_a_need_that_an_option_lowers_to_nothing_is_not_beyond_reach(points: float, codes: list[str]) -> None:
    need = "theater_id scenario_id phase_id capability_id year required_points"
    problem = tiny_problem(
        capabilities=rows("capability_id", "GROUND", "AIR"),
        requirements=rows(need, "EAST WAR D30 GROUND 2026 7", "EAST WAR D30 AIR 2026 3"),
        nuclear_options=rows("actor_id nuclear_posture holds_today", "ALY UMBRELLA true"),
        nuclear_reductions=rows(
            "actor_id nuclear_posture theater_id capability_id reduction_points",
            f"ALY UMBRELLA EAST AIR {points}",
        ),
    )
    assert check(problem) == []
    assert [finding.code for finding in model_findings(build_index(problem))] == codes
