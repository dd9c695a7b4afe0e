"""What units need of a site, which units a garrison takes, and whose units are whole, solved by hand.

See ``tiny_cases`` for the problem that they change: 7 points needed, a brigade at the site costs 2,600 M$ a year.
"""

from typing import Any

import pytest
from small_problem import Rows, rows
from tiny_cases import FORCE, audit_findings, needed, optimum, priced, sets_problem, tiny_problem

from optimizer.formulation.frames.housing import used_access
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions

ACCESS = "site_id actor_id stationing_cost_usd_m_per_person_yr"
RANGE: dict[str, Rows] = {
    "facilities": rows("facility_id", "RANGE"),
    "unit_types": rows("unit_type_id personnel_persons facility_id", "BRIGADE 4000 RANGE"),
}


def capacity(*lines: str) -> Rows:
    return rows("site_id facility_id capacity_count", *lines)


class TestFacilities:
    def test_units_stand_where_their_facility_is_up_to_its_capacity(self) -> None:
        problem = tiny_problem(
            **RANGE,
            sites=rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "FORT ALY EAST_AREA"),
            site_access=rows(ACCESS, "CAMP USA 0.025", "FORT USA 0.05"),
            site_facilities=capacity("FORT RANGE 3"),
            interests=priced(4000),
        )
        found = optimum(problem)
        # The camp, which would cost 100, has no range; the fort costs 200 and holds 3; 4 points are missing.
        assert found.objective == pytest.approx(3 * (2500 + 200) + 4 * 4000)
        assert found.of("stationed") == pytest.approx({"USA,BRIGADE,FORT,PERMANENT,2026": 3})
        assert found.prices("facility_capacity") == pytest.approx({"FORT,RANGE,2026": 2700 - 4000})
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_without_a_capacity_any_number_finds_place(self) -> None:
        found = optimum(tiny_problem(**RANGE, site_facilities=capacity("CAMP RANGE -")))
        assert found.objective == pytest.approx(7 * 2600)
        assert found.prices("facility_capacity") == {}

    def test_actors_and_kinds_share_a_capacity(self) -> None:
        """Of 4 places the ally's brigade takes one; a battalion takes one, too, but brings half a point."""
        problem = tiny_problem(
            facilities=RANGE["facilities"],
            unit_types=rows(
                "unit_type_id personnel_persons facility_id", "BRIGADE 4000 RANGE", "BATTALION 800 RANGE"
            ),
            unit_type_modes=rows("unit_type_id mode", "BRIGADE PERMANENT", "BATTALION PERMANENT"),
            unit_capabilities=rows(
                "unit_type_id capability_id capability_points", "BRIGADE GROUND 1", "BATTALION GROUND 0.5"
            ),
            actor_unit_types=rows(
                FORCE, "USA BRIGADE 2500 1 READY", "USA BATTALION 100 20 READY", "ALY BRIGADE 1000 1 READY"
            ),
            site_access=rows(ACCESS, "CAMP USA 0.025", "CAMP ALY 0"),
            site_facilities=capacity("CAMP RANGE 4"),
            interests=priced(4000),
        )
        found = optimum(problem)
        # A battalion costs 100 and 20 for its people, and its place then saves 2,000 − 120, a brigade's 4,000 − 2,600:
        # 3 battalions, and 2.5 of 7 points.
        assert found.objective == pytest.approx(3 * 120 + 4.5 * 4000)

    def test_a_set_is_stored_and_needs_no_facility(self) -> None:
        found = optimum(sets_problem(**RANGE))
        without = optimum(sets_problem())
        assert found.of("stationed") == pytest.approx({"USA,BRIGADE,CAMP,PREPOSITIONED,2026": 3})
        assert found.objective == pytest.approx(without.objective)

    def test_a_facility_limits_the_room_that_an_open_site_can_need(self) -> None:
        access = rows(f"{ACCESS} open_cost_usd_m_per_yr", "CAMP USA 0.025 500")
        problem = tiny_problem(
            **RANGE,
            site_facilities=capacity("CAMP RANGE 2"),
            site_access=access,
            requirements=needed("2026 1"),
        )
        assert used_access(build_index(problem))["housing_most_persons"].to_list() == [8000]
        # Room for one of two brigades opens half a site.
        assert optimum(problem).objective == pytest.approx(2600 + 500 / 2)
        assert optimum(problem, relax=False).objective == pytest.approx(2600 + 500)


class TestGarrisonUnitTypes:
    def guarded(self, *types: str) -> dict[str, Any]:
        return {
            "requirements": needed("2026 0"),
            "unit_types": rows("unit_type_id personnel_persons", "BRIGADE 4000", "BATTERY 500"),
            "unit_type_modes": rows("unit_type_id mode", "BRIGADE PERMANENT", "BATTERY PERMANENT"),
            "actor_unit_types": rows(
                FORCE, "USA BRIGADE 2500 20 READY", "USA BATTERY 50 20 READY", "ALY BRIGADE 1000 0 READY"
            ),
            "garrisons": rows("garrison_id site_group_id required_persons", "GUARD CAMP 1000"),
            "garrison_actors": rows("garrison_id actor_id", "GUARD USA"),
            "garrison_unit_types": rows("garrison_id unit_type_id", *[f"GUARD {name}" for name in types]),
        }

    @pytest.mark.parametrize(
        ("types", "cost_usd_m"), [((), 2 * 62.5), (("BATTERY",), 2 * 62.5), (("BRIGADE",), 650)]
    )
    def test_only_the_people_of_its_kinds_count(self, types: tuple[str, ...], cost_usd_m: float) -> None:
        problem = tiny_problem(**self.guarded(*types))
        found = optimum(problem)
        # Two batteries cost 50 and 12.5 each; a quarter of a brigade a quarter of 2,600.
        assert found.objective == pytest.approx(cost_usd_m)
        assert audit_findings(problem, found, is_relaxed=True) == []


class TestPartsOfAlliedUnits:
    @pytest.mark.parametrize(("for_lead_only", "allied_count"), [("-", 4), ("false", 4), ("true", 4.5)])
    def test_the_lead_actor_owns_whole_units_and_allies_parts(
        self, for_lead_only: str, allied_count: float
    ) -> None:
        """Of 7 points the ally may afford 4.5 and the lead actor fills up: 3 brigades, not 2.5."""
        problem = tiny_problem(
            unit_types=rows(
                "unit_type_id personnel_persons is_counted is_counted_for_lead_only",
                f"BRIGADE 4000 true {for_lead_only}",
            ),
            actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
            actor_unit_types=rows(FORCE, "USA BRIGADE 2500 20 READY", "ALY BRIGADE 1000 20 READY"),
            actor_years=rows(
                "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
                "ALY 2025 100000 0.045 0",
            ),
            policy_rules=[
                {
                    **rows("policy_rule_id quantity actor_id sense value", "ALL OWNED_COUNT ALY AT_LEAST 4")[
                        0
                    ],
                    "sentence": "It does what it can.",
                    "value": allied_count,
                }
            ],
        )
        solution = solve(problem, SolveOptions())
        owned = solution.tables["owned_forces"].groupby("actor_id")["owned_count"].max()
        assert solution.outcome["audit_findings"] == []
        assert owned["ALY"] == pytest.approx(allied_count)
        assert owned["USA"] == 3
        assert solution.outcome["objective_usd_m"] == pytest.approx(3 * 2600)
