"""A first plan, soon: rounds the relaxation in steps, and solves the linear program again after each.

::

    1  x is one of the two neighbors of the relaxation's value x̄; every site that x̄ uses is open
    2  of the owned counts that are not whole, the nearest to a whole number are fixed there; again until all are
    3  the same for every other whole column

Sites come first: once a site is open it has all of its room, so most roundings of units have a place. In steps 2 and 3
the dual simplex goes on from the basis at hand, which stays dual feasible when only bounds change. Where a step is
infeasible fewer columns are fixed, down to one, which then takes its other neighbor.

Where that fails, or a step takes long, units are rounded all at once: those that the lead actor pays for up, since that
helps to meet needs, others down, since allies may be at their ceilings. Then HiGHS searches between the neighbors of
what the linear program makes of that. Nothing here proves anything, and it may find no plan.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

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
_STEP_RELAXATIONS = 0.3
_STEPS_RELAXATIONS = 2.0
_SEARCH_RELAXATIONS = 3.0
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
    pace = _Pace(session, deadline, relaxation.seconds)
    near = near_relaxation(matrix, relaxation.values, SOURCE)
    sites = matrix.columns["open"].positions
    near.lower[sites] = near.upper[sites]
    values = _relaxed(session, near, deadline).values
    if values is not None:
        plan = _rounded(session, near, values, pace)
        if plan is not None:
            incumbent.offer(plan, float(matrix.objective @ plan), SOURCE)
        else:
            _search_rounded(session, near, values, pace, incumbent)
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)


@dataclass(frozen=True)
class _Pace:
    """How long something may take, told in times of the relaxation's own; without limit where nodes are counted."""

    session: Session
    deadline: float
    relaxation_seconds: float

    def until(self, relaxations: float) -> float:
        """When to stop something that starts now."""
        if self.session.settings.deterministic:
            return self.deadline
        usual = max(relaxations * self.relaxation_seconds, _LEAST_SECONDS)
        return min(self.deadline, time.perf_counter() + usual)


def _rounded(session: Session, near: Neighborhood, values: Floats, pace: _Pace) -> Floats | None:
    """A plan from rounding in steps; None if a step fails."""
    matrix = session.matrix
    whole = np.flatnonzero(matrix.is_integer)
    owned = np.intersect1d(whole, matrix.columns["owned"].positions)
    steps_until = pace.until(_STEPS_RELAXATIONS)
    for columns in (owned, whole):
        while (left := columns[~is_whole(values[columns])]).size > 0:
            distance = np.abs(values[left] - np.round(values[left]))
            step = _step(session, near, values, left[np.argsort(distance, kind="stable")], steps_until, pace)
            if step is None:
                return None
            near, values = step
        near = near.fixed(columns, values[columns])
    return values


def _step(
    session: Session, near: Neighborhood, values: Floats, nearest: Positions, steps_until: float, pace: _Pace
) -> tuple[Neighborhood, Floats] | None:
    """Fixes as many columns as can be; None if not even one can, or time is up."""
    for some, at in _tries(nearest, values):
        inside = near.fixed(some, at)
        until = min(steps_until, pace.until(_STEP_RELAXATIONS))
        answer = _relaxed(session, inside, until, "dual")
        if answer.termination == "OPTIMAL" and answer.values is not None:
            return inside, answer.values
        if answer.termination != "INFEASIBLE":
            return None
    return None


def _tries(nearest: Positions, values: Floats) -> Iterator[tuple[Positions, Floats]]:
    """Columns, and the whole numbers to fix them at."""
    for share in _SHARES:
        some = nearest[: max(1, math.ceil(share * len(nearest)))]
        yield some, np.round(values[some])
    one = nearest[:1]
    yield one, round_up(values[one]) + round_down(values[one]) - np.round(values[one])


def _search_rounded(
    session: Session, near: Neighborhood, values: Floats, pace: _Pace, incumbent: Incumbent
) -> None:
    """Rounds all owned units at once, and searches between the neighbors of what follows."""
    matrix = session.matrix
    owned = matrix.columns["owned"].positions
    owned = owned[matrix.is_integer[owned]]
    is_paid = matrix.costs["lead_cost"][owned] > 0
    near = near.fixed(owned, np.where(is_paid, round_up(values[owned]), round_down(values[owned])))
    relaxed = _relaxed(session, near, pace.deadline)
    if relaxed.values is not None:
        inside = near.narrowed(matrix, relaxed.values)
        until = pace.until(_SEARCH_RELAXATIONS)
        search_in(session, inside, until, incumbent, _NODES, relative_gap=_GAP)


def _relaxed(session: Session, near: Neighborhood, until: float, method: str | None = None) -> Answer:
    """The linear program inside."""
    session.set_column_bounds(near.lower, near.upper)
    return session.solve(until - time.perf_counter(), relax=True, method=method)
