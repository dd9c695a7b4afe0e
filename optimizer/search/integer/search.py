"""The searches, and their order in one process."""

import time
from collections.abc import Callable

from optimizer.search.integer.completion import Start, complete
from optimizer.search.integer.dive import dive
from optimizer.search.integer.incumbent import Incumbent
from optimizer.search.integer.inside import search_in
from optimizer.search.integer.neighborhoods import around, differing, is_whole, near_relaxation, parts_of
from optimizer.search.integer.pace import Pace
from optimizer.solver.matrix import Floats
from optimizer.solver.session import Answer, Session

EVERYTHING = "all whole numbers"
"""Source of what the search over everything finds."""

_QUICK_NONZEROS = 40_000
_QUICK_SECONDS = 5.0
_QUICK_NODES = 1_000
_EVERYTHING_NODES = 10_000
_NEAR_RELAXATIONS = 6.0
_NEAR_NODES = 200
_PART_RELAXATIONS = 4.0
_PART_NODES = 50
_LEAST_RELAXATIONS = 4.0
_AT_LIMIT = ("TIME_LIMIT", "WORK_LIMIT")

OtherPlan = Callable[[], Floats | None]


def find_plan(
    session: Session,
    relaxation: Answer,
    deadline: float,
    incumbent: Incumbent,
    start: Start | None = None,
) -> str:
    """Searches for a plan in whole numbers, one thing after the other.

    A small program goes to HiGHS as it is. If that does not end soon, and for a large one, what there is to start from
    is completed; a dive comes next. Where work is counted, a large program's search ends here with the plan of the
    dive, unless nodes are asked for: what follows takes ten times as long for a tenth of a percent. The neighbors of
    the relaxation are next; then everything, from the best plan; or, where the time left would not pay for that, parts
    of the best plan.

    Args:
        session: a session with the program as it was loaded.
        relaxation: its solved linear relaxation.
        deadline: time of ``time.perf_counter`` at which to stop.
        incumbent: takes what is found.
        start: whole numbers to start from.

    Returns:
        A word of the Termination choice.
    """
    ending = search_soon(session, relaxation, deadline, incumbent)
    if ending is not None:
        return ending
    if start is not None:
        complete(session, relaxation, start, deadline, incumbent)
    dive(session, relaxation, deadline, incumbent)
    if not _ends_with_the_dive(session, incumbent):
        search_near(session, relaxation, deadline, incumbent)
    if incumbent.gap <= session.options.optimal_gap:
        return "OPTIMAL"
    if session.interrupt.is_set():
        return "INTERRUPTED"
    if _ends_with_the_dive(session, incumbent):
        return "WORK_LIMIT"
    left = deadline - time.perf_counter()
    if session.options.is_counted or incumbent.values is None:
        return search_everything(session, deadline, incumbent, _node_limit(session))
    if left < _LEAST_RELAXATIONS * relaxation.seconds:
        improve(session, relaxation, deadline, incumbent)
        return "INTERRUPTED" if session.interrupt.is_set() else "TIME_LIMIT"
    return search_everything(session, deadline, incumbent, _node_limit(session))


def _ends_with_the_dive(session: Session, incumbent: Incumbent) -> bool:
    options = session.options
    is_usual = options.is_counted and options.relative_gap is None and options.node_limit is None
    return is_usual and incumbent.values is not None and not _is_small(session)


def _is_small(session: Session) -> bool:
    return bool(session.matrix.coefficients.nnz <= _QUICK_NONZEROS)


def _node_limit(session: Session) -> int | None:
    chosen = session.options.node_limit
    return _EVERYTHING_NODES if chosen is None and session.options.is_counted else chosen


def search_soon(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> str | None:
    """Lets HiGHS alone solve a small program, or any in a plain search; None if that is not the end.

    A relaxation that is whole is the plan.
    """
    options, values = session.options, relaxation.values
    assert values is not None
    if is_whole(values[session.matrix.is_integer]).all():
        incumbent.offer(values, relaxation.objective, "linear relaxation")
        return "OPTIMAL"
    if options.plain_search:
        return search_everything(session, deadline, incumbent, _node_limit(session))
    if not _is_small(session):
        return None
    if options.is_counted:
        nodes = _QUICK_NODES if options.node_limit is None else min(_QUICK_NODES, options.node_limit)
        ending = search_everything(session, deadline, incumbent, nodes)
    else:
        soon = min(deadline, time.perf_counter() + _QUICK_SECONDS)
        ending = search_everything(session, soon, incumbent, options.node_limit)
    is_over = ending not in _AT_LIMIT or time.perf_counter() >= deadline
    return ending if is_over else None


def search_near(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> None:
    """Searches the neighbors of the relaxation: with a plan, as long as that can be expected to pay."""
    assert relaxation.values is not None
    matrix = session.matrix
    near, until = near_relaxation(matrix, relaxation.values), deadline
    if incumbent.values is not None:
        near = near.reaching(matrix.is_integer, incumbent.values)
        until = Pace(session, deadline, relaxation.seconds).until(_NEAR_RELAXATIONS)
    search_in(session, near, until, incumbent, _NEAR_NODES)


def improve(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> None:
    """Searches around the best plan, part after part, until the deadline; for longer once all parts failed."""
    assert relaxation.values is not None
    assert incumbent.values is not None
    matrix = session.matrix
    parts = parts_of(matrix)
    pace, relaxations = Pace(session, deadline, relaxation.seconds), _PART_RELAXATIONS
    while True:
        before = incumbent.objective
        for part in (differing(relaxation.values, incumbent.values), *parts):
            if session.interrupt.is_set() or time.perf_counter() >= deadline:
                return
            near = around(matrix, incumbent.values, part)
            search_in(session, near, pace.until(relaxations), incumbent, _PART_NODES)
        if incumbent.objective >= before:
            relaxations *= 2


def search_everything(
    session: Session,
    deadline: float,
    incumbent: Incumbent,
    node_limit: int | None = None,
    other_plan: OtherPlan | None = None,
) -> str:
    """Searches over everything, from the best plan; only this proves a bound.

    Returns:
        A word of the Termination choice.
    """
    matrix = session.matrix
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)
    if incumbent.values is not None:
        session.start_from(incumbent.values)
    answer = session.solve(
        time_limit_seconds=deadline - time.perf_counter(),
        on_incumbent=lambda values, objective: incumbent.offer(values, objective, EVERYTHING),
        on_bounds=lambda bound, _: incumbent.raise_bound(bound, EVERYTHING),
        other_plan=other_plan,
        node_limit=node_limit,
    )
    if answer.values is not None:
        incumbent.offer(answer.values, answer.objective, EVERYTHING)
    incumbent.raise_bound(answer.bound, EVERYTHING)
    incumbent.finish(EVERYTHING)
    return answer.termination
