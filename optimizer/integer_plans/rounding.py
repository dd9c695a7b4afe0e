"""Rounds whole columns in steps, the nearest to a whole number first.

After each step the dual simplex goes on from the basis at hand, which stays dual feasible when only bounds change.
Where a step is infeasible fewer columns are fixed, down to one, which then takes its other neighbor. If that fails too,
what its owner has is put off: HiGHS decides it at the end, when everything else is fixed.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.integer_plans.neighborhoods import Neighborhood, Positions, is_whole, round_down, round_up
from optimizer.matrix import Floats
from optimizer.session import Session

_SHARES = (0.8, 0.4, 0.1, 0.0)
_STEP_RELAXATIONS = 0.5
_SEARCH_RELAXATIONS = 3.0
_LEAST_SECONDS = 5.0
_NODES = 100
_GAP = 0.005


@dataclass(frozen=True)
class Pace:
    """How long something may take, told in times of the relaxation's own; without limit where nodes are counted.

    Attributes:
        session: whose settings say what is counted.
        deadline: time of ``time.perf_counter`` at which everything stops.
        relaxation_seconds: what the relaxation took.
    """

    session: Session
    deadline: float
    relaxation_seconds: float

    def until(self, relaxations: float) -> float:
        """When to stop something that starts now."""
        if self.session.settings.deterministic:
            return self.deadline
        usual = max(relaxations * self.relaxation_seconds, _LEAST_SECONDS)
        return min(self.deadline, time.perf_counter() + usual)


class Rounding:
    """Fixes whole columns of a program, step by step.

    Args:
        session: has the program.
        owners: whose each column is.
        pace: how long things may take.
    """

    def __init__(self, session: Session, owners: npt.NDArray[np.object_], pace: Pace) -> None:
        matrix = session.matrix
        self._session, self._owners, self._pace = session, owners, pace
        self._near = Neighborhood("", matrix.column_lower, matrix.column_upper)
        self._is_put_off = np.zeros(len(owners), dtype=bool)

    def plan(self, owned: Positions) -> Floats | None:
        """Values of a plan; None if none is found.

        Args:
            owned: positions of owned counts.
        """
        matrix = self._session.matrix
        whole = np.flatnonzero(matrix.is_integer)
        values = self._session.solve(self._seconds_left(), relax=True).values
        for columns in (np.intersect1d(owned, whole), whole):
            while values is not None:
                decided = columns[~self._is_put_off[columns]]
                left = decided[~is_whole(values[decided])]
                if left.size == 0:
                    self._near = self._near.fixed(decided, values[decided])
                    break
                distance = np.abs(values[left] - np.round(values[left]))
                values = self._step(left[np.argsort(distance, kind="stable")], values)
        if values is None or not self._is_put_off.any():
            return values
        self._bound(self._near)
        until = self._pace.until(_SEARCH_RELAXATIONS)
        is_deterministic = self._session.settings.deterministic
        return self._session.solve(
            until - time.perf_counter(), relative_gap=_GAP, node_limit=_NODES if is_deterministic else None
        ).values

    def _step(self, nearest: Positions, values: Floats) -> Floats | None:
        """Fixes what it can, or puts off what cannot be fixed; None if time is up."""
        for some, at in _tries(nearest, values):
            inside = self._near.fixed(some, at)
            self._bound(inside)
            seconds = self._pace.until(_STEP_RELAXATIONS) - time.perf_counter()
            answer = self._session.solve(seconds, relax=True, method="dual")
            if answer.termination == "OPTIMAL":
                self._near = inside
                return answer.values
            if answer.termination != "INFEASIBLE":
                return None
        self._put_off(nearest[0])
        return values

    def _put_off(self, column: np.int64) -> None:
        matrix = self._session.matrix
        theirs = np.flatnonzero(matrix.is_integer & (self._owners == self._owners[column]))
        self._is_put_off[theirs] = True
        self._near.lower[theirs] = matrix.column_lower[theirs]
        self._near.upper[theirs] = matrix.column_upper[theirs]

    def _bound(self, near: Neighborhood) -> None:
        self._session.set_column_bounds(near.lower, near.upper)

    def _seconds_left(self) -> float:
        return self._pace.deadline - time.perf_counter()


def _tries(nearest: Positions, values: Floats) -> Iterator[tuple[Positions, Floats]]:
    """Columns, and the whole numbers to fix them at."""
    for share in _SHARES:
        some = nearest[: max(1, math.ceil(share * len(nearest)))]
        yield some, np.round(values[some])
    one = nearest[:1]
    yield one, round_up(values[one]) + round_down(values[one]) - np.round(values[one])
