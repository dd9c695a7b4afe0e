"""Rounds whole columns in steps, the nearest to a whole number first.

After each step the dual simplex goes on from the basis at hand, which stays dual feasible when only bounds change.
Where a step is infeasible fewer columns are fixed, down to one, which then takes its other neighbor.
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.integer_plans.neighborhoods import Neighborhood, Positions, is_whole, round_down, round_up
from optimizer.matrix import Floats
from optimizer.session import Session

_SHARES = (0.8, 0.4, 0.1, 0.0)
_STEP_RELAXATIONS = 0.5
_LEAST_SECONDS = 5.0


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


def rounded(session: Session, stages: Sequence[Positions], pace: Pace) -> Floats | None:
    """Values of a plan; None if a step fails, or takes too long.

    Args:
        session: has the program, with the bounds of its matrix.
        stages: positions of the columns that are to be whole, those first that are to be fixed first.
        pace: how long things may take.
    """
    matrix = session.matrix
    near = Neighborhood("", matrix.column_lower, matrix.column_upper)
    values = session.solve(pace.deadline - time.perf_counter(), relax=True).values
    for columns in stages:
        while values is not None:
            left = columns[~is_whole(values[columns])]
            if left.size == 0:
                near = near.fixed(columns, values[columns])
                break
            distance = np.abs(values[left] - np.round(values[left]))
            near, values = _step(session, near, left[np.argsort(distance, kind="stable")], values, pace)
    return values


def _step(
    session: Session, near: Neighborhood, nearest: Positions, values: Floats, pace: Pace
) -> tuple[Neighborhood, Floats | None]:
    for some, at in _tries(nearest, values):
        inside = near.fixed(some, at)
        session.set_column_bounds(inside.lower, inside.upper)
        seconds = pace.until(_STEP_RELAXATIONS) - time.perf_counter()
        answer = session.solve(seconds, relax=True, method="dual")
        if answer.termination == "OPTIMAL":
            return inside, answer.values
        if answer.termination != "INFEASIBLE":
            break
    return near, None


def _tries(nearest: Positions, values: Floats) -> Iterator[tuple[Positions, Floats]]:
    """Columns, and the whole numbers to fix them at."""
    for size in dict.fromkeys(max(1, math.ceil(share * len(nearest))) for share in _SHARES):
        yield nearest[:size], np.round(values[nearest[:size]])
    one = nearest[:1]
    yield one, round_up(values[one]) + round_down(values[one]) - np.round(values[one])
