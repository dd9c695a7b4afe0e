"""Made-up problems: equal for equal seeds, of the size asked for, without findings, and feasible."""

from typing import Literal

import pytest

from optimizer.benchmark.instances.generator import instance
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.session import Session

_UNUSED_IN_CORE = ("garrisons", "garrison_actors", "policy_rules", "site_group_limits")


@pytest.mark.parametrize("nonzeros", [400, 20_000])
def test_equal_for_equal_seeds(nonzeros: int) -> None:
    first, again, other = (instance(seed, nonzeros) for seed in (7, 7, 8))
    assert first.digest == again.digest
    assert first.digest != other.digest


@pytest.mark.parametrize("rows", ["all", "core"])
@pytest.mark.parametrize("nonzeros", [400, 1_000, 3_000, 8_000, 25_000, 100_000])
def test_has_the_size_asked_for(nonzeros: int, rows: Literal["all", "core"]) -> None:
    matrix = compile_matrix(build_index(instance(3, nonzeros, rows=rows)))
    assert 0.75 <= matrix.coefficients.nnz / nonzeros <= 1.25


@pytest.mark.parametrize("rows", ["all", "core"])
@pytest.mark.parametrize("nonzeros", [300, 6_000, 60_000])
def test_has_no_findings(nonzeros: int, rows: Literal["all", "core"]) -> None:
    problem = instance(5, nonzeros, rows=rows)
    assert check(problem) == []
    assert model_findings(build_index(problem)) == []


@pytest.mark.parametrize("seed", range(4))
def test_is_feasible_in_whole_units(seed: int) -> None:
    matrix = compile_matrix(build_index(instance(seed, 2_000)))
    assert matrix.is_integer.any()
    answer = Session(matrix, SolveOptions()).solve(time_limit_seconds=60, relative_gap=0.1)
    assert answer.termination == "OPTIMAL"


@pytest.mark.parametrize("seed", range(3))
def test_relaxation_passes_the_audit(seed: int) -> None:
    solution = solve(instance(seed, 6_000), SolveOptions(relax=True, time_limit_seconds=60))
    assert solution.outcome["termination"] == "OPTIMAL"
    assert solution.outcome["audit_passed"], solution.outcome["audit_findings"]


def test_core_has_no_rules_and_nothing_whole() -> None:
    problem = instance(0, 5_000, whole=False, rows="core")
    assert all(problem[table].empty for table in _UNUSED_IN_CORE)
    matrix = compile_matrix(build_index(problem))
    assert not matrix.is_integer.any()
    assert set(matrix.rows).isdisjoint(
        {"open_balance", "garrison_people", "policy_quantity", "spending_ramp"}
    )
