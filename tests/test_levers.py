"""Forces and presence: with nothing freed the lead actor keeps its program and what stands where; worked by hand.

Of three American brigades two stand in CAMP, and one is needed there. A brigade costs 2,500 M$ a year, 100 more in CAMP
and 50 more in FORT.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from random_problems import random_tables
from small_problem import Rows, rows
from test_brute_force import best_of_all, with_limits
from test_laws import cost, law, not_above, scaled
from tiny_cases import (
    INTEREST,
    NEED,
    allied,
    american,
    audit_findings,
    needed,
    optimum,
    rule,
    sets_problem,
    tiny_problem,
)

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.explain.rule_words import RuleWords
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

OWNED = "actor_id unit_type_id owned_count"
STATIONED = "actor_id unit_type_id site_id mode stationed_count"
PROGRAM = "actor_id unit_type_id year programmed_count"
PATH = "actor_id site_group_id year minimum_persons"
YEARS = (2026, 2027)


def freeing(problem: Problem, *levers: str) -> Problem:
    """The problem in which these levers are freed and no others, such as ``FORCES USA 2027``."""
    table = pd.DataFrame(rows("lever lever_key first_year", *levers)).astype({"first_year": "int64"})
    return Problem({**problem.tables, "freed_levers": PROBLEM_TABLES["freed_levers"].typed(table)})


def locked(problem: Problem) -> Problem:
    """The problem in which no lever is freed."""
    return Problem({**problem.tables, "freed_levers": problem["freed_levers"].head(0)})


def deployed(settings: dict[str, Any] | None = None, **tables: Rows) -> Problem:
    """The problem of the first lines."""
    base: dict[str, Rows] = {
        "requirements": needed("2026 1"),
        "owned_today": rows(OWNED, "USA BRIGADE 3"),
        "stationed_today": rows(STATIONED, "USA BRIGADE CAMP PERMANENT 2"),
        "sites": rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "FORT ALY EAST_AREA"),
        "site_access": rows(
            "site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0.025", "FORT USA 0.0125"
        ),
    }
    return tiny_problem(settings, **{**base, **tables})


def solved_cost(problem: Problem) -> float:
    """The cost of a problem without findings whose plan passes its audit."""
    assert [*check(problem), *model_findings(build_index(problem))] == []
    outcome = solve(problem, SolveOptions()).outcome
    assert outcome["audit_findings"] == []
    return float(outcome["objective_usd_m"])


@pytest.mark.parametrize(
    ("levers", "usd_m"),
    [
        (("PRESENCE CAMP 2026",), 3 * 2500 + 50),
        (("FORCES USA 2026",), 2 * 2600),
        (("FORCES BRIGADE 2026", "PRESENCE EAST 2026"), 2550),
    ],
)
def test_what_is_freed_moves(levers: tuple[str, ...], usd_m: float) -> None:
    """Freed presence leaves one brigade, in FORT; freed forces leave the two that stand in CAMP."""
    assert solved_cost(freeing(deployed(), *levers)) == pytest.approx(usd_m)


def test_what_is_not_freed_stays() -> None:
    found = optimum(locked(deployed()))
    assert found.objective == pytest.approx(3 * 2500 + 2 * 100)
    assert found.prices("program_kept") == pytest.approx({"USA,BRIGADE,2026": 2500})
    # Nobody wants two brigades in CAMP, and nobody wants FORT while they stay.
    assert found.prices("presence_kept") == pytest.approx({"USA,BRIGADE,CAMP,PERMANENT,2026": 100})


@pytest.mark.parametrize("relax", [True, False])
def test_a_site_at_which_something_stays_is_paid_for_whole(relax: bool) -> None:
    """An open CAMP costs 200 M$, and has room for five brigades of which two are there."""
    access = rows(
        "site_id actor_id stationing_cost_usd_m_per_person_yr open_cost_usd_m_per_yr limit_persons",
        "CAMP USA 0.025 200 20000",
    )
    problem = locked(deployed(site_access=access))
    outcome = solve(problem, SolveOptions(relax=relax)).outcome
    assert outcome["objective_usd_m"] == pytest.approx(3 * 2500 + 2 * 100 + 200)


def test_a_lever_moves_nothing_before_its_first_year() -> None:
    problem = freeing(deployed({"year_count": 2}), "FORCES USA 2027", "PRESENCE ALY 2027")
    assert solved_cost(problem) == pytest.approx(3 * 2500 + 2 * 100 + 2550)


def test_a_program_is_todays_units_and_those_on_order_unless_it_is_given() -> None:
    """A fourth brigade arrives in 2027. The program then lets three go, of which two must stay in CAMP."""
    tables = {"on_order": rows("actor_id unit_type_id year arriving_count", "USA BRIGADE 2027 1")}
    assert solved_cost(locked(deployed({"year_count": 2}, **tables))) == pytest.approx(7 * 2500 + 4 * 100)
    tables["programmed_forces"] = rows(PROGRAM, "USA BRIGADE 2027 1")
    assert solved_cost(locked(deployed({"year_count": 2}, **tables))) == pytest.approx(5 * 2500 + 4 * 100)
    tables["programmed_forces"] = rows(PROGRAM, "USA BRIGADE 2025 3")
    assert solved_cost(locked(deployed({"year_count": 2}, **tables))) == pytest.approx(6 * 2500 + 4 * 100)


def test_a_program_by_default_is_no_more_than_may_be_owned() -> None:
    problem = locked(deployed(actor_unit_types=american(maximum_owned_count=2)))
    assert solved_cost(problem) == pytest.approx(2 * 2600)


def test_a_program_within_the_reserve_has_no_row() -> None:
    problem = locked(deployed(stationed_today=[], actor_unit_types=american(reserved_count=3)))
    assert "program_kept" not in optimum(problem).matrix.rows


@pytest.mark.parametrize(
    ("points", "program", "owned"),
    [(7, [], [2, 7, 7]), (0, [], [2, 2, 2]), (0, ["ALY BRIGADE 2027 5"], [2, 2, 5])],
)
def test_allies_keep_their_program_whatever_is_freed_and_may_raise_beyond_it(
    points: int, program: list[str], owned: list[float]
) -> None:
    problem = tiny_problem(
        {"year_count": 2},
        **allied(20),
        requirements=needed(f"2026 {points}"),
        owned_today=rows(OWNED, "ALY BRIGADE 2"),
        programmed_forces=rows(PROGRAM, *program),
    )
    plan = solve(problem, SolveOptions())
    assert plan.outcome["audit_findings"] == []
    assert plan.tables["owned_forces"]["owned_count"].to_list() == pytest.approx(owned)


def test_a_ceiling_too_low_for_the_program_is_said() -> None:
    problem = tiny_problem(
        **allied(20),
        owned_today=rows(OWNED, "ALY BRIGADE 2"),
        actor_years=rows(
            "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
            "ALY 2025 100000 0.015 0",
        ),
    )
    outcome = solve(problem, SolveOptions()).outcome
    assert outcome["termination"] == "INFEASIBLE"
    assert "An actor keeps its program, be it as units of another kind (ALY, BRIGADE, 2026)" in "\n".join(
        outcome["conflicts"]
    )


def test_a_path_takes_the_place_of_what_stands_there() -> None:
    """From 2027 on 4,000 people stay with the ally, in FORT as well as in CAMP."""
    path = rows(PATH, "USA ALY 2027 4000", "USA ALY 2028 0")
    problem = freeing(
        deployed({"year_count": 3}, requirements=needed("2026 0"), presence_paths=path), "FORCES USA 2026"
    )
    assert solved_cost(problem) == pytest.approx(2 * 2600 + 2550 + 0)


def test_a_path_goes_where_its_whole_group_is_freed() -> None:
    path = rows(PATH, "USA ALY 2026 8000")
    for levers in (["PRESENCE EAST 2026"], ["PRESENCE CAMP 2026", "PRESENCE FORT 2026"]):
        problem = freeing(deployed(presence_paths=path), "FORCES USA 2026", *levers)
        assert solved_cost(problem) == pytest.approx(2550)


def test_an_allys_path_is_kept_whatever_is_freed() -> None:
    tables = allied(20)
    tables["site_access"] = rows("site_id actor_id", "CAMP USA", "CAMP ALY")
    tables["presence_paths"] = rows(PATH, "ALY CAMP 2026 8000")
    plan = solve(tiny_problem(requirements=needed("2026 0"), **tables), SolveOptions())
    assert plan.outcome["audit_findings"] == []
    assert plan.tables["stationed_forces"]["stationed_count"].to_list() == [2]


def test_sets_stay_as_sets_and_units_as_units() -> None:
    """Two sets in CAMP and one brigade at home; nothing is needed, and each set costs 30 M$ a year and 3.75 there."""
    problem = sets_problem(
        requirements=needed("2026 0"),
        owned_today=rows(f"{OWNED} sets_owned_count", "USA BRIGADE 2 2"),
        stationed_today=rows(STATIONED, "USA BRIGADE CAMP PREPOSITIONED 2"),
    )
    assert solved_cost(locked(problem)) == pytest.approx(2 * 2500 + 2 * 33.75)
    assert solved_cost(freeing(problem, "FORCES USA 2026")) == pytest.approx(2 * 2500 + 2 * 33.75)


def test_a_policy_rule_holds_where_a_lever_is_freed_and_says_where_it_comes_from() -> None:
    act = {"source": "Act on Brigades", "waiver": "a certification"}
    problem = freeing(
        deployed(policy_rules=rule("OWNED_COUNT", "AT_LEAST", 2, **act)),
        "FORCES USA 2026",
        "PRESENCE ALY 2026",
    )
    assert solved_cost(problem) == pytest.approx(2 * 2500 + 50)
    said = RuleWords(problem).sentence("policy_rule_at_least", ["RULE", 2026])
    assert said == "RULE: Why not. [Act on Brigades; waiver: a certification] (2026)"


@pytest.mark.parametrize(
    ("tables", "code", "column"),
    [
        ({"presence_paths": rows(PATH, "USA USA 2026 9")}, "PRESENCE_UNCLEAR", "site_group_id"),
        (
            {"programmed_forces": rows(PROGRAM, "USA BRIGADE 2026 21")},
            "PROGRAM_IMPOSSIBLE",
            "programmed_count",
        ),
    ],
)
def test_what_nobody_can_keep_is_a_finding(tables: dict[str, Rows], code: str, column: str) -> None:
    (finding,) = model_findings(build_index(locked(deployed(None, **tables))))
    assert (finding.code, finding.column_name) == (code, column)


def test_a_path_of_which_a_part_is_freed_is_a_finding() -> None:
    paths = rows(PATH, "USA ALY 2026 4000")
    problem = freeing(deployed({"year_count": 2}, presence_paths=paths), "PRESENCE FORT 2027")
    (finding,) = model_findings(build_index(problem))
    assert (finding.code, finding.row_key) == ("PRESENCE_UNCLEAR", "USA/ALY/2027")


@pytest.mark.parametrize("lever", ["FORCES ALY 2026", "PRESENCE USA 2026"])
def test_a_lever_of_nothing_is_a_finding(lever: str) -> None:
    """Forces are the lead actor's, and it has no site at home."""
    assert [finding.code for finding in check(freeing(deployed(), lever))] == ["LEVER_UNKNOWN"]


def test_the_audit_sees_what_is_not_kept() -> None:
    """The plan of the freed problem, held to the one in which nothing, or a path alone, is left."""
    free = deployed()
    plan = solve(free, SolveOptions())
    path = deployed(presence_paths=rows(PATH, "USA ALY 2026 8000"))
    for problem, words in (
        (freeing(free, "PRESENCE ALY 2026"), "1 owned but the program is 3"),
        (freeing(free, "FORCES USA 2026"), "0 stationed but 2 stand there today and are not freed"),
        (freeing(path, "FORCES USA 2026"), "4000 people but the path of presence asks for 8000"),
    ):
        (finding,) = audit(problem, plan.tables, False, plan.outcome["objective_usd_m"])
        assert words in finding
    assert audit(free, plan.tables, False, plan.outcome["objective_usd_m"]) == []


@pytest.mark.parametrize("seed", range(4))
def test_whole_brigades_that_are_kept_freed_and_brought_home_are_the_best_of_all(seed: int) -> None:
    """Two years; levers, a path, the least part and what coming home costs change from seed to seed."""
    random = np.random.default_rng(seed)
    needs = rows(f"{NEED} minimum_lead_fraction", *[f"EAST WAR D30 GROUND {year} 0 0.3" for year in YEARS])
    tables = allied(int(random.integers(3)))
    tables["actors"][0]["homecoming_usd_m_per_person"] = random.choice([0.005, 0.05])
    tables["actor_unit_types"][0]["maximum_owned_count"] = 3
    problem = tiny_problem(
        {"year_count": 2, "discount_rate_fraction": 0.05},
        **tables,
        unit_types=rows("unit_type_id personnel_persons is_counted", "BRIGADE 4000 true"),
        requirements=[{**row, "required_points": random.uniform(1, 4)} for row in needs],
        interests=rows(INTEREST, f"EAST GROUND {random.integers(500, 3500)}"),
        owned_today=rows(OWNED, "USA BRIGADE 3"),
        stationed_today=rows(STATIONED, "USA BRIGADE CAMP PERMANENT 2"),
        presence_paths=rows(PATH, f"USA EAST 2027 {random.choice([0, 3000, 5000])}"),
    )
    problem = freeing(problem, ["FORCES USA 2026", "FORCES BRIGADE 2027", "PRESENCE CAMP 2027"][seed % 3])
    found = optimum(problem, relax=False)
    with_limits(found.matrix, "stationed", 3)
    assert best_of_all(found.matrix) == pytest.approx(found.objective, rel=1e-8)
    assert audit_findings(problem, found, is_relaxed=False) == []


@law(4)
def test_what_is_freed_never_costs_more_and_what_is_kept_never_less(seed: int) -> None:
    tables = random_tables(seed)
    levers = [row for row in tables["freed_levers"] if row["lever"] not in ("FORCES", "PRESENCE")]
    sites = [{"lever": "PRESENCE", "lever_key": site["site_id"]} for site in tables["sites"]]
    freed = {**tables, "freed_levers": [*levers, {"lever": "FORCES", "lever_key": "USA"}, *sites]}
    assert not_above(cost(freed), cost({**tables, "freed_levers": levers}))
    less = scaled(tables, 0.5, "programmed_count", "minimum_persons")
    assert not_above(cost(less), cost(tables))
