"""What a plan may not count: reserved units abroad, people twice, the lost, and sets without ready units.

The arithmetic stands beside each; see ``tiny_cases`` for the problem that they change.
"""

import pandas as pd
import pytest
from small_problem import Rows, rows
from tiny_cases import (
    FORCE,
    NEED,
    Optimum,
    allied,
    american,
    audit_findings,
    from_home,
    needed,
    optimum,
    priced,
    sets_problem,
    tiny_problem,
)

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.plan.extraction import plan_tables
from optimizer.plan.objectives import objective_results
from optimizer.tables.problem import Problem

NOTHING_NEEDED = needed("2026 0")
PHASES = ("D10 10 DETER", "D30 30 DETER", "D60 60 WIN")


def guard(persons: int = 4000, points: float | None = None) -> dict[str, Rows]:
    """Tables of a garrison that the United States supplies at CAMP; nothing else is needed."""
    return {
        "requirements": NOTHING_NEEDED,
        "garrisons": rows(
            "garrison_id site_group_id required_persons capability_id required_points",
            f"GUARD CAMP {persons} {'-' if points is None else 'GROUND'} {'-' if points is None else points}",
        ),
        "garrison_actors": rows("garrison_id actor_id", "GUARD USA"),
    }


def phased(*needs: str, **attrition: float) -> dict[str, Rows]:
    """Tables of three phases; needs such as "D60 5"; losses by DETER phase."""
    names = [phase.split()[0] for phase in PHASES]
    return {
        "phases": rows("phase_id days kind", *PHASES),
        "readiness": rows(
            "readiness_class_id mode phase_id ready_fraction",
            *[f"READY {mode} {name} 1" for mode in ("PERMANENT", "HOME") for name in names],
        ),
        "attrition": rows(
            "unit_type_id phase_id attrition_fraction",
            *[f"BRIGADE {p} {part}" for p, part in attrition.items()],
        ),
        "requirements": rows(NEED, *[f"EAST WAR {need.replace(' ', ' GROUND 2026 ')}" for need in needs]),
    }


def shown(found: Optimum) -> dict[str, pd.DataFrame]:
    """The tables of the plan of an optimum."""
    assert found.answer.values is not None
    values, asked = found.answer.values, found.index.asked
    tables = plan_tables(found.index, found.matrix, values, True, found.answer.row_duals)
    tables["objective_results"] = objective_results(found.matrix, asked, values, [found.answer.bound])
    return tables


def passes(problem: Problem, found: Optimum) -> bool:
    return audit_findings(problem, found, is_relaxed=True) == []


class TestReserves:
    def test_a_garrison_abroad_takes_a_unit_that_is_not_reserved(self) -> None:
        """One brigade in reserve and one in CAMP: 2 · 2500 + 100."""
        problem = tiny_problem(actor_unit_types=american(reserved_count=1), **guard())
        found = optimum(problem)
        assert found.objective == pytest.approx(5100)
        assert passes(problem, found)

    def test_reserved_units_may_wait_their_turn(self) -> None:
        """Of three in turns one is in CAMP; the two behind it are reserved."""
        problem = tiny_problem(
            actor_unit_types=american(reserved_count=2),
            unit_type_modes=rows("unit_type_id mode rotation_ratio", "BRIGADE ROTATIONAL 3"),
            **guard(),
        )
        found = optimum(problem)
        assert found.objective == pytest.approx(3 * 2500 + 100)
        assert passes(problem, found)

    def test_an_ally_keeps_its_reserve_at_its_own_sites(self) -> None:
        """CAMP is the ally's own: all its brigades may stand there, but none that is reserved is deployed."""
        force = {**rows(FORCE, "ALY BRIGADE 0 3 READY")[0], "reserved_count": 2}
        problem = tiny_problem(
            actor_unit_types=[*rows(FORCE, "USA BRIGADE 2500 20 READY"), force],
            site_access=rows(
                "site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0.025", "CAMP ALY 0"
            ),
            garrisons=rows("garrison_id site_group_id required_persons", "GUARD CAMP 12000"),
            garrison_actors=rows("garrison_id actor_id", "GUARD ALY"),
        )
        found = optimum(problem)
        assert found.objective == pytest.approx(6 * 2600)
        assert passes(problem, found)

    def test_the_audit_finds_reserved_units_abroad(self) -> None:
        """The reserve of a plan's problem is raised from none to one."""
        found = optimum(tiny_problem(**guard()))
        raised = tiny_problem(actor_unit_types=american(reserved_count=1), **guard())
        findings = audit(raised, shown(found), True, found.objective)
        assert any("1 stationed with other actors but only 0 are not reserved" in line for line in findings)

    def test_reserved_units_abroad_today_are_a_finding(self) -> None:
        problem = tiny_problem(
            actor_unit_types=american(reserved_count=2),
            owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 2"),
            stationed_today=rows(
                "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 1"
            ),
            site_access=rows("site_id actor_id open_today housing_today_persons", "CAMP USA true 4000"),
        )
        found = [(f.code, f.table_name, f.row_key, f.column_name) for f in check(problem)]
        assert found == [("OWNED_TOO_FEW", "actor_unit_types", "USA/BRIGADE", "reserved_count")]


class TestGarrisons:
    @pytest.mark.parametrize(("people", "brigades"), [(2000, 2), (8000, 2), ("-", 2)])
    def test_a_brigade_has_its_points_whatever_people_it_has(self, people: int | str, brigades: int) -> None:
        """Two points asked of a garrison are two brigades, with more people in turns or fewer."""
        problem = tiny_problem(
            unit_type_modes=rows(
                "unit_type_id mode rotation_ratio personnel_persons", f"BRIGADE ROTATIONAL 1 {people}"
            ),
            **guard(persons=0, points=2),
        )
        found = optimum(problem)
        persons = 4000 if people == "-" else int(people)
        assert found.objective == pytest.approx(brigades * (2500 + 0.025 * persons))
        assert passes(problem, found)

    def test_people_of_each_mode_bring_their_own_points(self) -> None:
        """8,000 people and one point: a brigade in turns has both; a permanent one only half of the people."""
        problem = tiny_problem(
            unit_type_modes=rows(
                "unit_type_id mode rotation_ratio personnel_persons mode_cost_usd_m_per_unit_yr",
                "BRIGADE PERMANENT 1 4000 0",
                "BRIGADE ROTATIONAL 1 8000 500",
            ),
            **guard(persons=8000, points=1),
        )
        found = optimum(problem)
        # In turns 2500 + 200 + 500; two permanent ones would cost 5200.
        assert found.objective == pytest.approx(3200)
        assert passes(problem, found)


class TestSurvivors:
    @pytest.mark.parametrize(
        ("needs", "first", "second", "brigades"),
        [
            (("D10 10", "D60 1"), 0.6, 0.6, 10),
            (("D10 10", "D60 1.6"), 0.6, 0.6, 10),
            (("D10 10", "D60 2.6"), 0.6, 0.6, 11),
            (("D10 10", "D30 10", "D60 4"), 0.6, 0.2, 10.8),
            (("D30 10", "D60 4"), 0.6, 0.6, 10),
            (("D10 10", "D60 1"), 1, 0.5, 11),
        ],
    )
    def test_losses_of_several_phases_compound(
        self, needs: tuple[str, ...], first: float, second: float, brigades: float
    ) -> None:
        """Of 10 deployed by D10, 10·(1 − first)·(1 − second) are left by D60; what comes by D60 loses nothing."""
        problem = tiny_problem(**phased(*needs, D10=first, D30=second))
        found = optimum(problem)
        assert found.objective == pytest.approx(brigades * 2600)
        assert passes(problem, found)

    def test_what_is_left_is_never_less_than_nothing(self) -> None:
        """Two losses of 60% leave 16% of what was there by D10, so 1.6 of 10 points need no price."""
        problem = tiny_problem(interests=priced(9000), **phased("D10 10", "D60 1.6", D10=0.6, D30=0.6))
        found = optimum(problem)
        assert found.of("shortfall") == {}
        results = shown(found)["requirement_results"].set_index("phase_id")
        assert results.loc["D60", "lead_points"] == pytest.approx(1.6)

    def test_the_audit_finds_units_that_skip_the_phase_in_which_they_are_lost(self) -> None:
        """10 by D10 leave 10 · 0.5 · 0.4 = 2 by D60, though D30 asks for nothing; not shown there, 5 would be left."""
        losses = {"D10": 0.5, "D30": 0.6}
        found = optimum(tiny_problem(**phased("D10 10", "D60 2", **losses)))
        tables = shown(found)
        deployed, results = tables["deployments"], tables["requirement_results"]
        tables["deployments"] = deployed[deployed["phase_id"] != "D30"]
        points = {"D10": 10.0, "D60": 5.0}
        results = results.assign(price_usd_m_per_point=0.0)
        for column in ("required_points", "lead_points"):
            results[column] = results["phase_id"].map(points)
        tables["requirement_results"] = results
        findings = audit(tiny_problem(**phased("D10 10", "D60 5", **losses)), tables, True, found.objective)
        assert any("D30 2026: 0 deployed but 10 in the phase before" in line for line in findings)

    def test_a_bonus_is_on_what_is_left(self) -> None:
        """10/3 by D30 are 5 points with the bonus, and half are lost: 1.5 · (17/3 − 5/3) points are left by D60."""
        problem = tiny_problem(
            commands=rows("command_id theater_id today_actor_id", "COMMAND EAST USA"),
            command_options=rows("command_id actor_id bonus_fraction", "COMMAND USA 0.5", "COMMAND ALY 0"),
            command_actors=rows("command_id actor_id", "COMMAND USA"),
            **phased("D30 5", "D60 6", D30=0.5),
        )
        found = optimum(problem, relax=False)
        assert found.objective == pytest.approx(17 / 3 * 2600)
        assert audit_findings(problem, found, is_relaxed=False) == []

    @pytest.mark.parametrize(("brigades", "holder"), [(5, "ALY"), (4, "USA")])
    def test_a_holder_supplies_by_what_is_left(self, brigades: int, holder: str) -> None:
        """The holder supplies 2.5 points by D60; half of those who are there by D30, 5 or 4, are lost."""
        problem = tiny_problem(
            commands=rows("command_id theater_id today_actor_id", "COMMAND EAST USA"),
            command_options=rows(
                "command_id actor_id lead_cost_usd_m_per_yr holder_share_fraction",
                "COMMAND ALY -10 1",
                "COMMAND USA - -",
            ),
            command_actors=rows("command_id actor_id", "COMMAND ALY"),
            freed_levers=rows("lever lever_key", "COMMAND COMMAND"),
            **phased(f"D30 {brigades}", "D60 2.5", D30=0.5),
            **allied(brigades),
        )
        found = optimum(problem, relax=False)
        assert found.of("held")[f"COMMAND,{holder},2026"] == 1
        assert audit_findings(problem, found, is_relaxed=False) == []


class TestSets:
    def test_a_set_makes_no_unit_ready(self) -> None:
        """Half of the units at home are ready: two with sets are two of four."""
        readiness = rows(
            "readiness_class_id mode phase_id ready_fraction",
            "READY PREPOSITIONED D30 1",
            "READY HOME D30 0.5",
        )
        problem = sets_problem(requirements=needed("2026 2"), readiness=readiness, site_access=dear_camp())
        found = optimum(problem)
        assert found.objective == pytest.approx(4 * 2500 + 2 * (1200 / 30 + 30 + 150))
        assert passes(problem, found)

    def test_units_whose_home_has_no_area_take_up_sets(self) -> None:
        """They serve nowhere themselves; how soon a set is taken up is said of the set."""
        problem = sets_problem(actors=rows("actor_id", "USA", "ALY"))
        found = optimum(problem)
        assert found.of("sets_bought") == pytest.approx({"USA,BRIGADE,2026": 3})
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_sets_and_home_draw_on_the_same_ready_units(self) -> None:
        """By D30 home comes by itself, or with the sets that are there: of four units two are ready, not four."""
        readiness = rows(
            "readiness_class_id mode phase_id ready_fraction",
            "READY PREPOSITIONED D30 1",
            "READY HOME D30 0.5",
        )
        problem = sets_problem(
            requirements=needed("2026 2"),
            readiness=readiness,
            site_access=dear_camp(),
            transit_times=from_home(20),
            owned_today=rows("actor_id unit_type_id owned_count sets_owned_count", "USA BRIGADE 0 2"),
        )
        found = optimum(problem)
        assert found.objective == pytest.approx(4 * 2500)
        assert passes(problem, found)

    def test_units_stationed_elsewhere_take_up_no_set(self) -> None:
        """One brigade guards FORT, far from the theater: the set in CAMP needs another."""
        problem = sets_problem(
            requirements=needed("2026 1"),
            staging_areas=rows(
                "staging_area_id theater_id", "AMERICA -", "ALYLAND -", "EAST_AREA EAST", "FAR -"
            ),
            sites=rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "FORT ALY FAR"),
            site_access=[*dear_camp(), {"site_id": "FORT", "actor_id": "USA"}],
            owned_today=rows("actor_id unit_type_id owned_count sets_owned_count", "USA BRIGADE 0 1"),
            garrisons=rows("garrison_id site_group_id required_persons", "GUARD FORT 4000"),
            garrison_actors=rows("garrison_id actor_id", "GUARD USA"),
        )
        found = optimum(problem)
        assert found.objective == pytest.approx(2 * 2500 + 30 + 150)
        assert passes(problem, found)

    def test_a_set_from_outside_the_theater_takes_lift(self) -> None:
        """From a depot next door ships carry one set of the two that are needed; the other is missing."""
        problem = sets_problem(
            requirements=needed("2026 2"),
            interests=priced(9000),
            staging_areas=rows(
                "staging_area_id theater_id", "AMERICA -", "ALYLAND -", "EAST_AREA EAST", "DEPOT -"
            ),
            sites=rows("site_id host_actor_id staging_area_id", "STORE ALY DEPOT"),
            site_access=rows("site_id actor_id", "STORE USA"),
            owned_today=rows("actor_id unit_type_id owned_count sets_owned_count", "USA BRIGADE 0 2"),
            transit_times=rows(
                "staging_area_id theater_id unit_type_id transit_days", "DEPOT EAST BRIGADE 10"
            ),
            lift=rows("lift_pool_id scenario_id phase_id capacity_points", "SHIPS WAR D30 1"),
            lift_actors=rows("lift_pool_id actor_id", "SHIPS USA"),
            lift_unit_types=rows("lift_pool_id unit_type_id lift_points", "SHIPS BRIGADE 1"),
        )
        found = optimum(problem)
        assert found.of("shortfall") == {"EAST,GROUND,D30,WAR,2026": pytest.approx(1)}
        assert passes(problem, found)

    def test_the_audit_finds_more_taken_up_than_are_ready(self) -> None:
        found = optimum(sets_problem(requirements=needed("2026 2"), site_access=dear_camp()))
        readiness = rows(
            "readiness_class_id mode phase_id ready_fraction",
            "READY PREPOSITIONED D30 1",
            "READY HOME D30 0.5",
        )
        slower = sets_problem(requirements=needed("2026 2"), readiness=readiness, site_access=dear_camp())
        findings = audit(slower, shown(found), True, found.objective)
        assert any("2 deployed from home and with sets but 1 ready at home" in line for line in findings)


def dear_camp() -> Rows:
    """Access to CAMP, at 1 M$ a person: 4,000 M$ for a brigade, 150 for the keepers of a set."""
    return rows("site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 1")
