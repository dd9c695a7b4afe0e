"""The reader of a model that makes an ordinary ConcreteModel of it, one row at a time."""

import math
from typing import Any

import pyomo.core as pyo

from optimizer.formulation.binding import Index, Keys, Model, Parameter, Product, Relation, Variable
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

    def of(self, index: Index) -> Any:
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
        case Keys() | Product():
            return sets.of(component.index)
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
    first = variable.index[0]
    domain: Any = pyo.Binary if variable.binary else pyo.Reals
    if variable.whole is not None:
        is_whole = values(first.frame, first.columns, variable.whole)
        domain = {key: pyo.Integers if whole else pyo.Reals for key, whole in is_whole.items()}
    if not isinstance(variable.upper, str):
        return pyo.Var(over, domain=domain, bounds=(_limit(variable.lower), _limit(variable.upper)))
    frame, lower = first.frame, variable.lower
    lowest = frame[lower].to_list() if isinstance(lower, str) else [lower] * len(frame)
    limits = zip(map(_limit, lowest), map(_limit, frame[variable.upper].to_list()), strict=True)
    return pyo.Var(over, domain=domain, bounds=dict(zip(keys(frame, first.columns), limits, strict=True)))


def _limit(bound: float) -> float | None:
    return float(bound) if abs(bound) < math.inf else None
