"""The reader of a model that makes arrays of it: of each rule's one template, all its rows at once.

A table holds the codes of a template's symbols, line by line. It starts with a line for each row of a block. A sum
joins to each line the members of its set; a value, or a variable, is found for all lines at once.
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
from optimizer.solver.codes import Codes, CodedIndex, Coding, Floats

Factor = Floats | float


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


@dataclass(frozen=True)
class _Table:
    """Lines of codes, by symbol; those of the table before are fetched when they are asked for.

    Attributes:
        rows: by line, the row of the block.
        symbols: by symbol, its codes.
        lines: by line, the line of the table before.
    """

    rows: Codes
    symbols: dict[int, Codes]
    lines: Codes | None = None
    before: "_Table | None" = None

    def codes(self, symbol: IndexTemplate) -> Codes:
        """The codes of a symbol."""
        if id(symbol) not in self.symbols:
            assert self.before is not None
            self.symbols[id(symbol)] = self.before.codes(symbol)[self.lines]
        return self.symbols[id(symbol)]


@dataclass
class _Terms:
    """Terms and constants while they are gathered; a term's value may be one number for all its lines."""

    rows: list[Codes]
    columns: list[Codes]
    values: list[Floats]
    constants: Floats

    def add(self, rows: Codes, columns: Codes, values: Factor) -> None:
        """Adds a term, line by line."""
        self.rows.append(rows)
        self.columns.append(columns)
        self.values.append(np.broadcast_to(values, rows.shape))

    def add_constant(self, rows: Codes, values: Factor) -> None:
        """Adds a constant, line by line."""
        self.constants += np.bincount(rows, np.broadcast_to(values, rows.shape), len(self.constants))

    def sums(self) -> Sums:
        """All that was gathered."""
        if not self.rows:
            nothing = np.zeros(0, dtype=np.int64)
            return Sums(nothing, nothing, np.zeros(0), self.constants)
        return Sums(*map(np.concatenate, (self.rows, self.columns, self.values)), self.constants)


class Expansion:
    """Expands the templates of one model.

    Attributes:
        coding: the model's names, sets and parameters as codes.
        columns: by variable, where its columns start, and their keys.
        column_count: number of all columns.
    """

    def __init__(self, model: Model) -> None:
        self.coding = Coding()
        self.columns: dict[str, tuple[int, CodedIndex]] = {}
        self.column_count = 0
        self._components = model.components()
        for name, variable in model.variables().items():
            index = self.coding.index(variable.index)
            self.columns[name] = self.column_count, index
            self.column_count += len(index)

    def sums(self, expression: Any, symbols: Sequence[IndexTemplate], index: CodedIndex) -> Sums:
        """What an expression over some symbols holds in the rows of an index, whose keys the symbols stand for."""
        codes = zip(map(id, symbols), index.columns(), strict=True)
        terms = _Terms([], [], [], np.zeros(len(index)))
        self._add(expression, _Table(np.arange(len(index)), dict(codes)), 1.0, terms)
        return terms.sums()

    def _add(self, node: Any, table: _Table, factor: Factor, terms: "_Terms") -> None:
        """Adds what an expression, times a factor, holds in each line of a table."""
        match node:
            case TemplateSumExpression():
                body, *_ = node.template_args()
                for symbols in node.template_iters():
                    table = self._joined(table, symbols)
                    factor = factor[table.lines] if isinstance(factor, np.ndarray) else factor
                self._add(body, table, factor, terms)
            case _ if not is_variable(node):
                terms.add_constant(table.rows, factor * self._value(node, table))
            case SumExpression():
                for part in node.args:
                    self._add(part, table, factor, terms)
            case NegationExpression():
                self._add(node.args[0], table, -factor, terms)
            case ProductExpression():
                known, rest = node.args if is_variable(node.args[1]) else reversed(node.args)
                self._add(rest, table, factor * self._value(known, table), terms)
            case DivisionExpression():
                self._add(node.args[0], table, factor / self._value(node.args[1], table), terms)
            case GetItemExpression():
                start, _ = self.columns[node.args[0].local_name]
                terms.add(table.rows, start + self._positions(node, table), factor)
            case _:
                raise TypeError(f"no rule may hold {node}, a {type(node).__name__}")

    def _value(self, node: Any, table: _Table) -> Factor:
        """The value in each line of an expression without variables."""
        match node:
            case float() | int():
                return float(node)
            case SumExpression():
                return sum(self._value(part, table) for part in node.args)
            case NegationExpression():
                return -self._value(node.args[0], table)
            case ProductExpression():
                return self._value(node.args[0], table) * self._value(node.args[1], table)
            case DivisionExpression():
                return self._value(node.args[0], table) / self._value(node.args[1], table)
            case GetItemExpression():
                parameter = self._components[node.args[0].local_name]
                return self.coding.numbers(parameter)[self._positions(node, table)]
        raise TypeError(f"no rule may hold {node}, a {type(node).__name__}, beside variables")

    def _codes(self, node: Any, table: _Table) -> Codes:
        """The codes in each line of what stands in an index: a symbol, or a parameter whose values are names."""
        if isinstance(node, IndexTemplate):
            return table.codes(node)
        parameter = self._components[node.args[0].local_name]
        return self.coding.codes(parameter)[self._positions(node, table)]

    def _positions(self, node: GetItemExpression, table: _Table) -> Codes:
        """Where the key that stands in an index is among those of its component, in each line."""
        name, arguments = node.args[0].local_name, node.args[1:]
        index = self.coding.index(self._components[name].index)
        positions = index.positions([self._codes(argument, table) for argument in arguments])
        if len(positions) and positions.min() < 0:
            line = int(np.argmin(positions))
            names = self.coding.names()
            key = ",".join(str(names[self._codes(argument, table)[line]]) for argument in arguments)
            raise KeyError(f"{name}[{key}] is asked for and not there")
        return positions

    def _joined(self, table: _Table, symbols: Any) -> _Table:
        """Each line of a table with each member of the set that some symbols run over."""
        found = symbols[0]._set
        if isinstance(found, GetItemExpression):
            relation = self.coding.relation(self._components[found.args[0].local_name])
            owners = self._positions(found, table)
            firsts, members = relation.starts[owners], relation.members
            counts = relation.starts[owners + 1] - firsts
        else:
            members = self.coding.index(self._components[found.local_name].index).columns()
            firsts, counts = 0, np.full(len(table.rows), len(members[0]))
        lines = np.repeat(np.arange(len(counts)), counts)
        at = np.arange(len(lines)) - np.repeat(np.cumsum(counts) - counts - firsts, counts)
        codes = {id(symbol): column[at] for symbol, column in zip(symbols, members, strict=True)}
        return _Table(table.rows[lines], codes, lines, table)


def is_variable(node: Any) -> bool:
    """Whether an expression holds a variable."""
    return not isinstance(node, float | int) and bool(node.is_potentially_variable())
