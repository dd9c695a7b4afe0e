"""Binding: the one place where frames become Pyomo's sets, parameters, variables and rows.

A family names a frame and its columns; all else, such as how many names a key has, follows from them. Each function
but ``add_block`` and ``add_years`` gives a component that gets its name when it is put on the model. Where one takes
``over``, that is sets, or other components, whose keys are meant.

A block's rule is called once, with symbols in place of names, and what comes of it is written for every row. So an
index in a rule holds only the rule's arguments, members that a sum runs over, and parameters; and no term hangs on an
``if``:

=============================  =================================================================
in place of                    there is
=============================  =================================================================
the period before, ``t - 1``   ``m.previous[t]``, a parameter, see ``add_years``
a name or a year in an index   a set that holds it alone, such as ``m.end``
a term that some keys lack     a sum over ``own_name``, which has no member where there is none
a row that some keys lack      a ``key_set`` of the others
a rule without any row         an empty block, see ``add_block``
=============================  =================================================================
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyomo.core as pyo

from optimizer.tables.keyed import keys, values


def key_set(frame: pd.DataFrame, columns: Sequence[str]) -> Any:
    """The keys in some columns of a frame, each once and in the frame's order."""
    return _set(dict.fromkeys(keys(frame, columns)), columns)


def no_keys(columns: Sequence[str]) -> Any:
    """The set of no keys in some columns."""
    return _set((), columns)


def no_values(columns: Sequence[str]) -> Any:
    """A parameter by some columns without any value."""
    return pyo.Param(no_keys(columns), within=pyo.Any)


def parameter(frame: pd.DataFrame, by: Sequence[str], column: str) -> Any:
    """A column's value for each key of a frame."""
    by_key = values(frame, by, column)
    # Any, since Pyomo's own choice refuses values that are names.
    return pyo.Param(_set(by_key, by), initialize=by_key, within=pyo.Any)


def relation(frame: pd.DataFrame, by: Sequence[str], members: Sequence[str], *over: Any) -> Any:
    """For each key the set of its members, each once and in the frame's order.

    Args:
        frame: a row for each pair of key and member; several are as good as one.
        by: columns of the key.
        members: columns of a member.
        over: whose keys to take, with or without members; by default, those of the frame.
    """
    related: dict[Hashable, dict[Hashable, None]] = {}
    for key, member in zip(keys(frame, by), keys(frame, members), strict=True):
        related.setdefault(key, {})[member] = None
    return _sets(related, members, _product(over) if over else _set(related, by))


def no_members(members: Sequence[str], *over: Any) -> Any:
    """For each key an empty set of members."""
    return _sets({}, members, _product(over))


def own_name(frame: pd.DataFrame, by: Sequence[str], *over: Any) -> Any:
    """For each key of ``over`` the last of its own names, if the frame has the key, else nothing.

    A sum over it is the one term of the key, or none.
    """
    return relation(frame, by, by[-1:], *over)


def variable(*over: Any, free: bool = False, binary: bool = False) -> Any:
    """Variables of 0 or more, or free ones, or binary ones."""
    domain = pyo.Binary if binary else pyo.Reals if free else pyo.NonNegativeReals
    return pyo.Var(_product(over), domain=domain)


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
    names = keys(frame, by)
    highest = _limits(frame[most])
    lowest = _limits(frame[least]) if isinstance(least, str) else [least] * len(names)
    domain: Any = pyo.Binary if binary else pyo.Reals
    if whole is not None:
        domains = [pyo.Integers if is_whole else pyo.Reals for is_whole in frame[whole].to_list()]
        domain = dict(zip(names, domains, strict=True))
    bounds = dict(zip(names, zip(lowest, highest, strict=True), strict=True))
    return pyo.Var(_set(names, by), domain=domain, bounds=bounds)


def expression(rule: Callable[..., Any], *over: Any) -> Any:
    """A formula that has a name, for every key."""
    return pyo.Expression(_product(over), rule=rule)


def add_block(m: Any, rule: Callable[..., Any], *over: Any) -> None:
    """Adds the rows of a rule under the rule's own name, for every key.

    A block without rows is there too, and empty: Pyomo cannot make a template for nothing.
    """
    index = [_index(part) for part in over]
    for number, part in enumerate(index):
        if part.parent_block() is None:
            setattr(m, f"{rule.__name__}_index_{number}", part)
    has_rows = all(len(part) for part in index)
    setattr(m, rule.__name__, pyo.Constraint(*index, rule=rule if has_rows else None))


def add_years(
    m: Any, previous: Mapping[int, int], discount: Mapping[int, float], factors: Mapping[int, float]
) -> None:
    """Adds what every family knows of time: the periods in years, the end alone, previous, discount, end_factor.

    A template takes no ``t - 1`` in an index, so the period before is a parameter.

    Args:
        m: the model.
        previous: by period, the one before.
        discount: by period, the sum of the discount factors of its years.
        factors: the discount factor of each calendar year.
    """
    years = pd.DataFrame({"year": list(discount), "discount": list(discount.values())})
    years["previous"] = years["year"].map(previous)
    m.years = key_set(years, ["year"])
    m.end = key_set(years.tail(1), ["year"])
    m.previous = parameter(years, ["year"], "previous")
    m.discount = parameter(years, ["year"], "discount")
    end = years.tail(1)
    m.end_factor = parameter(end.assign(factor=end["year"].map(factors)), ["year"], "factor")


def _set(members: Iterable[Hashable], columns: Sequence[str]) -> Any:
    found = pyo.Set(initialize=list(members), dimen=len(columns))
    # Pyomo lets nobody look into a set that is not on a model yet.
    found.construct()
    return found


def _sets(related: Mapping[Hashable, Iterable[Hashable]], members: Sequence[str], index: Any) -> Any:
    found = {key: list(related.get(key, ())) for key in index}
    return pyo.Set(index, initialize=found, dimen=len(members))


def _limits(column: pd.Series) -> list[float | None]:
    return [value if abs(value) < math.inf else None for value in column.to_numpy("float64").tolist()]


def _index(part: Any) -> Any:
    """A set itself, or the set of another component's keys."""
    return part.index_set() if part.is_indexed() else part


def _product(over: Sequence[Any]) -> Any:
    first, *others = map(_index, over)
    return first.cross(*others) if others else first
