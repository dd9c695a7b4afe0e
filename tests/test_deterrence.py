"""Deployment and deterrence in cases small enough to be solved by hand; the arithmetic stands beside each.

See ``tiny_cases`` for the problem that they change: 7 points needed, a brigade at the site costs 2,600 M$ a year.
"""

import pytest
from small_problem import rows
from tiny_cases import (
    INTEREST,
    NEED,
    allied,
    american,
    audit_findings,
    from_home,
    optimum,
    priced,
    tiny_problem,
)

from optimizer.audit import audit
from optimizer.run import solve
from optimizer.solve_options import SolveOptions


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

    def test_a_bonus_does_not_get_around_the_cap(self) -> None:
        """Half of ten points may be American; three are allied, and two are missing, whoever commands."""
        tables = {
            **allied(3),
            "requirements": [{**rows(NEED, "EAST WAR D30 GROUND 2026 10")[0], "maximum_lead_fraction": 0.5}],
            "interests": priced(9000),
            "commands": rows("command_id theater_id today_actor_id", "COMMAND EAST USA"),
            "command_options": rows("command_id actor_id bonus_fraction", "COMMAND USA 0.5", "COMMAND ALY 0"),
            "command_actors": rows("command_id actor_id", "COMMAND USA"),
        }
        problem = tiny_problem(**tables)
        found = optimum(problem, relax=False)
        assert found.objective == pytest.approx(5 * 2600 + 2 * 9000)
        assert audit_findings(problem, found, is_relaxed=False) == []
        plan = solve(problem, SolveOptions(relative_gap=0.0)).tables
        shown = plan["requirement_results"].assign(bonus_points=1.0, shortfall_points=1.0)
        findings = audit(problem, {**plan, "requirement_results": shown}, False, found.objective)
        assert any("a bonus of 1 but commands allow 0" in finding for finding in findings)

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
