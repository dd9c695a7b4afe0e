"""One of the two processes of a search: it is told a role, and tells what it finds until it is killed."""

import os
import sys
import threading
import time
from multiprocessing.connection import Connection

from optimizer.search.integer.completion import Start, complete
from optimizer.search.integer.dive import dive
from optimizer.search.integer.incumbent import Incumbent
from optimizer.search.integer.pace import Pace
from optimizer.search.integer.search import improve, search_everything, search_near
from optimizer.solver.matrix import Floats
from optimizer.solver.session import Answer, Session

_LOOK_SECONDS = 0.1
_WAIT_RELAXATIONS = 2.0


def main() -> None:
    """Serves the process at the other end of a pipe, whose descriptor is the first argument."""
    connection = Connection(int(sys.argv[1]))
    role, seconds, matrix, options, relaxation, start, (values, objective) = connection.recv()
    deadline = time.perf_counter() + seconds
    incumbent = _Telling(connection, relaxation.bound, matrix.objective_offset)
    if values is not None:
        incumbent.hear(values, objective, "start")
    threading.Thread(target=_listen, args=(connection, incumbent), daemon=True).start()
    session = Session(matrix, options)
    if role == "bound":
        ending = _raise_bound(session, relaxation, start, deadline, incumbent)
        connection.send(("ending", ending))
    else:
        _improve(session, relaxation, deadline, incumbent)
    threading.Event().wait()


class _Telling(Incumbent):
    """Passes on every plan and bound found here."""

    def __init__(self, connection: Connection, bound: float, offset: float) -> None:
        super().__init__(bound, offset, time.perf_counter(), lambda *_: None)
        self._connection = connection
        self._heard: Floats | None = None

    def offer(self, values: Floats, objective: float, source: str) -> bool:
        """As in Incumbent; a plan that was taken is told."""
        is_better = super().offer(values, objective, source)
        if is_better:
            self._connection.send(("plan", (values, objective, source)))
        return is_better

    def raise_bound(self, bound: float | None, source: str) -> None:
        """As in Incumbent; a bound that was taken is told."""
        before = self.bound
        super().raise_bound(bound, source)
        if self.bound > before:
            self._connection.send(("bound", (self.bound, source)))

    def hear(self, values: Floats, objective: float, source: str) -> None:
        """Takes a plan that was found elsewhere."""
        if super().offer(values, objective, source):
            self._heard = values

    def newly_heard(self) -> Floats | None:
        """The last plan heard of, once."""
        heard, self._heard = self._heard, None
        return heard


def _listen(connection: Connection, incumbent: _Telling) -> None:
    """Hears plans found elsewhere; ends the process when nobody is there any more."""
    try:
        while True:
            _, plan = connection.recv()
            incumbent.hear(*plan)
    except (EOFError, OSError):
        os._exit(0)


def _wait_for_plan(incumbent: Incumbent, until: float) -> None:
    while incumbent.values is None and time.perf_counter() < until:
        time.sleep(_LOOK_SECONDS)


def _raise_bound(
    session: Session, relaxation: Answer, start: Start | None, deadline: float, incumbent: _Telling
) -> str:
    pace = Pace(session, deadline, relaxation.seconds).within(_WAIT_RELAXATIONS)
    if start is not None:
        complete(session, relaxation, start, pace.deadline, incumbent)
    _wait_for_plan(incumbent, pace.deadline)
    node_limit = session.options.node_limit
    return search_everything(session, deadline, incumbent, node_limit, other_plan=incumbent.newly_heard)


def _improve(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> None:
    dive(session, relaxation, deadline, incumbent)
    search_near(session, relaxation, deadline, incumbent)
    _wait_for_plan(incumbent, deadline)
    if incumbent.values is not None:
        improve(session, relaxation, deadline, incumbent)
