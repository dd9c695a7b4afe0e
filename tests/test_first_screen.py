"""What a reader sees first of a plan, read line by line."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import hand_cases
import pandas as pd
import pytest
from rich.console import Console, Group, RenderableType
from small_problem import small_problem
from typer.testing import CliRunner

from forceposture.command.cli import app
from forceposture.report.ask_sheet import ask_sheet
from forceposture.report.cost_change import Baseline, costs_by_part
from forceposture.report.limit_prices import limit_prices
from forceposture.report.limits import limits
from forceposture.report.moves import moves
from forceposture.report.tables import Table
from forceposture.report.text import summary
from forceposture.report.view import View
from optimizer.cases.read import read_case
from optimizer.plan.withheld import without_allies
from optimizer.questions.score import score
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES
from optimizer.tables.solution import Solution

COSTS = """
What it costs whom, against today's posture (M$ of 2025)
For 2025 a year 2026 a year Change Kept Plan Plan less kept
Force structure – 15,278 +15,278 – 15,278 +15,278
Presence – 556 +556 – 556 +556
Commands, nuclear cover 300 -400 -700 300 -400 -700
All of United States 300 15,433 +15,133 300 15,433 +15,133
All of allies – 6,056 +6,056 – 6,056 +6,056
"""
MOVES = """
What moves (United States where no other actor is named)
What moves From 2025 to 2026
People abroad none to 24,444 (+24,444)
of them Baltic none to 20,000 (+20,000)
of them Korea none to 4,444 (+4,444)
Units owned Brigade none to 6.1 (+6.1)
People of units United States: 24,444 raised; all allies: 27,778 raised
Commands Wartime command in Korea: United States to South Korea in 2026
"""
NEEDS = """
Needs that size the forces: what one more point would cost United States (M$ a year)
Theater Capability Price Where it is highest
Korea Ground forces 5,667 Within 30 days (deter), Baltic and Korea at once, 2026
Baltic Ground forces 4,333 Within 30 days (deter), Baltic and Korea at once, 2026
"""
LIMITS = """
Limits that cost most: what loosening one would save United States (M$ a year)
Limit On Saves If loosened by In
Will to spend South Korea 7,792 1 B$ a year 2026
Will to spend European allies 3,467 1 B$ a year 2026
Each saving is for a little of that limit alone; limits that bind together share what both would save.
A limit that is not listed may be reached: loosened a little, it would save nothing.
"""
REACHED = """
Limits that the plan reaches
Limit On In
Will to spend M$ a year spent by South Korea (at most 3,556) 2026
Will to spend M$ a year spent by European allies (at most 2,500) 2026
"""
ASKED = """
What is asked of allies, by 2026
Ally Units raised People raised Hosts 2026
South Korea 4.4 17,778 4,444
European allies 2.5 10,000 20,000
First the ally whose cost differs most from keeping today's posture, bills included.
Hosts: people of United States of modeled units at sites there.
South Korea gains Wartime command in Korea in 2026.
"""


def hand_over() -> Problem:
    """The hand case in which Seoul may take command; keeping it costs the United States 300 M$ a year."""
    problem = hand_cases.hand_command()
    options = problem["command_options"]
    costs = options["lead_cost_usd_m_per_yr"].where(options["actor_id"] != "USA", 300.0)
    return Problem({**problem.tables, "command_options": options.assign(lead_cost_usd_m_per_yr=costs)})


@pytest.fixture(scope="module")
def handed_over() -> tuple[Problem, Solution]:
    problem = hand_over()
    return problem, solve(problem, SolveOptions())


@pytest.fixture(scope="module")
def small() -> tuple[Problem, Solution]:
    problem = small_problem()
    return problem, solve(problem, SolveOptions())


def lines(problem: Problem, solution: Solution, baseline: Baseline | None = None) -> list[str]:
    """What is printed, line by line, each blank only once."""
    page = StringIO()
    Console(file=page, width=120).print(*summary(problem, solution, baseline), sep="\n")
    cleaned = (" ".join(line.replace("─", "").split()) for line in page.getvalue().splitlines())
    return [line for line in cleaned if line]


def planned(tables: dict[str, pd.DataFrame]) -> Solution:
    """A solution with these tables, all others empty."""
    empty = {name: table.empty() for name, table in SOLUTION_TABLES.items()}
    return Solution({"plan": "OPTIMAL"}, {}, "", {**empty, **tables})


def holds(page: list[str], block: str) -> bool:
    """Whether the lines of a block follow each other on a page."""
    return block.strip() in "\n".join(page)


@pytest.mark.parametrize("block", [COSTS, MOVES, NEEDS, LIMITS, ASKED, REACHED])
def test_the_screen_of_a_handed_over_command(handed_over: tuple[Problem, Solution], block: str) -> None:
    """A brigade costs 2,500 M$ and 100 or 50 for being there; Seoul's four and a bit brigades 800 M$ each."""
    page = lines(*handed_over)
    assert holds(page, block), "\n".join(page)


def test_the_screen_comes_before_the_tables(handed_over: tuple[Problem, Solution]) -> None:
    page = lines(*handed_over)
    titles = [block.strip().splitlines()[0] for block in (COSTS, MOVES, NEEDS, LIMITS, ASKED)]
    places = [page.index(title) for title in (*titles, "United States: units owned")]
    assert places == sorted(places)


def test_all_that_is_paid_has_a_part(small: tuple[Problem, Solution]) -> None:
    problem, solution = small
    view = View(problem, solution)
    costs = costs_by_part(view)
    of_lead = costs["actor_id"] == view.lead
    lead, allies = (float(costs.loc[which, "plan"].sum()) for which in (of_lead, ~of_lead))
    assert lead == pytest.approx(solution.outcome["lead_cost_usd_m"])
    assert lead + allies == pytest.approx(solution.outcome["alliance_cost_usd_m"])


def test_a_year_of_today_costs_what_its_score_says(small: tuple[Problem, Solution]) -> None:
    problem, solution = small
    costs = View(problem, solution).yearly_costs.groupby("actor_id")["today"].sum()
    scored = score(problem).tables["actor_costs"].set_index("actor_id")["modeled_usd_m"]
    assert {actor: pytest.approx(cost) for actor, cost in scored.items()} == costs.to_dict()


def test_todays_posture_is_kept_for_every_year_of_a_period() -> None:
    """Ten years at 5% a year, in three periods: the first year counts whole, the last (1.05)⁻⁹."""
    case = hand_over()
    columns = case["settings"].columns.drop("year_count")
    settings = case["settings"][columns].assign(discount_rate_fraction=0.05)
    periods = pd.DataFrame({"year": [2026, 2028, 2035]})
    problem = Problem({**case.tables, "settings": settings, "periods": periods})
    solution = solve(problem, SolveOptions(relax=True))
    costs = costs_by_part(View(problem, solution))
    is_command = (costs["actor_id"] == "USA") & (costs["part"] == "Commands, nuclear cover")
    (kept,) = costs.loc[is_command, "kept"]
    assert kept == pytest.approx(300 * sum(1.05**-year for year in range(10)))


def test_a_plan_that_is_todays_posture_moves_nothing() -> None:
    problem = hand_over()
    tables = {
        "command_results": pd.DataFrame(
            [("OPCON", "USA", year, 1.0) for year in (2025, 2026)],
            columns=["command_id", "actor_id", "year", "held_fraction"],
        )
    }
    view = View(problem, planned(tables))
    kept = "has as many people in every region, and the same units, commands and garrisons."
    assert printed(moves(view)) == [f"From 2025 to 2026 United States {kept}"]
    assert printed(ask_sheet(view)) == ["Nothing is asked of any ally, and none pays a bill."]


def test_the_dearest_limits_are_shown_in_ten_lines_and_three_of_a_kind(
    small: tuple[Problem, Solution],
) -> None:
    """Eleven limits have prices: of these nine are three of a kind at most."""
    page = printed(limit_prices(View(*small)))
    assert "Program BATTALION of America up to 519.4 1 unit 2026–2028" in page
    assert "Path of presence America in BALTIC_STATES 31.62 1,000 people 2028" in page
    assert "Rule POLISH_BILLS: Because of POLISH_BILLS 1,000 1 B$ a year 2027–2028" in page
    assert sum(line.startswith("Rule ") for line in page) == 3
    assert "And 1 more." in page


def test_every_kind_of_limit_has_its_words() -> None:
    problem = hand_over()
    kinds = SOLUTION_TABLES["limit_prices"].by_name["limit_kind"].choices
    row = {"limit_id": "EUR", "actor_id": "EUR", "unit_type_id": "BRIGADE", "site_group_id": "B"}
    row |= {"scenario_id": "BOTH", "phase_id": "P", "unit": "1 unit"}
    for number, kind in enumerate(kinds):
        table = SOLUTION_TABLES["limit_prices"].typed(
            pd.DataFrame([{**row, "limit_kind": kind, "year": 2026, "price_usd_m_per_unit": number + 1.0}])
        )
        if kind != "RULE":
            shown = replace(planned({"limit_prices": table}), outcome={"price_kind": "LINEAR"})
            page = printed(limit_prices(View(problem, shown)))
            assert any(f" {number + 1} 1 unit 2026" in line for line in page), page


def test_rules_are_shown_with_their_source_and_waiver_and_as_broken(small: tuple[Problem, Solution]) -> None:
    problem, solution = small
    page = printed(limits(View(problem, solution)))
    law = "KEEP_BRIGADES. [Act on Brigades, section 8; waiver: The Secretary certifies it.] (at least 8) 2027–2028"
    assert f"Rule KEEP_BRIGADES: Because of {law}" in page
    broken = "AMERICANS_FORWARD: Because of AMERICANS_FORWARD. (at most 5,000; broken at its price) 2026–2028"
    assert f"Rule {broken}" in page


def test_a_limit_with_room_is_not_shown(small: tuple[Problem, Solution]) -> None:
    problem, solution = small
    rules = problem["policy_rules"]
    looser = rules["value"].where(rules["policy_rule_id"] != "KEEP_BRIGADES", 7.0)
    roomy = Problem({**problem.tables, "policy_rules": rules.assign(value=looser)})
    assert not any("KEEP_BRIGADES" in line for line in printed(limits(View(roomy, solution))))


def test_a_ceiling_and_a_ramp_that_hold_are_shown() -> None:
    """Spending on what is not modeled follows no pledge here, so that another ceiling leaves it as it is."""
    problem = small_problem()
    without_pledge = problem["actor_years"].assign(other_spending_growth_fraction=float("nan"))
    problem = Problem({**problem.tables, "actor_years": without_pledge})
    solution = solve(problem, SolveOptions())
    spent = solution.tables["spending_results"].set_index(["actor_id", "year"])["spending_fraction"]
    years = problem["actor_years"]
    is_pole = (years["actor_id"] == "POL") & (years["year"] == years["year"].min())
    held = Problem(
        {
            **problem.tables,
            "actor_years": years.assign(
                spending_ceiling_fraction=years["spending_ceiling_fraction"].where(
                    ~is_pole, float(spent["POL", 2028])
                ),
                spending_ramp_fraction_per_yr=years["spending_ramp_fraction_per_yr"].where(
                    ~is_pole, float(spent["POL", 2026] - spent["POL", 2025])
                ),
            ),
        }
    )
    page = printed(limits(View(held, solution)))
    assert any(
        line.startswith("Spending ceiling percent of GDP spent by Poland (at most 4.3") for line in page
    )
    ramp = "Spending ramp rise of spending by Poland in percent of GDP a year (at most 0.1111) 2026"
    assert ramp in page


def test_a_budget_that_is_spent_is_a_limit(handed_over: tuple[Problem, Solution]) -> None:
    problem, solution = handed_over
    cost = float(solution.outcome["lead_cost_usd_m"])
    for budget, is_spent in ((cost, True), (cost + 1.0, False)):
        shown = replace(solution, options={**solution.options, "lead_budget_usd_m": budget})
        page = printed(limits(View(problem, shown)))
        said = "Budget M$ for United States, discounted (at most 15,433) all years"
        assert (said in page) == is_spent


def test_a_solve_that_starts_from_a_plan_of_another_case_is_set_beside_it(tmp_path: Path) -> None:
    first = CliRunner().invoke(app, ["solve", "hand", "--out", str(tmp_path / "first")])
    alternative = ["solve", "hand", "--alternative", "whole", "--start", str(tmp_path / "first")]
    second = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*alternative, "--out", str(tmp_path / "second")])
    assert (first.exit_code, second.exit_code) == (0, 0)
    said = " ".join(second.stdout.split())
    assert "Against the plan in" in said
    assert "over all years: +2,900 M$ for United States; +2,400 M$ for all actors together." in said


def test_bills_and_spending_of_allies_are_asked(small: tuple[Problem, Solution]) -> None:
    page = printed(ask_sheet(View(*small)))
    assert page[0] == "What is asked of allies, by 2028 (bills in M$ a year)"
    assert "Poland 1 4,000 4.22% 4.48% 6.00% 4,750 4,600 60.0 150.0" in page
    assert "Poland gains SUWALKI_COMMAND in 2027." in page


def test_garrisons_and_their_suppliers_move(small: tuple[Problem, Solution]) -> None:
    page = printed(moves(View(*small)))
    supplied = "BATTLEGROUP_ESTONIA: Poland 200 to 300 people; BATTLEGROUP_ESTONIA: America 800 to 700 people"
    assert f"Garrisons {supplied}" in page


def test_ten_lines_say_what_moves() -> None:
    """People leave all nine theaters: three have a line each, the others one together."""
    case, count = read_case("hand_no_response"), 9
    theaters = pd.DataFrame({"theater_id": [f"T{number}" for number in range(count)]})
    areas = theaters.assign(staging_area_id=theaters["theater_id"] + "_AREA")
    sites = areas.assign(site_id=areas["theater_id"] + "_SITE", host_actor_id="EUR")
    access = pd.DataFrame({"actor_id": "USA", "site_id": sites["site_id"], "open_today": True})
    tables = {
        **case.tables,
        "theaters": theaters.reindex(columns=case["theaters"].columns),
        "staging_areas": areas.reindex(columns=case["staging_areas"].columns),
        "sites": sites.reindex(columns=case["sites"].columns),
        "site_access": access.reindex(columns=case["site_access"].columns),
    }
    uses = access.assign(year=2025, stationed_persons=[1000.0 * (number + 1) for number in range(count)])
    view = View(Problem(tables), planned({"site_uses": uses.drop(columns="open_today")}))
    page = printed(moves(view))
    assert page[2:] == [
        "People abroad 45,000 to none (-45,000)",
        "of them T8 9,000 to none (-9,000)",
        "of them T7 8,000 to none (-8,000)",
        "of them T6 7,000 to none (-7,000)",
        "of them in other regions 21,000 to none (-21,000)",
    ]


def test_an_earlier_plan_of_another_problem_is_set_beside(handed_over: tuple[Problem, Solution]) -> None:
    problem, solution = handed_over
    earlier = solve(read_case("hand"), SolveOptions())
    page = " ".join(lines(problem, solution, Baseline("the plan in results/hand", earlier)))
    said = f"Against the plan in results/hand (problem {earlier.problem_digest[:8]}), over all years: "
    assert said + "-2,667 M$ for United States; -2,311 M$ for all actors together." in page
    assert "Against the plan" not in " ".join(lines(problem, solution, Baseline("same", solution)))
    longer = solve(read_case("hand", "five_years"), SolveOptions())
    page = " ".join(lines(problem, solution, Baseline("the plan in long", longer)))
    assert f"not comparable with the plan in long (problem {longer.problem_digest[:8]})" in page


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_screen_fits_a_page_of_any_width(small: tuple[Problem, Solution], width: int) -> None:
    page = StringIO()
    Console(file=page, width=width).print(*summary(*small), sep="\n")
    assert max(map(len, page.getvalue().splitlines())) <= width
    words = page.getvalue().split()
    for word in ("24.6", "-25.6", "33,500", "SUWALKI_COMMAND:", "4.48%", "150.0"):
        assert any(word in one for one in words), word


def test_runs_of_a_comparison_are_set_beside_the_first(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["compare", "hand", "command", "--out", str(tmp_path / "both")])
    assert result.exit_code == 0, result.output
    pages = {
        path.parent.name: " ".join(path.read_text("utf-8").split())
        for path in tmp_path.glob("both/*/summary.txt")
    }
    first = next(name for name in pages if "command" not in name)
    title = read_case("hand").settings["title"]
    said = pages.pop("command")
    assert f"Against the baseline, {title} (problem " in said
    assert (
        "Of that for United States: force structure -2,222 M$; presence -44 M$; commands, nuclear cover -400 M$."
        in said
    )
    assert "Against the baseline" not in pages[first]


def test_withheld_figures_are_nowhere_on_the_screen(handed_over: tuple[Problem, Solution]) -> None:
    problem, solution = handed_over
    outcome = {**solution.outcome, "allied_figures_withheld": "Ties are left."}
    del outcome["alliance_cost_usd_m"]
    shown = replace(solution, outcome=outcome, tables=without_allies(solution.tables, "USA"))
    page = lines(problem, shown)
    assert "Costs are not set against today's posture: what allies pay, bills included, is not shown." in page
    assert "People of units United States: 24,444 raised" in page
    assert not any("South Korea gains" in line or "all allies" in line or "Kept" in line for line in page)


def test_a_case_without_allies_asks_nothing() -> None:
    case = read_case("hand_no_response")
    forces = case["actor_unit_types"]
    problem = Problem({**case.tables, "actor_unit_types": forces[forces["actor_id"] == "USA"]})
    page = lines(problem, solve(problem, SolveOptions()))
    assert not any("all allies" in line or line.startswith("All of allies") for line in page)


def printed(parts: list[RenderableType]) -> list[str]:
    page = StringIO()
    Console(file=page, width=200).print(*parts, sep="\n")
    cleaned = (" ".join(line.replace("─", "").split()) for line in page.getvalue().splitlines())
    return [line for line in cleaned if line]


def test_no_more_than_ten_allies_are_listed() -> None:
    case = read_case("hand_no_response")
    allies = [f"A{number:02}" for number in range(12)]
    actors = pd.DataFrame({"actor_id": ["USA", *allies]}).reindex(columns=case["actors"].columns)
    owned = pd.DataFrame(
        [(ally, "BRIGADE", 2026, 1.0, 1.0) for ally in allies],
        columns=["actor_id", "unit_type_id", "year", "owned_count", "arrived_count"],
    )
    view = View(
        Problem({**case.tables, "actors": actors}),
        planned({"owned_forces": owned}),
    )
    parts = ask_sheet(view)
    (group,) = parts
    assert isinstance(group, Group)
    (made,) = [part for part in group.renderables if isinstance(part, Table)]
    assert len(made.rows) == 10
    assert "And 2 other allies." in printed(parts)
