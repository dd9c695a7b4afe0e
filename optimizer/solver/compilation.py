"""From the rules of the families to the arrays of a program: all rows of a rule at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from pyomo.common.gc_manager import PauseGC
from pyomo.core.expr.relational_expr import EqualityExpression, InequalityExpression

from optimizer.errors import NeverHoldsError
from optimizer.formulation import ROW_KINDS, model_of
from optimizer.formulation.binding import Model, Variable
from optimizer.formulation.family import RowKind
from optimizer.formulation.frames.index import Index
from optimizer.formulation.templates import Template, Templates
from optimizer.solver.codes import CodedIndex, Coding, NamedKeys
from optimizer.solver.expansion import Expansion, Sums, is_variable
from optimizer.solver.matrix import Block, Floats, Matrix


def compile_matrix(index: Index) -> Matrix:
    """The arrays of the model of an index.

    Raises:
        NeverHoldsError: a row without any variable can never hold.
    """
    # The keys of frames are many small objects, and no garbage.
    with PauseGC():
        return matrix_of(model_of(index))


def matrix_of(model: Model) -> Matrix:
    """The arrays of a model; see ``compile_matrix``."""
    expansion, templates = Expansion(model), Templates(model)
    coding = expansion.coding
    blocks = {}
    for name, rows in model.rows.items():
        index = coding.index(rows.index)
        if len(index):
            block = _block(name, templates.of(rows.rule, rows.index), index, expansion)
            if len(block.keys):
                blocks[name] = block
    counts = [len(block.keys) for block in blocks.values()]
    ends = np.cumsum([0, *counts], dtype=np.int64).tolist()
    is_policy = [ROW_KINDS.get(name, RowKind.PHYSICS) is not RowKind.PHYSICS for name in blocks]
    costs = {}
    for name, rule in model.costs.items():
        expression = templates.of(rule, ()).expression
        costs[name] = expansion.sums(expression, (), coding.index(()))
    bounds = [_bounds(variable, coding) for variable in model.variables().values()]
    column_lower, column_upper, is_integer = map(np.concatenate, zip(*bounds, strict=True))
    return Matrix(
        coefficients=_coefficients([block.body for block in blocks.values()], ends, expansion.column_count),
        row_lower=np.concatenate([block.lower for block in blocks.values()]),
        row_upper=np.concatenate([block.upper for block in blocks.values()]),
        column_lower=column_lower,
        column_upper=column_upper,
        is_integer=is_integer,
        is_policy=np.repeat(is_policy, counts),
        costs={
            name: np.bincount(cost.columns, cost.values, expansion.column_count).astype(np.float64)
            for name, cost in costs.items()
        },
        offsets={name: float(cost.constants[0]) for name, cost in costs.items()},
        rows={
            name: Block(block.keys, np.arange(*stretch))
            for (name, block), stretch in zip(blocks.items(), pairwise(ends), strict=True)
        },
        columns={
            name: Block(NamedKeys(index, coding.code_of), start + np.arange(len(index)))
            for name, (start, index) in expansion.columns.items()
        },
        minimized=model.minimized,
    )


@dataclass(frozen=True)
class _Block:
    """A block of rows: its keys, what the rows hold, and bounds of the sums of their terms."""

    keys: NamedKeys
    body: Sums
    lower: Floats
    upper: Floats


def _block(name: str, found: Template, index: CodedIndex, expansion: Expansion) -> _Block:
    """The rows of a rule, without those that hold no variable.

    As Pyomo has it, what stands on the right goes to the left, unless nothing on the left is variable.
    """
    is_equal = isinstance(found.expression, EqualityExpression)
    if not is_equal and not isinstance(found.expression, InequalityExpression):
        raise TypeError(f"the rule {name} does not compare two sides")
    sides = [expansion.sums(side, found.symbols, index) for side in found.expression.args]
    is_least = not is_variable(found.expression.args[0])
    body = sides[1].minus(sides[0]) if is_least else sides[0].minus(sides[1])
    limit, nowhere = 0.0 - body.constants, np.full(len(index), np.inf)
    lower = limit if is_equal or is_least else -nowhere
    upper = limit if is_equal or not is_least else nowhere
    code_of = expansion.coding.code_of
    is_filled = np.bincount(body.rows, minlength=len(index)) > 0
    if is_filled.all():
        return _Block(NamedKeys(index, code_of), body, lower, upper)
    never = np.flatnonzero(~is_filled & ((lower > 0) | (upper < 0)))
    if len(never):
        raise NeverHoldsError(name, NamedKeys(index, code_of)[never[0]])
    body = replace(body, rows=(np.cumsum(is_filled) - 1)[body.rows])
    keys = NamedKeys(index, code_of, np.flatnonzero(is_filled))
    return _Block(keys, body, lower[is_filled], upper[is_filled])


def _bounds(variable: Variable, coding: Coding) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Lower and upper bounds of a variable's columns, and which of them are whole."""
    first, count = variable.index[0], len(coding.index(variable.index))

    def limits(bound: str | float, none: float) -> Floats:
        found = coding.numbers(first, bound) if isinstance(bound, str) else np.full(count, float(bound))
        return np.where(np.isfinite(found), found, none)

    lower, upper = limits(variable.lower, -np.inf), limits(variable.upper, np.inf)
    if variable.binary:
        return np.maximum(lower, 0.0), np.minimum(upper, 1.0), np.ones(count, dtype=bool)
    is_whole = np.zeros(count) if variable.whole is None else coding.numbers(first, variable.whole)
    return lower, upper, is_whole.astype(bool)


def _coefficients(bodies: Sequence[Sums], ends: Sequence[int], column_count: int) -> sp.csr_array:
    """The terms of all blocks, compressed by row; those of one place are added in the order of the rule."""
    rows = np.concatenate([body.rows + start for body, start in zip(bodies, ends, strict=False)])
    columns = np.concatenate([body.columns for body in bodies])
    values = np.concatenate([body.values for body in bodies])
    found = sp.coo_array((values, (rows, columns)), shape=(ends[-1], column_count))
    # It need not be so, but SciPy would sort and add in an order of its own; twice transposed, all is sorted too.
    found.has_canonical_format = True
    by_column = found.tocsr().tocsc()
    by_column.has_canonical_format = False
    by_column.sum_duplicates()
    by_column.eliminate_zeros()
    return by_column.tocsr()
