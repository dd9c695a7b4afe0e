"""Cases small enough to be solved by hand, family by family; the arithmetic stands beside each.

See ``tiny_cases`` for the problem that they change: 7 points needed, a brigade at the site costs 2,600 M$ a year.
"""

import pandas as pd
import pytest
from small_problem import Rows, rows
from tiny_cases import (
    allied,
    american,
    audit_findings,
    from_home,
    needed,
    optimum,
    priced,
    rule,
    sets_problem,
    tiny_problem,
)

from optimizer.cases.read import read_case
from optimizer.checks import check
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem

ONE_POINT = "EAST,GROUND,D30,WAR,2026"


class TestHandNoResponse:
    """In B, 0.8 · 5 of the allies and 3 of the United States make 7; in K, 5 and 1 make 6."""

    def test_relaxation(self) -> None:
        found = optimum(read_case("hand_no_response"))
        # 3 · (2,500 + 100) + 1 · (2,500 + 50)
        assert found.objective == pytest.approx(10350, rel=1e-12)
        assert found.of("owned") == pytest.approx(
            {"USA,BRIGADE,2026": 4, "EUR,BRIGADE,2026": 5, "ROK,BRIGADE,2026": 5}
        )
        american = {k: v for k, v in found.of("stationed").items() if k.startswith("USA")}
        assert american == pytest.approx(
            {"USA,BRIGADE,B_SITE,PERMANENT,2026": 3, "USA,BRIGADE,K_SITE,PERMANENT,2026": 1}
        )
        assert found.prices("deterrence") == pytest.approx(
            {"B,GROUND,D30,BK,2026": 2600, "K,GROUND,D30,BK,2026": 2550}
        )
        # A dollar more of allied spending buys 0.8 points in B or 1.25 in K.
        assert found.prices("spending_ceiling") == pytest.approx(
            {"EUR,2026": -2600 * 0.8 / 1000, "ROK,2026": -2550 / 800}
        )

    def test_solution(self) -> None:
        solution = solve(read_case("hand_no_response"), SolveOptions())
        assert solution.outcome["audit_passed"], solution.outcome["audit_findings"]
        assert solution.outcome["objective_usd_m"] == pytest.approx(10350, rel=1e-12)
        assert solution.outcome["lead_cost_usd_m"] == pytest.approx(10350, rel=1e-12)
        assert solution.outcome["penalty_usd_m"] == 0
        assert solution.outcome["alliance_cost_usd_m"] == pytest.approx(10350 + 5000 + 4000)
        assert solution.outcome["plan"] == "OPTIMAL"
        prices = solution.tables["requirement_results"].set_index("theater_id")["price_usd_m_per_point"]
        assert prices.to_dict() == pytest.approx({"B": 2600, "K": 2550})

    def test_a_theater_of_little_interest_is_left(self) -> None:
        problem = read_case("hand_no_response")
        row = {"theater_id": "B", "capability_id": "GROUND", "interest_usd_m_per_point_yr": 2400.0}
        interests = pd.DataFrame([row]).astype(problem["interests"].dtypes.to_dict())
        found = optimum(Problem({**problem.tables, "interests": interests}))
        # In B 2,400 a point is less than 2,600: the 3 points go short; in K 2,550 as before.
        assert found.objective == pytest.approx(3 * 2400 + 2550)
        assert found.of("shortfall_level") == pytest.approx({"B,GROUND,2026": 3})
        assert found.prices("deterrence")["B,GROUND,D30,BK,2026"] == pytest.approx(2400)


class TestForceStructure:
    def test_the_tiny_problem(self) -> None:
        found = optimum(tiny_problem())
        assert found.objective == pytest.approx(7 * (2500 + 100))
        assert found.prices("deterrence") == pytest.approx({ONE_POINT: 2600})

    def test_an_order_is_paid_in_equal_parts_and_arrives_after_its_lead_time(self) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 3, "discount_rate_fraction": 0.25},
                requirements=needed("2026 0", "2028 2"),
                actor_unit_types=american(lead_time_yr=2, raise_cost_usd_m_per_unit=600, life_yr=10),
            )
        )
        # Ordered in 2026, paid 300 in 2026 and 300 in 2027, there in 2028; 9 of 10 years are left of the 600.
        assert found.of("raised") == pytest.approx({"USA,BRIGADE,2026": 2})
        assert found.of("owned") == pytest.approx({"USA,BRIGADE,2028": 2})
        assert found.objective == pytest.approx(2 * (300 + 300 * 0.8 + (2600 - 540) * 0.64))

    def test_what_cannot_arrive_in_time_is_not_there(self) -> None:
        found = optimum(
            tiny_problem({"year_count": 2}, actor_unit_types=american(lead_time_yr=1), interests=priced(3000))
        )
        # 7 points short in 2026, 7 brigades in 2027; without the interest there is no plan.
        assert found.objective == pytest.approx(7 * 3000 + 7 * 2600)
        assert optimum(
            tiny_problem({"year_count": 2}, actor_unit_types=american(lead_time_yr=1))
        ).is_infeasible

    def test_what_is_on_order_was_paid_before(self) -> None:
        found = optimum(
            tiny_problem(
                actor_unit_types=american(raise_cost_usd_m_per_unit=600, life_yr=1),
                on_order=rows("actor_id unit_type_id year arriving_count", "USA BRIGADE 2026 3"),
            )
        )
        assert found.objective == pytest.approx(7 * 2600 + 4 * 600)

    def test_a_limit_on_raising_makes_it_begin_earlier(self) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 2},
                requirements=needed("2026 0", "2027 4"),
                actor_unit_types=american(maximum_raised_count_per_yr=2),
            )
        )
        # Two are raised in 2026 and wait at home for a year.
        assert found.objective == pytest.approx(2 * 2500 + 4 * 2600)

    def test_a_limit_on_disbanding_keeps_units(self) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 3},
                requirements=needed("2026 0"),
                owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 5"),
                actor_unit_types=american(maximum_disbanded_count_per_yr=1, disband_cost_usd_m_per_unit=100),
            )
        )
        assert found.of("owned") == pytest.approx(
            {f"USA,BRIGADE,{year}": count for year, count in ((2025, 5), (2026, 4), (2027, 3), (2028, 2))}
        )
        assert found.objective == pytest.approx((4 + 3 + 2) * 2500 + 3 * 100)

    def test_units_dearer_to_disband_than_to_keep_are_kept(self) -> None:
        found = optimum(
            tiny_problem(
                requirements=needed("2026 0"),
                owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 1"),
                actor_unit_types=american(disband_cost_usd_m_per_unit=3000),
            )
        )
        assert found.objective == pytest.approx(2500)

    def test_reserved_units_are_paid_for_and_not_deployed(self) -> None:
        found = optimum(
            tiny_problem(
                owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 2"),
                actor_unit_types=american(reserved_count=2),
            )
        )
        assert found.objective == pytest.approx(9 * 2500 + 7 * 100)

    def test_what_is_disbanded_has_no_salvage(self) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 2},
                requirements=needed("2026 2", "2027 0"),
                actor_unit_types=american(raise_cost_usd_m_per_unit=600, life_yr=10),
            )
        )
        # Keeping a unit for a year costs 2,500 and would be worth 480 at the end.
        assert found.objective == pytest.approx(2 * (600 + 2600))

    def test_salvage_falls_in_a_straight_line(self) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 3},
                requirements=needed("2026 1", "2028 2"),
                actor_unit_types=american(raise_cost_usd_m_per_unit=600, life_yr=5),
            )
        )
        # Of the first 2 of 5 years are left, of the second 4 of 5.
        assert found.objective == pytest.approx(4 * 2600 + 600 * (1 - 2 / 5) + 600 * (1 - 4 / 5))


class TestStationing:
    def test_turns_of_duty_need_two_units_for_one(self) -> None:
        found = optimum(
            tiny_problem(
                requirements=needed("2026 3"),
                unit_type_modes=rows(
                    "unit_type_id mode mode_cost_usd_m_per_unit_yr", "BRIGADE ROTATIONAL 60"
                ),
                readiness_classes=rows(
                    "readiness_class_id mode notice_to_move_days", "READY ROTATIONAL 0", "READY HOME 0"
                ),
                readiness=rows("readiness_class_id mode phase_id ready_fraction", "READY ROTATIONAL D30 1"),
            )
        )
        assert found.objective == pytest.approx(6 * 2500 + 3 * (100 + 60))
        # A unit more to own would save nothing but its own cost; its rent is what it costs.
        assert found.prices("rotation_base") == pytest.approx({"USA,BRIGADE,2026": -2500})

    def test_a_set_shortens_the_way_and_adds_no_unit(self) -> None:
        found = optimum(sets_problem())
        # A set: 1,200 for 30 years of which 29 are left, upkeep 30, 150 caretakers at 0.025.
        assert found.of("owned") == pytest.approx({"USA,BRIGADE,2026": 3})
        assert found.of("sets_owned") == pytest.approx({"USA,BRIGADE,2026": 3})
        assert found.objective == pytest.approx(3 * (2500 + 40 + 30 + 3.75))

    def test_sets_of_today_cost_their_upkeep_or_are_given_up(self) -> None:
        owned = rows("actor_id unit_type_id owned_count sets_owned_count", "USA BRIGADE 0 5")
        assert optimum(sets_problem(owned_today=owned)).objective == pytest.approx(3 * (2500 + 30 + 3.75))


class TestAlliedSpending:
    def test_a_ceiling_limits_what_an_ally_owns(self) -> None:
        found = optimum(
            tiny_problem(
                actor_years=rows(
                    "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
                    "ALY 2026 100000 0.04 1000",
                ),
                **allied(20),
            )
        )
        # 4,000 less 1,000 leave three brigades; a dollar more saves the lead actor 2.6.
        assert found.objective == pytest.approx(4 * 2600)
        assert found.of("spending") == pytest.approx({"ALY,2026": 4000})
        assert found.prices("spending_identity")["ALY,2026"] == pytest.approx(2.6)

    def test_a_ramp_is_one_of_shares(self) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 2},
                actor_years=rows(
                    "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ramp_fraction_per_yr",
                    "ALY 2025 100000 2000 0.01",
                    "ALY 2027 110000 - -",
                ),
                owned_today=rows("actor_id unit_type_id owned_count", "ALY BRIGADE 1"),
                **allied(20),
            )
        )
        # Other spending is 2,000 − 1,000, then 1,100. 2026: 3,000, two brigades. 2027: 4% of 110,000, 3.3.
        assert found.of("spending")["ALY,2027"] == pytest.approx(4400)
        assert found.objective == pytest.approx((5 + 3.7) * 2600)

    def test_other_spending_takes_its_part_of_what_is_pledged(self) -> None:
        problem = tiny_problem(
            {"year_count": 3},
            actor_years=rows(
                "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ceiling_fraction"
                " spending_ramp_fraction_per_yr other_spending_growth_fraction",
                "ALY 2025 100000 2000 0.02 0.01 0.6",
                "ALY 2027 100000 - 0.05 - -",
            ),
            owned_today=rows("actor_id unit_type_id owned_count", "ALY BRIGADE 1"),
            **allied(20),
        )
        found = optimum(problem)
        # Pledged are 2%, then 3% as the ramp allows, then 4%: other spending is 1,000, 1,600 and 2,200.
        assert found.of("spending") == pytest.approx(
            {"ALY,2025": 2000, "ALY,2026": 2000, "ALY,2027": 3000, "ALY,2028": 4000}
        )
        assert found.objective == pytest.approx((6 + 5.6 + 5.2) * 2600)
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_what_a_falling_ceiling_takes_is_not_taken_from_forces_alone(self) -> None:
        problem = tiny_problem(
            {"year_count": 2},
            actor_years=rows(
                "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ceiling_fraction"
                " other_spending_growth_fraction",
                "ALY 2025 100000 2000 0.04 0.5",
                "ALY 2027 100000 - 0.03 -",
            ),
            **allied(20),
        )
        # Other spending is 2,000 and half of 2,000, then of 1,000: for forces remain 1,000 and 500.
        assert optimum(problem).objective == pytest.approx((6 + 6.5) * 2600)

    def test_orders_count_as_spending_when_they_are_paid(self) -> None:
        tables = allied(20)
        tables["actor_unit_types"][1].update(lead_time_yr=1, raise_cost_usd_m_per_unit=3000, life_yr=2)
        found = optimum(
            tiny_problem(
                {"year_count": 2},
                actor_years=rows(
                    "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
                    "ALY 2026 100000 0.06 0",
                ),
                **tables,
            )
        )
        # 6,000 buy two brigades in 2026, there in 2027; their salvage is nobody's spending.
        assert found.objective == pytest.approx((7 + 5) * 2600)


class TestPolicyRules:
    @pytest.mark.parametrize(
        ("table", "usd_m"),
        [
            # Five may be owned, two points go short; or two more for a penalty of 1,000 each.
            (rule("OWNED_COUNT", "AT_MOST", 5), 5 * 2600 + 2 * 4000),
            (rule("OWNED_COUNT", "AT_MOST", 5, penalty_usd_m=1000), 7 * 2600 + 2 * 1000),
            (rule("OWNED_COUNT", "AT_LEAST", 9), 7 * 2600 + 2 * 2500),
            (rule("OWNED_COUNT", "AT_LEAST", 9, penalty_usd_m=1000), 7 * 2600 + 2 * 1000),
            (rule("STATIONED_PERSONS", "EQUAL", 20000), 5 * 2600 + 2 * 4000),
            (rule("STATIONED_PERSONS", "EQUAL", 20000, penalty_usd_m=0.1), 7 * 2600 + 8000 * 0.1),
            (rule("STATIONED_PERSONS", "EQUAL", 32000, site_group_id="EAST"), 8 * 2600),
            (rule("STATIONED_PERSONS", "EQUAL", 32000, penalty_usd_m=0.01), 7 * 2600 + 4000 * 0.01),
            (rule("STATIONED_COUNT", "AT_MOST", 6, site_group_id="CAMP"), 6 * 2600 + 4000),
            (rule("RAISED_COUNT", "AT_MOST", 4), 4 * 2600 + 3 * 4000),
            (rule("OWNED_POINTS", "AT_LEAST", 8, capability_id="GROUND"), 7 * 2600 + 2500),
            (rule("SPENDING_USD_M", "AT_MOST", 13100), 5 * 2600 + 2 * 4000),
            (rule("OWNED_COUNT", "AT_MOST", 5, first_year=2020, last_year=2025), 7 * 2600),
            (rule("OWNED_COUNT", "AT_MOST", 5, unit_type_id="BRIGADE", kind="HARD"), 5 * 2600 + 2 * 4000),
        ],
        ids=lambda value: "" if isinstance(value, float | int) else "_".join(map(str, value[0].values())),
    )
    def test_a_rule(self, table: Rows, usd_m: float) -> None:
        known = rows("actor_id year other_spending_usd_m_per_yr", "USA 2026 100")
        found = optimum(tiny_problem(policy_rules=table, interests=priced(4000), actor_years=known))
        assert found.objective == pytest.approx(usd_m)

    def test_disbanding_may_be_asked_for(self) -> None:
        found = optimum(
            tiny_problem(
                requirements=needed("2026 2"),
                owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 3"),
                actor_unit_types=american(
                    disband_cost_usd_m_per_unit=10, raise_cost_usd_m_per_unit=600, life_yr=1
                ),
                policy_rules=rule("DISBANDED_COUNT", "AT_LEAST", 2),
            )
        )
        # Two of three go, and one is raised again.
        assert found.objective == pytest.approx(2 * 2600 + 2 * 10 + 600)


class TestWholeNumbers:
    def test_counted_units_are_whole_and_deployments_are_not(self) -> None:
        problem = tiny_problem(
            requirements=needed("2026 6.5"),
            unit_types=rows("unit_type_id personnel_persons is_counted", "BRIGADE 4000 true"),
        )
        assert optimum(problem).objective == pytest.approx(6.5 * 2600)
        found = optimum(problem, relax=False)
        assert found.objective == pytest.approx(7 * 2600)

    def test_what_is_stationed_is_whole_too(self) -> None:
        problem = tiny_problem(
            requirements=needed("2026 6.5"),
            unit_types=rows("unit_type_id personnel_persons is_counted", "BRIGADE 4000 true"),
            transit_times=from_home(20),
            lift=rows("lift_pool_id scenario_id phase_id capacity_points", "SHIPS WAR D30 5.75"),
            lift_actors=rows("lift_pool_id actor_id", "SHIPS USA"),
            lift_unit_types=rows("lift_pool_id unit_type_id lift_points", "SHIPS BRIGADE 1"),
        )
        # Lift brings 5.75 of the 6.5; 0.75 in place take a whole brigade there.
        assert optimum(problem).objective == pytest.approx(6.5 * 2500 + 0.75 * 100)
        assert optimum(problem, relax=False).objective == pytest.approx(7 * 2500 + 100)


class TestRefusals:
    """What the formulation could not state is refused before it is built."""

    def test_more_reserved_than_may_be_owned(self) -> None:
        problem = tiny_problem(
            owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 9"),
            actor_unit_types=american(reserved_count=8, maximum_owned_count=7),
        )
        assert check(problem)

    def test_a_garrison_of_points_alone_that_nobody_can_supply(self) -> None:
        problem = tiny_problem(
            requirements=needed("2026 0"),
            garrisons=rows(
                "garrison_id site_group_id required_persons capability_id required_points",
                "GUARD CAMP 0 GROUND 5",
            ),
            garrison_actors=rows("garrison_id actor_id", "GUARD ALY"),
        )
        assert check(problem)


def test_nothing_needed_costs_nothing() -> None:
    problem = tiny_problem(requirements=needed("2026 0"))
    assert optimum(problem).objective == 0
    outcome = solve(problem, SolveOptions()).outcome
    assert outcome["audit_passed"]
    assert outcome["objective_usd_m"] == 0
