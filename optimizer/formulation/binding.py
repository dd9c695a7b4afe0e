"""Binding: how families say, by frames and their columns, which sets, parameters, variables and rows a model has.

A model is frames and rules, and nothing is expanded here. It has two readers: ``pyomo_model`` makes an ordinary
ConcreteModel of it, ``solver.compilation`` arrays, by joins. A family names a frame and its columns; all else, such as
how many names a key has, follows from them. Where a function takes ``over``, that is sets, or other components,
whose keys are meant.

For arrays a rule is called once (see ``templates``), with symbols in place of names, and what comes of it is joined
for all rows, and for all problems. So an index in it holds only the rule's arguments, members that a sum runs over, and
parameters; and no term hangs on an ``if``:

=============================  =================================================================
in place of                    there is
=============================  =================================================================
the period before, ``t - 1``   ``m.previous[t]``, a parameter, see ``add_years``
a name or a year in an index   a set that holds it alone, such as ``m.end``
a term that some keys lack     a sum over ``own_name``, which has no member where there is none
a row that some keys lack      a ``key_set`` of the others
=============================  =================================================================
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

Rule = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Keys:
    """A set: the keys in some columns of a frame, each once and in the frame's order."""

    frame: pd.DataFrame
    columns: Sequence[str]

    @property
    def index(self) -> "KeyIndex":
        """Itself: a set is the keys that it holds."""
        return (self,)


KeyIndex = tuple[Keys, ...]
"""Every key of the first set with every key of the next, in that order."""


@dataclass(frozen=True, eq=False)
class Product:
    """A set: the keys of an index."""

    index: KeyIndex


@dataclass(frozen=True, eq=False)
class Parameter:
    """A value, a number or a name, by key: the column ``values`` of the frame of the keys; the last of a key counts."""

    keys: Keys
    values: str

    @property
    def index(self) -> KeyIndex:
        """The keys that have a value."""
        return (self.keys,)


@dataclass(frozen=True, eq=False)
class Relation:
    """A set by key: the members that stand beside the key in the frame of ``by``, each once and in its order."""

    index: KeyIndex
    by: Keys
    members: Sequence[str]


@dataclass(frozen=True, eq=False)
class Variable:
    """Variables by key.

    Attributes:
        index: the keys.
        lower, upper: bounds, or their columns in the frame of the only keys, where no number is no bound.
        whole: the column that says which are whole; if None, none is.
        binary: whether all are binary.
    """

    index: KeyIndex
    lower: str | float = 0.0
    upper: str | float = math.inf
    whole: str | None = None
    binary: bool = False


Component = Keys | Product | Parameter | Relation | Variable


@dataclass(frozen=True)
class Rows:
    """A block of rows: one row of a rule for every key."""

    rule: Rule
    index: KeyIndex


class Model:
    """What families fill: components under their names as attributes, blocks of rows, and costs.

    Attributes:
        rows: the blocks, by name.
        costs: rules without arguments, by name.
        minimized: names of the costs whose sum is minimized.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {}
        self.costs: dict[str, Rule] = {}
        self.minimized: tuple[str, ...] = ()

    def variables(self) -> dict[str, Variable]:
        """The variables by name, in the order of their columns."""
        return {name: part for name, part in self.components().items() if isinstance(part, Variable)}

    def components(self) -> dict[str, Component]:
        """The components by name, in the order in which they came."""
        return {name: part for name, part in vars(self).items() if isinstance(part, Component)}


def key_set(frame: pd.DataFrame, columns: Sequence[str]) -> Any:
    """The keys in some columns of a frame, each once and in the frame's order."""
    return Keys(frame, columns)


def no_keys(columns: Sequence[str]) -> Any:
    """The set of no keys in some columns."""
    return Keys(_no_rows(*columns), columns)


def keys_of(component: Any) -> Any:
    """The keys of a component as a set, which a sum can run over."""
    return Product(component.index)


def no_values(columns: Sequence[str]) -> Any:
    """A parameter by some columns without any value."""
    return Parameter(no_keys(columns), columns[0])


def parameter(frame: pd.DataFrame, by: Sequence[str], column: str) -> Any:
    """A column's value for each key of a frame."""
    return Parameter(Keys(frame, by), column)


def relation(frame: pd.DataFrame, by: Sequence[str], members: Sequence[str], *over: Any) -> Any:
    """For each key the set of its members, each once and in the frame's order.

    Args:
        frame: a row for each pair of key and member; several are as good as one.
        by: columns of the key.
        members: columns of a member.
        over: whose keys to take, with or without members; by default, those of the frame.
    """
    found = Keys(frame, by)
    return Relation(_index(over) or found.index, found, members)


def no_members(members: Sequence[str], *over: Any) -> Any:
    """For each key an empty set of members."""
    index = _index(over)
    by = [name for keys in index for name in keys.columns]
    return Relation(index, no_keys([*by, *members]), members)


def own_name(frame: pd.DataFrame, by: Sequence[str], *over: Any) -> Any:
    """For each key of ``over`` the last of its own names, if the frame has the key, else nothing.

    A sum over it is the one term of the key, or none.
    """
    return relation(frame, by, by[-1:], *over)


def variable(*over: Any, free: bool = False, binary: bool = False) -> Any:
    """Variables of 0 or more, or free ones, or binary ones."""
    return Variable(_index(over), lower=-math.inf if free else 0.0, binary=binary)


def bounded_variable(
    frame: pd.DataFrame,
    by: Sequence[str],
    *,
    least: str | int = "least",
    most: str = "most",
    whole: str | None = None,
    binary: bool = False,
) -> Any:
    """Variables with bounds of their own.

    Args:
        frame: a row for each variable.
        by: columns of the key.
        least: column of lower bounds, infinite or empty where there is none; or one bound for all.
        most: column of upper bounds, likewise.
        whole: column that says which variables are whole.
        binary: whether all are binary.
    """
    return Variable((Keys(frame, by),), least, most, whole, binary)


def add_block(m: Any, rule: Rule, *over: Any) -> None:
    """Adds the rows of a rule under the rule's own name, for every key."""
    m.rows[rule.__name__] = Rows(rule, _index(over))


def add_years(
    m: Any, previous: Mapping[int, int], discount: Mapping[int, float], factors: Mapping[int, float]
) -> None:
    """Adds what every family knows of time: the periods in years, and the last of them alone in end.

    With previous, discount and factor of each period, and end_factor, that of the last. A template takes no ``t - 1``
    in an index, so the period before is a parameter.

    Args:
        m: the model.
        previous: by period, the one before.
        discount: by period, the sum of the discount factors of its years.
        factors: the discount factor of each calendar year.
    """
    years = pd.DataFrame({"year": list(discount), "discount": list(discount.values())})
    years["previous"] = years["year"].map(previous)
    years["factor"] = years["year"].map(factors)
    end = years.tail(1)
    m.years, m.end = key_set(years, ["year"]), key_set(end, ["year"])
    m.previous = parameter(years, ["year"], "previous")
    m.discount = parameter(years, ["year"], "discount")
    m.factor = parameter(years, ["year"], "factor")
    m.end_factor = parameter(end, ["year"], "factor")


def _index(over: Sequence[Any]) -> KeyIndex:
    return tuple(keys for component in over for keys in component.index)


@cache
def _no_rows(*columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(dict.fromkeys(columns)))
