"""Sets, parameters and relations of a model on integer codes, so that keys are found and joined as arrays."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from math import prod
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.errors import SolverError
from optimizer.formulation.binding import KeyIndex, Keys, Relation
from optimizer.solver.matrix import Floats

Codes = npt.NDArray[np.int64]

_PLACES_A_KEY = 64
_FEW_KEYS = 100
_GREATEST = 2**62


class Coding:
    """The codes of the names in a model's frames, and what was made of the frames with them.

    Attributes:
        code_of: by name, its code; they are counted from 0 as the names come.
    """

    def __init__(self) -> None:
        self.code_of: defaultdict[Any, int] = defaultdict()
        self.code_of.default_factory = self.code_of.__len__
        self._columns: dict[tuple[int, str], Codes] = {}
        self._keys: dict[Keys, CodedKeys] = {}
        self._relations: dict[Relation, CodedRelation] = {}

    def index(self, index: KeyIndex) -> "CodedIndex":
        """The keys of an index."""
        return CodedIndex([self.keys(part) for part in index])

    def keys(self, found: Keys) -> "CodedKeys":
        """The keys of a set."""
        if found not in self._keys:
            self._keys[found] = CodedKeys(self._coded(found.frame, found.columns))
        return self._keys[found]

    def numbers(self, found: Keys, column: str) -> Floats:
        """The numbers in a column of the frame of some keys, by key."""
        values: Floats = found.frame[column].to_numpy(np.float64)
        return values[self.keys(found).rows]

    def names(self, found: Keys, column: str) -> Codes:
        """The codes of the names in a column of the frame of some keys, by key."""
        (codes,) = self._coded(found.frame, [column])
        return codes[self.keys(found).rows]

    def relation(self, found: Relation) -> "CodedRelation":
        """The members of the keys of a relation."""
        if found not in self._relations:
            frame = found.by.frame
            by, members = (self._coded(frame, names) for names in (found.by.columns, found.members))
            self._relations[found] = CodedRelation(self.index(found.index), by, members)
        return self._relations[found]

    def _coded(self, frame: pd.DataFrame, columns: Sequence[str]) -> list[Codes]:
        """The codes of some columns of a frame of the model, which holds its frames as long as it is read."""
        for name in columns:
            if (id(frame), name) not in self._columns:
                codes = map(self.code_of.__getitem__, frame[name].to_list())
                self._columns[id(frame), name] = np.fromiter(codes, np.int64, len(frame))
        return [self._columns[id(frame), name] for name in columns]


class CodedKeys:
    """Keys, each once and in order.

    Every key is one number. Its digits say for each column which of the names that occur there it has.

    Attributes:
        columns: codes of the keys, by column.
        rows: by key, the last of the given rows that hold it.
    """

    def __init__(self, columns: Sequence[Codes]) -> None:
        self._digits = [_digits(column) for column in columns]
        radices = [int(digits.max(initial=0)) + 1 for digits in self._digits]
        if prod(radices) > _GREATEST:
            raise SolverError("the keys of a set have too many names to be numbered; ask for fewer at once")
        self._strides = list(accumulate([1, *radices[:-1]], mul))
        places, numbers = pd.factorize(self._numbers(columns))
        rows = np.arange(len(places))
        firsts, self.rows = np.zeros((2, len(numbers)), dtype=np.int64)
        firsts[places[::-1]] = rows[::-1]
        self.rows[places] = rows
        self.columns = [column[firsts] for column in columns]
        if prod(radices) <= _PLACES_A_KEY * (len(numbers) + _FEW_KEYS):
            # The last place is nobody's: it is what -1 finds.
            table = np.full(prod(radices) + 1, -1)
            table[numbers] = np.arange(len(numbers))
            self._found: Callable[[Any], Any] = table.__getitem__
        else:
            self._found = pd.Index(numbers).get_indexer

    def __len__(self) -> int:
        return len(self.rows)

    def positions(self, columns: Sequence[Codes]) -> Codes:
        """Where keys stand; -1 for a key that is not among them."""
        positions: Codes = self._found(self._numbers(columns))
        return positions

    def _numbers(self, columns: Sequence[Codes]) -> Codes:
        """The number of each key; -1 where a name does not occur."""
        numbers = np.zeros(len(columns[0]), dtype=np.int64)
        is_unknown = np.zeros(len(numbers), dtype=bool)
        for digits, stride, column in zip(self._digits, self._strides, columns, strict=True):
            digit = digits.take(column, mode="clip")
            if digit.min(initial=0) < 0:
                is_unknown |= digit < 0
            numbers += digit * stride
        numbers[is_unknown] = -1
        return numbers


class CodedIndex:
    """Every key of the first part with every key of the next, in that order; of no parts, the one key of no names."""

    def __init__(self, parts: Sequence[CodedKeys]) -> None:
        self._parts = parts
        self._sizes = [len(part) for part in parts]
        self._strides = [prod(self._sizes[place + 1 :]) for place in range(len(parts))]

    def __len__(self) -> int:
        return prod(self._sizes)

    def columns(self, chosen: Codes | None = None) -> list[Codes]:
        """Codes of the chosen keys, or of all, by column."""
        at = np.arange(len(self)) if chosen is None else chosen
        return [
            column[at // stride % size]
            for part, stride, size in zip(self._parts, self._strides, self._sizes, strict=True)
            for column in part.columns
        ]

    def positions(self, columns: Sequence[Codes]) -> Codes:
        """Where keys stand; -1 for a key that is not among them."""
        total = np.zeros(len(columns[0]), dtype=np.int64)
        is_unknown = np.zeros(len(total), dtype=bool)
        start = 0
        for part, stride in zip(self._parts, self._strides, strict=True):
            end = start + len(part.columns)
            found = part.positions(columns[start:end])
            is_unknown |= found < 0
            total += found * stride
            start = end
        total[is_unknown] = -1
        return total


class CodedRelation:
    """The members of each key, one key after the other.

    Attributes:
        starts: by key, where its members start; last, where all end.
        members: codes of the members, by column.
    """

    def __init__(self, index: CodedIndex, by: Sequence[Codes], members: Sequence[Codes]) -> None:
        owners = index.positions(by)
        is_owned = owners >= 0
        pairs = CodedKeys([owners[is_owned], *(column[is_owned] for column in members)])
        owner, *columns = pairs.columns
        order = np.argsort(owner, kind="stable")
        self.starts = np.searchsorted(owner[order], np.arange(len(index) + 1))
        self.members = [column[order] for column in columns]


class NamedKeys(Sequence[tuple[Any, ...]]):
    """Keys as tuples of names, which are made when the first is asked for.

    Args:
        index: the keys.
        code_of: by name, its code.
        chosen: which of the keys; by default, all.
    """

    def __init__(self, index: CodedIndex, code_of: Mapping[Any, int], chosen: Codes | None = None) -> None:
        self._index, self._code_of, self._chosen = index, code_of, chosen

    def __len__(self) -> int:
        return len(self._index) if self._chosen is None else len(self._chosen)

    def __getitem__(self, place: Any) -> Any:
        return self._keys[place]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles the names alone, since another process knows no codes."""
        return list, (self._keys,)

    @cached_property
    def _keys(self) -> list[tuple[Any, ...]]:
        # One more, since NumPy takes a list of tuples of one length for a table.
        names = np.array([*self._code_of, None], dtype=object)
        columns = (names[column].tolist() for column in self._index.columns(self._chosen))
        return list(zip(*columns, strict=True))


def _digits(column: Codes) -> Codes:
    """By code its digit, counted from 0 over the codes that occur; -1 for the others, and last, for all above."""
    occurs = np.zeros(int(column.max(initial=-1)) + 2, dtype=bool)
    occurs[column] = True
    return np.where(occurs, np.cumsum(occurs) - 1, -1)
