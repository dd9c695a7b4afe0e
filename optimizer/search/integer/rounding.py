"""Rounds whole columns in steps, the nearest to a whole number first.

After each step the dual simplex goes on from the basis at hand, which stays dual feasible when only bounds change.
Where a step is infeasible fewer columns are fixed, down to one, which then takes its other neighbor. Where that is
infeasible too, twins (``elastic``) make up for what the rows lack; those that are needed stay, the others close
again. So rounding always ends with whole numbers, unless its work is spent before.
"""

import math
from collections.abc import Sequence

import numpy as np

from optimizer.search.integer.effort import Effort
from optimizer.search.integer.elastic import Elastic
from optimizer.search.integer.neighborhoods import Neighborhood, Positions, is_whole, round_down, round_up
from optimizer.solver.matrix import Floats
from optimizer.solver.session import Answer, Session

_LARGEST_SHARE = 0.8
_FEWER = 3
_STEP_ITERATIONS = 2_000
_NEEDED = 1e-7


def round_inside(session: Session, near: Neighborhood, program: Elastic, effort: Effort) -> Floats | None:
    """A plan of the elastic program inside of a neighborhood: sites first, conversions, units owned, then the rest.

    What presolve leaves of the neighborhood is rounded: a step of the dual simplex takes a third of the time there.

    Args:
        session: has the elastic program; its column bounds are those of the program again at the end.
        near: where the plan is to be.
        program: the elastic program.
        effort: what work is left.

    Returns:
        Values of all columns; None if presolve leaves nothing, or the work is spent before.
    """
    matrix = session.matrix
    session.set_column_bounds(near.lower, near.upper)
    reduced = session.presolved()
    values = None
    if reduced is not None:
        inner = Session(reduced.matrix, session.options, session.interrupt)
        whole = np.flatnonzero(reduced.matrix.is_integer)
        stages = [
            whole[np.isin(reduced.columns[whole], matrix.columns[block].positions)]
            for block in ("open", "floored", "converted", "owned")
        ]
        twins = np.flatnonzero(np.isin(reduced.columns, program.twins))
        values = rounded(inner, [*stages, whole], twins, effort)
    plan = None
    if values is not None:
        plan = session.postsolved(values)
        plan[matrix.is_integer] = np.round(plan[matrix.is_integer])
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)
    return plan


def rounded(session: Session, stages: Sequence[Positions], twins: Positions, effort: Effort) -> Floats | None:
    """Values in which all columns of the stages are whole; None if the work is spent before.

    Args:
        session: has the program, with the bounds of its matrix.
        stages: positions of the columns that are to be whole, those first that are to be fixed first.
        twins: positions of the columns that may make up for what rows lack, where nothing else helps.
        effort: what work is left.
    """
    return _Rounding(session, twins, effort).through(stages)


class _Rounding:
    """Bounds and values between two steps."""

    def __init__(self, session: Session, twins: Positions, effort: Effort) -> None:
        self.session, self.twins, self.effort = session, twins, effort
        matrix = session.matrix
        self.near = Neighborhood("", matrix.column_lower, matrix.column_upper).fixed(
            twins, matrix.column_lower[twins]
        )
        self.values: Floats | None = None
        self.basis = session.basis()
        self.share = _LARGEST_SHARE

    def through(self, stages: Sequence[Positions]) -> Floats | None:
        if not self._take(self.near, self._solved(self.near)):
            self._give_way(np.empty(0, dtype=np.int64))
        for columns in stages:
            while self.values is not None:
                left = columns[~is_whole(self.values[columns])]
                if left.size == 0:
                    self.near = self.near.fixed(columns, self.values[columns])
                    break
                if self.effort.is_spent or self.session.interrupt.is_set():
                    return None
                distance = np.abs(self.values[left] - np.round(self.values[left]))
                self._step(left[np.argsort(distance, kind="stable")])
        return self.values

    def _step(self, nearest: Positions) -> None:
        """Fixes as many columns as it can: a third of them after every failure, twice the part after success."""
        assert self.values is not None
        size = max(1, math.ceil(self.share * len(nearest)))
        while True:
            inside = self.near.fixed(nearest[:size], np.round(self.values[nearest[:size]]))
            if self._take(inside, self._answer(inside, is_last=size == 1)):
                self.share = min(_LARGEST_SHARE, 2 * size / len(nearest))
                return
            if size == 1:
                break
            size = math.ceil(size / _FEWER)
        one = nearest[:1]
        other = round_up(self.values[one]) + round_down(self.values[one]) - np.round(self.values[one])
        inside = self.near.fixed(one, other)
        if not self._take(inside, self._answer(inside, is_last=True)):
            self._give_way(one)

    def _give_way(self, one: Positions) -> None:
        """Fixes a column where that breaks least; the twins that are needed stay open."""
        opened = self.near.opened(self.twins, self.session.matrix.column_upper)
        choices = [opened]
        if self.values is not None:
            below, above = round_down(self.values[one]), round_up(self.values[one])
            choices = [opened.fixed(one, below), opened.fixed(one, above)]
        found = [(self._answer(inside), inside, self.session.basis()) for inside in choices]
        answer, inside, basis = min(found, key=lambda each: each[0].objective)
        self.values = None
        if self._take(inside, answer):
            self.basis = basis
            assert self.values is not None
            idle = self.twins[self.values[self.twins] <= _NEEDED]
            self.near = self.near.fixed(idle, self.session.matrix.column_lower[idle])

    def _take(self, inside: Neighborhood, answer: Answer) -> bool:
        if answer.termination != "OPTIMAL":
            return False
        self.near, self.values, self.basis = inside, answer.values, self.session.basis()
        return True

    def _answer(self, inside: Neighborhood, is_last: bool = True) -> Answer:
        """The linear program, from the basis at hand; where that gets stuck, from the last optimal one, or anew."""
        self.session.set_column_bounds(inside.lower, inside.upper)
        answer = self._quickly()
        if answer.termination == "WORK_LIMIT":
            self.session.put_back(self.basis)
            if is_last:
                answer = self._quickly()
        return self._solved(inside) if is_last and answer.termination == "WORK_LIMIT" else answer

    def _quickly(self) -> Answer:
        return self.effort.solved(self.session, method="dual", iteration_limit=_STEP_ITERATIONS)

    def _solved(self, inside: Neighborhood) -> Answer:
        self.session.set_column_bounds(inside.lower, inside.upper)
        return self.effort.solved(self.session)
