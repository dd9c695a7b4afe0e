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
from optimizer.integer_plans.neighborhoods import near_relaxation
from optimizer.matrix import Floats
from optimizer.session import Answer, Session

SOURCE = "dive from the relaxation"
"""Source of what the dive finds."""

_WHOLE = 1e-6
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
    near = near_relaxation(matrix, relaxation.values)
    lower, upper = near.lower, near.upper
    sites = matrix.columns["open"].positions
    lower[sites] = upper[sites]
    values = _relaxed(session, lower, upper, deadline)
    if values is not None:
        owned = matrix.columns["owned"].positions
        owned = owned[matrix.is_integer[owned]]
        up = matrix.costs["lead_cost"][owned] > 0
        rounded = np.where(up, np.ceil(values[owned] - _WHOLE), np.floor(values[owned] + _WHOLE))
        lower[owned] = upper[owned] = np.clip(rounded, lower[owned], upper[owned])
        values = _relaxed(session, lower, upper, deadline)
    if values is not None:
        whole = matrix.is_integer
        lower[whole] = np.maximum(np.floor(values[whole] + _WHOLE), lower[whole])
        upper[whole] = np.minimum(np.ceil(values[whole] - _WHOLE), upper[whole])
        session.set_column_bounds(lower, upper)
        is_deterministic = session.settings.deterministic
        usual = max(_RELAXATIONS * relaxation.seconds, _LEAST_SECONDS)
        left = deadline - time.perf_counter()
        answer = session.solve(
            left if is_deterministic else min(left, usual),
            relative_gap=_GAP,
            on_incumbent=lambda found, objective: incumbent.offer(found, objective, SOURCE),
            node_limit=_NODES if is_deterministic else None,
        )
        if answer.values is not None:
            incumbent.offer(answer.values, answer.objective, SOURCE)
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)


def _relaxed(session: Session, lower: Floats, upper: Floats, deadline: float) -> Floats | None:
    """Values of the linear program with these bounds; None if it has no solution or time runs out."""
    session.set_column_bounds(lower, upper)
    answer = session.solve(deadline - time.perf_counter(), relax=True)
    return answer.values if answer.termination == "OPTIMAL" else None
