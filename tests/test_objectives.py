"""What is minimized, in which order, under which budget: on the worked example, digit by digit, and as laws."""

import dataclasses

import hand_cases
import pytest
from random_problems import problem_of, random_tables
from small_problem import rows
from test_hand_cases import owned, prices, stationed
from tiny_cases import allied, in_periods, tiny_problem

from optimizer.audit import audit
from optimizer.cases.read import read_case
from optimizer.checks.model import model_findings
from optimizer.checks.size import model_size
from optimizer.errors import ProblemError
from optimizer.formulation.frames.index import build_index
from optimizer.objectives import Asked
from optimizer.run import solve
from optimizer.solve_options import SolveOptions, message_from_options, options_from_message
from optimizer.solver.compilation import compile_matrix
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


def solved(problem: Problem, *objectives: str, budget: float | None = None, relax: bool = False) -> Solution:
    options = SolveOptions(
        relax=relax, relative_gap=1e-6, objectives=objectives or ("LEAD_COST",), lead_budget_usd_m=budget
    )
    solution = solve(problem, options)
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []
    return solution


def values(solution: Solution) -> dict[str, float]:
    frame = solution.tables["objective_results"]
    return dict(zip(frame["objective"], frame["value"], strict=True))


def test_least_alliance_cost_uses_the_cheaper_points() -> None:
    """A European point costs 1 / 0.3 = 3.33 and a U.S. one 2.6: in B 7 U.S. brigades, 18.2; in K as before, 8.3.

    For the United States alone 0.85·x = 5.5 gives x = 6.4706, with EUR's 1.7647: 16.8235 and 5.1.
    """
    problem = hand_cases.hand_weak_allies()
    together, alone = solved(problem, "ALLIANCE_COST"), solved(problem)
    assert together.outcome["alliance_cost_usd_m"] == pytest.approx(26_500, rel=1e-9)
    assert (stationed(together, "USA", "B_SITE"), owned(together, "EUR")) == pytest.approx((7, 0))
    assert together.outcome["objective_usd_m"] == pytest.approx(23_300, rel=1e-9)
    assert "best_bound_usd_m" not in together.outcome
    x = 5.5 / 0.85
    assert alone.outcome["lead_cost_usd_m"] == pytest.approx(2600 * x + 5100, rel=1e-9)
    assert alone.outcome["alliance_cost_usd_m"] == pytest.approx(
        2600 * x + 1000 * (5 - 0.5 * x) + 8300, rel=1e-9
    )


def test_prices_of_the_alliance_are_those_of_all_payers() -> None:
    """One point more in B: 1/0.6 U.S. brigades more, each with half a European one less: (2.6 − 0.5)/0.6 = 3.5."""
    assert prices(solved(read_case("hand"), "ALLIANCE_COST")) == {
        "B": pytest.approx(3500),
        "K": pytest.approx((2550 - 400) / 0.5),
    }


def test_least_shortfall_under_a_budget() -> None:
    """A billion buys 0.6/2.6/7 = 0.0330 of the need in B and 0.5/2.55/6 = 0.0327 of that in K: B first.

    10 buy 3.8462 brigades: 7 − 3.8462 − 0.8·(5 − 1.9231) = 0.6923 missing of 7; in K 6 − 5 = 1 of 6.
    """
    solution = solved(read_case("hand"), "SHORTFALL", budget=10_000)
    short = 7 - 4 - 0.6 * 10 / 2.6
    assert values(solution)["SHORTFALL"] == pytest.approx(short / 7 + 1 / 6, abs=1e-9)
    assert solution.tables["requirement_results"]["shortfall_points"].to_list() == pytest.approx([short, 1])
    assert stationed(solution, "USA", "B_SITE") == pytest.approx(10 / 2.6)
    assert solution.outcome["lead_cost_usd_m"] == pytest.approx(10_000, rel=1e-9)
    assert solution.tables["requirement_results"]["price_usd_m_per_point"].isna().all()


def test_a_theaters_weight_turns_the_budget_to_it() -> None:
    """With weight 2, K comes first: 5.1 close its gap, the other 4.9 go to B."""
    tables = hand_cases.hand_tables()
    tables["theaters"] = hand_cases.changed(
        tables["theaters"], {"theater_id": "K"}, shortfall_weight_factor=2
    )
    solution = solved(hand_cases.problem_of(tables), "SHORTFALL", budget=10_000)
    assert stationed(solution, "USA", "K_SITE") == pytest.approx(2)
    assert values(solution)["SHORTFALL"] == pytest.approx((3 - 0.6 * 4.9 / 2.6) / 7, abs=1e-9)


def test_least_worst_burden_under_a_budget() -> None:
    """EUR pays 2.5 of 250 (1%) and ROK 4 of 100 (4%). 20 leave 1.9 more, all for K, where it hurts most.

    ROK's e and U.S. x meet 6 = x + e/0.8; x = 7/2.55 = 2.7451 gives e = 2.6039: 2.6039%.
    """
    problem = hand_cases.hand_with_gdp()
    solution = solved(problem, "WORST_BURDEN", "LEAD_COST", budget=20_000)
    assert values(solution)["WORST_BURDEN"] == pytest.approx(0.8 * (6 - 7 / 2.55) / 100, abs=1e-9)
    assert solution.outcome["lead_cost_usd_m"] == pytest.approx(20_000, rel=1e-9)
    free = solved(problem, "LEAD_COST", "WORST_BURDEN")
    assert values(free) == {"LEAD_COST": pytest.approx(18_100), "WORST_BURDEN": pytest.approx(0.032)}


def test_a_burden_that_is_not_known_is_a_finding() -> None:
    findings = model_findings(build_index(read_case("hand"), Asked(("WORST_BURDEN",))))
    assert [(f.code, f.row_key, f.column_name) for f in findings] == [
        ("OBJECTIVE_UNCLEAR", "EUR/2026", "gdp_usd_m"),
        ("OBJECTIVE_UNCLEAR", "ROK/2026", "gdp_usd_m"),
    ]


def test_exposure_without_a_table_is_a_finding() -> None:
    (finding,) = model_findings(build_index(read_case("hand"), Asked(("LEAD_COST", "EXPOSURE"))))
    assert (finding.code, finding.table_name) == ("OBJECTIVE_UNCLEAR", "exposure")


def test_a_need_without_a_price_goes_short_only_if_that_comes_first() -> None:
    hard = solved(read_case("hand"), "LEAD_COST", "SHORTFALL")
    assert values(hard) == {"LEAD_COST": pytest.approx(18_100), "SHORTFALL": 0}
    outcome = solve(read_case("hand"), SolveOptions(lead_budget_usd_m=10_000)).outcome
    assert outcome["termination"] == "INFEASIBLE"


def test_whole_numbers_hold_what_was_accepted() -> None:
    """With 8 for B and K: 3 brigades (7.8 and 0.2 to be open). 3 in B leave 7 − 3 − 0.8·3 = 1.6; ROK's 5 leave 1."""
    solution = solved(hand_cases.hand_whole(), "SHORTFALL", "LEAD_COST", budget=8_000)
    assert values(solution) == {
        "SHORTFALL": pytest.approx(1.6 / 7 + 1 / 6, rel=1e-6),
        "LEAD_COST": pytest.approx(8_000),
    }
    assert solution.outcome["tie_break"] == "INTEGERS_FIXED"


@pytest.mark.parametrize("problem", [hand_cases.hand_weak_allies(), hand_cases.hand_whole()])
def test_each_objective_is_least_where_it_comes_first(problem: Problem) -> None:
    """First values are those of the objective alone; and no plan has less of an objective than its own optimum."""
    lead, alliance = solved(problem, "LEAD_COST"), solved(problem, "ALLIANCE_COST")
    both, other = solved(problem, "LEAD_COST", "ALLIANCE_COST"), solved(problem, "ALLIANCE_COST", "LEAD_COST")
    assert values(both)["LEAD_COST"] == pytest.approx(values(lead)["LEAD_COST"], rel=1e-9)
    assert values(other)["ALLIANCE_COST"] == pytest.approx(values(alliance)["ALLIANCE_COST"], rel=1e-9)
    assert values(lead)["LEAD_COST"] <= values(other)["LEAD_COST"] * (1 + 1e-9)
    assert values(alliance)["ALLIANCE_COST"] <= values(both)["ALLIANCE_COST"] * (1 + 1e-9)


@pytest.mark.parametrize("seed", [4, 8, 9])
def test_orders_hold_on_random_problems(seed: int) -> None:
    problem = problem_of(random_tables(seed))
    found = {
        order: solved(problem, *order, relax=True)
        for order in (("LEAD_COST",), ("ALLIANCE_COST",), ("LEAD_COST", "ALLIANCE_COST", "SHORTFALL"))
    }
    both = values(found["LEAD_COST", "ALLIANCE_COST", "SHORTFALL"])
    assert both["LEAD_COST"] == pytest.approx(values(found["LEAD_COST",])["LEAD_COST"], rel=1e-7, abs=1e-4)
    least = values(found["ALLIANCE_COST",])["ALLIANCE_COST"]
    assert least <= both["ALLIANCE_COST"] * (1 + 1e-7) + 1e-4
    short = solved(problem, "SHORTFALL", "LEAD_COST", relax=True)
    assert values(short)["SHORTFALL"] <= both["SHORTFALL"] + 1e-6
    # Between the least cost and that of the least shortfall, so that there is a plan.
    budget = (both["LEAD_COST"] + short.outcome["lead_cost_usd_m"]) / 2
    tight = solve(problem, SolveOptions(relax=True, objectives=("SHORTFALL",), lead_budget_usd_m=budget))
    assert tight.outcome["audit_findings"] == []
    assert tight.outcome["lead_cost_usd_m"] <= budget * (1 + 1e-6) + 1e-3
    assert values(tight)["SHORTFALL"] >= values(short)["SHORTFALL"] - 1e-6


def test_an_idle_site_is_not_closed_where_that_costs_the_lead_something() -> None:
    """The ally owns four brigades at its ceiling of 5,000 M$, 999 for other things and 1 for a site nobody uses.

    To close it for 1,000 would take one of its brigades.
    """
    access = "site_id actor_id stationing_cost_usd_m_per_person_yr open_today open_cost_usd_m_per_yr closing_cost_usd_m"
    problem = tiny_problem(
        **allied(20),
        site_access=rows(access, "CAMP USA 0.025 - - -", "CAMP ALY - true 1 1000"),
        actor_years=rows(
            "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
            "ALY 2025 100000 0.05 999",
        ),
        sites=rows("site_id host_actor_id staging_area_id capacity_persons", "CAMP ALY EAST_AREA 40000"),
    )
    solution = solve(problem, SolveOptions(relative_gap=0.0))
    assert solution.outcome["objective_usd_m"] == pytest.approx(3 * 2600)
    assert solution.outcome["plan"] == "OPTIMAL"
    uses = solution.tables["site_uses"].query("actor_id == 'ALY' and year == 2026", engine="python")
    assert uses["open_fraction"].sum() == 1


def test_a_site_that_nobody_uses_is_closed_in_the_first_of_several_periods() -> None:
    """The ally has money to spare, so closing the site of 1 M$ a year costs the lead actor nothing."""
    access = "site_id actor_id stationing_cost_usd_m_per_person_yr open_today open_cost_usd_m_per_yr"
    problem = tiny_problem(**allied(20), site_access=rows(access, "CAMP USA 0.025 - -", "CAMP ALY - true 1"))
    solution = solve(in_periods(problem, [2026, 2029]), SolveOptions(relative_gap=0.0))
    assert solution.outcome["audit_findings"] == []
    uses = solution.tables["site_uses"].query("actor_id == 'ALY'", engine="python")
    assert uses["open_fraction"].fillna(0).sum() == 1  # today


def test_the_audit_sees_a_budget_overrun_and_a_wrong_value() -> None:
    problem = read_case("hand")
    solution = solved(problem, "SHORTFALL", budget=10_000)
    asked = Asked(("SHORTFALL",), lead_budget_usd_m=9_000)
    tables = dict(solution.tables)
    tables["objective_results"] = tables["objective_results"].assign(value=0.1)
    findings = audit(problem, tables, False, solution.outcome["objective_usd_m"], asked)
    assert [finding.partition(":")[0] for finding in findings] == ["objective_results", "ledger"]
    lead = dataclasses.replace(asked, objectives=("LEAD_COST",))
    assert any("hard need" in text for text in audit(problem, tables, False, 10_000, lead))


@pytest.mark.parametrize(
    "asked", [Asked(("SHORTFALL", "LEAD_COST"), 10_000), Asked(("LEAD_COST", "WORST_BURDEN"), 0)], ids=str
)
def test_size_is_that_of_the_compiled_matrix(asked: Asked) -> None:
    has_gdp = [hand_cases.hand_with_gdp()]
    for problem in (
        has_gdp if "WORST_BURDEN" in asked.objectives else [*has_gdp, hand_cases.hand_five_years()]
    ):
        index = build_index(problem, asked)
        size, matrix = model_size(index), compile_matrix(index)
        assert (size.row_count, size.column_count) == matrix.coefficients.shape
        assert size.nonzero_count == matrix.coefficients.nnz


def test_options_travel_as_messages() -> None:
    options = SolveOptions(objectives=("SHORTFALL", "LEAD_COST"), lead_budget_usd_m=5.0)
    assert options_from_message(message_from_options(options)) == options
    assert options_from_message(message_from_options(SolveOptions())) == SolveOptions()


@pytest.mark.parametrize("objectives", [(), ("LEAD_COST", "LEAD_COST"), ("PEACE",)])
def test_bad_orders_are_refused(objectives: tuple[str, ...]) -> None:
    with pytest.raises(ProblemError, match="options"):
        SolveOptions(objectives=objectives)
