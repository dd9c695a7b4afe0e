"""Blocks of rows: how each is added to the model, and when it may be relaxed."""

from collections.abc import Callable, Mapping
from typing import Any

import pyomo.environ as pyo


def parameter(by_key: Mapping[Any, float], dimen: int = 1) -> Any:
    """A parameter with a value for each key, over a set of its own; keys are tuples of so many names."""
    return pyo.Param(pyo.Set(initialize=list(by_key), dimen=dimen), initialize=by_key)


def add_block(m: Any, rule: Callable[..., Any], *index: Any) -> None:
    """Adds the rows of a rule under the rule's own name, for every element of the index.

    A block without rows is there too, and empty: Pyomo cannot make a template for nothing.
    """
    for number, part in enumerate(index):
        if part.parent_block() is None:
            setattr(m, f"{rule.__name__}_index_{number}", part)
    has_rows = all(len(part) for part in index)
    setattr(m, rule.__name__, pyo.Constraint(*index, rule=rule if has_rows else None))
