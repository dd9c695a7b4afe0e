"""Of two rules one may hold instead of the other: on the hand case, with the constants, and by trying everything."""

from typing import Any

import hand_cases
import numpy as np
import pytest
from small_problem import rows
from test_brute_force import best_of_all, with_limits
from tiny_cases import FORCE, INTEREST, NEED, audit_findings, optimum, tiny_problem

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.families.conditional_rules import sides
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem


def threat(spends: float, persons: float, **first: Any) -> Problem:
    """The hand case with 4,400 M$ a point in B: EUR spends at least so much, or so few Americans stand there."""
    tables = hand_cases.hand_tables()
    tables["interests"] = [
        {"theater_id": "B", "capability_id": "GROUND", "interest_usd_m_per_point_yr": 4400}
    ]
    spend = {"quantity": "SPENDING_USD_M", "actor_id": "EUR", "sense": "AT_LEAST", "value": spends}
    leave = {"quantity": "STATIONED_PERSONS", "actor_id": "USA", "site_group_id": "B", "sense": "AT_MOST"}
    tables["policy_rules"] = [
        {"policy_rule_id": "SPEND", "sentence": "It spends,", **spend, "or_policy_rule_id": "LEAVE", **first},
        {"policy_rule_id": "LEAVE", "sentence": "or we leave.", **leave, "value": persons},
    ]
    return hand_cases.problem_of(tables)


@pytest.mark.parametrize(
    ("spends", "persons", "spending", "stationed"),
    [
        # 5,000 − 500·x ≥ 3,000 leaves x ≤ 4 brigades: 2,600·4 + 4,400·(7 − 4 − 0.8·3) = 13,040 in B; without any
        # American 4,400·(7 − 0.8·5) = 13,200. EUR spends.
        (3000, 0, 3000, 16_000),
        # 4,500 leaves one brigade: 2,600 + 4,400·(7 − 1 − 0.8·4.5) = 13,160; four may stay otherwise: 13,040.
        (4500, 16_000, 3000, 16_000),
    ],
)
def test_it_spends_or_we_leave(spends: float, persons: float, spending: float, stationed: float) -> None:
    problem = threat(spends, persons)
    solution = solve(problem, SolveOptions(relative_gap=0.0))
    assert solution.outcome["audit_findings"] == []
    assert solution.outcome["objective_usd_m"] == pytest.approx(13_040 + 5100, rel=1e-7)
    quantity = solution.tables["policy_rule_results"].set_index("policy_rule_id")["quantity"]
    assert quantity["SPEND"] == pytest.approx(spending)
    assert quantity["LEAVE"] == pytest.approx(stationed)
    stricter = threat(4000, 8000)
    found = audit(stricter, solution.tables, False, solution.outcome["objective_usd_m"])
    assert any("SPEND or LEAVE 2026: neither holds" in finding for finding in found)


def test_constants_follow_from_limits() -> None:
    """SPEND falls short of 4,500 by at most 4,500 − 0; the site holds 40,000, so LEAVE is 24,000 over at most."""
    frame = sides(build_index(threat(4500, 16_000))).set_index("side_id")
    assert frame["relaxation_most"].to_dict() == {"SPEND": 4500, "LEAVE": 24_000}
    assert frame["limit"].to_dict() == {"SPEND": 4500, "LEAVE": 40_000}
    assert frame["step"].to_dict() == {"SPEND": -4500, "LEAVE": -24_000}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"sense": "EQUAL"}, "EQUAL rule cannot be let go"),
        ({"penalty_usd_m": 3}, "a rule with a penalty"),
        ({"or_policy_rule_id": "SPEND"}, "names one itself"),
        ({"first_year": 2027, "last_year": 2027}, "never apply in the same year"),
    ],
)
def test_pairs_that_mean_nothing_are_findings(cells: dict[str, Any], words: str) -> None:
    found = check(threat(4500, 0, **cells))
    assert any(words in finding.message and finding.code == "RULE_UNCLEAR" for finding in found), found


def test_a_quantity_without_limit_is_a_finding() -> None:
    problem = threat(4500, 0, sense="AT_MOST")
    assert check(problem) == []
    (finding,) = model_findings(build_index(problem))
    assert (finding.code, finding.row_key) == ("RULE_WITHOUT_BOUND", "SPEND")


def test_units_on_order_may_be_disbanded_where_the_other_rule_holds() -> None:
    """Two brigades and three that arrive: nine or fewer are kept whatever is disbanded, so all five may go."""
    rule = {"sentence": "x", "actor_id": "USA", "sense": "AT_MOST"}
    few = {
        **rule,
        "policy_rule_id": "FEW",
        "quantity": "DISBANDED_COUNT",
        "value": 1,
        "or_policy_rule_id": "OR",
    }
    problem = tiny_problem(
        requirements=rows(NEED, "EAST WAR D30 GROUND 2026 0"),
        actor_unit_types=[
            {**row, "maximum_owned_count": 10} for row in rows(FORCE, "USA BRIGADE 2500 10 READY")
        ],
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 2"),
        on_order=rows("actor_id unit_type_id year arriving_count", "USA BRIGADE 2026 3"),
        policy_rules=[few, {**rule, "policy_rule_id": "OR", "quantity": "OWNED_COUNT", "value": 9}],
    )
    found = optimum(problem, relax=False)
    assert found.objective == pytest.approx(0)
    assert found.of("disbanded") == pytest.approx({"USA,BRIGADE,2026": 5})


def test_a_rule_that_is_kept_at_nothing_is_shown() -> None:
    """The ally spends too little, so the Americans leave: nobody is there, and the table says so."""
    solution = solve(threat(spends=1e5, persons=0), SolveOptions(relative_gap=0.0))
    results = solution.tables["policy_rule_results"]
    assert solution.outcome["audit_findings"] == []
    assert results.set_index("policy_rule_id")["quantity"].to_dict()["LEAVE"] == 0


def either_or(seed: int, owned: int, first_year: int) -> Problem:
    """Whole brigades over two years; ALY, who can raise one a year, owns some, or few Americans stand at CAMP."""
    random = np.random.default_rng(seed)
    pair = rows(
        "policy_rule_id quantity actor_id site_group_id first_year sense value or_policy_rule_id",
        f"ALY_ARMS OWNED_COUNT ALY - - AT_LEAST {owned} WE_LEAVE",
        f"WE_LEAVE STATIONED_COUNT USA CAMP {first_year} AT_MOST 0 -",
    )
    return tiny_problem(
        {"year_count": 2},
        unit_types=rows("unit_type_id personnel_persons is_counted", "BRIGADE 4000 true"),
        actor_unit_types=[
            *rows(FORCE, f"USA BRIGADE {random.integers(800, 1500)} 1 READY"),
            {**rows(FORCE, "ALY BRIGADE 1000 2 READY")[0], "maximum_raised_count_per_yr": 1},
        ],
        requirements=rows(NEED, f"EAST WAR D30 GROUND 2026 {random.uniform(1, 3):.2f}"),
        interests=rows(INTEREST, f"EAST GROUND {random.integers(900, 2500)}"),
        policy_rules=[{**rule, "sentence": "One of the two."} for rule in pair],
    )


@pytest.mark.parametrize(("seed", "owned", "first_year"), [(0, 2, 2026), (1, 1, 2027)])
def test_every_choice_is_tried(seed: int, owned: int, first_year: int) -> None:
    problem = either_or(seed, owned, first_year)
    assert [*check(problem), *model_findings(build_index(problem))] == []
    found = optimum(problem, relax=False)
    with_limits(found.matrix, "stationed", 1)
    whole = found.matrix.is_integer & (found.matrix.column_lower < found.matrix.column_upper)
    assert set(found.matrix.columns["either"].positions) <= set(np.flatnonzero(whole))
    assert best_of_all(found.matrix) == pytest.approx(found.objective, rel=1e-9)
    assert audit_findings(problem, found, is_relaxed=False) == []
