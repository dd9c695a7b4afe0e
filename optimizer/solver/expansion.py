"""From the template of a rule to what all its rows hold: a sum is a join, and a term is an array.

A table holds the codes that the symbols of a template stand for, line by line. It starts with a line for each row of
a block. A sum joins to each line the members of its set. What stands in an index is looked up for all lines at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.core.expr.numeric_expr import (
    DivisionExpression,
    NegationExpression,
    ProductExpression,
    SumExpression,
)
from pyomo.core.expr.template_expr import GetItemExpression, IndexTemplate, TemplateSumExpression

from optimizer.formulation.binding import Model
from optimizer.solver.codes import CodedIndex, Codes, Coding
from optimizer.solver.matrix import Floats

Values = Floats | float
"""A value for each line of a table, or one for all."""


@dataclass(frozen=True)
class Sums:
    """What an expression holds in each row: terms and a constant.

    Attributes:
        rows, columns, values: by term.
        constants: by row.
    """

    rows: Codes
    columns: Codes
    values: Floats
    constants: Floats

    def minus(self, other: "Sums") -> "Sums":
        """These sums less others of the same rows."""
        return Sums(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.columns, other.columns]),
            np.concatenate([self.values, -other.values]),
            self.constants - other.constants,
        )


class Expansion:
    """Expands the templates of one model.

    Attributes:
        coding: the model's sets, parameters and relations.
        columns: by variable, where its columns start, and their keys.
        column_count: number of all columns.
    """

    def __init__(self, model: Model) -> None:
        self.coding = Coding()
        self.columns: dict[str, tuple[int, CodedIndex]] = {}
        self.column_count = 0
        self._components: dict[str, Any] = {**model.components()}
        for name, variable in model.variables().items():
            index = self.coding.index(variable.index)
            self.columns[name] = self.column_count, index
            self.column_count += len(index)

    def sums(self, expression: Any, symbols: Sequence[IndexTemplate], index: CodedIndex) -> Sums:
        """What an expression holds in a row for each key of an index, whose names the symbols stand for."""
        codes = dict(zip(map(id, symbols), index.columns(), strict=True))
        gathered = _Gathered(len(index))
        self._add(expression, _Table(np.arange(len(index)), codes), 1.0, gathered)
        return gathered.sums()

    def _add(self, node: Any, table: "_Table", factor: Values, gathered: "_Gathered") -> None:
        """Adds what an expression, times a factor, holds in each line of a table."""
        if not len(table.rows):
            return
        match node:
            case TemplateSumExpression():
                body, *sets = node.template_args()
                for found, symbols in zip(sets, node.template_iters(), strict=True):
                    table = self._joined(table, found, symbols)
                    factor = factor[table.lines] if isinstance(factor, np.ndarray) else factor
                self._add(body, table, factor, gathered)
            case _ if not is_variable(node):
                gathered.add_constants(table.rows, factor * self._values(node, table))
            case SumExpression():
                for part in node.args:
                    self._add(part, table, factor, gathered)
            case NegationExpression():
                self._add(node.args[0], table, -factor, gathered)
            case ProductExpression():
                known, rest = node.args if is_variable(node.args[1]) else reversed(node.args)
                self._add(rest, table, factor * self._values(known, table), gathered)
            case DivisionExpression():
                self._add(node.args[0], table, factor / self._values(node.args[1], table), gathered)
            case GetItemExpression():
                start, _ = self.columns[node.args[0].local_name]
                gathered.add_terms(table.rows, start + self._positions(node, table), factor)
            case _:
                raise TypeError(f"a rule may not hold {node}")

    def _values(self, node: Any, table: "_Table") -> Values:
        """The values of an expression without variables."""
        match node:
            case int() | float():
                return float(node)
            case SumExpression():
                return sum((self._values(part, table) for part in node.args), 0.0)
            case NegationExpression():
                return -self._values(node.args[0], table)
            case ProductExpression():
                return self._values(node.args[0], table) * self._values(node.args[1], table)
            case DivisionExpression():
                return self._values(node.args[0], table) / self._values(node.args[1], table)
            case GetItemExpression():
                parameter = self._components[node.args[0].local_name]
                return self.coding.numbers(parameter.keys, parameter.values)[self._positions(node, table)]
        raise TypeError(f"a rule may not hold {node} as a factor")

    def _codes(self, node: Any, table: "_Table") -> Codes:
        """The codes of what stands in an index."""
        match node:
            case IndexTemplate():
                return table.codes(node)
            case GetItemExpression():
                parameter = self._components[node.args[0].local_name]
                return self.coding.names(parameter.keys, parameter.values)[self._positions(node, table)]
        raise TypeError(f"an index may not hold {node}")

    def _positions(self, node: GetItemExpression, table: "_Table") -> Codes:
        """Where the keys in an index are among those of its component."""
        component, *arguments = node.args
        columns = [self._codes(argument, table) for argument in arguments]
        positions = self.coding.index(self._components[component.local_name].index).positions(columns)
        if positions.min(initial=0) < 0:
            names, line = list(self.coding.code_of), int(np.argmin(positions))
            key = ",".join(str(names[column[line]]) for column in columns)
            raise KeyError(f"a rule asks for {component.local_name}[{key}], which is not there")
        return positions

    def _joined(self, table: "_Table", found: Any, symbols: Sequence[IndexTemplate]) -> "_Table":
        """Each line of a table with each member of a set, for which some symbols stand."""
        if isinstance(found, GetItemExpression):
            relation = self.coding.relation(self._components[found.args[0].local_name])
            owners = self._positions(found, table)
            starts, counts = relation.starts[owners], np.diff(relation.starts)[owners]
            members = relation.members
        else:
            index = self.coding.index(self._components[found.local_name].index)
            starts, counts = np.zeros_like(table.rows), np.full_like(table.rows, len(index))
            members = index.columns()
        lines = np.repeat(np.arange(len(counts)), counts)
        at = np.arange(len(lines)) - np.repeat(np.cumsum(counts) - counts - starts, counts)
        codes = {id(symbol): column[at] for symbol, column in zip(symbols, members, strict=True)}
        return _Table(table.rows[lines], codes, lines, table)


@dataclass(frozen=True)
class _Table:
    """Lines of codes; those of symbols of the table before are fetched when they are asked for.

    Attributes:
        rows: by line, the row of the block.
        known: by id of a symbol, its codes.
        lines: by line, the line of the table before.
    """

    rows: Codes
    known: dict[int, Codes]
    lines: Codes | None = None
    before: "_Table | None" = None

    def codes(self, symbol: IndexTemplate) -> Codes:
        """The codes of a symbol."""
        if id(symbol) not in self.known:
            assert self.before is not None
            self.known[id(symbol)] = self.before.codes(symbol)[self.lines]
        return self.known[id(symbol)]


class _Gathered:
    """Terms and constants of some rows, while more are added."""

    def __init__(self, row_count: int) -> None:
        self._rows = [np.zeros(0, dtype=np.int64)]
        self._columns = [np.zeros(0, dtype=np.int64)]
        self._values = [np.zeros(0)]
        self._constants = np.zeros(row_count)

    def add_terms(self, rows: Codes, columns: Codes, values: Values) -> None:
        """Adds a term to each of some rows."""
        self._rows.append(rows)
        self._columns.append(columns)
        self._values.append(np.broadcast_to(values, rows.shape))

    def add_constants(self, rows: Codes, values: Values) -> None:
        """Adds a constant to each of some rows."""
        self._constants += np.bincount(rows, np.broadcast_to(values, rows.shape), len(self._constants))

    def sums(self) -> Sums:
        """All that was added."""
        rows, columns = np.concatenate(self._rows), np.concatenate(self._columns)
        return Sums(rows, columns, np.concatenate(self._values), self._constants)


def is_variable(node: Any) -> bool:
    """Whether an expression holds a variable."""
    return not isinstance(node, int | float) and bool(node.is_potentially_variable())
