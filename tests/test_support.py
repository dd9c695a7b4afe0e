"""Support of what is deployed, solved by hand; each case also in a formulation that merges nothing.

A brigade needs one point of support and a support unit of 1,000 people gives two. Seven points are needed; a brigade
costs the United States 2,500 M$ a year and 100 more at the site, a support unit 500 and 25 more.
"""

from typing import Any

import pytest
from small_problem import Rows, rows
from test_merging import agree
from tiny_cases import FORCE, NEED, Optimum, optimum, tiny_problem

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.formulation.frames.reach import reach_of
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem

SUPPORT = "unit_type_id capability_id needed_points provided_points"
LEAD = ("USA BRIGADE 2500 20 READY", "USA SUPPORT 500 20 READY")


def phased(*lines: str) -> dict[str, Rows]:
    """Phases by name, days and kind, in which everything is ready that can be there."""
    names = [line.split()[0] for line in lines]
    return {
        "phases": rows("phase_id days kind", *lines),
        "readiness": rows(
            "readiness_class_id mode phase_id ready_fraction",
            *[f"READY {mode} {name} 1" for name in names for mode in ("PERMANENT", "HOME")],
        ),
    }


def supported(**tables: Rows) -> Problem:
    """The problem above, with other tables."""
    base = {
        "unit_types": rows("unit_type_id personnel_persons", "BRIGADE 4000", "SUPPORT 1000"),
        "unit_type_modes": rows("unit_type_id mode", "BRIGADE PERMANENT", "SUPPORT PERMANENT"),
        "capabilities": rows("capability_id", "GROUND", "ENABLERS"),
        "unit_support": rows(SUPPORT, "BRIGADE ENABLERS 1 -", "SUPPORT ENABLERS - 2"),
        "actor_unit_types": rows(FORCE, *LEAD),
    }
    return tiny_problem(**{**base, **tables})


def in_the_theater(*allies: str, quality: str = "-") -> Rows:
    """Actors, of whom allies are at home in the theater, with units of a quality."""
    homes = [f"{ally} EAST_AREA {quality}" for ally in allies]
    return rows("actor_id home_staging_area_id quality_factor", "USA AMERICA -", "ALY - -", *homes)


def solved(problem: Problem) -> Optimum:
    """The optimum, merged and literal alike."""
    assert check(problem) == []
    assert agree(problem, relax=True)
    return optimum(problem)


def test_what_is_deployed_brings_its_support() -> None:
    found = solved(supported())
    assert found.objective == pytest.approx(7 * 2600 + 3.5 * 525, rel=1e-12)
    # A point takes half a support unit; a point of support would save as much.
    assert found.prices("deterrence") == pytest.approx({"EAST,GROUND,D30,WAR,2026": 2600 + 262.5})
    assert found.prices("support") == pytest.approx({"ALL,ENABLERS,EAST,D30,WAR,2026": 262.5})


def test_without_need_there_is_no_row() -> None:
    found = solved(supported(unit_support=rows(SUPPORT, "SUPPORT ENABLERS - 2")))
    assert found.objective == pytest.approx(7 * 2600)
    assert found.prices("support") == {}


def test_a_unit_that_gives_what_it_needs_needs_nobody() -> None:
    itself = rows(SUPPORT, "BRIGADE ENABLERS 1 1", "SUPPORT ENABLERS - 2")
    assert solved(supported(unit_support=itself)).objective == pytest.approx(7 * 2600)


def test_support_may_need_support() -> None:
    """A support unit needs half a point of fuel, of which a tanker at 100 M$ gives one."""
    problem = supported(
        unit_types=rows("unit_type_id personnel_persons", "BRIGADE 4000", "SUPPORT 1000", "TANKER 400"),
        unit_type_modes=rows(
            "unit_type_id mode", "BRIGADE PERMANENT", "SUPPORT PERMANENT", "TANKER PERMANENT"
        ),
        capabilities=rows("capability_id", "GROUND", "ENABLERS", "FUEL"),
        unit_support=rows(
            SUPPORT, "BRIGADE ENABLERS 1 -", "SUPPORT ENABLERS - 2", "SUPPORT FUEL 0.5 -", "TANKER FUEL - 1"
        ),
        actor_unit_types=rows(FORCE, *LEAD, "USA TANKER 100 20 READY"),
    )
    assert solved(problem).objective == pytest.approx(7 * 2600 + 3.5 * (525 + 0.5 * 110))


def test_a_brigade_waits_for_its_support_though_it_is_there() -> None:
    """Of four brigades in place, two are needed at once; support for the others comes from home in twenty days."""
    problem = supported(
        **phased("D0 0 DETER", "D30 30 DETER"),
        requirements=rows(NEED, "EAST WAR D0 GROUND 2026 2", "EAST WAR D30 GROUND 2026 4"),
        transit_times=rows("staging_area_id theater_id unit_type_id transit_days", "AMERICA EAST SUPPORT 20"),
    )
    assert solved(problem).objective == pytest.approx(4 * 2600 + 525 + 500)


def test_support_stays_as_long_as_what_it_supports() -> None:
    """Two theaters at once: support of the brigades in the one is not free for those in the other."""
    problem = supported(
        **phased("D0 0 DETER", "D30 30 DETER"),
        theaters=rows("theater_id", "EAST", "WEST"),
        staging_areas=rows("staging_area_id theater_id", "AMERICA -", "ALYLAND -", "EAST_AREA EAST"),
        scenario_theaters=rows("scenario_id theater_id", "WAR EAST", "WAR WEST"),
        requirements=rows(NEED, "EAST WAR D0 GROUND 2026 2", "WEST WAR D30 GROUND 2026 2"),
        transit_times=rows(
            "staging_area_id theater_id unit_type_id transit_days",
            "AMERICA WEST BRIGADE 20",
            "AMERICA WEST SUPPORT 20",
            "EAST_AREA WEST SUPPORT 5",
        ),
    )
    assert solved(problem).objective == pytest.approx(2 * 2600 + 525 + 2 * 2500 + 500)


def test_a_scenario_in_which_allied_support_is_missing_holds_its_brigades_back() -> None:
    """The ally supports all four brigades in the war; in the raid two are needed and it takes no part."""
    problem = supported(
        actors=in_the_theater("BEL"),
        actor_unit_types=rows(FORCE, *LEAD, "BEL SUPPORT 300 20 READY"),
        scenarios=rows("scenario_id", "RAID", "WAR"),
        scenario_theaters=rows("scenario_id theater_id", "RAID EAST", "WAR EAST"),
        scenario_availability=rows("scenario_id actor_id available_fraction", "RAID BEL 0"),
        requirements=rows(NEED, "EAST RAID D30 GROUND 2026 2", "EAST WAR D30 GROUND 2026 4"),
    )
    assert solved(problem).objective == pytest.approx(4 * 2600 + 525)


@pytest.mark.parametrize(
    ("sharing", "lead_brigades", "lead_support"),
    [
        # Two allied brigades, and all support is Belgian.
        ((), 5, 0),
        # No ally has any support but Belgium, which has no brigade and shares with nobody.
        (("USA ONES",), 7, 3.5),
        # Only the Dutch brigade can go.
        (("BEL ONES", "NLD ONES"), 6, 3),
        # Luxembourg's goes with American support.
        (("BEL ONES", "NLD ONES", "USA OTHERS", "LUX OTHERS"), 5, 3),
    ],
)
def test_who_shares_support(sharing: tuple[str, ...], lead_brigades: int, lead_support: float) -> None:
    """The Dutch and the Luxembourg brigade are alike, but for whose support they get."""
    problem = supported(
        actors=in_the_theater("BEL", "LUX", "NLD"),
        actor_unit_types=rows(
            FORCE,
            *LEAD,
            "BEL SUPPORT 300 20 READY",
            "LUX BRIGADE 1000 1 READY",
            "NLD BRIGADE 1000 1 READY",
        ),
        support_sharing=rows("actor_id support_group_id", *sharing),
    )
    found = solved(problem)
    assert found.objective == pytest.approx(lead_brigades * 2600 + lead_support * 525)
    pools = set(
        reach_of(found.index).deployments.query("unit_type_id == 'BRIGADE'", engine="python")["pool_id"]
    )
    assert pools == ({"USA", "LUX&1"} if not sharing else {"USA", "LUX", "NLD"})


def test_units_of_no_quality_support_as_well_as_others() -> None:
    problem = supported(
        actors=in_the_theater("BEL", quality="0"),
        actor_unit_types=rows(FORCE, *LEAD, "BEL SUPPORT 300 20 READY"),
    )
    assert solved(problem).objective == pytest.approx(7 * 2600)


def test_support_is_of_what_is_deployed_and_not_of_survivors() -> None:
    """Half of two brigades is lost in the first phase: a third makes up for it, and all three were sent."""
    problem = supported(
        **phased("D30 30 DETER", "D60 60 WIN"),
        attrition=rows("unit_type_id phase_id attrition_fraction", "BRIGADE D30 0.5", "SUPPORT D30 0.5"),
        requirements=rows(NEED, "EAST WAR D30 GROUND 2026 2", "EAST WAR D60 GROUND 2026 2"),
    )
    assert solved(problem).objective == pytest.approx(3 * 2600 + 1.5 * 525)


class TestAudit:
    def changed(self, table: str, column: str, cell: float, **where: str) -> list[str]:
        problem = supported()
        solution = solve(problem, SolveOptions())
        assert solution.outcome["audit_passed"], solution.outcome["audit_findings"]
        frame = solution.tables[table].copy()
        chosen = frame[list(where)].eq(list(where.values())).all(axis="columns")
        assert chosen.any()
        frame.loc[chosen, column] = cell
        return audit(problem, {**solution.tables, table: frame}, True, solution.outcome["objective_usd_m"])

    def test_it_sees_missing_support(self) -> None:
        findings = self.changed("deployments", "deployed_count", 3.0, unit_type_id="SUPPORT")
        assert any("7 points of support needed but 6 deployed" in finding for finding in findings), findings

    def test_it_sees_support_that_is_only_said(self) -> None:
        findings = self.changed("support_results", "provided_points", 8.0, capability_id="ENABLERS")
        (finding,) = findings
        assert "provided_points of 8 shown but 7 follows" in finding


@pytest.mark.parametrize(
    ("tables", "path"),
    [
        (
            {"unit_support": ("BRIGADE ENABLERS 1 -", "SUPPORT GROUND - 1")},
            "unit_support[BRIGADE/ENABLERS].capability_id",
        ),
        ({"support_sharing": ("USA ALY",)}, "support_sharing[ALY/USA].support_group_id"),
        ({"support_sharing": ("USA ONES", "USA OTHERS")}, "support_sharing[OTHERS/USA].actor_id"),
    ],
)
def test_findings(tables: dict[str, Any], path: str) -> None:
    headings = {"unit_support": SUPPORT, "support_sharing": "actor_id support_group_id"}
    problem = supported(**{name: rows(headings[name], *lines) for name, lines in tables.items()})
    assert [(finding.code, finding.path) for finding in check(problem)] == [("SUPPORT_UNCLEAR", path)]
