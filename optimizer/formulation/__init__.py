"""The formulation: the algebra stands once, in the rules of the families, written for Pyomo.

``FAMILIES`` is the model; each family's docstring holds its formulas, symbols and sources. The rules have two
readers. ``build`` gives an ordinary ConcreteModel that can be extended and solved with any Pyomo solver. A solve takes
the arrays of ``solver.compilation``, in which no row is written by itself.
"""

from typing import Any

import optimizer.formulation.without_scipy_stats  # noqa: F401 (before SciPy is imported)
from optimizer.formulation.binding import Model, add_years
from optimizer.formulation.families import (
    allied_response,
    allied_spending,
    basing,
    billing,
    command,
    conditional_rules,
    deployment,
    deterrence,
    exposure,
    force_structure,
    garrison,
    goals,
    homecoming,
    kept_presence,
    nuclear,
    policy_rules,
    programs,
    stationing,
    support,
    theater_reserves,
    transition,
)
from optimizer.formulation.family import Family
from optimizer.formulation.frames.index import Index, build_index
from optimizer.formulation.objective import add_objectives
from optimizer.formulation.outlays import add_rates
from optimizer.formulation.pyomo_model import concrete_model
from optimizer.objectives import Asked
from optimizer.tables.problem import Problem

FAMILIES: tuple[Family, ...] = (
    force_structure.FAMILY,
    programs.FAMILY,
    stationing.FAMILY,
    kept_presence.FAMILY,
    basing.FAMILY,
    homecoming.FAMILY,
    garrison.FAMILY,
    deployment.FAMILY,
    theater_reserves.FAMILY,
    support.FAMILY,
    deterrence.FAMILY,
    command.FAMILY,
    allied_spending.FAMILY,
    billing.FAMILY,
    allied_response.FAMILY,
    nuclear.FAMILY,
    exposure.FAMILY,
    transition.FAMILY,
    policy_rules.FAMILY,
    conditional_rules.FAMILY,
    goals.FAMILY,
)
"""The families of rules, in the order of their blocks."""

ROW_KINDS = {block: kind for family in FAMILIES for block, kind in family.rows.items()}
"""By name of a block of rows, when it may be relaxed."""


def build(problem: Problem, asked: Asked | None = None) -> Any:
    """Builds the model of a problem.

    Args:
        problem: a problem without findings; see ``optimizer.checks``.
        asked: what is minimized, in which order; by default the lead actor's cost alone. The model's objective
            is the first.

    Returns:
        A ConcreteModel in the units of the tables: M$, persons, units, points. Its components carry the names
        of the families' docstrings; period 0 is columns fixed by their bounds.
    """
    return build_from_index(build_index(problem, asked))


def build_from_index(index: Index) -> Any:
    """Builds the model of an index; see ``build``."""
    return concrete_model(model_of(index))


def model_of(index: Index) -> Model:
    """What the families say of an index, for either reader; see ``binding``."""
    m = Model()
    add_years(m, index.problem.calendar.previous, index.discount, index.factors)
    asked_for = [family for family in FAMILIES if family.is_asked_for(index)]
    for family in FAMILIES:
        (family.add_variables if family in asked_for else family.add_nothing)(m, index)
    add_rates(m, index)
    for family in asked_for:
        family.add_rows(m, index)
    add_objectives(m, index)
    return m
