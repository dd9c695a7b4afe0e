"""How much work rounding may do: counted in iterations of linear programs, so that it ends alike on every machine."""

import time

from optimizer.solver.session import Answer, Session

_MOST_ITERATIONS = 100_000
_LEAST_COUNTED = 50


class Effort:
    """Iterations that are left to a dive, or to the completion of a plan, with its repairs.

    Args:
        deadline: time of ``time.perf_counter`` at which everything stops, however little was done.

    Attributes:
        iterations_left: of all linear programs together; none counts less than 50, what setting it up costs.
    """

    def __init__(self, deadline: float) -> None:
        self.iterations_left = _MOST_ITERATIONS
        self._deadline = deadline

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is to begin."""
        return self.iterations_left <= 0 or time.perf_counter() >= self._deadline

    def solved(
        self, session: Session, method: str | None = None, iteration_limit: int | None = None
    ) -> Answer:
        """Solves the linear program as it stands in a session, as ``Session.solve``."""
        answer = session.solve(
            time_limit_seconds=self._deadline - time.perf_counter(),
            relax=True,
            method=method,
            iteration_limit=iteration_limit,
        )
        self.iterations_left -= max(answer.iterations, _LEAST_COUNTED)
        return answer
