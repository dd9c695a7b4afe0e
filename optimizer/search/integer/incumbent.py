"""The best plan so far, the bound so far, and how both came about."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from optimizer.solver.matrix import Floats

Report = Callable[[str, float | None, float | None], None]

_LEAST_RISE = 1e-4
_SAME_BOUND = 1e-9


@dataclass(frozen=True)
class Step:
    """A moment at which the plan or the bound got better.

    Attributes:
        seconds: since the solve began.
        bound: proven lower bound of the objective.
        objective: of the best plan; None without one.
        source: what brought the step.
    """

    seconds: float
    bound: float
    objective: float | None
    source: str


class Incumbent:
    """Collects plans and bounds from every search; safe to use from several threads.

    Args:
        bound: that of the relaxation, without offset, as are all bounds and objectives here.
        offset: constant of the objective, which the gap counts.
        started: time of ``time.perf_counter`` from which steps are counted.
        report: is given what improved, the bound and the best objective.

    Attributes:
        values: the best plan; None without one.
        objective: of the best plan; infinite without one.
        bound: proven lower bound.
        source: what found the best plan.
        steps: every improvement of the plan, and every rise of the bound worth a row.
    """

    def __init__(self, bound: float, offset: float, started: float, report: Report) -> None:
        self.values: Floats | None = None
        self.objective = float("inf")
        self.bound = bound
        self.source = ""
        self.steps: list[Step] = []
        self._relaxed = bound
        self._offset, self._started, self._report = offset, started, report
        self._lock = threading.RLock()
        self._note("linear relaxation")

    @property
    def gap(self) -> float:
        """Objective less bound, as part of the objective; infinite without a plan."""
        if self.values is None:
            return float("inf")
        return max(0.0, self.objective - self.bound) / max(abs(self.objective + self._offset), 1e-9)

    @property
    def bound_source(self) -> str:
        """A word of the BoundSource choice: whether the bound is more than that of the relaxation."""
        is_more = self.bound > self._relaxed + _SAME_BOUND * max(1.0, abs(self._relaxed))
        return "SOLVER" if is_more else "RELAXATION"

    def offer(self, values: Floats, objective: float, source: str) -> bool:
        """Takes a plan if it is better than the best."""
        with self._lock:
            if objective >= self.objective:
                return False
            self.values, self.objective, self.source = values, objective, source
            self._note(source)
            return True

    def raise_bound(self, bound: float | None, source: str) -> None:
        """Takes a bound if it is higher; None is none."""
        with self._lock:
            if bound is None or bound <= self.bound:
                return
            rise = bound - self.steps[-1].bound
            self.bound = bound
            if rise > _LEAST_RISE * max(abs(bound), 1e-9):
                self._note(source)
            else:
                self._report(source, self.bound, self._shown())

    def finish(self, source: str) -> None:
        """Notes where the search ended, if the bound has risen since the last step."""
        with self._lock:
            if self.bound > self.steps[-1].bound:
                self._note(source)

    def _shown(self) -> float | None:
        return None if self.values is None else self.objective

    def _note(self, source: str) -> None:
        self.steps.append(Step(time.perf_counter() - self._started, self.bound, self._shown(), source))
        self._report(source, self.bound, self._shown())
