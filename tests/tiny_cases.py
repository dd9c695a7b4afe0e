"""A problem small enough to be solved by hand, changed table by table; and what its optimum looks like.

One theater, EAST, and one kind of unit, the brigade of 4,000 people and one point. The lead actor, USA, and one
ally, ALY, whose site CAMP lies in the theater, may own up to 20 each; nothing is owned today, and units are raised
at once and for nothing. A brigade costs the United States 2,500 M$ a year, 100 more at the site; the ally 1,000.
Only units stationed at the site reach the theater. The ally owns none unless a case lets it. The levers FORCES and
PRESENCE are freed, so that a case is about its own rules alone.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from small_problem import Rows, rows

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import Index, build_index
from optimizer.plan.extraction import plan_tables
from optimizer.plan.objectives import objective_results
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Matrix
from optimizer.solver.session import Answer, Session
from optimizer.tables.problem import Problem, problem_from_tables
from optimizer.tables.raw_cells import cells_from_rows

FORCE = "actor_id unit_type_id own_cost_usd_m_per_unit_yr maximum_owned_count readiness_class_id"
NEED = "theater_id scenario_id phase_id capability_id year required_points"
INTEREST = "theater_id capability_id interest_usd_m_per_point_yr"

"""The levers that let the United States own and station what it likes."""

EXACT = SolveOptions(relative_gap=0.0)

THOROUGH = int(os.environ.get("THOROUGH_TESTS", "1"))
"""How many times as many random problems are tried; above 1, every case by hand is checked and audited, too."""


def tiny_tables() -> dict[str, Rows]:
    """The tables of the tiny problem, as rows of text."""
    return {
        "settings": rows("lead_actor_id money_base_year first_year year_count", "USA 2025 2026 1"),
        "actors": rows("actor_id home_staging_area_id", "USA AMERICA", "ALY ALYLAND"),
        "theaters": rows("theater_id", "EAST"),
        "staging_areas": rows("staging_area_id theater_id", "AMERICA -", "ALYLAND -", "EAST_AREA EAST"),
        "sites": rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA"),
        "site_access": rows("site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0.025"),
        "unit_types": rows("unit_type_id personnel_persons", "BRIGADE 4000"),
        "unit_type_modes": rows("unit_type_id mode", "BRIGADE PERMANENT"),
        "actor_unit_types": rows(
            "actor_id unit_type_id own_cost_usd_m_per_unit_yr maximum_owned_count readiness_class_id",
            "USA BRIGADE 2500 20 READY",
            "ALY BRIGADE 1000 0 READY",
        ),
        "capabilities": rows("capability_id", "GROUND"),
        "unit_capabilities": rows("unit_type_id capability_id capability_points", "BRIGADE GROUND 1"),
        "phases": rows("phase_id days kind", "D30 30 DETER"),
        "readiness_classes": rows(
            "readiness_class_id mode notice_to_move_days", "READY PERMANENT 0", "READY HOME 0"
        ),
        "readiness": rows(
            "readiness_class_id mode phase_id ready_fraction", "READY PERMANENT D30 1", "READY HOME D30 1"
        ),
        "scenarios": rows("scenario_id", "WAR"),
        "scenario_theaters": rows("scenario_id theater_id", "WAR EAST"),
        "requirements": rows(
            "theater_id scenario_id phase_id capability_id year required_points", "EAST WAR D30 GROUND 2026 7"
        ),
    }


def tiny_problem(settings: dict[str, Any] | None = None, /, **tables: Rows) -> Problem:
    """The tiny problem with other settings, and with tables in place of its own; levers are freed beside its own."""
    base = tiny_tables()
    laid_over = {**base["settings"][0], **(settings or {})}
    together = {**base, **tables, "settings": [laid_over]}
    freed = rows(
        "lever lever_key", "FORCES USA", *[f"PRESENCE {row['site_id']}" for row in together["sites"]]
    )
    together["freed_levers"] = [*freed, *together.get("freed_levers", [])]
    return problem_from_tables({name: cells_from_rows(table) for name, table in together.items()})


def in_periods(problem: Problem, years: Sequence[int], **settings: Any) -> Problem:
    """A problem with these periods in place of its years, and other settings."""
    cells = {"year_count": years[-1] - problem.today, **settings}
    tables = {
        "settings": problem["settings"].assign(**cells).astype(problem["settings"].dtypes),
        "periods": pd.DataFrame({"year": years}).astype(problem["periods"].dtypes),
    }
    return Problem({**problem.tables, **tables})


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


def handing_over(year_count: int = 4, **tables: Rows) -> Problem:
    """Four American brigades stand in EAST; ALY, at home there, raises one a year; four points are needed."""
    base: dict[str, Any] = {
        "actors": rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
        "actor_unit_types": [
            *rows(FORCE, "USA BRIGADE 2500 20 READY"),
            {**rows(FORCE, "ALY BRIGADE 1000 20 READY")[0], "maximum_raised_count_per_yr": 1},
        ],
        "requirements": rows(NEED, "EAST WAR D30 GROUND 2026 4"),
        "owned_today": rows("actor_id unit_type_id owned_count", "USA BRIGADE 4"),
        "stationed_today": rows(
            "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 4"
        ),
        "handovers": rows("theater_id capability_id", "EAST GROUND"),
    }
    return tiny_problem({"year_count": year_count}, **{**base, **tables})


def handing_over_late() -> Problem:
    """``handing_over``, with a rule that keeps four American brigades through 2028."""
    stay = rows(
        "policy_rule_id quantity actor_id site_group_id last_year sense value",
        "STAY STATIONED_COUNT USA CAMP 2028 AT_LEAST 4",
    )
    return handing_over(policy_rules=[{**stay[0], "sentence": "Not before 2029."}])


def sets_problem(**tables: Rows) -> Problem:
    """3 points needed; sets may be bought, and home is too far away without them."""
    forces = american(set_purchase_cost_usd_m_per_set=1200, set_upkeep_cost_usd_m_per_set_yr=30)
    defaults = {
        "requirements": needed("2026 3"),
        "unit_type_modes": rows(
            "unit_type_id mode personnel_persons", "BRIGADE PERMANENT -", "BRIGADE PREPOSITIONED 150"
        ),
        "readiness_classes": rows(
            "readiness_class_id mode notice_to_move_days",
            "READY PERMANENT 0",
            "READY PREPOSITIONED 5",
            "READY HOME 0",
        ),
        "readiness": rows(
            "readiness_class_id mode phase_id ready_fraction",
            "READY PERMANENT D30 1",
            "READY PREPOSITIONED D30 1",
            "READY HOME D30 1",
        ),
        "transit_times": from_home(40),
        "actor_unit_types": forces,
    }
    return tiny_problem(**{**defaults, **tables})


@dataclass(frozen=True)
class Optimum:
    """The optimum of a problem."""

    index: Index
    matrix: Matrix
    answer: Answer

    @property
    def is_infeasible(self) -> bool:
        return self.answer.termination == "INFEASIBLE"

    @property
    def objective(self) -> float:
        """What is minimized, M$."""
        assert self.answer.termination == "OPTIMAL", self.answer.termination
        return self.answer.objective + self.matrix.objective_offset

    @cached_property
    def values(self) -> dict[str, float]:
        """Values that are not 0, by name, such as owned[USA,BRIGADE,2026]."""
        assert self.answer.values is not None
        named = zip(self.matrix.column_names(), self.answer.values.tolist(), strict=True)
        return {name: value for name, value in named if abs(value) > 1e-9}

    def of(self, block: str) -> dict[str, float]:
        """The values of a block that are not 0, by the text between the brackets."""
        return {
            name[len(block) + 1 : -1]: value
            for name, value in self.values.items()
            if name.startswith(f"{block}[")
        }

    def prices(self, block: str) -> dict[str, float]:
        """The duals of a block of rows, by the text between the brackets."""
        assert self.answer.row_duals is not None
        named = zip(self.matrix.row_names(), self.answer.row_duals.tolist(), strict=True)
        return {name[len(block) + 1 : -1]: dual for name, dual in named if name.startswith(f"{block}[")}


def optimum(problem: Problem, relax: bool = True) -> Optimum:
    """Solves a problem, by default its linear relaxation; ties are not broken.

    Where tests are to be thorough, the problem is checked and the plan audited.
    """
    found = optimum_of(build_index(problem), relax)
    if THOROUGH > 1:
        assert check(problem) == []
        assert model_findings(found.index) == []
        assert found.answer.values is None or audit_findings(problem, found, relax) == []
    return found


def audit_findings(problem: Problem, found: Optimum, is_relaxed: bool) -> list[str]:
    """What the audit has to say about the plan of an optimum."""
    assert found.answer.values is not None
    values, asked = found.answer.values, found.index.asked
    tables = plan_tables(found.index, found.matrix, values, is_relaxed, found.answer.row_duals)
    tables["objective_results"] = objective_results(found.matrix, asked, values, [found.answer.bound])
    return audit(problem, tables, is_relaxed, found.objective)


def optimum_of(index: Index, relax: bool = True) -> Optimum:
    """Solves the problem of an index, which is not checked."""
    matrix = compile_matrix(index)
    return Optimum(index, matrix, Session(matrix, EXACT).solve(time_limit_seconds=60.0, relax=relax))
