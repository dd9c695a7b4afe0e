"""What is said where no plan exists: needs, rules or the budget at fault, by their names and with their figures."""

from pathlib import Path
from typing import Any

import pytest
from hand_cases import Rows, changed, problem_of
from small_problem import small_problem
from typer.testing import CliRunner

from forceposture.command.cli import app
from forceposture.report.text import outcome_text
from optimizer.cases.read import read_case, write_case
from optimizer.checks.admission import checked_index
from optimizer.errors import NeverHoldsError
from optimizer.explain.infeasible import never_holds
from optimizer.explain.rule_words import RuleWords
from optimizer.formulation import ROW_KINDS
from optimizer.formulation.family import RowKind
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES


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
        "Not all needs can be met. A plan that lacks least lacks these points:",
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


def tables() -> dict[str, Rows]:
    """The tables of the worked example without allied response: 3 U.S. brigades in the Baltic, 1 in Korea."""
    problem = read_case("hand_no_response")
    found = {name: filled_rows(problem, name) for name in PROBLEM_TABLES if name != "sources"}
    return {name: rows for name, rows in found.items() if rows}


def most_owned(count: float) -> Rows:
    return changed(tables()["actor_unit_types"], {"actor_id": "USA"}, maximum_owned_count=count)


def said_of(options: SolveOptions | None = None, **over: Rows) -> list[str]:
    solution = solve(problem_of({**tables(), **over}), options or SolveOptions())
    assert solution.outcome["termination"] == "INFEASIBLE"
    return outcome_text(solution).splitlines()


GARRISON: dict[str, Any] = {"garrison_id": "GB", "name": "Tripwire [Baltic]", "site_group_id": "B_SITE"}
SUPPLIER: Rows = [{"garrison_id": "GB", "actor_id": "USA"}]


def test_a_rule_goes_by_its_sentence_and_by_names() -> None:
    """Only 1,000 people may stand where a garrison has 9,000; the needs that the ceiling leaves open come after it."""
    lines = said_of(
        garrisons=[{**GARRISON, "required_persons": 9000}],
        garrison_actors=SUPPLIER,
        site_group_limits=[
            {"site_group_id": "B_SITE", "actor_id": "USA", "year": 2025, "maximum_persons": 1000}
        ],
        requirements=[row for row in tables()["requirements"] if row["theater_id"] == "K"],
    )
    assert lines == [
        "No plan exists.",
        "Not all needs and rules can hold. Least is broken where these are not kept:",
        "  A garrison has its people (Tripwire [Baltic], 2026): off by 8,000 people",
    ]


def test_a_spending_ceiling_below_what_is_spent_already_is_named() -> None:
    years = changed(tables()["actor_years"], {"actor_id": "EUR"}, other_spending_usd_m_per_yr=6000)
    *_, line = said_of(actor_years=years)
    assert line == "  Spending stays below its ceiling (European allies, 2026): off by 1,000 M$"


def test_a_rule_of_the_planner_goes_by_its_identifier_and_sentence() -> None:
    rule = {"quantity": "OWNED_COUNT", "actor_id": "USA", "unit_type_id": "BRIGADE"}
    rules = [
        {"policy_rule_id": "FEW", "sentence": "A small army.", "sense": "AT_MOST", "value": 4, **rule},
        {"policy_rule_id": "MANY", "sentence": "A large army.", "sense": "AT_LEAST", "value": 6, **rule},
    ]
    *_, line = said_of(policy_rules=rules)
    assert line in (
        "  FEW: A small army (2026): off by 2 units",
        "  MANY: A large army (2026): off by 2 units",
    )


def test_a_budget_beside_another_fault_is_not_blamed() -> None:
    """With one U.S. brigade 3 points are missing in the Baltic; a budget of 100 M$ would leave Korea short, too."""
    lines = said_of(SolveOptions(lead_budget_usd_m=100.0), actor_unit_types=most_owned(1.0))
    assert lines[1] == "Without the budget there is no plan either."
    assert [line.rpartition(": ")[2] for line in lines if "needed" in line] == ["7 needed, 3 missing"]


def test_names_that_two_theaters_share_are_told_apart() -> None:
    theaters = [{**row, "name": "Front"} for row in tables()["theaters"]]
    lines = said_of(actor_unit_types=most_owned(1.0), theaters=theaters)
    assert any("Front (B)" in line for line in lines)


def test_every_rule_has_words() -> None:
    """The sentence of a rule is the docstring of its block, and its arguments are what a row is about."""
    problem = small_problem()
    words = RuleWords(problem)
    matrix = compile_matrix(checked_index(problem))
    for block, rows in matrix.rows.items():
        assert block in ROW_KINDS
        for key in rows.keys[:1]:
            said = words.sentence(block, key)
            assert said.partition(" (")[0].count(" ") >= 2
            assert "_" not in block or block not in said
            assert said in never_holds(problem, NeverHoldsError(block, key))


def test_every_row_of_policy_has_a_unit() -> None:
    """A rule on people is off by people, one on shares by a share of GDP."""
    problem = small_problem()
    words, rules = RuleWords(problem), problem["policy_rules"]["policy_rule_id"].astype("str")
    for block, kind in ROW_KINDS.items():
        if kind is not RowKind.PHYSICS and block != "deterrence":
            assert words.unit(block, [rules.iloc[0], 2026])
    assert words.unit("policy_rule_at_most", ["AMERICANS_FORWARD", 2026]) == "people"


def test_a_comparison_says_why_there_is_no_plan(tmp_path: Path) -> None:
    write_case(problem_of({**tables(), "actor_unit_types": most_owned(1.0)}), tmp_path / "weak.json")
    run = CliRunner(env={"COLUMNS": "200"}).invoke(
        app, ["avoidable", str(tmp_path / "weak.json"), "--out", str(tmp_path / "out")]
    )
    said = " ".join(run.output.split())
    assert (
        "everything: No plan exists. Not all needs can be met. A plan that lacks least lacks these points:"
        in said
    )
