"""From the rules of the families to the arrays of a program: all rows of a rule at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from pyomo.core.expr.relational_expr import EqualityExpression, InequalityExpression

from optimizer.errors import NeverHoldsError
from optimizer.formulation import ROW_KINDS, model_of
from optimizer.formulation.binding import Model, Variable
from optimizer.formulation.family import RowKind
from optimizer.formulation.frames.index import Index
from optimizer.formulation.templates import Template, Templates
from optimizer.solver.codes import CodedIndex, Floats, NamedKeys
from optimizer.solver.expansion import Expansion, Sums, is_variable
from optimizer.solver.matrix import Block, Matrix


def compile_matrix(index: Index) -> Matrix:
    """The arrays of the model of an index.

    Raises:
        NeverHoldsError: a row that holds no variable can never hold.
    """
    return matrix_of(model_of(index))


def matrix_of(model: Model) -> Matrix:
    """The arrays of a model; see ``compile_matrix``."""
    expansion, templates = Expansion(model), Templates(model)
    blocks = {}
    for name, rows in model.rows.items():
        index = expansion.coding.index(rows.index)
        if len(index):
            blocks[name] = _block(name, templates.of(rows.rule, rows.index), index, expansion)
    blocks = {name: block for name, block in blocks.items() if len(block.keys)}
    counts = [len(block.keys) for block in blocks.values()]
    ends = np.cumsum([0, *counts]).tolist()
    is_policy = [ROW_KINDS.get(name, RowKind.PHYSICS) is not RowKind.PHYSICS for name in blocks]
    costs = {name: _cost(templates.of(rule, ()), expansion) for name, rule in model.costs.items()}
    bounds = [_bounds(variable, expansion) for variable in model.variables().values()]
    column_lower, column_upper, is_integer = map(np.concatenate, zip(*bounds, strict=True))
    return Matrix(
        coefficients=_coefficients([block.body for block in blocks.values()], ends, expansion.column_count),
        row_lower=np.concatenate([block.lower for block in blocks.values()]),
        row_upper=np.concatenate([block.upper for block in blocks.values()]),
        column_lower=column_lower,
        column_upper=column_upper,
        is_integer=is_integer,
        is_policy=np.repeat(is_policy, counts),
        costs={name: np.bincount(cost.columns, cost.values, len(is_integer)) for name, cost in costs.items()},
        offsets={name: float(cost.constants[0]) for name, cost in costs.items()},
        rows={
            name: Block(block.keys, np.arange(*stretch))
            for (name, block), stretch in zip(blocks.items(), pairwise(ends), strict=True)
        },
        columns={
            name: Block(expansion.coding.named(index), start + np.arange(len(index)))
            for name, (start, index) in expansion.columns.items()
        },
        minimized=model.minimized,
    )


@dataclass(frozen=True)
class _Block:
    """A block of rows: its keys, what the rows hold, and the bounds of their terms' sums."""

    keys: NamedKeys
    body: Sums
    lower: Floats
    upper: Floats


def _block(name: str, found: Template, index: CodedIndex, expansion: Expansion) -> _Block:
    """The rows of a rule that hold a variable; the others are only looked at."""
    if not isinstance(found.expression, EqualityExpression | InequalityExpression):
        raise TypeError(f"the rule {name} does not compare two sides")
    left, right = found.expression.args
    is_least = not is_variable(left)
    if is_least:
        left, right = right, left
    body = expansion.sums(left, found.symbols, index).minus(expansion.sums(right, found.symbols, index))
    limit, unlimited = 0.0 - body.constants, np.full(len(index), np.inf)
    is_equal = isinstance(found.expression, EqualityExpression)
    lower = limit if is_equal or is_least else -unlimited
    upper = limit if is_equal or not is_least else unlimited
    holds_any = np.bincount(body.rows, minlength=len(index)) > 0
    keys = expansion.coding.named(index)
    if holds_any.all():
        return _Block(keys, body, lower, upper)
    never = np.flatnonzero(~holds_any & ((lower > 0) | (upper < 0)))
    if len(never):
        raise NeverHoldsError(name, keys[never[0]])
    body = replace(body, rows=(np.cumsum(holds_any) - 1)[body.rows])
    kept = np.flatnonzero(holds_any)
    return _Block(expansion.coding.named(index, kept), body, lower[kept], upper[kept])


def _cost(found: Template, expansion: Expansion) -> Sums:
    """What a cost holds: one row."""
    return expansion.sums(found.expression, (), CodedIndex([]))


def _bounds(variable: Variable, expansion: Expansion) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Lower and upper bounds of a variable's columns, and which of them are whole."""
    count = len(expansion.coding.index(variable.index))

    def column(name: str) -> Floats:
        keys = variable.index[0]
        return keys.frame[name].to_numpy(np.float64)[expansion.coding.keys(keys).rows]

    def limits(bound: str | float, none: float) -> Floats:
        found = column(bound) if isinstance(bound, str) else np.full(count, float(bound))
        return np.where(np.isfinite(found), found, none)

    lower, upper = limits(variable.lower, -np.inf), limits(variable.upper, np.inf)
    if variable.binary:
        return np.maximum(lower, 0.0), np.minimum(upper, 1.0), np.ones(count, dtype=bool)
    is_whole = np.zeros(count) if variable.whole is None else column(variable.whole)
    return lower, upper, is_whole.astype(bool)


def _coefficients(bodies: Sequence[Sums], starts: Sequence[int], column_count: int) -> sp.csr_array:
    """The entries of all blocks, compressed by row, sorted, and those of one place added in their order."""
    rows = np.concatenate([body.rows + start for body, start in zip(bodies, starts, strict=False)])
    columns = np.concatenate([body.columns for body in bodies])
    values = np.concatenate([body.values for body in bodies])
    found = sp.coo_array((values, (rows, columns)), shape=(starts[-1], column_count))
    # Not so, but it keeps SciPy from sorting, which adds in any order. The way by column sorts just as well.
    found.has_canonical_format = True
    by_column = found.tocsr().tocsc()
    by_column.has_canonical_format = False
    by_column.sum_duplicates()
    by_column.eliminate_zeros()
    return by_column.tocsr()
