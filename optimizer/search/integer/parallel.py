"""The search in two processes: one improves plans, one raises the bound, and each tells the other what it finds.

The second waits a while for a first plan: HiGHS's first round of cuts is much faster with one, and HiGHS does not ask
for plans found elsewhere before that round ends. Meanwhile it completes what there is to start from.

Both run outside of the process that was asked: every better plan leaves them the moment it is found, so stopping
them, even by force, loses nothing, and a deadline holds whatever the solver does.
"""

import logging
import os
import subprocess
import sys
import time
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any

from optimizer.search.integer.completion import Start
from optimizer.search.integer.incumbent import Incumbent
from optimizer.search.integer.search import search_soon
from optimizer.solver.session import Answer, Session

_log = logging.getLogger(__name__)

_START = "from optimizer.search.integer.worker import main; main()"
_LOOK_SECONDS = 0.1
ROLES = ("improve", "bound")
"""What a worker does: find a plan and search around the best, or search everything."""


def find_plan_in_two_processes(
    session: Session,
    relaxation: Answer,
    deadline: float,
    incumbent: Incumbent,
    start: Start | None = None,
) -> str:
    """Searches for a plan in whole numbers, as ``search.find_plan`` but in two processes.

    Returns:
        A word of the Termination choice.
    """
    ending = search_soon(session, relaxation, deadline, incumbent)
    if ending is not None:
        return ending
    with _Workers(session, relaxation, deadline, incumbent, start) as workers:
        while True:
            workers.exchange(_LOOK_SECONDS)
            if incumbent.gap <= session.options.optimal_gap:
                return "OPTIMAL"
            if session.interrupt.is_set():
                return "INTERRUPTED"
            if time.perf_counter() >= deadline:
                return "TIME_LIMIT"
            if workers.ending is not None:
                return workers.ending


class _Workers:
    """The two processes.

    Attributes:
        ending: why the search over everything ended, once it has; SOLVER_FAILURE once no worker is left.
    """

    def __init__(
        self,
        session: Session,
        relaxation: Answer,
        deadline: float,
        incumbent: Incumbent,
        start: Start | None,
    ) -> None:
        self.ending: str | None = None
        self._incumbent = incumbent
        self._processes: list[subprocess.Popen[bytes]] = []
        self._connections: dict[Connection, str] = {}
        best = (incumbent.values, incumbent.objective)
        self._task = (session.matrix, session.options, relaxation, start, best)
        self._deadline = deadline

    def __enter__(self) -> "_Workers":
        for role in ROLES:
            here, there = Pipe()
            self._processes.append(_started(there.fileno()))
            there.close()
            self._connections[here] = role
        for connection, role in list(self._connections.items()):
            self._send(connection, (role, self._deadline - time.perf_counter(), *self._task))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        for connection in self._connections:
            connection.close()

    def exchange(self, seconds: float) -> None:
        """Takes what the workers have found, waiting for it up to some seconds, and hands better plans on."""
        for connection in wait(list(self._connections), timeout=seconds):
            assert isinstance(connection, Connection)
            if connection not in self._connections:
                continue
            try:
                self._take(connection, connection.recv())
            except (EOFError, OSError):
                self._lose(connection)

    def _take(self, connection: Connection, message: tuple[str, Any]) -> None:
        match message:
            case ("plan", (values, objective, source)):
                if self._incumbent.offer(values, objective, source):
                    self._hand_on(connection, message)
            case ("bound", (bound, source)):
                self._incumbent.raise_bound(bound, source)
            case ("ending", ending):
                self.ending = ending

    def _hand_on(self, finder: Connection, message: tuple[str, Any]) -> None:
        for connection in list(self._connections):
            if connection is not finder:
                self._send(connection, message)

    def _send(self, connection: Connection, message: tuple[Any, ...]) -> None:
        try:
            connection.send(message)
        except OSError:
            self._lose(connection)

    def _lose(self, connection: Connection) -> None:
        role = self._connections.pop(connection)
        connection.close()
        _log.warning("the process that was to %s ended early", role)
        if not self._connections:
            self.ending = "SOLVER_FAILURE"


def _started(descriptor: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, str(descriptor)],
        pass_fds=[descriptor],
        env=environment,
        stdin=subprocess.DEVNULL,
    )
