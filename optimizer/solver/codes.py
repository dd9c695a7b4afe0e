"""The sets, parameters and variables of a model on integer codes: keys are found, and joined, as arrays."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate
from math import prod
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.errors import SolverError
from optimizer.formulation.binding import Index, Keys, Parameter, Relation

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DENSE = 16
_MOST = 2**62


class Coding:
    """A code for every name of a problem, and what was made of its frames."""

    def __init__(self) -> None:
        self._codes: defaultdict[Any, int] = defaultdict()
        self._codes.default_factory = self._codes.__len__
        self._columns: dict[int, tuple[Any, Codes]] = {}
        self._keys: dict[Keys, CodedKeys] = {}
        self._relations: dict[Relation, CodedRelation] = {}

    def column(self, frame: pd.DataFrame, name: str) -> Codes:
        """The codes of a column."""
        array = frame[name].array
        if id(array) not in self._columns:
            names = array.tolist()
            codes = np.fromiter(map(self._codes.__getitem__, names), np.int64, len(names))
            # The array is kept, so that no other one gets its id.
            self._columns[id(array)] = array, codes
        return self._columns[id(array)][1]

    def names(self) -> list[Any]:
        """The name of each code."""
        return list(self._codes)

    def named(self, index: "CodedIndex", chosen: Codes | None = None) -> "NamedKeys":
        """The keys of an index, or some of them, as names."""
        return NamedKeys(index, self.names, chosen)

    def keys(self, found: Keys) -> "CodedKeys":
        """A set's keys."""
        if found not in self._keys:
            self._keys[found] = CodedKeys([self.column(found.frame, name) for name in found.columns])
        return self._keys[found]

    def index(self, index: Index) -> "CodedIndex":
        """The keys of an index."""
        return CodedIndex([self.keys(part) for part in index])

    def numbers(self, parameter: Parameter) -> Floats:
        """The values of a parameter as numbers."""
        values = parameter.keys.frame[parameter.values].to_numpy(np.float64)
        return values[self.keys(parameter.keys).rows]

    def codes(self, parameter: Parameter) -> Codes:
        """The values of a parameter as codes of names."""
        return self.column(parameter.keys.frame, parameter.values)[self.keys(parameter.keys).rows]

    def relation(self, relation: Relation) -> "CodedRelation":
        """A relation."""
        if relation not in self._relations:
            frame = relation.by.frame
            by, members = (
                [self.column(frame, name) for name in names]
                for names in (relation.by.columns, relation.members)
            )
            self._relations[relation] = CodedRelation(self.index(relation.index), by, members)
        return self._relations[relation]


class CodedKeys:
    """Keys, each once and in order.

    A key is one number: digits, one for each column, each with the least radix that does.

    Attributes:
        columns: codes of the keys, by column.
        rows: of each key, the last of the given rows that have it.
    """

    def __init__(self, columns: Sequence[Codes]) -> None:
        self._digits = [_digits(column) for column in columns]
        radices = [int(digits.max(initial=0)) + 1 for digits in self._digits]
        if prod(radices) > _MOST:
            raise SolverError("too many names to tell all keys of one set apart; plan for less at once")
        self._strides = list(accumulate([1, *radices[:-1]], mul))
        numbers = self._numbers(columns)
        self._distinct = None if prod(radices) <= _DENSE * len(numbers) else np.unique(numbers)
        places = self._places(numbers)
        size = prod(radices) if self._distinct is None else len(self._distinct)
        given = np.arange(len(numbers))
        first, last = np.full(size, -1), np.full(size, -1)
        first[places[::-1]] = given[::-1]
        last[places] = given
        is_first = first[places] == given
        self.columns = [column[is_first] for column in columns]
        self.rows = last[places[is_first]]
        self._position = np.full(size, -1)
        self._position[places[is_first]] = np.arange(len(self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def positions(self, columns: Sequence[Codes]) -> Codes:
        """Where keys stand; -1 for a key that is not among them."""
        if not len(self):
            return np.full(len(columns[0]), -1)
        numbers = self._numbers(columns)
        places = self._places(numbers)
        found = self._position[np.where(places < 0, 0, places)]
        return np.where(places < 0, -1, found)

    def _numbers(self, columns: Sequence[Codes]) -> Codes:
        """The number of each key; below 0 where a name is in no key."""
        total = np.zeros(len(columns[0]), dtype=np.int64)
        is_unknown = None
        for digits, stride, column in zip(self._digits, self._strides, columns, strict=True):
            digit = digits.take(column, mode="clip")
            if len(digit) and digit.min() < 0:
                is_unknown = (digit < 0) if is_unknown is None else is_unknown | (digit < 0)
            total += digit * stride
        return total if is_unknown is None else np.where(is_unknown, -1, total)

    def _places(self, numbers: Codes) -> Codes:
        """Numbers as places in a table of all numbers, or of those that occur; below 0 for the others."""
        if self._distinct is None:
            return numbers
        places = np.searchsorted(self._distinct, numbers)
        places[places == len(self._distinct)] = 0
        return np.where(self._distinct[places] == numbers, places, -1)


class CodedIndex:
    """Every key of the first part with every key of the next, in that order."""

    def __init__(self, parts: Sequence[CodedKeys]) -> None:
        self.parts = parts
        self._sizes = [len(part) for part in parts]
        self._strides = [prod(self._sizes[place + 1 :]) for place in range(len(parts))]

    def __len__(self) -> int:
        return prod(self._sizes)

    def columns(self) -> list[Codes]:
        """Codes of the keys, by column."""
        at = np.arange(len(self))
        return [
            column[at // stride % size]
            for part, stride, size in zip(self.parts, self._strides, self._sizes, strict=True)
            for column in part.columns
        ]

    def positions(self, columns: Sequence[Codes]) -> Codes:
        """Where keys stand; -1 for a key that is not among them."""
        total = np.zeros(len(columns[0]), dtype=np.int64)
        is_unknown = np.zeros(len(total), dtype=bool)
        start = 0
        for part, stride in zip(self.parts, self._strides, strict=True):
            end = start + len(part.columns)
            found = part.positions(columns[start:end])
            is_unknown |= found < 0
            total += found * stride
            start = end
        return np.where(is_unknown, -1, total)


class NamedKeys(Sequence[tuple[Any, ...]]):
    """Keys as tuples of names, made when the first of them is asked for.

    Args:
        index: the keys.
        names: gives the names of the codes.
        chosen: which of the keys; by default, all.
    """

    def __init__(self, index: CodedIndex, names: Callable[[], list[Any]], chosen: Codes | None) -> None:
        self._index, self._names, self._chosen = index, names, chosen

    def __len__(self) -> int:
        return len(self._index) if self._chosen is None else len(self._chosen)

    def __getitem__(self, place: Any) -> Any:
        return self._keys[place]

    @cached_property
    def _keys(self) -> list[tuple[Any, ...]]:
        names = np.array([*self._names(), None], dtype=object)[:-1]
        columns = self._index.columns()
        if self._chosen is not None:
            columns = [column[self._chosen] for column in columns]
        return list(zip(*(names[column].tolist() for column in columns), strict=True))


class CodedRelation:
    """The members of each key, one key after the other.

    Attributes:
        index: the keys.
        starts: where the members of each key start, and where the last ones end.
        members: codes of the members, by column.
    """

    def __init__(self, index: CodedIndex, by: Sequence[Codes], members: Sequence[Codes]) -> None:
        self.index = index
        owners = index.positions(by)
        pairs = CodedKeys([owners[owners >= 0], *(column[owners >= 0] for column in members)])
        owner, *columns = pairs.columns
        order = np.argsort(owner, kind="stable")
        self.starts = np.searchsorted(owner[order], np.arange(len(index) + 1))
        self.members = [column[order] for column in columns]


def _digits(column: Codes) -> Codes:
    """For each code its digit, counted from 0 over the codes that occur; -1 for others, and for all that are larger."""
    occurs = np.zeros(int(column.max(initial=-1)) + 2, dtype=bool)
    occurs[column] = True
    return np.where(occurs, np.cumsum(occurs) - 1, -1)
