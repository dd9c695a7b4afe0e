"""Completes some whole numbers, such as those of an earlier plan, to a plan.

The whole numbers are fixed, as far as the program allows them, in the elastic program, in which everything else is
chosen; what that breaks is repaired.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.search.integer.effort import Effort
from optimizer.search.integer.elastic import elastic
from optimizer.search.integer.incumbent import Incumbent
from optimizer.search.integer.inside import search_in
from optimizer.search.integer.neighborhoods import Neighborhood, Positions
from optimizer.search.integer.pace import Pace
from optimizer.search.integer.repair import offer_repaired
from optimizer.solver.matrix import Floats
from optimizer.solver.session import Answer, Session

_MOST_RELAXATIONS = 3.0
_RELAXATIONS = 2.0
_NODES = 50
_GAP = 0.005

SOURCE = "the plan to start from"
"""Source of what is completed."""


@dataclass(frozen=True)
class Start:
    """Whole numbers to start from.

    Attributes:
        columns: positions of whole columns.
        values: what these are to be, as nearly as bounds allow.
    """

    columns: Positions
    values: Floats


def complete(
    session: Session, relaxation: Answer, start: Start, deadline: float, incumbent: Incumbent
) -> None:
    """Searches for a plan that has some whole numbers, or nearly has.

    Args:
        session: a session with the program.
        relaxation: its solved linear relaxation.
        start: the whole numbers.
        deadline: time of ``time.perf_counter`` at which to stop.
        incumbent: takes what is found.
    """
    program = elastic(session.matrix, relaxation)
    matrix = program.matrix
    wide = Session(matrix, session.options, session.interrupt)
    pace = Pace(session, deadline, relaxation.seconds).within(_MOST_RELAXATIONS)
    near = Neighborhood(SOURCE, matrix.column_lower, matrix.column_upper).fixed(start.columns, start.values)
    found = Incumbent(-np.inf, matrix.objective_offset, 0.0, lambda *_: None)
    search_in(wide, near, pace.until(_RELAXATIONS), found, _NODES, relative_gap=_GAP)
    if found.values is not None:
        offer_repaired(wide, program, found.values, Effort(pace.deadline), incumbent, SOURCE)
