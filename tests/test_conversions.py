"""Units that become of another kind, solved by hand: Guard brigades that money makes ready.

Five Guard brigades are owned, at 500 M$ a year and without points; brigades cannot be raised. A conversion costs 300
M$ and takes two years; up to four are ordered in a year. Money of 2027 counts 0.8, of 2028 0.64.
"""

from typing import Any

import pandas as pd
import pytest
from small_problem import Rows, rows
from test_levers import freeing
from tiny_cases import FORCE, audit_findings, needed, optimum, optimum_of, priced, rule, tiny_problem

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

CONVERSION = (
    "actor_id from_unit_type_id to_unit_type_id conversion_cost_usd_m_per_unit lead_time_yr"
    " maximum_converted_count_per_yr life_yr"
)


def forces(*lines: str) -> Rows:
    """actor_unit_types of which none can be raised."""
    return [{**row, "maximum_raised_count_per_yr": 0} for row in rows(FORCE, *lines)]


def guards(settings: dict[str, Any] | None = None, **tables: Rows) -> Problem:
    """The problem above with other settings and tables; 2.5 points are needed in 2028."""
    base = {
        "unit_types": rows("unit_type_id personnel_persons", "BRIGADE 4000", "GUARD 3000"),
        "actor_unit_types": forces("USA BRIGADE 2500 20 READY", "USA GUARD 500 20 READY"),
        "owned_today": rows("actor_id unit_type_id owned_count", "USA GUARD 5"),
        "conversions": rows(CONVERSION, "USA GUARD BRIGADE 300 2 4 -"),
        "requirements": needed("2026 0", "2028 2.5"),
    }
    years = {"year_count": 3, "discount_rate_fraction": 0.25}
    return tiny_problem({**years, **(settings or {})}, **{**base, **tables})


def kept(problem: Problem, *programs: str) -> Problem:
    """A problem with these programs, in which FORCES is not freed."""
    table = pd.DataFrame(rows("actor_id unit_type_id year programmed_count", *programs))
    table = table.astype({"year": "int64", "programmed_count": "float64"})
    given = PROBLEM_TABLES["programmed_forces"].typed(table)
    return freeing(Problem({**problem.tables, "programmed_forces": given}), "PRESENCE CAMP 2026")


def whole(*lines: str) -> Rows:
    return rows("unit_type_id personnel_persons is_counted", *lines)


class TestByHand:
    def test_a_conversion_is_paid_in_equal_parts_and_arrives_after_its_lead_time(self) -> None:
        found = optimum(guards())
        assert found.of("converted") == pytest.approx({"USA,GUARD,BRIGADE,2026": 2.5})
        assert found.of("owned") == pytest.approx(
            {"USA,GUARD,2025": 5, "USA,GUARD,2026": 2.5, "USA,GUARD,2027": 2.5, "USA,BRIGADE,2028": 2.5}
        )
        # Two years of 150 for the conversion and 500 for the Guard brigade, then 2,500 and 100 at the site.
        assert found.objective == pytest.approx(2.5 * ((150 + 500) * 1.8 + 2600 * 0.64), rel=1e-12)

    def test_what_is_left_of_it_at_the_end_is_salvage(self) -> None:
        found = optimum(guards(conversions=rows(CONVERSION, "USA GUARD BRIGADE 300 2 4 10")))
        # After one of ten years nine tenths of the 300 are left.
        assert found.objective == pytest.approx(2.5 * ((150 + 500) * 1.8 + (2600 - 270) * 0.64), rel=1e-12)

    def test_no_more_are_converted_than_may_be_in_time(self) -> None:
        two = rows(CONVERSION, "USA GUARD BRIGADE 300 2 2 -")
        assert optimum(guards(conversions=two)).is_infeasible
        found = optimum(guards(conversions=two, interests=priced(9000)))
        assert found.of("converted") == pytest.approx({"USA,GUARD,BRIGADE,2026": 2})
        assert found.of("shortfall_level") == pytest.approx({"EAST,GROUND,2028": 0.5})

    def test_a_unit_serves_as_what_it_was_until_it_is_another(self) -> None:
        """Four of five Guard brigades of half a point are being converted while all are needed."""
        found = optimum(
            guards(
                unit_capabilities=rows(
                    "unit_type_id capability_id capability_points", "BRIGADE GROUND 1", "GUARD GROUND 0.5"
                ),
                unit_type_modes=rows("unit_type_id mode", "BRIGADE PERMANENT", "GUARD PERMANENT"),
                requirements=needed("2026 2.5", "2028 4.5"),
            )
        )
        assert found.of("converted") == pytest.approx({"USA,GUARD,BRIGADE,2026": 4})
        assert found.of("stationed") == pytest.approx(
            {
                "USA,GUARD,CAMP,PERMANENT,2026": 5,
                "USA,GUARD,CAMP,PERMANENT,2027": 5,
                "USA,GUARD,CAMP,PERMANENT,2028": 1,
                "USA,BRIGADE,CAMP,PERMANENT,2028": 4,
            }
        )

    def test_whole_units_are_converted_whole_where_either_kind_is_counted(self) -> None:
        for types in (("BRIGADE 4000 true", "GUARD 3000 -"), ("BRIGADE 4000 -", "GUARD 3000 true")):
            problem = guards(unit_types=whole(*types))
            found = optimum(problem, relax=False)
            assert found.of("converted") == pytest.approx({"USA,GUARD,BRIGADE,2026": 3})
            assert audit_findings(problem, found, is_relaxed=False) == []

    def test_an_ally_pays_for_conversions_inside_its_ceiling(self) -> None:
        """The ally may spend 2,000 M$: 500 on a Guard brigade, or 400 to convert it at once and 600 to own it then.

        Two Guard brigades are its program; converted, they are still kept.
        """
        problem = guards(
            {"year_count": 1},
            actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
            actor_unit_types=[
                *rows(FORCE, "USA BRIGADE 2500 20 READY"),
                *forces("ALY BRIGADE 600 20 READY", "ALY GUARD 500 20 READY"),
            ],
            owned_today=rows("actor_id unit_type_id owned_count", "ALY GUARD 5"),
            programmed_forces=rows("actor_id unit_type_id year programmed_count", "ALY GUARD 2026 2"),
            conversions=rows(CONVERSION, "ALY GUARD BRIGADE 400 - - -"),
            requirements=needed("2026 3"),
            actor_years=rows(
                "actor_id year gdp_usd_m spending_ceiling_fraction other_spending_usd_m_per_yr",
                "ALY 2025 100000 0.02 0",
            ),
        )
        found = optimum(problem)
        # It disbands the other three, converts two for 2,000 M$, and the United States supplies the third point.
        assert found.of("owned")["ALY,BRIGADE,2026"] == pytest.approx(2)
        assert found.objective == pytest.approx(2600)
        assert found.of("spending") == pytest.approx({"ALY,2026": 2000})
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_a_program_may_name_units_to_come_by_conversion(self) -> None:
        """Nothing is needed, but two of five Guard brigades are to be brigades by 2028."""
        problem = kept(guards(requirements=needed("2026 0")), "USA BRIGADE 2028 2", "USA GUARD 2028 3")
        assert model_findings(build_index(problem)) == []
        found = optimum(problem)
        assert found.of("converted") == pytest.approx({"USA,GUARD,BRIGADE,2026": 2})
        assert found.of("filling") == pytest.approx({"USA,GUARD,BRIGADE,2028": 2})
        converted = 2 * ((150 + 500) * 1.8 + 2500 * 0.64)
        assert found.objective == pytest.approx(converted + 3 * 500 * (1 + 0.8 + 0.64))
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_a_unit_counts_for_one_program_though_it_came_by_several_conversions(self) -> None:
        """Of four Guard brigades one is to become a brigade, and of the brigades so made two heavy ones."""
        problem = guards(
            {"year_count": 1},
            unit_types=rows("unit_type_id personnel_persons", "BRIGADE 4000", "GUARD 3000", "HEAVY 4500"),
            actor_unit_types=forces(
                "USA BRIGADE 2500 20 READY", "USA GUARD 500 20 READY", "USA HEAVY 3000 20 READY"
            ),
            owned_today=rows("actor_id unit_type_id owned_count", "USA GUARD 4"),
            conversions=rows(CONVERSION, "USA GUARD BRIGADE 300 - - -", "USA BRIGADE HEAVY 100 - - -"),
            requirements=needed("2026 0"),
        )
        asked = ("USA GUARD 2026 1", "USA BRIGADE 2026 1", "USA HEAVY 2026 2")
        problem = kept(problem, *asked)
        found = optimum(problem)
        assert found.objective == pytest.approx(3 * 300 + 2 * 100 + 500 + 2500 + 2 * 3000)
        assert audit_findings(problem, found, is_relaxed=True) == []
        more = kept(problem, *asked[:2], "USA HEAVY 2026 2.5")
        said = "owned_forces: USA HEAVY 2026: 2 owned but the program is 2.5"
        assert audit_findings(more, found, is_relaxed=True) == [said]

    def test_a_unit_that_came_may_go_once_the_program_it_came_from_is_full_again(self) -> None:
        """One of two Guard brigades is a brigade in 2027, when one is needed; in 2028 a new Guard brigade arrives."""
        problem = kept(
            guards(
                owned_today=rows("actor_id unit_type_id owned_count", "USA GUARD 2"),
                on_order=rows("actor_id unit_type_id year arriving_count", "USA GUARD 2028 1"),
                conversions=rows(CONVERSION, "USA GUARD BRIGADE 300 1 4 -"),
                requirements=needed("2026 0", "2027 1", "2028 0"),
            ),
            "USA GUARD 2026 2",
        )
        found = optimum(problem)
        assert found.of("owned") == pytest.approx(
            {"USA,GUARD,2025": 2, "USA,GUARD,2026": 2, "USA,GUARD,2027": 1, "USA,GUARD,2028": 2}
            | {"USA,BRIGADE,2027": 1}
        )
        assert audit_findings(problem, found, is_relaxed=True) == []

    def test_programs_of_more_than_there_are_together_are_a_finding(self) -> None:
        """Each could be had alone; conversions add no unit to five Guard brigades."""
        problem = kept(guards(), "USA BRIGADE 2028 2", "USA GUARD 2028 4")
        (finding,) = model_findings(build_index(problem))
        assert (finding.code, finding.row_key) == ("PROGRAM_IMPOSSIBLE", "USA/BRIGADE/2028")
        assert "BRIGADE, GUARD add up to 6, of which USA can own 5 in 2028" in finding.message
        assert optimum_of(build_index(problem)).is_infeasible

    def test_no_unit_leaves_the_program_by_way_of_a_kind_that_is_freed(self) -> None:
        """Nothing is needed. Of two brigades and five Guard brigades, the brigades go; no Guard brigade does as one."""
        problem = guards(
            owned_today=rows("actor_id unit_type_id owned_count", "USA GUARD 5", "USA BRIGADE 2"),
            conversions=rows(CONVERSION, "USA GUARD BRIGADE 0 - - -"),
            requirements=needed("2026 0"),
            policy_rules=rule("DISBANDED_COUNT", "AT_MOST", 0, unit_type_id="GUARD"),
        )
        partly = freeing(problem, "FORCES BRIGADE 2026")
        found = optimum(partly)
        assert found.objective == pytest.approx(5 * 500 * (1 + 0.8 + 0.64))
        assert audit_findings(partly, found, is_relaxed=True) == []
        # Without a program of Guard brigades all seven go as brigades.
        gone = optimum(freeing(problem, "FORCES USA 2026"))
        assert gone.objective == 0
        said = "owned_forces: USA BRIGADE 2026: 0 owned but the program is 5"
        assert said in audit_findings(partly, gone, is_relaxed=True)

    def test_a_program_may_be_above_what_may_be_owned_of_a_kind_that_becomes_another(self) -> None:
        """Six Guard brigades with the one on order, of which no more than five may be owned: one is converted."""
        locked = freeing(
            guards(
                actor_unit_types=forces("USA BRIGADE 2500 20 READY", "USA GUARD 500 5 READY"),
                on_order=rows("actor_id unit_type_id year arriving_count", "USA GUARD 2028 1"),
                programmed_forces=rows("actor_id unit_type_id year programmed_count", "USA GUARD 2028 6"),
            ),
            "PRESENCE CAMP 2026",
        )
        assert model_findings(build_index(locked)) == []
        found = optimum(locked)
        assert found.of("owned")["USA,GUARD,2028"] == pytest.approx(3.5)
        assert found.of("owned")["USA,BRIGADE,2028"] == pytest.approx(2.5)

    def test_an_order_that_would_arrive_after_the_end_is_not_placed(self) -> None:
        index = build_index(guards())
        assert index.conversion_orders["year"].tolist() == [2026]


class TestMostThatCanBeOwned:
    def most(self, problem: Problem, unit_type: str) -> list[float]:
        bounds = build_index(problem).owned_bounds
        found: list[float] = bounds.loc[bounds["unit_type_id"] == unit_type, "most"].tolist()
        return found

    def test_it_grows_as_fast_as_conversions_may(self) -> None:
        assert self.most(guards(), "BRIGADE") == [0, 0, 0, 4]
        at_once = rows(CONVERSION, "USA GUARD BRIGADE 300 - 2 -")
        assert self.most(guards(conversions=at_once), "BRIGADE") == [0, 2, 4, 5]
        assert self.most(guards(), "GUARD") == [5, 5, 5, 5]

    def test_it_grows_by_no_more_than_there_is_of_all_kinds_that_can_become_it(self) -> None:
        problem = guards(
            unit_types=rows("unit_type_id personnel_persons", "BRIGADE 4000", "GUARD 3000", "HEAVY 4500"),
            actor_unit_types=forces(
                "USA BRIGADE 2500 20 READY", "USA GUARD 500 20 READY", "USA HEAVY 3000 6 READY"
            ),
            owned_today=rows("actor_id unit_type_id owned_count", "USA GUARD 5", "USA BRIGADE 2"),
            conversions=rows(
                CONVERSION,
                "USA GUARD BRIGADE 300 - - -",
                "USA BRIGADE HEAVY 300 - - -",
                "USA HEAVY GUARD 0 - - -",
            ),
        )
        assert self.most(problem, "BRIGADE") == [2, 7, 7, 7]
        assert self.most(problem, "GUARD") == [5, 7, 7, 7]
        assert self.most(problem, "HEAVY") == [0, 6, 6, 6]


class TestWhatIsShown:
    def test_who_is_converted_abroad_is_neither_sent_nor_brought_home(self) -> None:
        solution = solve(
            guards(
                unit_type_modes=rows("unit_type_id mode", "BRIGADE PERMANENT", "GUARD PERMANENT"),
                owned_today=rows("actor_id unit_type_id owned_count", "USA GUARD 3"),
                stationed_today=rows(
                    "actor_id unit_type_id site_id mode stationed_count", "USA GUARD CAMP PERMANENT 3"
                ),
                requirements=needed("2026 0", "2028 3"),
            ),
            SolveOptions(),
        )
        assert solution.outcome["audit_passed"], solution.outcome["audit_findings"]
        changes = solution.tables["force_changes"].set_index("unit_type_id")
        people = changes.drop(columns="actor_id").to_dict("index")
        shown = {(kind, name): cell for kind, row in people.items() for name, cell in row.items() if cell}
        assert shown == {("GUARD", "converted_persons"): 9000}

    def test_what_is_left_of_raising_and_converting_counts_the_dearest_first(self) -> None:
        """Two are raised for 900 and three converted for 300, and of the five that were there in 2027 four stay."""
        problem = guards(
            {"discount_rate_fraction": 0},
            actor_unit_types=[
                {**rows(FORCE, "USA BRIGADE 2500 20 READY")[0], "raise_cost_usd_m_per_unit": 900}
                | {"maximum_raised_count_per_yr": 2, "life_yr": 10, "disband_cost_usd_m_per_unit": 1},
                *forces("USA GUARD 500 20 READY"),
            ],
            owned_today=rows("actor_id unit_type_id owned_count", "USA GUARD 3"),
            conversions=rows(CONVERSION, "USA GUARD BRIGADE 300 - - 10"),
            requirements=needed("2026 0", "2027 5", "2028 4"),
            unit_type_modes=rows("unit_type_id mode", "BRIGADE PERMANENT"),
        )
        solution = solve(problem, SolveOptions())
        assert solution.outcome["audit_passed"], solution.outcome["audit_findings"]
        salvage = solution.tables["ledger"].query("kind == 'SALVAGE'", engine="python")
        assert salvage.set_index("source_column")["usd_m"].to_dict() == pytest.approx(
            {
                "actor_unit_types.raise_cost_usd_m_per_unit": -2 * 900 * 0.8,
                "conversions.conversion_cost_usd_m_per_unit": -2 * 300 * 0.8,
            }
        )

    @pytest.mark.parametrize(
        ("column", "cell", "found"),
        [
            ("converted_count", 2.0, "became of this kind but 2 were due"),
            ("converted_count", 4.5, "converted but at most 4 allowed"),
            ("year", 2027, "converted but not within 2026 to 2028"),
            ("to_unit_type_id", "GUARD", "there is no such conversion"),
        ],
    )
    def test_the_audit_sees_other_conversions(self, column: str, cell: Any, found: str) -> None:
        problem = guards()
        solution = solve(problem, SolveOptions())
        tables = dict(solution.tables)
        wrong = tables["conversion_results"].assign(**{column: cell})
        tables["conversion_results"] = wrong.astype(tables["conversion_results"].dtypes.to_dict())
        findings = audit(problem, tables, True, solution.outcome["objective_usd_m"])
        assert any(found in finding for finding in findings), findings

    def test_the_audit_sees_parts_of_counted_units(self) -> None:
        problem = guards()
        solution = solve(problem, SolveOptions())
        counted = guards(unit_types=whole("BRIGADE 4000 -", "GUARD 3000 true"))
        findings = audit(counted, solution.tables, False, solution.outcome["objective_usd_m"])
        assert any("2.5 converted is no whole number" in finding for finding in findings), findings


def test_findings() -> None:
    wrong = rows(CONVERSION, "USA GUARD GUARD 300 - - -", "ALY GUARD BRIGADE 300 - - -")
    found = [(finding.code, finding.path) for finding in check(guards(conversions=wrong))]
    assert found == [
        ("CONVERSION_UNCLEAR", "conversions[USA/GUARD/GUARD].to_unit_type_id"),
        ("REFERENCE_UNKNOWN", "conversions[ALY/GUARD/BRIGADE].from_unit_type_id"),
        ("REFERENCE_UNKNOWN", "conversions[ALY/GUARD/BRIGADE].to_unit_type_id"),
    ]
