"""Units kept for a theater, in cases small enough to be solved by hand; the arithmetic stands beside each.

Two wars, of which either may come: one in EAST, where 4 points are needed, one in WEST, where 3 are. A brigade of
the United States costs 2,500 M$ a year, serves either from home, and none is owned today but what is kept.
"""

from typing import Any

import pandas as pd
import pytest
from small_problem import Rows, rows
from tiny_cases import FORCE, INTEREST, NEED, Optimum, audit_findings, optimum, rule, tiny_problem

from optimizer.formulation.frames.index import build_index
from optimizer.formulation.frames.reach import Reach
from optimizer.formulation.frames.responses import floors
from optimizer.tables.problem import Problem

WARS = ("EAST EAST_WAR", "WEST WEST_WAR")
KEPT = "actor_id unit_type_id theater_id reserved_count"
OWNED = "actor_id unit_type_id owned_count"


def two_wars(
    *kept: str, east: float = 4, west: float = 3, settings: dict[str, Any] | None = None, **tables: Rows
) -> Problem:
    owned: dict[str, float] = {}
    for actor, _, _, count in map(str.split, kept):
        owned[actor] = owned.get(actor, 0.0) + float(count)
    base = {
        "owned_today": rows(OWNED, *[f"{actor} BRIGADE {count}" for actor, count in owned.items()]),
        "theaters": rows("theater_id", "EAST", "WEST"),
        "scenarios": rows("scenario_id", "EAST_WAR", "WEST_WAR"),
        "scenario_theaters": rows("theater_id scenario_id", *WARS),
        "transit_times": rows(
            "staging_area_id theater_id unit_type_id transit_days",
            "AMERICA EAST BRIGADE 20",
            "AMERICA WEST BRIGADE 20",
        ),
        "requirements": rows(
            NEED, f"EAST EAST_WAR D30 GROUND 2026 {east}", f"WEST WEST_WAR D30 GROUND 2026 {west}"
        ),
        "theater_reserves": rows(KEPT, *kept),
    }
    return tiny_problem(settings, **{**base, **tables})


def solved(problem: Problem) -> Optimum:
    found = optimum(problem)
    assert audit_findings(problem, found, is_relaxed=True) == []
    return found


def in_one_war(*kept: str, **points: float) -> Problem:
    both = [f"{theater} {points[theater.lower()]}" for theater in ("EAST", "WEST")]
    return two_wars(
        *kept,
        scenarios=rows("scenario_id", "WAR"),
        scenario_theaters=rows("scenario_id theater_id", "WAR EAST", "WAR WEST"),
        requirements=rows(
            NEED, *[f"{line.split()[0]} WAR D30 GROUND 2026 {line.split()[1]}" for line in both]
        ),
    )


class TestDeployment:
    def test_without_reserves_the_same_units_serve_either(self) -> None:
        assert solved(two_wars()).objective == pytest.approx(4 * 2500)

    def test_what_is_kept_for_a_theater_serves_no_other(self) -> None:
        found = solved(two_wars("USA BRIGADE WEST 2"))
        # 4 for EAST and 2 kept for WEST, where the third point is one of the 4.
        assert found.objective == pytest.approx(6 * 2500)
        assert sum(found.prices("deterrence").values()) == pytest.approx(2500)

    def test_home_and_theaters_reserve_beside_each_other(self) -> None:
        forces = [{**rows(FORCE, "USA BRIGADE 2500 20 READY")[0], "reserved_count": 1}]
        kept = ("USA BRIGADE WEST 2", "USA BRIGADE EAST 1")
        found = solved(two_wars(*kept, actor_unit_types=forces, owned_today=rows(OWNED, "USA BRIGADE 4")))
        # 1 at home, 2 for WEST, 1 for EAST and 3 free, all of which serve EAST.
        assert found.objective == pytest.approx(7 * 2500)

    def test_more_is_kept_than_serves(self) -> None:
        assert solved(two_wars("USA BRIGADE WEST 5")).objective == pytest.approx((4 + 5) * 2500)

    @pytest.mark.parametrize(
        ("east_kept", "west_kept", "owned"), [(0, 0, 5), (1, 4, 7), (3, 2, 5), (5, 0, 7), (2, 1, 5)]
    )
    def test_two_theaters_at_once(self, east_kept: float, west_kept: float, owned: float) -> None:
        """3 for EAST and 2 for WEST: each the more of what it needs and what is kept for it."""
        kept = [f"USA BRIGADE EAST {east_kept}", f"USA BRIGADE WEST {west_kept}"]
        found = solved(in_one_war(*kept, east=3, west=2))
        assert found.objective == pytest.approx(owned * 2500)
        assert owned == max(3, east_kept) + max(2, west_kept)

    def test_of_what_is_kept_as_large_a_part_takes_part_as_of_the_others(self) -> None:
        problem = two_wars(
            "ALY BRIGADE WEST 4",
            east=7,
            actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
            actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 10 READY"),
            scenario_availability=rows("scenario_id actor_id available_fraction", "EAST_WAR ALY 0.5"),
        )
        # Half of the 10 − 4 that the ally keeps for nothing serve EAST; 3 of the 4 free American ones serve WEST.
        assert solved(problem).objective == pytest.approx(4 * 2500)

    def test_sources_count_together(self) -> None:
        """Two of the units stand in EAST and two come from home: what is kept for WEST may be any two others."""
        problem = two_wars(
            "USA BRIGADE WEST 2",
            policy_rules=rule("STATIONED_COUNT", "AT_LEAST", 2, site_group_id="CAMP"),
        )
        assert solved(problem).objective == pytest.approx(6 * 2500 + 2 * 100)


class TestGivingUpATheater:
    def interest(self, usd_m: float) -> Rows:
        return rows(INTEREST, f"WEST GROUND {usd_m}")

    def test_no_interest_frees_what_is_kept(self) -> None:
        found = solved(two_wars("USA BRIGADE WEST 2", interests=self.interest(0)))
        assert found.objective == pytest.approx(4 * 2500)

    def test_a_little_interest_does_not(self) -> None:
        found = solved(two_wars("USA BRIGADE WEST 2", interests=self.interest(10)))
        assert found.objective == pytest.approx(6 * 2500)

    def test_a_theater_that_the_lead_actor_may_not_count_in_frees_what_it_keeps(self) -> None:
        """The ally in WEST brings its 3 points; where a tenth of them may be American, 2 are kept for it again."""
        allied: dict[str, Any] = {
            "actors": rows("actor_id home_staging_area_id", "USA AMERICA", "ALY WESTLAND"),
            "staging_areas": rows(
                "staging_area_id theater_id", "AMERICA -", "WESTLAND WEST", "EAST_AREA EAST"
            ),
            "sites": rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA"),
            "actor_unit_types": rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 20 READY"),
        }
        for most, count in ((0, 4), (0.1, 6)):
            changes = rows("theater_id year maximum_lead_fraction", f"WEST 2026 {most}")
            found = solved(two_wars("USA BRIGADE WEST 2", theater_years=changes, **allied))
            assert found.objective == pytest.approx(count * 2500)

    def test_an_ally_keeps_its_reserve_where_the_lead_actor_counts_for_nothing(self) -> None:
        changes = rows("theater_id year maximum_lead_fraction", "WEST 2026 0")
        problem = two_wars("ALY BRIGADE WEST 2", theater_years=changes)
        assert build_index(problem).theater_reserves["reserved_count"].to_list() == [2]

    def test_one_capability_of_interest_is_enough(self) -> None:
        problem = two_wars(
            "USA BRIGADE WEST 2",
            capabilities=rows("capability_id", "GROUND", "AIR"),
            unit_capabilities=rows(
                "unit_type_id capability_id capability_points", "BRIGADE GROUND 1", "BRIGADE AIR 1"
            ),
            requirements=rows(
                NEED,
                "EAST EAST_WAR D30 GROUND 2026 4",
                "WEST WEST_WAR D30 GROUND 2026 3",
                "WEST WEST_WAR D30 AIR 2026 1",
            ),
            interests=self.interest(0),
        )
        assert solved(problem).objective == pytest.approx(6 * 2500)

    def test_needing_nothing_frees_what_is_kept(self) -> None:
        assert solved(two_wars("USA BRIGADE WEST 2", west=0)).objective == pytest.approx(4 * 2500)

    def test_from_the_year_on_in_which_nothing_is_needed(self) -> None:
        needs = rows(
            NEED,
            "EAST EAST_WAR D30 GROUND 2026 4",
            "WEST WEST_WAR D30 GROUND 2026 3",
            "WEST WEST_WAR D30 GROUND 2027 0",
        )
        problem = two_wars("USA BRIGADE WEST 2", settings={"year_count": 2}, requirements=needs)
        assert solved(problem).objective == pytest.approx(6 * 2500 + 4 * 2500)


class TestStationing:
    def standing(self, area: str = "EAST_AREA", kept: str = "WEST 2") -> Problem:
        """7 must stand in the camp, and WEST misses a point at 100 M$ that nobody can bring."""
        return two_wars(
            f"USA BRIGADE {kept}",
            east=0,
            west=1,
            transit_times=[],
            interests=rows(INTEREST, "WEST GROUND 100"),
            sites=rows("site_id host_actor_id staging_area_id", f"CAMP ALY {area}"),
            staging_areas=rows(
                "staging_area_id theater_id",
                "AMERICA -",
                "ALYLAND -",
                "EAST_AREA EAST",
                "WEST_AREA WEST",
                "MIDDLE -",
            ),
            site_access=rows("site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0.025"),
            policy_rules=rule("STATIONED_COUNT", "AT_LEAST", 7, site_group_id="CAMP"),
        )

    def test_what_is_kept_for_a_theater_stands_in_no_other(self) -> None:
        assert solved(self.standing()).objective == pytest.approx(9 * 2500 + 7 * 100 + 100)

    def test_it_stands_in_its_own(self) -> None:
        # The point of WEST is then there.
        assert solved(self.standing("WEST_AREA")).objective == pytest.approx(7 * 2600)

    def test_and_in_an_area_of_no_theater(self) -> None:
        assert solved(self.standing("MIDDLE")).objective == pytest.approx(7 * 2600 + 100)

    def test_what_is_kept_at_home_does_not(self) -> None:
        base = self.standing("MIDDLE")
        forces = base["actor_unit_types"].copy()
        forces.loc[forces["actor_id"] == "USA", "reserved_count"] = 1.0
        owned = base["owned_today"].assign(owned_count=3.0)
        problem = Problem({**base.tables, "actor_unit_types": forces, "owned_today": owned})
        assert solved(problem).objective == pytest.approx(8 * 2500 + 7 * 100 + 100)


def test_a_force_with_a_reserve_is_not_merged_with_others() -> None:
    """X, Y and Z are alike but for what Y keeps for WEST."""
    allies = ["X", "Y", "Z"]
    problem = two_wars(
        "Y BRIGADE WEST 1",
        actors=rows("actor_id home_staging_area_id", "USA AMERICA", *[f"{ally} AMERICA" for ally in allies]),
        sites=rows("site_id host_actor_id staging_area_id", "CAMP X EAST_AREA"),
        actor_unit_types=rows(
            FORCE, "USA BRIGADE 2500 20 READY", *[f"{ally} BRIGADE 1000 1 READY" for ally in allies]
        ),
    )
    pools = Reach(build_index(problem)).pools.set_index("actor_id")["pool_id"]
    assert pools.to_dict() == {"USA": "USA", "X": "X&1", "Y": "Y", "Z": "X&1"}
    # In EAST X, Z and two of the United States; in WEST Y is the third.
    assert solved(problem).objective == pytest.approx(2 * 2500)


def test_what_is_kept_is_part_of_what_an_ally_spends_whatever_happens() -> None:
    """Of 3 brigades at 1,000 M$ it may disband all but the 2 kept, and it spends 500 on what is not modeled."""
    problem = two_wars(
        "ALY BRIGADE WEST 2",
        owned_today=rows(OWNED, "ALY BRIGADE 3"),
        programmed_forces=rows("actor_id unit_type_id year programmed_count", "ALY BRIGADE 2026 0"),
        actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 3 READY"),
        actor_years=rows(
            "actor_id year other_spending_usd_m_per_yr reference_spending_usd_m_per_yr", "ALY 2025 500 1000"
        ),
        responses=rows("actor_id theater_id response_usd_m_per_point_yr", "ALY EAST 900"),
    )
    assert floors(build_index(problem))["floor_usd_m"].to_list() == [2500]
    solved(problem)


def test_a_plan_that_sends_what_is_kept_for_others_fails_its_audit() -> None:
    problem = two_wars(policy_rules=rule("STATIONED_COUNT", "AT_LEAST", 2, site_group_id="CAMP"))
    found = optimum(problem)
    row = pd.DataFrame(rows(KEPT, "USA BRIGADE WEST 4")).astype(problem["theater_reserves"].dtypes.to_dict())
    stricter = Problem({**problem.tables, "theater_reserves": row})
    assert audit_findings(stricter, found, is_relaxed=True) == [
        "deployments: USA BRIGADE EAST_WAR D30 2026: 4 deployed and 4 more kept for theaters but 5 available",
        "stationed_forces: USA BRIGADE 2026: 2 stationed in theaters and 4 more kept for these but 5 owned and not"
        " reserved for home",
    ]
