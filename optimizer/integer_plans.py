"""From the linear relaxation to a plan in whole numbers, and on until time runs out.

The relaxation of a posture problem is nearly whole. So the first search keeps every whole value and lets every
other column take one of its two neighbors, a far smaller program (relaxation-enforced neighborhood search). Its
best plan starts the search over everything, which also proves the bound; where less time is left than a few
relaxations take, that search would find and prove nothing, and is left out.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.matrix import Floats
from optimizer.session import Answer, Session

_WHOLE = 1e-6
_NEIGHBORHOOD_SHARE = 0.7
_LEAST_RELAXATIONS = 4

Report = Callable[[str, float | None, float | None], None]


@dataclass(frozen=True)
class IntegerPlan:
    """The best plan found.

    Attributes:
        termination: a word of the Termination choice, of the search over everything.
        values: value of each column, whole where it must be; None without a plan.
        bound: proven lower bound of the objective, without offset.
    """

    termination: str
    values: Floats | None
    bound: float


def find_plan(
    session: Session, relaxation: Answer, deadline: float, report: Report, start: Floats | None = None
) -> IntegerPlan:
    """Searches for a plan in whole numbers.

    Args:
        session: a session with the program as it was loaded.
        relaxation: its solved linear relaxation.
        deadline: time of ``time.perf_counter`` at which to stop.
        report: is given stage, bound and objective of the best plan as they change.
        start: a plan to begin with, if one is known.
    """
    matrix, settings = session.matrix, session.settings
    whole = matrix.is_integer
    best = [] if start is None else [(float(matrix.objective @ start), start)]
    bound = relaxation.bound

    def keep(values: Floats, objective: float) -> None:
        if not best or objective < best[-1][0]:
            best.append((objective, values))

    def bounds_of(stage: str, is_proof: bool) -> Callable[[float | None, float | None], None]:
        def on_bounds(found: float | None, _incumbent: float | None) -> None:
            proven = max(bound, found) if is_proof and found is not None else bound
            report(stage, proven, best[-1][0] if best else None)

        return on_bounds

    assert relaxation.values is not None
    values = relaxation.values[whole]
    if not (np.abs(values - np.round(values)) <= _WHOLE).all():
        lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
        lower[whole] = np.maximum(np.floor(values + _WHOLE), lower[whole])
        upper[whole] = np.minimum(np.ceil(values - _WHOLE), upper[whole])
        session.set_column_bounds(lower, upper)
        now = time.perf_counter()
        enough_by = now + (deadline - now) * _NEIGHBORHOOD_SHARE
        near = session.solve(
            deadline - now,
            is_enough=lambda: bool(best) and time.perf_counter() > enough_by,
            on_incumbent=keep,
            on_bounds=bounds_of("neighborhood of the relaxation", is_proof=False),
        )
        if near.values is not None:
            keep(near.values, near.objective)
        session.set_column_bounds(matrix.column_lower, matrix.column_upper)
        if best and _gap(best[-1][0], bound) <= settings.relative_gap:
            return IntegerPlan("OPTIMAL", best[-1][1], bound)
    left = deadline - time.perf_counter()
    if session.interrupt.is_set() or (best and left < _LEAST_RELAXATIONS * relaxation.seconds):
        reason = "INTERRUPTED" if session.interrupt.is_set() else "TIME_LIMIT"
        return IntegerPlan(reason, best[-1][1] if best else None, bound)
    if best:
        session.start_from(best[-1][1])
    full = session.solve(
        deadline - time.perf_counter(),
        on_incumbent=keep,
        on_bounds=bounds_of("all whole numbers", is_proof=True),
    )
    if full.values is not None:
        keep(full.values, full.objective)
    return IntegerPlan(full.termination, best[-1][1] if best else None, max(bound, full.bound))


def _gap(objective: float, bound: float) -> float:
    return (objective - bound) / max(abs(objective), 1e-9)
