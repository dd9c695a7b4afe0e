"""A first plan, found by deciding one kind of thing after the other.

::

    1  near the relaxation, every site that is used at all is open; solve the linear program
    2  owned = ⌈x̄⌉ where owning costs the lead actor something, ⌊x̄⌋ elsewhere; solve it again
    3  everything else near that, in whole numbers

An ally's ceilings leave no room above the relaxation, while the lead actor can pay for what is missing: so allies are
rounded down and the lead actor up. If a step has no solution, there is no plan from here.
"""

import time

import numpy as np

from optimizer.integer_plans.incumbent import Incumbent
from optimizer.integer_plans.inside import search_in
from optimizer.integer_plans.neighborhoods import Neighborhood, near_relaxation, round_down, round_up
from optimizer.matrix import Floats
from optimizer.session import Answer, Session

SOURCE = "dive from the relaxation"
"""Source of what the dive finds."""

_RELAXATIONS = 3.0
_LEAST_SECONDS = 5.0
_NODES = 100
_GAP = 1e-3


def dive(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> None:
    """Gives the incumbent a plan, if the dive finds one.

    Args:
        session: a session with the program as it was loaded.
        relaxation: its solved linear relaxation.
        deadline: time of ``time.perf_counter`` at which to stop.
        incumbent: takes what is found.
    """
    matrix = session.matrix
    assert relaxation.values is not None
    near = near_relaxation(matrix, relaxation.values, SOURCE)
    sites = matrix.columns["open"].positions
    near.lower[sites] = near.upper[sites]
    values = _relaxed(session, near, deadline)
    if values is not None:
        owned = matrix.columns["owned"].positions
        owned = owned[matrix.is_integer[owned]]
        is_paid = matrix.costs["lead_cost"][owned] > 0
        rounded = np.where(is_paid, round_up(values[owned]), round_down(values[owned]))
        near.lower[owned] = near.upper[owned] = np.clip(rounded, near.lower[owned], near.upper[owned])
        values = _relaxed(session, near, deadline)
    if values is not None:
        until = deadline
        if not session.settings.deterministic:
            usual = max(_RELAXATIONS * relaxation.seconds, _LEAST_SECONDS)
            until = min(deadline, time.perf_counter() + usual)
        search_in(session, near.narrowed(matrix, values), until, incumbent, _NODES, relative_gap=_GAP)
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)


def _relaxed(session: Session, near: Neighborhood, deadline: float) -> Floats | None:
    """Values of the linear program inside; None if it has no solution or time runs out."""
    session.set_column_bounds(near.lower, near.upper)
    answer = session.solve(deadline - time.perf_counter(), relax=True)
    return answer.values if answer.termination == "OPTIMAL" else None
