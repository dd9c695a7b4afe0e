"""Each rule as one Pyomo template, found once in a process, however many problems and rows follow.

A template holds names of components and symbols of indices, and nothing of a problem. So rules are called with a
stand-in for the model, in which each component has one key: that is all Pyomo looks at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import pyomo.core as pyo
from pyomo.core.expr.template_expr import templatize_rule

from optimizer.formulation.binding import Component, KeyIndex, Model, Parameter, Relation, Rule, Variable


@dataclass(frozen=True)
class Template:
    """A rule's one expression.

    Attributes:
        expression: its tree, whose leaves are numbers, symbols and components of a stand-in.
        symbols: those of the rule's arguments.
        stand_in: what the components belong to; they do not keep it.
    """

    expression: Any
    symbols: Sequence[Any]
    stand_in: Any


_found: WeakKeyDictionary[Rule, Template] = WeakKeyDictionary()


class Templates:
    """The templates of the rules of a model."""

    def __init__(self, model: Model) -> None:
        self._components = model.components()

    def of(self, rule: Rule, index: KeyIndex) -> Template:
        """The template of a rule for the keys of an index; that of a cost has none."""
        if rule not in _found:
            arguments = _one_key(index) if index else None
            stand_in = self._stand_in
            expression, symbols = templatize_rule(stand_in, lambda m, key: rule(m, *key), arguments)
            _found[rule] = Template(expression, symbols, stand_in)
        return _found[rule]

    @cached_property
    def _stand_in(self) -> Any:
        stand_in = pyo.ConcreteModel()
        for name, component in self._components.items():
            setattr(stand_in, name, _of_one_key(component))
        return stand_in


def _of_one_key(component: Component) -> Any:
    over = _one_key(component.index)
    match component:
        case Variable():
            return pyo.Var(over)
        case Parameter():
            return pyo.Param(over, initialize="*", within=pyo.Any)
        case Relation():
            return pyo.Set(over, initialize=_members(len(component.members)), dimen=len(component.members))
    return over


def _one_key(index: KeyIndex) -> Any:
    names = sum(len(keys.columns) for keys in index)
    found = pyo.Set(initialize=_members(names), dimen=names)
    found.construct()
    return found


def _members(names: int) -> list[Any]:
    return ["*" if names == 1 else ("*",) * names]
