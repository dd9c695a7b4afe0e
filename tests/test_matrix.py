"""From the model to arrays: two readers, checks, scaling, big-M values, names."""

import pickle
import time
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from pyomo.common.errors import InvalidConstraintError
from pyomo_arrays import pyomo_arrays
from random_problems import problem_of, random_tables
from small_problem import small_problem
from test_laws import law
from tiny_cases import tiny_problem

from optimizer.benchmark.instances.generator import instance
from optimizer.cases.read import read_case, shipped_cases
from optimizer.errors import NeverHoldsError, SolverError
from optimizer.formulation import FAMILIES, build, build_from_index
from optimizer.formulation.frames.index import Index, build_index
from optimizer.objectives import UNITS, Asked
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Matrix, check_arrays, scaling
from optimizer.solver.session import Session
from optimizer.tables.problem import Problem

EXACT = SolveOptions(relative_gap=0.0)


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return compile_matrix(build_index(small_problem()))


def assert_equal(first: Matrix, second: Matrix) -> None:
    assert first.coefficients.shape == second.coefficients.shape
    assert first.row_names() == second.row_names()
    assert first.column_names() == second.column_names()
    difference = abs(first.coefficients - second.coefficients)
    assert difference.max() <= 1e-12 * abs(second.coefficients).max()
    assert first.costs.keys() == second.costs.keys()
    for name in ("row_lower", "row_upper", "column_lower", "column_upper", "is_integer", "is_policy"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)
    for name, cost in first.costs.items():
        np.testing.assert_allclose(cost, second.costs[name], rtol=1e-12, err_msg=name)
    assert first.offsets == pytest.approx(second.offsets)


def assert_read_alike(index: Index) -> None:
    assert_equal(compile_matrix(index), pyomo_arrays(build_from_index(index)))


class TestTwoReaders:
    """The arrays are those that Pyomo makes of the ConcreteModel, entry by entry and name by name."""

    @pytest.mark.parametrize(
        "problem",
        [
            pytest.param(small_problem(), id="small"),
            *[pytest.param(read_case(name), id=name) for name in shipped_cases() if name != "reference"],
            pytest.param(instance(0, 3_000), id="instance"),
            pytest.param(instance(1, 3_000, whole=False, rows="core"), id="core instance"),
        ],
    )
    def test_of_cases(self, problem: Problem) -> None:
        assert_read_alike(build_index(problem))

    @pytest.mark.parametrize("first", UNITS)
    def test_of_every_objective(self, first: str) -> None:
        asked = Asked((first, *(word for word in UNITS if word != first)), lead_budget_usd_m=50_000)
        assert_read_alike(build_index(small_problem(), asked))

    def test_of_few_tables(self) -> None:
        assert_read_alike(build_index(tiny_problem()))

    def test_another_process_gets_equal_arrays(self, matrix: Matrix) -> None:
        assert_equal(matrix, pickle.loads(pickle.dumps(matrix)))

    def test_building_twice_gives_equal_arrays(self, matrix: Matrix) -> None:
        assert_equal(matrix, compile_matrix(build_index(small_problem())))

    def test_rows_are_named_as_the_model_names_them(self, matrix: Matrix) -> None:
        """Each row's activity, from the arrays, is that of the constraint of the same name in the model."""
        model = build(small_problem())
        values = np.random.default_rng(0).uniform(0.0, 3.0, matrix.coefficients.shape[1])
        for block, columns in matrix.columns.items():
            variable = getattr(model, block)
            for key, position in zip(columns.keys, columns.positions, strict=True):
                variable[key].set_value(values[position], skip_validation=True)
        activity = matrix.coefficients @ values
        count = 0
        for block, rows in matrix.rows.items():
            constraint = getattr(model, block)
            for key, position in zip(rows.keys, rows.positions, strict=True):
                data = constraint[key]
                low = -np.inf if data.lower is None else data.lower()
                high = np.inf if data.upper is None else data.upper()
                slack = [data.body() - low, high - data.body()]
                ours = [
                    activity[position] - matrix.row_lower[position],
                    matrix.row_upper[position] - activity[position],
                ]
                assert ours == pytest.approx(slack, rel=1e-9, abs=1e-7), f"{block}[{key}]"
                count += 1
        assert count == matrix.coefficients.shape[0]


class TestChecks:
    def test_good_arrays_pass(self, matrix: Matrix) -> None:
        check_arrays(matrix)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e16, -1e16])
    def test_coefficients(self, matrix: Matrix, value: float) -> None:
        coefficients = matrix.coefficients.copy()
        coefficients.data[3] = value
        with pytest.raises(SolverError, match="a coefficient is not finite or above"):
            check_arrays(replace(matrix, coefficients=coefficients))

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e16, -1e16])
    def test_costs(self, matrix: Matrix, value: float) -> None:
        for name, cost in matrix.costs.items():
            bad = {**matrix.costs, name: np.where(np.arange(len(cost)) == 5, value, cost)}
            with pytest.raises(SolverError, match=f"a {name} is not finite or above"):
                check_arrays(replace(matrix, costs=bad))

    @pytest.mark.parametrize("name", ["row_lower", "row_upper", "column_lower", "column_upper"])
    @pytest.mark.parametrize(("value", "message"), [(np.nan, "NaN"), (1e16, "above"), (-1e16, "above")])
    def test_bounds(self, matrix: Matrix, name: str, value: float, message: str) -> None:
        bounds = getattr(matrix, name).copy()
        bounds[2] = value
        with pytest.raises(SolverError, match=message):
            check_arrays(replace(matrix, **{name: bounds}))

    @pytest.mark.parametrize("kind", ["row", "column"])
    def test_crossing_bounds(self, matrix: Matrix, kind: str) -> None:
        lower = getattr(matrix, f"{kind}_lower").copy()
        lower[4] = 1.0
        upper = getattr(matrix, f"{kind}_upper").copy()
        upper[4] = 0.5
        with pytest.raises(SolverError, match=f"a {kind} bound is NaN or crosses its twin"):
            check_arrays(replace(matrix, **{f"{kind}_lower": lower, f"{kind}_upper": upper}))

    @pytest.mark.parametrize("name", ["row_lower", "row_upper", "column_lower", "column_upper", "is_integer"])
    def test_lengths(self, matrix: Matrix, name: str) -> None:
        with pytest.raises(SolverError, match="length"):
            check_arrays(replace(matrix, **{name: getattr(matrix, name)[:-1]}))
        with pytest.raises(SolverError, match="length"):
            check_arrays(replace(matrix, costs={**matrix.costs, "penalty": matrix.costs["penalty"][:-1]}))

    @pytest.mark.parametrize("place", [-1, 10**6])
    def test_places(self, matrix: Matrix, place: int) -> None:
        coefficients = sp.csr_array(matrix.coefficients, copy=True)
        coefficients.indices[7] = place
        with pytest.raises(SolverError, match="outside the columns"):
            check_arrays(replace(matrix, coefficients=coefficients))

    def test_starts(self, matrix: Matrix) -> None:
        for place, start in ((0, 1), (3, 10**6), (-1, 5)):
            coefficients = sp.csr_array(matrix.coefficients, copy=True)
            coefficients.indptr[place] = start
            with pytest.raises(SolverError, match="do not divide the coefficients"):
                check_arrays(replace(matrix, coefficients=coefficients))

    def test_a_session_refuses_what_the_check_refuses(self, matrix: Matrix) -> None:
        with pytest.raises(SolverError, match="not handed to the solver"):
            Session(replace(matrix, row_lower=matrix.row_lower * np.nan), EXACT)


class TestScaling:
    def test_factors_are_powers_of_two_and_whole_columns_keep_their_unit(self, matrix: Matrix) -> None:
        factors = scaling(matrix)
        for vector in (factors.rows, factors.columns, np.array([factors.objective])):
            mantissas, _ = np.frexp(vector)
            assert (mantissas == 0.5).all()
        assert (factors.columns[matrix.is_integer] == 1.0).all()

    @pytest.mark.parametrize("relax", [True, False])
    def test_scaling_changes_no_objective(
        self, matrix: Matrix, relax: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scaled = Session(matrix, EXACT).solve(time_limit_seconds=60.0, relax=relax)
        plain = replace(
            scaling(matrix),
            rows=np.ones(matrix.coefficients.shape[0]),
            columns=np.ones(matrix.coefficients.shape[1]),
            objective=1.0,
        )
        monkeypatch.setattr("optimizer.solver.session.scaling", lambda _: plain)
        unscaled = Session(matrix, EXACT).solve(time_limit_seconds=60.0, relax=relax)
        assert scaled.termination == unscaled.termination == "OPTIMAL"
        assert scaled.objective == pytest.approx(unscaled.objective, rel=1e-9)

    def test_values_keep_the_rows_in_the_units_of_the_tables(self, matrix: Matrix) -> None:
        answer = Session(matrix, EXACT).solve(time_limit_seconds=60.0)
        assert answer.values is not None
        activity = matrix.coefficients @ answer.values
        size = 1 + np.abs(activity)
        assert (activity >= matrix.row_lower - 1e-6 * size).all()
        assert (activity <= matrix.row_upper + 1e-6 * size).all()
        assert (answer.values >= matrix.column_lower - 1e-6 * (1 + np.abs(answer.values))).all()
        assert (answer.values <= matrix.column_upper + 1e-6 * (1 + np.abs(answer.values))).all()
        whole = answer.values[matrix.is_integer]
        assert np.abs(whole - whole.round()).max() < 1e-6
        assert float(matrix.objective @ answer.values) == pytest.approx(answer.objective, rel=1e-9)


class TestData:
    def test_big_m_of_housing_follows_from_the_tables(self, matrix: Matrix) -> None:
        """The least of the actor's limit, the site's capacity, and the people of all it can station there."""
        names = matrix.column_names()
        block = matrix.rows["housing_open"]
        coefficients = {}
        for key, row in zip(block.keys, block.positions, strict=True):
            part = slice(*matrix.coefficients.indptr[row : row + 2])
            for column, value in zip(
                matrix.coefficients.indices[part], matrix.coefficients.data[part], strict=True
            ):
                if names[column].startswith("open["):
                    coefficients[key[0], key[1]] = -value
        assert coefficients == {
            ("USA", "EST_TAPA"): 1600,
            ("POL", "EST_TAPA"): 800,
            ("USA", "POL_ORZYSZ"): 5000,
            ("USA", "POL_POWIDZ"): 4000,
        }

    def test_big_m_of_housing_where_what_can_be_owned_is_least(self) -> None:
        problem = small_problem(
            site_access=[
                {"site_id": "POL_ORZYSZ", "actor_id": actor, "open_cost_usd_m_per_yr": 1}
                for actor in ("USA", "POL")
            ],
            site_group_limits=None,
            garrisons=None,
            garrison_actors=None,
            garrison_unit_types=None,
            freed_levers=None,
            policy_rules=None,
            stationed_today=None,
            unit_type_modes=[
                {"unit_type_id": "BATTALION", "mode": "PERMANENT"},
                {"unit_type_id": "BATTALION", "mode": "ROTATIONAL", "personnel_persons": 900},
            ],
        )
        matrix = compile_matrix(build_index(problem))
        row = matrix.rows["housing_open"]
        part = {key[0]: place for key, place in zip(row.keys, row.positions, strict=True)}
        # USA: 3 battalions today and 2 more in each of two years, 900 people each; POL: 2 and 2 more twice.
        for actor, persons in (("USA", 7 * 900), ("POL", 6 * 900)):
            stretch = slice(*matrix.coefficients.indptr[part[actor] : part[actor] + 2])
            assert sorted(matrix.coefficients.data[stretch]) == [-persons, 1]

    def test_period_0_is_fixed_to_today(self, matrix: Matrix) -> None:
        today = small_problem().today
        for name in ("owned", "stationed", "sets_owned", "people", "housing", "open", "spending"):
            block = matrix.columns[name]
            places = np.array(
                [
                    position
                    for key, position in zip(block.keys, block.positions, strict=True)
                    if key[-1] == today
                ]
            )
            assert len(places), name
            assert (matrix.column_lower[places] == matrix.column_upper[places]).all(), name
        names = dict(zip(matrix.column_names(), matrix.column_lower.tolist(), strict=True))
        assert names["owned[USA,BRIGADE,2025]"] == 12
        assert names["stationed[USA,BRIGADE,POL_ORZYSZ,ROTATIONAL,2025]"] == 1
        assert names["housing[USA,POL_ORZYSZ,2025]"] == 4200
        assert names["housing[POL,EST_TAPA,2025]"] == 0.25 * 800
        assert names["spending[EST,2025]"] == 1500

    def test_every_row_is_of_a_family(self, matrix: Matrix) -> None:
        blocks = [block for family in FAMILIES for block in family.rows]
        assert len(blocks) == len(set(blocks))
        assert set(matrix.rows) <= set(blocks)


@law(8)
def test_random_problems_are_read_alike(seed: int) -> None:
    index = build_index(problem_of(random_tables(seed)))
    try:
        model = build_from_index(index)
    except InvalidConstraintError:  # A need that nothing can meet.
        with pytest.raises(NeverHoldsError):
            compile_matrix(index)
        return
    assert_equal(compile_matrix(index), pyomo_arrays(model))


def test_the_reference_case_is_read_alike() -> None:
    index = build_index(read_case("reference"))
    started = time.perf_counter()
    matrix = compile_matrix(index)
    if time.perf_counter() - started > 20:
        pytest.skip("reading the reference row by row takes too long here")
    assert_equal(matrix, pyomo_arrays(build_from_index(index)))
