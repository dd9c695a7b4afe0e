"""A search inside a neighborhood."""

import time

from optimizer.search.integer.incumbent import Incumbent
from optimizer.search.integer.neighborhoods import Neighborhood
from optimizer.solver.session import Session


def search_in(
    session: Session,
    near: Neighborhood,
    deadline: float,
    incumbent: Incumbent,
    node_limit: int,
    relative_gap: float | None = None,
) -> None:
    """Searches a neighborhood, from the best plan if it lies inside.

    Args:
        session: a session; its column bounds are those of the program again at the end.
        near: where to search.
        deadline: time of ``time.perf_counter`` at which to stop.
        incumbent: takes what is found.
        node_limit: nodes after which to stop where work is counted.
        relative_gap: gap at which to stop; None takes that of the options.
    """
    session.set_column_bounds(near.lower, near.upper)
    if incumbent.values is not None and near.holds(incumbent.values):
        session.start_from(incumbent.values)
    answer = session.solve(
        time_limit_seconds=deadline - time.perf_counter(),
        relative_gap=relative_gap,
        on_incumbent=lambda values, objective: incumbent.offer(values, objective, near.name),
        node_limit=node_limit if session.options.is_counted else None,
    )
    if answer.values is not None:
        incumbent.offer(answer.values, answer.objective, near.name)
    session.set_column_bounds(session.matrix.column_lower, session.matrix.column_upper)
