"""From the Pyomo model to the arrays of a program; the one place where a model is expanded."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyomo.core as pyo
import pyomo.core.base.constraint as pyomo_constraint
import scipy.sparse as sp
from pyomo.common.gc_manager import PauseGC
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from optimizer.formulation import ROW_KINDS, build_from_index
from optimizer.formulation.family import RowKind
from optimizer.formulation.frames.index import Index
from optimizer.objectives import COST_VECTORS
from optimizer.solver.matrix import Block, Matrix


def compile_matrix(index: Index, templatized: bool = True) -> Matrix:
    """Builds the model of an index and compiles it to arrays.

    Args:
        index: the index of a problem without findings.
        templatized: whether rules are expanded from one template each, which is faster, or called for each
            row; the arrays are equal.

    Garbage collection rests meanwhile: a model is many small objects and no garbage.
    """
    with PauseGC(), _templates(templatized):
        matrix = matrix_from_model(build_from_index(index))
    return replace(matrix, minimized=COST_VECTORS[index.asked.objectives[0]])


def matrix_from_model(model: Any) -> Matrix:
    """Compiles a model of ``formulation.build`` to arrays."""
    vectors = [each for each in model.component_objects(pyo.Objective) if each is not model.objective]
    for vector in vectors:
        vector.activate()
    model.objective.deactivate()
    try:
        with _quiet_pyomo():
            form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    finally:
        for vector in vectors:
            vector.deactivate()
        model.objective.activate()

    columns: dict[str, Block] = {}
    position: dict[int, int] = {}
    variables: list[Any] = []
    for component in model.component_objects(pyo.Var):
        data = list(component.values())
        start = len(variables)
        position.update((id(variable), start + place) for place, variable in enumerate(data))
        variables += data
        columns[component.local_name] = Block(
            [_tuple(key) for key in component], np.arange(start, start + len(data))
        )
    column_count = len(variables)
    places = np.fromiter((position[id(variable)] for variable in form.columns), np.int64, len(form.columns))
    coefficients = _moved(form.A, places, column_count)
    costs = _moved(form.c, places, column_count)
    names = [objective.local_name for objective in form.objectives]
    dense = {name: costs[[row], :].toarray().ravel() for row, name in enumerate(names)}
    offsets = dict(zip(names, map(float, form.c_offset), strict=True))

    bounds = [variable.bounds for variable in variables]
    row_blocks = _row_blocks(model, form.rows)
    bound_type = np.fromiter((row.bound_type for row in form.rows), np.int64, len(form.rows))
    limit = np.asarray(form.rhs, dtype=np.float64)
    return Matrix(
        coefficients=coefficients,
        row_lower=np.where(bound_type <= 0, limit, -np.inf),
        row_upper=np.where(bound_type >= 0, limit, np.inf),
        column_lower=np.array([_bound(low, -np.inf) for low, _ in bounds], dtype=np.float64),
        column_upper=np.array([_bound(high, np.inf) for _, high in bounds], dtype=np.float64),
        is_integer=_whole(variables),
        is_policy=_policy(row_blocks, len(form.rows)),
        costs=dense,
        offsets=offsets,
        rows=row_blocks,
        columns=columns,
    )


@contextmanager
def _templates(wanted: bool) -> Iterator[None]:
    """Switches Pyomo's templates, which are global, and puts the switch back."""
    before = pyomo_constraint.TEMPLATIZE_CONSTRAINTS
    pyomo_constraint.TEMPLATIZE_CONSTRAINTS = wanted
    try:
        yield
    finally:
        pyomo_constraint.TEMPLATIZE_CONSTRAINTS = before


@contextmanager
def _quiet_pyomo() -> Iterator[None]:
    """Keeps Pyomo from warning of its own deprecated calls."""
    logger = logging.getLogger("pyomo")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _moved(array: Any, places: npt.NDArray[np.int64], column_count: int) -> sp.csr_array:
    """The same rows with each column at its place."""
    entries = sp.coo_array(array)
    moved = sp.coo_array(
        (entries.data, (entries.row, places[entries.col])), shape=(array.shape[0], column_count)
    )
    result = sp.csr_array(moved)
    result.sum_duplicates()
    result.eliminate_zeros()
    return result


def _whole(variables: list[Any]) -> npt.NDArray[np.bool_]:
    """Whether each variable must be whole; asked once for each domain."""
    domains = [id(variable.domain) for variable in variables]
    answers = {
        domain: not variable.is_continuous() for domain, variable in zip(domains, variables, strict=True)
    }
    return np.array([answers[domain] for domain in domains], dtype=bool)


def _row_blocks(model: Any, rows: Any) -> dict[str, Block]:
    """The rows by component: in the model's own order, unless some were left out for holding nothing."""
    components = list(model.component_objects(pyo.Constraint, active=True))
    if sum(map(len, components)) == len(rows):
        starts = np.cumsum([0, *map(len, components)])
        return {
            component.local_name: Block(
                [_tuple(key) for key in component], np.arange(start, start + len(component))
            )
            for component, start in zip(components, starts, strict=False)
            if len(component)
        }
    blocks: dict[str, tuple[list[tuple[Any, ...]], list[int]]] = {}
    names: dict[int, str] = {}
    for position, row in enumerate(rows):
        component = row.constraint.parent_component()
        name = names.setdefault(id(component), component.local_name)
        keys, positions = blocks.setdefault(name, ([], []))
        keys.append(_tuple(row.constraint.index()))
        positions.append(position)
    return {name: Block(keys, np.array(positions)) for name, (keys, positions) in blocks.items()}


def _policy(blocks: dict[str, Block], count: int) -> npt.NDArray[np.bool_]:
    """Whether each row may be relaxed, as the families say; rows that a user added may not."""
    is_policy = np.zeros(count, dtype=bool)
    for name, block in blocks.items():
        is_policy[block.positions] = ROW_KINDS.get(name, RowKind.PHYSICS) is not RowKind.PHYSICS
    return is_policy


def _tuple(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _bound(value: float | None, none: float) -> float:
    return none if value is None else value
