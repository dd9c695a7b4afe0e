"""Which whole columns a small search may move, and how far; everything else of the best plan stays.

::

    near the relaxation    ⌊x̄⌋ ≤ x ≤ ⌈x̄⌉ for every whole column, x̄ the relaxation's value
    where both agree       x = x* where x* = x̄, free elsewhere; x* the best plan
    years, owners, places  x = x* outside of them, free inside

Continuous columns are free in all of these. A neighborhood contains the best plan it is made from, so a search in it
never ends with less.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from optimizer.solver.matrix import Floats, Matrix

_WHOLE = 1e-6
_LARGEST_PARTS = 6
_SITE_AT = {"stationed": 2, "open": 1, "opening": 1, "closing": 1}

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Neighborhood:
    """Bounds of all columns, and a name for people."""

    name: str
    lower: Floats
    upper: Floats

    def holds(self, values: Floats) -> bool:
        """Whether a plan lies in it."""
        return bool(((values >= self.lower - _WHOLE) & (values <= self.upper + _WHOLE)).all())

    def fixed(self, columns: Positions, at: Floats) -> "Neighborhood":
        """The part of it in which columns have a value, or the nearest to it that lies inside."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[columns] = upper[columns] = np.clip(np.round(at), lower[columns], upper[columns])
        return Neighborhood(self.name, lower, upper)

    def reaching(self, columns: Mask, values: Floats) -> "Neighborhood":
        """The least that holds it and, in some columns, a plan in whole numbers."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[columns] = np.minimum(lower, np.round(values))[columns]
        upper[columns] = np.maximum(upper, np.round(values))[columns]
        return Neighborhood(self.name, lower, upper)

    def opened(self, columns: Positions, upper: Floats) -> "Neighborhood":
        """The same with other upper bounds of some columns, taken from those of all."""
        opened = self.upper.copy()
        opened[columns] = upper[columns]
        return Neighborhood(self.name, self.lower, opened)


@dataclass(frozen=True)
class Part:
    """Whole columns that belong together.

    Attributes:
        name: of the part, for people.
        columns: which columns, of all.
    """

    name: str
    columns: Mask


def near_relaxation(matrix: Matrix, relaxed: Floats) -> Neighborhood:
    """Every whole column takes one of the two neighbors of its relaxed value."""
    whole = matrix.is_integer
    lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
    lower[whole] = np.maximum(round_down(relaxed[whole]), round_up(lower[whole]))
    upper[whole] = np.minimum(round_up(relaxed[whole]), round_down(upper[whole]))
    return Neighborhood("near the relaxation", lower, upper)


def round_down(values: Floats) -> Floats:
    """The whole numbers below, or at, values of the solver."""
    return np.floor(values + _WHOLE)


def round_up(values: Floats) -> Floats:
    """The whole numbers above, or at, values of the solver."""
    return np.ceil(values - _WHOLE)


def is_whole(values: Floats) -> Mask:
    """Which values are whole numbers, but for the solver's tolerance."""
    return np.abs(values - np.round(values)) <= _WHOLE


def differing(relaxed: Floats, best: Floats) -> Part:
    """Where the best plan is not as the relaxation."""
    return Part("where plan and relaxation differ", np.abs(best - relaxed) > _WHOLE)


def around(matrix: Matrix, best: Floats, part: Part) -> Neighborhood:
    """Whole columns of a part are free, the others as in the best plan."""
    return replace(inside(matrix, best, part.columns | ~matrix.is_integer), name=part.name)


def inside(matrix: Matrix, best: Floats, columns: Mask) -> Neighborhood:
    """Some columns are free, all others, whole or not, as in the best plan."""
    lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
    values = np.where(matrix.is_integer, np.round(best), best)
    lower[~columns] = upper[~columns] = np.clip(values, lower, upper)[~columns]
    return Neighborhood("", lower, upper)


def parts_of(matrix: Matrix) -> list[Part]:
    """The parts that are freed together: the owners and places with most whole columns, then two years in a row.

    Keys of whole columns end in the year and begin with the owner or the command; where units are stationed or
    sites are open they name the site.
    """
    years: dict[int, Mask] = {}
    groups: dict[str, Mask] = {}
    for name, block in matrix.columns.items():
        for at in np.flatnonzero(matrix.is_integer[block.positions]).tolist():
            key, position = block.keys[at], block.positions[at]
            years.setdefault(int(key[-1]), _none(matrix))[position] = True
            groups.setdefault(str(key[0]), _none(matrix))[position] = True
            if name in _SITE_AT:
                groups.setdefault(str(key[_SITE_AT[name]]), _none(matrix))[position] = True
    windows = [
        Part(f"years {first} to {second}", years[first] | years[second])
        for first, second in itertools.pairwise(sorted(years))
    ]
    largest = sorted(groups, key=lambda group: (-int(groups[group].sum()), group))[:_LARGEST_PARTS]
    return [Part(name, groups[name]) for name in largest] + windows


def _none(matrix: Matrix) -> Mask:
    return np.zeros(len(matrix.is_integer), dtype=bool)
