"""The arrays that Pyomo itself makes of a ConcreteModel, row by row: what those of the compilation are held against."""

import logging
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyomo.core as pyo
import scipy.sparse as sp
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from optimizer.formulation import ROW_KINDS
from optimizer.formulation.family import RowKind
from optimizer.solver.matrix import Block, Floats, Matrix


def pyomo_arrays(model: Any) -> Matrix:
    """The arrays of a model of ``formulation.build``, which may be extended; its costs are its inactive objectives."""
    for vector in model.component_objects(pyo.Objective):
        vector.activate()
    model.objective.deactivate()
    # It would warn of its own deprecated calls.
    logging.getLogger("pyomo").setLevel(logging.ERROR)
    form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    variables = list(model.component_data_objects(pyo.Var))
    position = {id(variable): place for place, variable in enumerate(variables)}
    places = np.array([position[id(variable)] for variable in form.columns], dtype=np.int64)
    coefficients, costs = (_moved(array, places, len(variables)) for array in (form.A, form.c))
    names = [objective.local_name for objective in form.objectives]
    bound_type, limit = np.array([row.bound_type for row in form.rows]), np.asarray(form.rhs, np.float64)
    rows = _blocks(row.constraint for row in form.rows)
    is_policy = np.zeros(len(limit), dtype=bool)
    for name, block in rows.items():
        is_policy[block.positions] = ROW_KINDS.get(name, RowKind.PHYSICS) is not RowKind.PHYSICS
    return Matrix(
        coefficients=coefficients,
        row_lower=np.where(bound_type <= 0, limit, -np.inf),
        row_upper=np.where(bound_type >= 0, limit, np.inf),
        column_lower=_bounds([variable.lb for variable in variables], -np.inf),
        column_upper=_bounds([variable.ub for variable in variables], np.inf),
        is_integer=np.array([not variable.is_continuous() for variable in variables]),
        is_policy=is_policy,
        costs={name: costs[[row], :].toarray().ravel() for row, name in enumerate(names)},
        offsets=dict(zip(names, map(float, form.c_offset), strict=True)),
        rows=rows,
        columns=_blocks(variables),
    )


def _moved(array: Any, places: npt.NDArray[np.int64], column_count: int) -> sp.csr_array:
    """The same rows with each column at its place."""
    entries = sp.coo_array(array)
    return sp.csr_array(
        sp.coo_array((entries.data, (entries.row, places[entries.col])), (array.shape[0], column_count))
    )


def _blocks(parts: Iterable[Any]) -> dict[str, Block]:
    """The blocks of rows or columns, by component."""
    keys: dict[str, list[tuple[Any, ...]]] = {}
    positions: dict[str, list[int]] = {}
    for position, part in enumerate(parts):
        name, key = part.parent_component().local_name, part.index()
        keys.setdefault(name, []).append(key if isinstance(key, tuple) else (key,))
        positions.setdefault(name, []).append(position)
    return {name: Block(keys[name], np.array(positions[name])) for name in keys}


def _bounds(bounds: list[float | None], none: float) -> Floats:
    return np.array([none if bound is None else bound for bound in bounds], dtype=np.float64)
