"""Periods of several years: costs, limits, orders and rules on cases solved by hand, and against plans by the year."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo
import pytest
from hand_cases import hand_five_years
from pyomo.common.errors import InvalidConstraintError
from pyomo_arrays import pyomo_arrays
from random_problems import problem_of, random_tables, with_periods
from small_problem import Rows, rows, small_problem
from test_laws import law, not_above, without
from test_matrix import assert_equal
from test_summary import printed
from tiny_cases import (
    EXACT,
    allied,
    american,
    audit_findings,
    in_periods,
    needed,
    optimum,
    rule,
    tiny_problem,
)

from optimizer.checks import check, warnings
from optimizer.checks.size import model_size
from optimizer.formulation import build_from_index
from optimizer.formulation.frames import command_options, nuclear_options
from optimizer.formulation.frames.index import CONVERSION, FORCE, build_index
from optimizer.formulation.frames.nuclear_options import CHOICE
from optimizer.questions.variants import in_year_one
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.session import Session
from optimizer.tables.calendar import Calendar
from optimizer.tables.problem import Problem

QUARTER = {"discount_rate_fraction": 0.25}
"""Factors of 1, 0.8, 0.64, 0.512 and 0.4096 for five years."""

BACK = 0.64 + 0.512 + 0.4096
"""Discount of a period of the last three of five years."""


def periods(*years: int) -> Rows:
    return [{"year": year} for year in years]


def tiny(years: Sequence[int], settings: dict[str, Any] | None = None, /, **tables: Any) -> Problem:
    """The tiny problem in periods."""
    return tiny_problem({"year_count": None, **(settings or {})}, **{"periods": periods(*years), **tables})


def owned(*lines: str) -> Rows:
    return rows("actor_id unit_type_id owned_count", *lines)


def standing(count: int) -> dict[str, Rows]:
    """Brigades at CAMP that nobody needs."""
    return {
        "requirements": needed("2026 0"),
        "owned_today": owned(f"USA BRIGADE {count}"),
        "stationed_today": rows(
            "actor_id unit_type_id site_id mode stationed_count", f"USA BRIGADE CAMP PERMANENT {count}"
        ),
    }


PAUSED = (
    "raised",
    "converted",
    "sets_bought",
    "disbanded",
    "housing_built",
    "homecoming",
    "opening",
    "closing",
    "program_start",
)
"""What costs once, or is ordered."""

KEPT = ("owned", "sets_owned", "stationed", "housing", "open", "nuclear_choice")
"""What goes on from year to year."""


def calm_cost(problem: Problem, calendar: Calendar) -> float:
    """The least cost of a problem if nothing happens inside the long periods of a calendar.

    In their years nothing is ordered, built, disbanded, opened or closed; nothing arrives but in the first of them; and
    what is owned, stationed and chosen is the same in all. Infinite if there is no such plan.
    """
    index = build_index(problem)
    try:
        model = build_from_index(index)
    except InvalidConstraintError:  # A need that nothing can meet.
        return np.inf
    long = {
        year: first
        for period, first in calendar.first_years.items()
        for year in range(first, period + 1)
        if first < period
    }
    arrivals = {
        (block, *row[:-1]): row[-2] + row[-1]
        for block, frame in (
            ("raised", index.orders[[*FORCE, "year", "lead_time_yr"]]),
            ("converted", index.conversion_orders[[*CONVERSION, "year", "lead_time_yr"]]),
            ("sets_bought", index.set_orders[[*FORCE, "year", "set_lead_time_yr"]]),
            ("program_start", nuclear_options.starts(index)[[*CHOICE, "year", "lead_time_yr"]]),
        )
        for row in frame.itertuples(index=False, name=None)
    }
    for block in PAUSED:
        for key, column in getattr(model, block).items():
            arrival = arrivals.get((block, *key), key[-1])
            if key[-1] in long or long.get(arrival, arrival) != arrival:
                column.setub(0)
    model.calm = pyo.ConstraintList()
    for block in KEPT:
        columns = getattr(model, block)
        for *key, year in columns:
            if long.get(year, year) < year and (*key, year - 1) in columns:
                model.calm.add(columns[(*key, year)] == columns[(*key, year - 1)])
    matrix = pyomo_arrays(model)
    answer = Session(matrix, EXACT).solve(time_limit_seconds=60.0)
    if answer.termination == "INFEASIBLE":
        return np.inf
    assert answer.termination == "OPTIMAL"
    return answer.objective + matrix.objective_offset


@law(8, known_seeds=[50, 474, 2909])
def test_periods_cost_what_their_years_cost_if_nothing_happens_inside(seed: int) -> None:
    """A period is as good as its years where its figures hold from its first year, and nothing happens inside it.

    Left out is what looks at two years in a row, and would see a change spread over a period or done in its first
    year: paces, moves, hand-over and ramps; and limits of spending, which see what is paid in one year of a period as
    a mean over all. In whole numbers: a relaxation opens a site in part, by what could be owned if more were ordered.
    """
    tables = without(random_tables(seed), "periods", "handovers", "stability_limits")
    random = np.random.default_rng(seed)
    tables["settings"][0]["year_count"] = int(random.integers(2, 4))
    for row in (*tables.get("actor_years", []), *tables.get("site_group_limits", [])):
        for name in ("spending_ceiling_fraction", "spending_ramp_fraction_per_yr"):
            row.pop(name, None)
        row.pop("maximum_withdrawal_persons_per_yr", None)
    tables["policy_rules"] = [row for row in tables["policy_rules"] if "SPENDING" not in row["quantity"]]
    tables = with_periods(tables, random)
    several, yearly = problem_of(tables), problem_of(without(tables, "periods"))
    first, second = (calm_cost(problem, several.calendar) for problem in (several, yearly))
    assert not_above(first, second)
    assert not_above(second, first)


class TestCalendar:
    calendar = Calendar((2026, 2027, 2030, 2032))

    def test_a_period_stands_for_the_years_after_the_one_before(self) -> None:
        assert self.calendar.today == 2025
        assert self.calendar.previous == {2026: 2025, 2027: 2026, 2030: 2027, 2032: 2030}
        assert self.calendar.first_years == {2026: 2026, 2027: 2027, 2030: 2028, 2032: 2031}
        assert self.calendar.spans == {2026: 1, 2027: 1, 2030: 3, 2032: 2}

    def test_every_calendar_year_is_in_one_period(self) -> None:
        years = pd.Series([2026, 2027, 2028, 2030, 2031, 2032, 2033])
        assert self.calendar.periods_of(years).to_list() == [2026, 2027, 2030, 2030, 2032, 2032, 2033]

    def test_what_is_allowed_is_allowed_in_every_year_of_the_period(self) -> None:
        years = pd.Series([2020, 2027, 2028, 2029, 2031, 2032, 2040])
        assert self.calendar.periods_from(years).to_list() == [2026, 2027, 2030, 2032, 2032, 2033, 2040]

    def test_what_has_ended_by_a_year(self) -> None:
        years = pd.Series([2020, 2026, 2029, 2030, 2031, 2040])
        assert self.calendar.periods_until(years).to_list() == [2025, 2026, 2027, 2030, 2030, 2032]

    def test_a_period_is_discounted_by_the_sum_of_its_years(self) -> None:
        discount = Calendar((2026, 2027, 2030)).discount(0.25)
        assert discount == pytest.approx({2026: 1, 2027: 0.8, 2030: BACK})


class TestHandFiveYears:
    """EUR's 5, 6 and, from 2028, 9 leave 5, 11/3 and 0 American brigades in B; 2 stand in K."""

    def test_in_three_periods(self) -> None:
        problem = in_periods(hand_five_years(), [2026, 2027, 2030], **QUARTER)
        solution = solve(problem, SolveOptions(time_limit_seconds=60))
        outcome, tables = solution.outcome, solution.tables
        assert (outcome["plan"], outcome["audit_findings"]) == ("OPTIMAL", [])
        in_b, in_k = 2600 * (5 + 11 / 3 * 0.8), 5100 * (1 + 0.8 + BACK)
        assert outcome["objective_usd_m"] == pytest.approx(in_b + in_k, rel=1e-9)

        lines = tables["ledger"].set_index(["actor_id", "year", "kind"])
        assert lines["usd_m"]["USA", 2030, "OWN"] == pytest.approx(3 * 2 * 2500)
        assert lines["discounted_usd_m"]["USA", 2030, "OWN"] == pytest.approx(2 * 2500 * BACK)
        spending = tables["spending_results"].set_index(["actor_id", "year"])["spending_usd_m"]
        # 8.75 brigades are 7 points; EUR could spend 9,000 a year.
        assert spending["EUR", 2030] == pytest.approx(8750)
        prices = tables["requirement_results"].set_index(["theater_id", "year"])["price_usd_m_per_point"]
        assert prices["K", 2030] == pytest.approx(2550 / 0.5)
        assert prices["B", 2027] == pytest.approx(2600 / 0.6)

    def test_a_summary_says_which_years_a_period_stands_for(self) -> None:
        problem = in_periods(hand_five_years(), [2026, 2027, 2030])
        page = printed(problem, solve(problem, SolveOptions()))
        assert "Periods, each named by its last year: 2026, 2027, 2028–2030." in page
        assert "United States: 48,033 M$; 9,607 M$ a year undiscounted" in page
        assert "Periods" not in printed(hand_five_years(), solve(hand_five_years(), SolveOptions()))

    def test_undiscounted_the_front_years_count_once_and_the_back_three_times(self) -> None:
        found = optimum(in_periods(hand_five_years(), [2026, 2027, 2030]))
        assert found.objective == pytest.approx(2600 * (5 + 11 / 3) + 5 * 5100)

    @pytest.mark.parametrize(
        "problem", [hand_five_years(), small_problem(periods=None)], ids=["hand", "small"]
    )
    def test_periods_of_a_year_are_years(self, problem: Problem) -> None:
        same = in_periods(problem, problem.years)
        assert problem["periods"].empty
        assert len(same["periods"])
        assert_equal(compile_matrix(build_index(problem)), compile_matrix(build_index(same)))


@pytest.mark.parametrize("years", [[2026, 2027, 2029], [2026, 2029, 2030]])
class TestSmallProblem:
    """Every table in periods."""

    def test_its_size_is_known_and_readers_agree(self, years: list[int]) -> None:
        index = build_index(in_periods(small_problem(), years))
        matrix, size = compile_matrix(index), model_size(index)
        shape = (*matrix.coefficients.shape, matrix.coefficients.nnz)
        assert (size.row_count, size.column_count, size.nonzero_count) == shape
        assert_equal(matrix, pyomo_arrays(build_from_index(index)))

    def test_todays_posture_is_scored_in_year_1(self, years: list[int]) -> None:
        assert in_year_one(in_periods(small_problem(), years)).years == [2026]

    @pytest.mark.parametrize("relax", [True, False])
    def test_its_plan_passes_the_audit(self, years: list[int], relax: bool) -> None:
        problem = in_periods(small_problem(), years)
        assert check(problem) == []
        found = optimum(problem, relax)
        assert audit_findings(problem, found, is_relaxed=relax) == []


class TestForces:
    def test_an_order_is_paid_and_discounted_by_calendar_years(self) -> None:
        problem = tiny(
            [2026, 2027, 2030],
            QUARTER,
            requirements=needed("2026 0", "2030 2"),
            actor_unit_types=american(lead_time_yr=3, raise_cost_usd_m_per_unit=600, life_yr=10),
        )
        found = optimum(problem)
        # Ordered in 2027, paid 200 in 2027, 2028 and 2029, there in 2030; 9 of 10 years are left of the 600. The
        # period's need and the cost of its units are those of 2028 to 2030.
        assert found.of("raised") == pytest.approx({"USA,BRIGADE,2027": 2})
        paid = 200 * (0.8 + 0.64 + 0.512) + 2600 * BACK - 540 * 0.4096
        assert found.objective == pytest.approx(2 * paid)
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_it_arrives_in_the_period_that_holds_the_year(self) -> None:
        index = build_index(tiny([2026, 2027, 2030], actor_unit_types=american(lead_time_yr=2)))
        orders = index.orders[index.orders["actor_id"] == "USA"]
        assert orders[["year", "arrival_year"]].to_numpy().tolist() == [[2026, 2030], [2027, 2030]]

    def test_so_does_what_is_on_order(self) -> None:
        orders = rows("actor_id unit_type_id year arriving_count", "USA BRIGADE 2028 3", "USA BRIGADE 2029 1")
        problem = tiny(
            [2026, 2030],
            requirements=needed("2026 0", "2030 4"),
            on_order=orders,
            actor_unit_types=american(maximum_raised_count_per_yr=0),
        )
        assert optimum(problem).objective == pytest.approx(4 * 4 * 2600)

    def test_as_many_are_raised_as_the_years_allow(self) -> None:
        problem = tiny(
            [2026, 2029],
            requirements=needed("2026 0", "2029 4"),
            actor_unit_types=american(maximum_raised_count_per_yr=1),
        )
        # One is raised in 2026 and waits at home, three in 2029.
        assert optimum(problem).objective == pytest.approx(2500 + 3 * 4 * 2600)

    def test_bounds_of_what_can_be_owned_count_the_years_of_orders(self) -> None:
        forces = american(maximum_raised_count_per_yr=1, lead_time_yr=2, maximum_owned_count=20)
        bounds = build_index(tiny([2026, 2028, 2031, 2032], actor_unit_types=forces)).owned_bounds
        most = bounds[bounds["actor_id"] == "USA"].set_index("year")["most"]
        # 2028: of 2026. 2031: of 2026, 2027 and 2028, since nothing that is ordered in 2031 is there.
        assert most.to_dict() == {2025: 0, 2026: 0, 2028: 1, 2031: 3, 2032: 3}

    def test_as_many_are_disbanded_as_the_years_allow(self) -> None:
        problem = tiny(
            [2026, 2029],
            QUARTER,
            requirements=needed("2026 0"),
            owned_today=owned("USA BRIGADE 5"),
            actor_unit_types=american(maximum_disbanded_count_per_yr=1, disband_cost_usd_m_per_unit=100),
        )
        # Three are disbanded in the second period, and paid for in its own year, 2029.
        kept = 4 * 2500 + 1 * 2500 * (0.8 + 0.64 + 0.512)
        assert optimum(problem).objective == pytest.approx(kept + 100 + 3 * 100 * 0.512)

    def test_a_site_is_opened_once_and_kept_open_for_all_years(self) -> None:
        access = rows(
            "site_id actor_id limit_persons stationing_cost_usd_m_per_person_yr open_cost_usd_m_per_yr"
            " opening_cost_usd_m",
            "CAMP USA 40000 0.025 10 50",
        )
        problem = tiny([2026, 2029], QUARTER, requirements=needed("2026 0", "2029 1"), site_access=access)
        found = optimum(problem, relax=False)
        assert found.objective == pytest.approx(2610 * (0.8 + 0.64 + 0.512) + 50 * 0.512)
        assert audit_findings(problem, found, is_relaxed=False) == []


class TestMovement:
    def test_people_leave_at_the_pace_of_the_years(self) -> None:
        pace = rows("site_group_id actor_id year maximum_withdrawal_persons_per_yr", "CAMP USA 2025 4000")
        problem = tiny([2026, 2029], site_group_limits=pace, **standing(4))
        # One brigade may leave in 2026 and three in the years to 2029.
        assert optimum(problem).objective == pytest.approx(3 * 2600)

    def test_units_move_as_often_as_the_years_allow(self) -> None:
        limits = rows("actor_id year maximum_moves_count", "USA 2025 1")
        problem = tiny([2026, 2029], stability_limits=limits, **standing(4))
        assert optimum(problem).objective == pytest.approx(3 * 2600)

    def test_a_move_has_its_price_once(self) -> None:
        limits = rows("actor_id year maximum_moves_count move_price_usd_m_per_unit", "USA 2025 1 100")
        problem = tiny([2026, 2029], QUARTER, stability_limits=limits, **standing(4))
        found = optimum(problem)
        assert found.objective == pytest.approx(3 * 2600 + 100 + 3 * 100 * 0.512)
        assert audit_findings(problem, found, is_relaxed=True) == []


class TestSpending:
    def test_a_ramp_rises_with_the_years(self) -> None:
        spending = rows(
            "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ramp_fraction_per_yr",
            "ALY 2025 100000 2000 0.01",
        )
        problem = tiny([2026, 2028], actor_years=spending, owned_today=owned("ALY BRIGADE 1"), **allied(20))
        # Other spending is 1,000. 2026: 3,000, two brigades; 2027 and 2028: 5,000, four.
        assert optimum(problem).objective == pytest.approx((5 + 2 * 3) * 2600)

    def test_a_ramp_needs_the_gdp_of_the_period_before(self) -> None:
        """The ramp of 2030 is seen against 2027, in which no GDP is known."""
        spending = rows(
            "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ramp_fraction_per_yr"
            " other_spending_usd_m_per_yr",
            "ALY 2025 - 2000 - 100",
            "ALY 2029 100000 - - -",
            "ALY 2030 - - 0.01 -",
        )
        (finding,) = check(tiny([2026, 2027, 2030], actor_years=spending, **allied(20)))
        assert (finding.code, finding.row_key) == ("FIRST_YEAR_MISSING", "ALY/2027")

    def test_what_is_paid_once_is_spread_over_the_years(self) -> None:
        tables = allied(20)
        tables["actor_unit_types"][1].update(raise_cost_usd_m_per_unit=3000)
        spending = rows(
            "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
            "ALY 2026 100000 0.06 0",
        )
        problem = tiny([2026, 2028], actor_years=spending, **tables)
        found = optimum(problem)
        # 2026: 4,000 a brigade, 1.5 of them. Then 1.8 more: 1.8 · 3,000 ÷ 2 and 3.3 · 1,000 are 6,000 a year.
        assert found.objective == pytest.approx((5.5 + 2 * 3.7) * 2600)
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_willingness_goes_as_far_as_in_so_many_years(self) -> None:
        actors = rows(
            "actor_id home_staging_area_id response_speed_fraction", "USA AMERICA -", "ALY EAST_AREA 0.5"
        )
        spending = rows(
            "actor_id year spending_usd_m_per_yr other_spending_usd_m_per_yr reference_spending_usd_m_per_yr"
            " floor_spending_usd_m_per_yr",
            "ALY 2025 1000 0 5000 0",
        )
        answers = rows("actor_id theater_id response_usd_m_per_point_yr", "ALY EAST 0")
        problem = tiny(
            [2026, 2029], actor_years=spending, responses=answers, **{**allied(20), "actors": actors}
        )
        found = optimum(problem)
        # 1,000 and 5,000 meet at 3,000; in three more years 7/8 of the way is gone, to 4,750.
        assert found.of("willingness") == pytest.approx(
            {"ALY,2025": 1000, "ALY,2026": 3000, "ALY,2029": 4750}
        )
        assert found.objective == pytest.approx((4 + 3 * 2.25) * 2600)
        assert audit_findings(problem, found, is_relaxed=True) == []


class TestRules:
    def test_a_rule_holds_where_one_of_its_years_is(self) -> None:
        asked = rule("OWNED_COUNT", "AT_LEAST", 9, first_year=2028, last_year=2028)
        assert optimum(tiny([2026, 2027, 2030], policy_rules=asked)).objective == pytest.approx(
            5 * 7 * 2600 + 3 * 2 * 2500
        )

    def test_what_is_raised_counts_by_the_year(self) -> None:
        asked = rule("RAISED_COUNT", "AT_LEAST", 2, first_year=2029)
        problem = tiny(
            [2026, 2029],
            requirements=needed("2026 0"),
            policy_rules=asked,
            actor_unit_types=american(raise_cost_usd_m_per_unit=100, life_yr=1),
        )
        found = optimum(problem)
        assert found.of("raised") == pytest.approx({"USA,BRIGADE,2029": 6})
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_a_penalty_and_an_interest_are_paid_every_year(self) -> None:
        interest = rows("theater_id capability_id interest_usd_m_per_point_yr", "EAST GROUND 1000")
        assert optimum(tiny([2026, 2029], QUARTER, interests=interest)).objective == pytest.approx(
            7000 * (1 + 0.8 + 0.64 + 0.512)
        )

    def test_a_lever_freed_inside_a_period_moves_from_the_next(self) -> None:
        levers = rows("lever lever_key first_year", "CEILING CAMP 2029", "COMMAND X 2033")
        frame = pd.DataFrame(levers).astype({"first_year": "Int64"})
        problem = in_periods(small_problem(), [2026, 2027, 2030, 2032])
        problem = Problem({**problem.tables, "freed_levers": frame})
        assert problem.freed_years("CEILING").to_dict() == {"CAMP": 2032}
        assert (problem.freed_years("COMMAND") > 2032).all()

    def test_a_prerequisite_looks_back_from_every_year_of_the_period(self) -> None:
        problem = in_periods(small_problem(), [2026, 2027, 2030])
        asked = (
            problem["command_prerequisites"].head(1).assign(years_before_count=2, years_already_met_count=1)
        )
        frame = command_options.prerequisites(
            build_index(Problem({**problem.tables, "command_prerequisites": asked.astype(asked.dtypes)}))
        )
        looked_at = frame.groupby("year")["owned_year"].apply(sorted).to_dict()
        assert looked_at == {2026: [2024, 2025, 2026], 2027: [2025, 2026, 2027], 2030: [2026, 2027, 2030]}
        assert frame.loc[frame["is_before"] & ~frame["is_met"], "owned_year"].to_list() == [2024]

    def test_a_nuclear_program_is_finished_in_the_period_that_holds_the_year(self) -> None:
        options = rows(
            "actor_id nuclear_posture holds_today program_cost_usd_m lead_time_yr",
            "ALY UMBRELLA true - -",
            "ALY INDEPENDENT false 600 2",
        )
        levers = rows("lever lever_key first_year", "NUCLEAR ALY 2027")
        problem = tiny([2026, 2027, 2030, 2031], nuclear_options=options, freed_levers=levers)
        assert check(problem) == []
        index = build_index(problem)
        starts = nuclear_options.starts(index)[["year", "finish_year"]].to_numpy().tolist()
        assert starts == [[2027, 2030]]
        running = nuclear_options.running(index)[["start_year", "year"]].to_numpy().tolist()
        assert running == [[2027, 2027]]
        # 300 in 2027, and 300 in 2028, which is 100 in each year of the period.
        paid = nuclear_options.payments(index).set_index("paid_year")["average_usd_m"]
        assert paid.to_dict() == pytest.approx({2027: 300, 2030: 100})


def test_a_figure_inside_a_period_that_a_later_one_replaces_is_a_warning() -> None:
    """The period 2030 shows 2030: of 2029 nothing is left but a ceiling that 2030 does not name again."""
    problem = tiny_problem(
        {"year_count": 5},
        requirements=needed("2026 1", "2029 2", "2030 3"),
        actor_years=rows(
            "actor_id year gdp_usd_m spending_ceiling_fraction",
            "ALY 2025 100000 0.02",
            "ALY 2029 110000 0.03",
            "ALY 2030 120000 -",
        ),
    )
    assert warnings(problem) == []
    (finding,) = warnings(in_periods(problem, [2026, 2028, 2030]))
    assert (finding.code, finding.severity) == ("YEAR_UNSEEN", "warning")
    assert (finding.table_name, finding.value) == ("requirements", "2029")
    assert "the period 2030 shows its last year" in finding.message
    # What no later row replaces holds from then on.
    assert warnings(in_periods(problem, [2026, 2029, 2030])) == []
