"""Cases small enough to be solved by hand, family by family; the arithmetic stands beside each.

See ``tiny_cases`` for the problem that they change: 7 points needed, a brigade at the site costs 2,600 M$ a year.
"""

import pytest
from small_problem import Rows, rows
from tiny_cases import Optimum, audit_findings, optimum, tiny_problem

from optimizer.cases import read_case
from optimizer.checks import check
from optimizer.problem import Problem
from optimizer.run import solve
from optimizer.solve_settings import SolveSettings

ONE_POINT = "EAST,GROUND,D30,WAR,2026"
FORCE = "actor_id unit_type_id own_cost_usd_m_per_unit_yr maximum_owned_count readiness_class_id"
ACCESS = "site_id actor_id stationing_cost_usd_m_per_person_yr"
NEED = "theater_id scenario_id phase_id capability_id year required_points"
INTEREST = "theater_id capability_id interest_usd_m_per_point_yr"


def needed(*lines: str) -> Rows:
    """Requirements of the tiny problem by year and points, such as "2027 3"."""
    return rows(NEED, *[f"EAST WAR D30 GROUND {line}" for line in lines])


def priced(usd_m: float) -> Rows:
    """An interest in the theater of the tiny problem."""
    return rows(INTEREST, f"EAST GROUND {usd_m}")


def american(**cells: float | int | str) -> Rows:
    """actor_unit_types of the tiny problem with cells added to the row of the United States."""
    first, second = rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 0 READY")
    return [{**first, **cells}, second]


def allied(maximum_owned: float) -> dict[str, Rows]:
    """Tables in which the ally lives in the theater and may own units."""
    return {
        "actors": rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
        "actor_unit_types": rows(
            FORCE, "USA BRIGADE 2500 20 READY", f"ALY BRIGADE 1000 {maximum_owned} READY"
        ),
    }


def from_home(days: int = 20) -> Rows:
    """Transit from the United States to the theater."""
    return rows("staging_area_id theater_id unit_type_id transit_days", f"AMERICA EAST BRIGADE {days}")


def rule(quantity: str, sense: str, value: float, **cells: float | int | str) -> Rows:
    """A policy rule for the United States."""
    return [
        {
            "policy_rule_id": "RULE",
            "sentence": "Why not.",
            "quantity": quantity,
            "actor_id": "USA",
            "sense": sense,
            "value": value,
            **cells,
        }
    ]


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
        solution = solve(read_case("hand_no_response"), SolveSettings())
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
        interests = problem["interests"].reindex([0])
        interests.loc[0] = ["B", "GROUND", 2400.0]
        typed = interests.astype(problem["interests"].dtypes.to_dict())
        found = optimum(Problem({**problem.tables, "interests": typed}))
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


def sets_problem(**tables: Rows) -> Problem:
    """3 points needed; sets may be bought, and home is too far away without them."""
    forces = american(set_purchase_cost_usd_m_per_set=1200, set_upkeep_cost_usd_m_per_set_yr=30)
    return tiny_problem(
        requirements=needed("2026 3"),
        unit_type_modes=rows(
            "unit_type_id mode personnel_persons", "BRIGADE PERMANENT -", "BRIGADE PREPOSITIONED 150"
        ),
        readiness_classes=rows(
            "readiness_class_id mode notice_to_move_days",
            "READY PERMANENT 0",
            "READY PREPOSITIONED 5",
            "READY HOME 0",
        ),
        readiness=rows(
            "readiness_class_id mode phase_id ready_fraction",
            "READY PERMANENT D30 1",
            "READY PREPOSITIONED D30 1",
            "READY HOME D30 1",
        ),
        transit_times=from_home(40),
        **{"actor_unit_types": forces, **tables},
    )


class TestBasing:
    def test_room_is_built_and_kept(self) -> None:
        access = rows(
            f"{ACCESS} housing_cost_usd_m_per_person_yr housing_build_cost_usd_m_per_person housing_life_yr"
            " housing_today_persons",
            "CAMP USA 0.025 0.004 0.1 20 8000",
        )
        # Room for 2 brigades is there; for 5 it is built at 400 each, of which 19 of 20 years are left.
        assert optimum(tiny_problem(site_access=access)).objective == pytest.approx(
            7 * (2600 + 4000 * 0.004) + 5 * 400 / 20
        )

    def test_capacity_is_shared_by_all_actors(self) -> None:
        sites = rows("site_id host_actor_id staging_area_id capacity_persons", "CAMP ALY EAST_AREA 12000")
        found = optimum(tiny_problem(sites=sites, interests=priced(4000)))
        assert found.objective == pytest.approx(3 * 2600 + 4 * 4000)
        # The ally stations its units there too, or the lead actor does: 3 brigades either way.
        both = optimum(
            tiny_problem(
                sites=sites,
                interests=priced(4000),
                site_access=rows(ACCESS, "CAMP USA 0.025", "CAMP ALY 0"),
                actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 20 READY"),
            )
        )
        assert both.objective == pytest.approx(4 * 4000)

    def test_own_limit(self) -> None:
        access = rows(f"{ACCESS} limit_persons", "CAMP USA 0.025 8000")
        found = optimum(tiny_problem(site_access=access, interests=priced(4000)))
        assert found.objective == pytest.approx(2 * 2600 + 5 * 4000)

    def test_an_open_site_costs_whoever_is_there(self) -> None:
        access = rows(
            f"{ACCESS} limit_persons open_cost_usd_m_per_yr opening_cost_usd_m", "CAMP USA 0.025 12000 500 50"
        )
        problem = tiny_problem(site_access=access, requirements=needed("2026 1"))
        assert optimum(problem).objective == pytest.approx(2600 + (500 + 50) / 3)
        assert optimum(problem, relax=False).objective == pytest.approx(2600 + 500 + 50)

    @pytest.mark.parametrize(("closing_usd_m", "cost_usd_m"), [(300, 300), (700, 500)])
    def test_a_site_is_closed_if_that_is_cheaper(self, closing_usd_m: int, cost_usd_m: int) -> None:
        access = rows(
            f"{ACCESS} limit_persons open_today open_cost_usd_m_per_yr closing_cost_usd_m",
            f"CAMP USA 0.025 12000 true 500 {closing_usd_m}",
        )
        problem = tiny_problem(site_access=access, requirements=needed("2026 0"))
        assert optimum(problem, relax=False).objective == pytest.approx(cost_usd_m)

    def test_a_site_opened_again_is_paid_for_again(self) -> None:
        access = rows(
            f"{ACCESS} limit_persons open_cost_usd_m_per_yr opening_cost_usd_m closing_cost_usd_m",
            "CAMP USA 0.025 12000 500 50 20",
        )
        problem = tiny_problem(
            {"year_count": 3}, site_access=access, requirements=needed("2026 1", "2027 0", "2028 1")
        )
        # Closed for a year at 20 and opened again at 50, rather than kept open at 500.
        assert optimum(problem, relax=False).objective == pytest.approx(2 * (2600 + 500 + 50) + 20)

    def test_an_open_site_has_its_least_garrison(self) -> None:
        access = rows(f"{ACCESS} minimum_garrison_persons", "CAMP USA 0.025 6000")
        problem = tiny_problem(site_access=access, requirements=needed("2026 1"))
        assert optimum(problem, relax=False).objective == pytest.approx(1.5 * 2600)

    def test_a_ceiling_is_todays_until_it_is_freed(self) -> None:
        limits = rows(
            "site_group_id actor_id year maximum_persons", "CAMP FOREIGN 2025 8000", "CAMP FOREIGN 2027 16000"
        )
        tables = {
            "requirements": needed("2026 4"),
            "interests": priced(4000),
            "site_group_limits": limits,
        }
        locked = optimum(tiny_problem({"year_count": 3}, **tables))
        two_short, none_short = 2 * 2600 + 2 * 4000, 4 * 2600
        assert locked.objective == pytest.approx(3 * two_short)
        freed = rows("lever lever_key first_year", "CEILING CAMP -")
        found = optimum(tiny_problem({"year_count": 3}, freed_levers=freed, **tables))
        assert found.objective == pytest.approx(two_short + 2 * none_short)
        late = rows("lever lever_key first_year", "CEILING CAMP 2028")
        found = optimum(tiny_problem({"year_count": 3}, freed_levers=late, **tables))
        assert found.objective == pytest.approx(2 * two_short + none_short)

    @pytest.mark.parametrize(("actor", "usd_m"), [("FOREIGN", 12000), ("USA", 12000), ("ALY", 10400)])
    def test_whose_people_a_ceiling_counts(self, actor: str, usd_m: float) -> None:
        found = optimum(
            tiny_problem(
                requirements=needed("2026 4"),
                interests=priced(3000),
                site_groups=rows("site_group_id", "BASES", "ALL"),
                site_group_members=rows("site_group_id member_id", "BASES EAST", "ALL BASES"),
                site_group_limits=rows("site_group_id actor_id year maximum_persons", f"ALL {actor} 2025 0"),
                site_access=rows(ACCESS, "CAMP USA 0.025", "CAMP ALY 0"),
            )
        )
        assert found.objective == pytest.approx(usd_m)

    def test_people_leave_no_faster_than_the_pace(self) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 3},
                requirements=needed("2026 0"),
                owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 3"),
                stationed_today=rows(
                    "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 3"
                ),
                site_group_limits=rows(
                    "site_group_id actor_id year maximum_withdrawal_persons_per_yr", "EAST USA 2025 4000"
                ),
            )
        )
        assert found.objective == pytest.approx((2 + 1) * 2600)


class TestGarrison:
    def shared(
        self, *levers: str, actors: tuple[str, str] = ("0.25 - -", "0.75 - -"), **tables: Rows
    ) -> Optimum:
        usa, aly = actors
        return optimum(
            tiny_problem(
                requirements=needed("2026 0"),
                site_access=rows(ACCESS, "CAMP USA 0.025", "CAMP ALY 0"),
                garrison_actors=rows(
                    "garrison_id actor_id today_fraction minimum_fraction maximum_fraction",
                    f"GUARD USA {usa}",
                    f"GUARD ALY {aly}",
                ),
                freed_levers=rows("lever lever_key", *levers),
                **{
                    "garrisons": rows("garrison_id site_group_id required_persons", "GUARD CAMP 4000"),
                    "actor_unit_types": rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 20 READY"),
                    **tables,
                },
            )
        )

    def test_shares_are_todays_until_freed(self) -> None:
        assert self.shared().objective == pytest.approx(0.25 * 2600)
        assert self.shared("GARRISON GUARD").objective == pytest.approx(0)

    def test_freed_shares_have_bounds(self) -> None:
        most = self.shared("GARRISON GUARD", actors=("0.25 - -", "0.75 - 0.9"))
        assert most.objective == pytest.approx(0.1 * 2600)
        least = self.shared("GARRISON GUARD", actors=("0.25 0.4 -", "0.75 - -"))
        assert least.objective == pytest.approx(0.4 * 2600)

    def test_the_host_is_not_eligible_unless_listed(self) -> None:
        found = optimum(
            tiny_problem(
                requirements=needed("2026 0"),
                site_access=rows(ACCESS, "CAMP USA 0.025", "CAMP ALY 0"),
                garrisons=rows("garrison_id site_group_id required_persons", "GUARD EAST 4000"),
                garrison_actors=rows("garrison_id actor_id", "GUARD USA"),
                actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 20 READY"),
            )
        )
        assert found.objective == pytest.approx(2600)

    def test_a_person_counts_for_one_garrison(self) -> None:
        found = optimum(
            tiny_problem(
                requirements=needed("2026 0"),
                garrisons=rows(
                    "garrison_id site_group_id required_persons", "GUARD CAMP 4000", "WATCH ALY 2000"
                ),
                garrison_actors=rows("garrison_id actor_id", "GUARD USA", "WATCH USA"),
            )
        )
        assert found.objective == pytest.approx(1.5 * 2600)

    def test_points_are_those_of_the_people_counted(self) -> None:
        found = optimum(
            tiny_problem(
                requirements=needed("2026 0"),
                unit_types=rows("unit_type_id personnel_persons", "BRIGADE 4000", "GUARDS 4000"),
                unit_type_modes=rows("unit_type_id mode", "BRIGADE PERMANENT", "GUARDS PERMANENT"),
                actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "USA GUARDS 100 20 READY"),
                garrisons=rows(
                    "garrison_id site_group_id required_persons capability_id required_points",
                    "GUARD CAMP 4000 GROUND 0.5",
                ),
                garrison_actors=rows("garrison_id actor_id", "GUARD USA"),
            )
        )
        # Half a brigade for the points, half a unit of guards for the rest of the people.
        assert found.objective == pytest.approx(0.5 * 2600 + 0.5 * 200)

    @pytest.mark.parametrize(("persons", "sites"), [(2900, 1), (3000, 1), (3001, 2), (5000, 2)])
    def test_a_share_takes_whole_sites_in_the_relaxation_too(self, persons: int, sites: int) -> None:
        """CAMP has room for 3,000 and BASE for 2,000; each costs 50 M$ while open, whatever part of it is used."""
        found = optimum(
            tiny_problem(
                requirements=needed("2026 0"),
                sites=rows(
                    "site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "BASE ALY EAST_AREA"
                ),
                site_access=rows(
                    f"{ACCESS} limit_persons open_cost_usd_m_per_yr open_today",
                    "CAMP USA 0.025 3000 50 true",
                    "BASE USA 0.025 2000 50 true",
                ),
                garrisons=rows("garrison_id site_group_id required_persons", f"GUARD EAST {persons}"),
                garrison_actors=rows(
                    "garrison_id actor_id today_fraction minimum_fraction", "GUARD USA 1 1", "GUARD ALY 0 0"
                ),
            )
        )
        assert found.objective == pytest.approx(persons / 4000 * 2600 + 50 * sites)

    def test_caretakers_of_sets_garrison_nothing(self) -> None:
        garrison = {
            "garrisons": rows("garrison_id site_group_id required_persons", "GUARD CAMP 4000"),
            "garrison_actors": rows("garrison_id actor_id", "GUARD USA"),
        }
        found = optimum(sets_problem(**garrison))
        # One of the three units stands there, the other two have sets.
        assert found.objective == pytest.approx(2600 + 2 * 2573.75)


class TestDeployment:
    def test_only_the_ready_part_counts(self) -> None:
        readiness = rows("readiness_class_id mode phase_id ready_fraction", "READY PERMANENT D30 0.5")
        assert optimum(tiny_problem(readiness=readiness)).objective == pytest.approx(14 * 2600)

    def test_only_what_is_in_time_counts(self) -> None:
        phases = {
            "phases": rows("phase_id days kind", "D0 0 DETER", "D30 30 DETER"),
            "readiness": rows(
                "readiness_class_id mode phase_id ready_fraction",
                "READY PERMANENT D0 1",
                "READY PERMANENT D30 1",
                "READY HOME D30 1",
            ),
            "requirements": rows(NEED, "EAST WAR D0 GROUND 2026 2", "EAST WAR D30 GROUND 2026 7"),
        }
        found = optimum(tiny_problem(transit_times=from_home(20), **phases))
        assert found.objective == pytest.approx(7 * 2500 + 2 * 100)
        late = optimum(tiny_problem(transit_times=from_home(31), **phases))
        assert late.objective == pytest.approx(7 * 2600)

    def test_a_phase_that_needs_nothing_binds_nothing(self) -> None:
        """By D60 the units of the ally are not ready any more, but nothing is needed by then."""
        problem = tiny_problem(
            phases=rows("phase_id days kind", "D30 30 DETER", "D60 60 DETER"),
            readiness=rows("readiness_class_id mode phase_id ready_fraction", "READY HOME D30 1"),
            requirements=rows(NEED, "EAST WAR D30 GROUND 2026 7", "EAST WAR D60 GROUND 2026 0"),
            **allied(20),
        )
        found = optimum(problem)
        assert found.objective == pytest.approx(0)
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_lift_binds(self) -> None:
        found = optimum(
            tiny_problem(
                transit_times=from_home(20),
                lift=rows("lift_pool_id scenario_id phase_id capacity_points", "SHIPS WAR D30 6"),
                lift_actors=rows("lift_pool_id actor_id", "SHIPS USA"),
                lift_unit_types=rows("lift_pool_id unit_type_id lift_points", "SHIPS BRIGADE 2"),
            )
        )
        # Ships carry three brigades; four stand in the theater.
        assert found.objective == pytest.approx(7 * 2500 + 4 * 100)
        assert found.prices("lift_capacity") == pytest.approx({"SHIPS,D30,WAR,2026": -50})

    def test_an_ally_may_take_part_in_part(self) -> None:
        available = rows("scenario_id actor_id available_fraction", "WAR ALY 0.5")
        found = optimum(tiny_problem(scenario_availability=available, **allied(4)))
        assert found.objective == pytest.approx(5 * 2600)

    def test_a_host_may_refuse_in_part(self) -> None:
        access = rows("scenario_id actor_id access_fraction", "WAR ALY 0.5")
        assert optimum(tiny_problem(scenario_availability=access)).objective == pytest.approx(14 * 2600)
        own = rows("scenario_id actor_id access_fraction", "WAR USA 0.5")
        assert optimum(tiny_problem(scenario_availability=own)).objective == pytest.approx(7 * 2600)

    @pytest.mark.parametrize(("scenarios", "brigades"), [(["WAR", "WAR"], 6), (["WAR", "OTHER"], 3)])
    def test_no_unit_serves_two_contingencies_at_once(self, scenarios: list[str], brigades: int) -> None:
        places = list(zip(scenarios, ["EAST", "WEST"], strict=True))
        found = optimum(
            tiny_problem(
                theaters=rows("theater_id", "EAST", "WEST"),
                scenarios=rows("scenario_id", *sorted(set(scenarios))),
                scenario_theaters=rows("scenario_id theater_id", *[f"{s} {k}" for s, k in places]),
                requirements=rows(NEED, *[f"{k} {s} D30 GROUND 2026 3" for s, k in places]),
                transit_times=[
                    *from_home(20),
                    *rows("staging_area_id theater_id unit_type_id transit_days", "AMERICA WEST BRIGADE 20"),
                ],
            )
        )
        assert found.objective == pytest.approx(brigades * 2500)


class TestDeterrence:
    @pytest.mark.parametrize(
        ("needs", "brigades"),
        [(["D30 5", "D60 4"], 5), (["D30 5", "D60 4.5"], 5.5), (["D60 4"], 4), (["D30 5"], 5)],
    )
    def test_winning_takes_what_is_left_after_losses(self, needs: list[str], brigades: float) -> None:
        # Of 5 deployed by D30 one is lost, which leaves 4 of 5, or 4.5 of 5.5; without D30 nothing is lost.
        lines = [f"EAST WAR {need.replace(' ', ' GROUND 2026 ')}" for need in needs]
        found = optimum(
            tiny_problem(
                phases=rows("phase_id days kind", "D30 30 DETER", "D60 60 WIN"),
                readiness=rows(
                    "readiness_class_id mode phase_id ready_fraction",
                    "READY PERMANENT D30 1",
                    "READY PERMANENT D60 1",
                ),
                attrition=rows("unit_type_id phase_id attrition_fraction", "BRIGADE D30 0.2"),
                requirements=rows(NEED, *lines),
            )
        )
        assert found.objective == pytest.approx(brigades * 2600)

    @pytest.mark.parametrize(
        ("kind", "settings", "points"),
        [
            ("DETER", {}, 9 / 1.5),
            ("DETER", {"break_even_ratio": 1.2}, 9 / 1.2),
            ("WIN", {}, 9),
            ("WIN", {"win_ratio": 1.1}, 9 * 1.1),
        ],
    )
    def test_a_need_follows_from_the_opponents_points(
        self, kind: str, settings: dict[str, float], points: float
    ) -> None:
        found = optimum(
            tiny_problem(
                settings,
                phases=rows("phase_id days kind", f"D30 30 {kind}"),
                requirements=rows(
                    "theater_id scenario_id phase_id capability_id year red_score_points",
                    "EAST WAR D30 GROUND 2026 9",
                ),
            )
        )
        assert found.objective == pytest.approx(points * 2600)

    @pytest.mark.parametrize(
        ("first", "second", "points"), [("5 -", "- 9", 5 + 6), ("- 9", "5 -", 6 + 5), ("5 -", "0 -", 5)]
    )
    def test_a_year_of_a_requirement_stands_for_itself(self, first: str, second: str, points: float) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 2},
                requirements=rows(
                    f"{NEED} red_score_points",
                    f"EAST WAR D30 GROUND 2026 {first}",
                    f"EAST WAR D30 GROUND 2027 {second}",
                ),
            )
        )
        assert found.objective == pytest.approx(points * 2600)

    @pytest.mark.parametrize(("year", "years_capped"), [(2027, 1), (2026, 2)])
    def test_the_leads_share_may_be_capped(self, year: int, years_capped: int) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 2},
                requirements=rows(
                    f"{NEED} maximum_lead_fraction",
                    *["EAST WAR D30 GROUND 2026 6 -"] * (year == 2027),
                    f"EAST WAR D30 GROUND {year} 6 0.5",
                ),
                interests=priced(4000),
                **allied(2),
            )
        )
        # Two of the ally and four of the lead actor, of which three count where it is capped.
        capped, free = 3 * 2600 + 4000, 4 * 2600
        assert found.objective == pytest.approx(years_capped * capped + (2 - years_capped) * free)

    def test_a_cap_ends_with_a_year_that_has_none(self) -> None:
        found = optimum(
            tiny_problem(
                {"year_count": 2},
                requirements=rows(
                    f"{NEED} maximum_lead_fraction",
                    "EAST WAR D30 GROUND 2026 6 0.5",
                    "EAST WAR D30 GROUND 2027 6 -",
                ),
                interests=priced(4000),
                **allied(2),
            )
        )
        assert found.objective == pytest.approx(3 * 2600 + 4000 + 4 * 2600)

    def test_effect_is_a_product(self) -> None:
        found = optimum(
            tiny_problem(
                actors=rows("actor_id home_staging_area_id quality_factor", "USA - 0.8", "ALY - -"),
                actor_unit_types=american(effect_factor=0.5),
                unit_capabilities=rows("unit_type_id capability_id capability_points", "BRIGADE GROUND 5"),
                unit_type_theaters=rows("unit_type_id theater_id theater_factor", "BRIGADE EAST 0.7"),
            )
        )
        assert found.objective == pytest.approx(7 / (0.8 * 0.5 * 5 * 0.7) * 2600)

    def test_what_is_missing_is_priced_once_at_its_worst(self) -> None:
        found = optimum(
            tiny_problem(
                scenarios=rows("scenario_id", "WAR", "WORSE"),
                scenario_theaters=rows("scenario_id theater_id", "WAR EAST", "WORSE EAST"),
                requirements=rows(NEED, "EAST WAR D30 GROUND 2026 5", "EAST WORSE D30 GROUND 2026 7"),
                interests=priced(2000),
            )
        )
        assert found.objective == pytest.approx(7 * 2000)
        assert sum(found.prices("deterrence").values()) == pytest.approx(2000)

    def test_a_priced_need_may_go_short_whatever_is_lost(self) -> None:
        """Of 20 deployed by D10, 14 are lost there and 14 more by D30: less than nothing is left for D60."""
        phases = ("D10 10 DETER", "D30 30 DETER", "D60 60 WIN")
        found = optimum(
            tiny_problem(
                phases=rows("phase_id days kind", *phases),
                readiness=rows(
                    "readiness_class_id mode phase_id ready_fraction",
                    *[f"READY PERMANENT {phase.split()[0]} 1" for phase in phases],
                ),
                attrition=rows(
                    "unit_type_id phase_id attrition_fraction", "BRIGADE D10 0.7", "BRIGADE D30 0.7"
                ),
                capabilities=rows("capability_id", "GROUND", "AIR"),
                unit_capabilities=rows(
                    "unit_type_id capability_id capability_points", "BRIGADE GROUND 1", "BRIGADE AIR 1"
                ),
                requirements=rows(NEED, "EAST WAR D10 GROUND 2026 20", "EAST WAR D60 AIR 2026 5"),
                interests=rows(INTEREST, "EAST AIR 100"),
            )
        )
        assert not found.is_infeasible

    def test_an_interest_of_nothing_says_that_it_does_not_matter(self) -> None:
        assert optimum(tiny_problem(interests=priced(0))).objective == pytest.approx(0)


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
    outcome = solve(problem, SolveSettings()).outcome
    assert outcome["audit_passed"]
    assert outcome["objective_usd_m"] == 0
