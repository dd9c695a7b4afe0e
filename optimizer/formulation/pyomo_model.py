"""The reader of a model that makes an ordinary ConcreteModel of it, one row at a time."""

import math
from typing import Any

import pandas as pd
import pyomo.core as pyo

from optimizer.formulation.binding import KeyIndex, Keys, Model, Parameter, Product, Relation, Variable
from optimizer.tables.keyed import keys, values


def concrete_model(model: Model) -> Any:
    """The ConcreteModel of a model, with the sum of what is minimized as its one active objective."""
    m = pyo.ConcreteModel()
    sets = _Sets()
    for name, component in model.components().items():
        setattr(m, name, _component(component, sets))
    for name, block in model.rows.items():
        setattr(m, name, pyo.Constraint(sets.of(block.index), rule=block.rule))
    for name, rule in model.costs.items():
        setattr(m, name, pyo.Objective(rule=rule))
        m.component(name).deactivate()
    m.objective = pyo.Objective(expr=pyo.quicksum(m.component(name).expr for name in model.minimized))
    return m


class _Sets:
    """The Pyomo set of each set of the model, so that what shares keys shares a set."""

    def __init__(self) -> None:
        self._made: dict[Keys, Any] = {}

    def of(self, index: KeyIndex) -> Any:
        first, *others = map(self._of_keys, index)
        return first.cross(*others) if others else first

    def _of_keys(self, found: Keys) -> Any:
        if found not in self._made:
            members = list(dict.fromkeys(keys(found.frame, found.columns)))
            self._made[found] = pyo.Set(initialize=members, dimen=len(found.columns))
            # Pyomo lets nobody look into a set that is not on a model yet.
            self._made[found].construct()
        return self._made[found]


def _component(component: Any, sets: _Sets) -> Any:
    match component:
        case Keys():
            return sets.of(component.index)
        case Product():
            # A set of its own, since Pyomo gives a set one name.
            over = sets.of(component.index)
            return pyo.Set(initialize=list(over), dimen=over.dimen)
        case Parameter(keys=found, values=column):
            by_key = values(found.frame, found.columns, column)
            # Any, since Pyomo's own choice refuses values that are names.
            return pyo.Param(sets.of(component.index), initialize=by_key, within=pyo.Any)
        case Relation(index=index, by=by, members=columns):
            related: dict[Any, dict[Any, None]] = {}
            for key, member in zip(keys(by.frame, by.columns), keys(by.frame, columns), strict=True):
                related.setdefault(key, {})[member] = None
            over = sets.of(index)
            members = {key: list(related.get(key, ())) for key in over}
            return pyo.Set(over, initialize=members, dimen=len(columns))
        case Variable():
            return _variable(component, sets.of(component.index))


def _variable(variable: Variable, over: Any) -> Any:
    first, domain, bounds = variable.index[0], pyo.Reals, None
    frame, names = first.frame, first.columns
    if variable.binary:
        domain = pyo.Binary
    elif variable.lower == 0.0:
        domain = pyo.NonNegativeReals
    if variable.whole is not None:
        is_whole = values(frame, names, variable.whole)
        domain = {key: pyo.Integers if whole else pyo.Reals for key, whole in is_whole.items()}
    if isinstance(variable.upper, str):
        limits = zip(_limits(frame, variable.lower), _limits(frame, variable.upper), strict=True)
        bounds = dict(zip(keys(frame, names), limits, strict=True))
    return pyo.Var(over, domain=domain, bounds=bounds)


def _limits(frame: pd.DataFrame, bound: str | float) -> list[float | None]:
    limits = frame[bound].to_numpy("float64").tolist() if isinstance(bound, str) else [bound] * len(frame)
    return [limit if abs(limit) < math.inf else None for limit in limits]
