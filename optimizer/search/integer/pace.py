"""How long a part of a search by the clock may take."""

import time
from dataclasses import dataclass, replace

from optimizer.solver.session import Session

_LEAST_SECONDS = 5.0


@dataclass(frozen=True)
class Pace:
    """How long something may take, told in times of the relaxation's own; without limit where work is counted.

    Attributes:
        session: whose options say what is counted.
        deadline: time of ``time.perf_counter`` at which everything stops.
        relaxation_seconds: what the relaxation took.
    """

    session: Session
    deadline: float
    relaxation_seconds: float

    def until(self, relaxations: float) -> float:
        """When to stop something that starts now."""
        if self.session.options.is_counted:
            return self.deadline
        usual = max(relaxations * self.relaxation_seconds, _LEAST_SECONDS)
        return min(self.deadline, time.perf_counter() + usual)

    def within(self, relaxations: float) -> "Pace":
        """The pace of something that starts now and has its own deadline."""
        return replace(self, deadline=self.until(relaxations))
