"""The size said before building is the size that is built."""

import numpy as np
import pytest
from hand_cases import hand_command, hand_five_years
from random_problems import problem_of, random_tables
from small_problem import small_problem, small_tables
from test_laws import law

from optimizer.cases.read import read_case
from optimizer.checks.model import model_findings
from optimizer.checks.size import frame_rows_bound, frames_too_large, model_size, model_too_large
from optimizer.formulation import FAMILIES
from optimizer.formulation.frames.index import build_index
from optimizer.objectives import LEAD_COST, WORST_BURDEN, Asked
from optimizer.solver.compilation import compile_matrix
from optimizer.tables.problem import Problem

LEFT_OUT = (
    "unit_type_theaters",
    "owned_today",
    "stationed_today",
    "on_order",
    "conversions",
    "unit_support",
    "attrition",
    "transit_times",
    "lift_unit_types",
    "command_prerequisites",
    "presence_weights",
    "site_groups",
    "site_group_members",
    "site_group_limits",
    "garrisons",
    "garrison_actors",
    "garrison_unit_types",
    "facilities",
    "site_facilities",
    "theater_reserves",
    "policy_rules",
    "freed_levers",
    "programmed_forces",
    "presence_paths",
    "sources",
    "money_conversions",
    "actor_years",
)


BURDENED = Asked((LEAD_COST, WORST_BURDEN), lead_budget_usd_m=5000)


def late_spending() -> Problem:
    """The small problem in which the other spending of one ally is not known before the second year."""
    years = [row for row in small_tables()["actor_years"] if row["actor_id"] != "EST"]
    known = {"actor_id": "EST", "year": 2027, "gdp_usd_m": 43000, "other_spending_usd_m_per_yr": 900}
    return small_problem(actor_years=[*years, known], responses=None, policy_rules=None)


def problems() -> dict[str, tuple[Problem, Asked]]:
    return {
        "command": (hand_command(), Asked()),
        "response": (hand_five_years(), Asked()),
        "small": (small_problem(), Asked()),
        "small, every goal": (small_problem(), BURDENED),
        "spending known late": (late_spending(), Asked()),
        "hand_no_response": (read_case("hand_no_response"), Asked()),
        "reference": (read_case("reference"), Asked()),
    }


@law(5, known_seeds=[2, 13, 23])
def test_size_of_random_problems(seed: int) -> None:
    """Also where the part of a source's, a merged force's or a home's units that is ready is 0, as in these seeds."""
    problem = problem_of(random_tables(seed))
    if not model_findings(build_index(problem)):
        test_size_is_that_of_the_compiled_matrix(problem, Asked())


@pytest.mark.parametrize(("problem", "asked"), problems().values(), ids=problems())
def test_size_is_that_of_the_compiled_matrix(problem: Problem, asked: Asked) -> None:
    index = build_index(problem, asked)
    size, matrix = model_size(index), compile_matrix(index)
    assert (size.row_count, size.column_count) == matrix.coefficients.shape
    assert size.nonzero_count == matrix.coefficients.nnz
    assert size.integer_count == matrix.is_integer.sum()
    families = [family.counts(index) for family in FAMILIES]
    columns = {name: count for family in families for name, count in family.columns.items() if count}
    assert columns == {name: len(block.positions) for name, block in matrix.columns.items() if block.keys}
    rows: dict[str, tuple[int, int]] = {}
    for family in families:
        for name, (count, terms) in family.rows.items():
            row_count, nonzero_count = rows.get(name, (0, 0))
            rows[name] = (row_count + count, nonzero_count + terms)
    terms_by_row = np.diff(matrix.coefficients.indptr)
    built = {
        name: (len(block.positions), terms_by_row[block.positions].sum())
        for name, block in matrix.rows.items()
    }
    assert {name: count for name, count in rows.items() if count != (0, 0)} == built


def test_the_reference_case_has_the_size_it_is_said_to_have() -> None:
    size = model_size(build_index(read_case("reference")))
    assert size.nonzero_count >= 150_000
    assert size.column_count >= 30_000
    assert size.integer_count >= 1_000


def test_a_model_above_the_limit_is_a_finding() -> None:
    (finding,) = model_too_large(model_size(build_index(small_problem())), memory_limit_bytes=1_000_000)
    assert finding.code == "MODEL_TOO_LARGE"
    assert "rows" in finding.message


def test_a_product_of_sets_is_refused_before_any_frame_is_made() -> None:
    """A few tables of some hundred rows combine to more than ten gigabytes."""
    many = 400
    problem = small_problem(
        settings={"year_count": 40},
        periods=None,
        sites=[
            {"site_id": f"S{n}", "host_actor_id": "POL", "staging_area_id": "CENTRAL"} for n in range(many)
        ],
        site_access=[{"site_id": f"S{n}", "actor_id": "USA", "limit_persons": 1000} for n in range(many)],
        unit_types=[{"unit_type_id": f"G{n}", "personnel_persons": 100} for n in range(many)],
        unit_type_modes=[{"unit_type_id": f"G{n}", "mode": "PERMANENT"} for n in range(many)],
        actor_unit_types=[
            {
                "actor_id": "USA",
                "unit_type_id": f"G{n}",
                "own_cost_usd_m_per_unit_yr": 1,
                "readiness_class_id": "HIGH",
            }
            for n in range(many)
        ],
        **dict.fromkeys(LEFT_OUT),
        unit_capabilities=[{"unit_type_id": "G0", "capability_id": "HEAVY_GROUND", "capability_points": 1}],
    )
    assert frame_rows_bound(problem) > 5_000_000
    (finding,) = frames_too_large(problem, memory_limit_bytes=2_000_000_000)
    assert finding.code == "MODEL_TOO_LARGE"
