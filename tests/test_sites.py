"""Sites and garrisons in cases small enough to be solved by hand; the arithmetic stands beside each.

See ``tiny_cases`` for the problem that they change: 7 points needed, a brigade at the site costs 2,600 M$ a year.
"""

from typing import Any

import pytest
from small_problem import Rows, rows
from tiny_cases import FORCE, Optimum, needed, optimum, priced, rule, sets_problem, tiny_problem

from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import build_index

ACCESS = "site_id actor_id stationing_cost_usd_m_per_person_yr"


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

    @pytest.mark.parametrize(("opened", "is_kept"), [("true", False), ("-", True)])
    def test_no_site_is_opened_and_closed_by_halves_to_spend_money(self, opened: str, is_kept: bool) -> None:
        """A rule asks the ally to spend 500 M$: halves of both would be 550, but only a shut site can be opened."""
        access = rows(
            "site_id actor_id limit_persons open_today opening_cost_usd_m closing_cost_usd_m",
            "CAMP USA - - - -",
            f"CAMP ALY 4000 {opened} 1000 100",
        )
        problem = tiny_problem(
            actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1 1 READY"),
            site_access=access,
            actor_years=rows("actor_id year gdp_usd_m other_spending_usd_m_per_yr", "ALY 2025 100000 0"),
            policy_rules=rule("SPENDING_USD_M", "AT_LEAST", 500, actor_id="ALY"),
            requirements=needed("2026 0"),
        )
        assert optimum(problem).is_infeasible != is_kept

    @pytest.mark.parametrize("kept", [{"open_today": "true"}, {"housing_today_persons": 1000}])
    def test_a_site_for_which_nobody_has_a_unit_is_a_finding(self, kept: dict[str, Any]) -> None:
        """The fort accepts no land units, and there are no others; it would cost something that no plan has."""
        problem = tiny_problem(
            sites=rows(
                "site_id host_actor_id staging_area_id accepts_land",
                "CAMP ALY EAST_AREA -",
                "FORT ALY EAST_AREA false",
            ),
            unit_types=rows("unit_type_id personnel_persons domain", "BRIGADE 4000 LAND"),
            site_access=[*rows(ACCESS, "CAMP USA 0.025"), {"site_id": "FORT", "actor_id": "USA", **kept}],
        )
        (finding,) = model_findings(build_index(problem))
        assert (finding.code, finding.row_key) == ("ACCESS_UNUSABLE", "FORT/USA")

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
