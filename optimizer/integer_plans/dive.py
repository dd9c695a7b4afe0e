"""A first plan, soon: rounds the relaxation in steps, and solves the linear program again after each.

::

    1  x is one of the two neighbors of the relaxation's value x̄; every site that x̄ uses is open
    2  of the owned counts that are not whole, the nearest to a whole number are fixed there; again until all are
    3  the same for every other whole column

Nothing here proves anything, and it may find no plan. Sites come first: once a site is open it has all of its room, so
most roundings of units have a place. From step 2 on the dual simplex goes on from the basis at hand, which stays dual
feasible when only bounds change. Where a step is infeasible, or takes long, fewer columns are fixed, down to one, which
then takes its other neighbor; where that fails too, HiGHS searches between the neighbors that are left.
"""

import math
import time

import numpy as np

from optimizer.integer_plans.incumbent import Incumbent
from optimizer.integer_plans.inside import search_in
from optimizer.integer_plans.neighborhoods import (
    Neighborhood,
    Positions,
    is_whole,
    near_relaxation,
    round_down,
    round_up,
)
from optimizer.matrix import Floats
from optimizer.session import Answer, Session

SOURCE = "dive from the relaxation"
"""Source of what the dive finds."""

_SHARES = (0.8, 0.4, 0.1, 0.0)
_RELAXATIONS = 3.0
_STEP_RELAXATIONS = 0.3
_LEAST_SECONDS = 5.0
_NODES = 100
_GAP = 0.005


def dive(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> None:
    """Searches for a first plan close to the relaxation.

    Args:
        session: a session; its column bounds are those of the program again at the end.
        relaxation: the solved linear relaxation.
        deadline: time of ``time.perf_counter`` at which to stop.
        incumbent: takes what is found.
    """
    matrix = session.matrix
    assert relaxation.values is not None
    near = near_relaxation(matrix, relaxation.values, SOURCE)
    sites = matrix.columns["open"].positions
    near.lower[sites] = near.upper[sites]
    values = _relaxed(session, near, deadline)
    whole = np.flatnonzero(matrix.is_integer)
    owned = np.intersect1d(whole, matrix.columns["owned"].positions)
    rounding = _Rounding(
        session, near, _until(session, deadline, relaxation), _step_seconds(session, relaxation)
    )
    for columns in (owned, whole):
        if values is not None:
            values = rounding.fix_all(columns, values)
    if values is not None:
        incumbent.offer(values, float(matrix.objective @ values), SOURCE)
    else:
        until = _until(session, deadline, relaxation)
        search_in(session, rounding.near, until, incumbent, _NODES, relative_gap=_GAP)
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)


class _Rounding:
    """Fixes columns at whole numbers, step by step.

    Attributes:
        near: bounds with what is fixed so far.
    """

    def __init__(self, session: Session, near: Neighborhood, deadline: float, step_seconds: float) -> None:
        self.near = near
        self._session, self._deadline, self._step_seconds = session, deadline, step_seconds

    def fix_all(self, columns: Positions, values: Floats) -> Floats | None:
        """The relaxation's values once all of the columns are whole; None where a step fails.

        Args:
            columns: positions of whole columns.
            values: of all columns, optimal inside ``near``.
        """
        while True:
            left = columns[~is_whole(values[columns])]
            if left.size == 0:
                self.near = self.near.fixed(columns, values[columns])
                return values
            distance = np.abs(values[left] - np.round(values[left]))
            fixed = self._fix_some(left[np.argsort(distance, kind="stable")], values)
            if fixed is None:
                return None
            values = fixed

    def _fix_some(self, nearest: Positions, values: Floats) -> Floats | None:
        for share in _SHARES:
            some = nearest[: max(1, math.ceil(share * len(nearest)))]
            relaxed = self._fix(some, np.round(values[some]))
            if relaxed is not None:
                return relaxed
        one = nearest[:1]
        other = round_up(values[one]) + round_down(values[one]) - np.round(values[one])
        return self._fix(one, other)

    def _fix(self, columns: Positions, at: Floats) -> Floats | None:
        inside = self.near.fixed(columns, at)
        until = min(self._deadline, time.perf_counter() + self._step_seconds)
        relaxed = _relaxed(self._session, inside, until, "dual")
        if relaxed is not None:
            self.near = inside
        return relaxed


def _until(session: Session, deadline: float, relaxation: Answer) -> float:
    if session.settings.deterministic:
        return deadline
    return min(deadline, time.perf_counter() + max(_RELAXATIONS * relaxation.seconds, _LEAST_SECONDS))


def _step_seconds(session: Session, relaxation: Answer) -> float:
    if session.settings.deterministic:
        return math.inf
    return max(_STEP_RELAXATIONS * relaxation.seconds, _LEAST_SECONDS)


def _relaxed(
    session: Session, near: Neighborhood, deadline: float, method: str | None = None
) -> Floats | None:
    """Values of the linear program inside; None if it has no solution or time runs out."""
    if time.perf_counter() >= deadline:
        return None
    session.set_column_bounds(near.lower, near.upper)
    answer = session.solve(deadline - time.perf_counter(), relax=True, method=method)
    return answer.values if answer.termination == "OPTIMAL" else None
