"""Derives the needs of the case ``reference`` from what today's posture brings: "as safe as today", less a margin.

``python data/derive_needs.py`` writes ``requirements.csv`` anew. Which needs there are, by theater, scenario, phase and
capability, is what the file says already. Their points follow from the posture of ``posture score``, of which only
deployments are free, and from the assumptions at the head of this file::

    most[n]      = max supply[n]                          of the need n = (k,c,p,s) by itself
    brought[n]   = supply[n], so divided that the least of supply[n] / (weight[s,k]·most[n]) is as great as can be, then
                   the next least, and so on: nothing that could help another need is left over
    required[n]  = part[k,c]·brought[n] / (1 + margin[s])                                                rounded down
    least[n]     = kept·(the least part of the lead actor while every need has what it is brought) / brought[n]

What is published stands in place of what is derived. How needs grow is said by ``theater_years.csv``. Nothing hangs on
what the points were before, so that the script run twice writes the same.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.optimize import linprog

from optimizer.cases.read import read_case
from optimizer.errors import SolverError
from optimizer.formulation.frames.paths import NEED
from optimizer.questions.score import columns_of, supplies
from optimizer.questions.todays_posture import OPTIONS, solved, todays_posture
from optimizer.solver.matrix import Floats, Matrix
from optimizer.solver.session import Session
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

FILE = Path(__file__).parent / "reference" / "requirements.csv"

MARGINS = {"EUROPE": 0.1, "BALTIC_AND_FIRST_ISLAND_CHAIN": 0.1, "KOREA_AND_GULF": 0.1}
"""By how much today's posture brings more than is needed, in the scenarios that size the forces."""

OTHER_MARGIN = 0.25
"""The same in scenarios in which one theater could have everything."""

WEIGHTS = {
    ("EUROPE", "BALTIC"): 0.4,
    ("EUROPE", "CENTRAL_EUROPE"): 0.35,
    ("EUROPE", "BLACK_SEA"): 0.25,
    ("BALTIC_AND_FIRST_ISLAND_CHAIN", "BALTIC"): 0.35,
    ("BALTIC_AND_FIRST_ISLAND_CHAIN", "JAPAN_FIRST_ISLAND_CHAIN"): 0.65,
    ("KOREA_AND_GULF", "KOREA"): 0.6,
    ("KOREA_AND_GULF", "GULF"): 0.4,
}
"""By scenario and theater, the part of what could come to it alone that a theater gets where theaters compete."""

PARTS = {
    ("BALTIC", "MARITIME"): 0.4,
    ("KOREA", "MARITIME"): 0.4,
    ("KOREA", "AIR"): 0.8,
    ("GULF", "MARITIME"): 0.5,
    ("GULF", "AIR"): 0.6,
}
"""By theater and capability, the part of what is brought that is needed, where it is not all of it: the Baltic is too
small for the navies of NATO, North Korea has hardly a navy, and Iran no air force of the first rank."""

PUBLISHED = {
    ("BALTIC", "HEAVY_GROUND", "D10"): 3.0,
    ("BALTIC", "LIGHT_GROUND", "D10"): 4.0,
    ("BALTIC", "HEAVY_GROUND", "D30"): 5.0,
    ("BALTIC", "LIGHT_GROUND", "D30"): 6.0,
    ("BALTIC", "HEAVY_GROUND", "D180"): 8.0,
    ("BALTIC", "LIGHT_GROUND", "D180"): 8.0,
    ("BALTIC", "HEAVY_GROUND", "WIN180"): 12.0,
    ("BALTIC", "LIGHT_GROUND", "WIN180"): 8.0,
}
"""Ground forces against a sudden attack on the Baltic states (see sources.csv); points."""

SUDDEN = ("BALTIC_ALONE", "BALTIC_AND_FIRST_ISLAND_CHAIN")
"""The scenarios in which the attack is a sudden one."""

KEPT_PART = 0.9
"""What the United States keeps of today's part of a need as long as nothing is handed over."""

_TRACE = 1e-6
_TIGHT = 1e-7
_ALMOST = 1e-4


def derived(case: Problem) -> pd.DataFrame:
    """The needs of a case as today's posture meets them with the margins.

    Returns:
        The rows of the table ``requirements``.

    Raises:
        SolverError: today's posture could not be scored.
    """
    rows = _rows(_brought(case), case.years[0])
    return pd.DataFrame(rows, columns=list(PROBLEM_TABLES["requirements"].by_name))


def _brought(case: Problem) -> pd.DataFrame:
    """The needs with brought_points, and the least_lead_points among them while every need has what it is brought."""
    empty = case["requirements"].head(0)
    wanted = case["requirements"][NEED].drop_duplicates()
    barely = wanted.assign(year=case.years[0], required_points=_TRACE)
    tables = {**case.tables, "requirements": pd.concat([empty, barely]).astype(empty.dtypes.to_dict())}
    posture = todays_posture(Problem(tables))
    program = posture.program
    needs = program.rows["deterrence"]
    frame = pd.DataFrame(needs.keys, columns=[*NEED, "year"])

    supply = sp.csr_array(program.coefficients[needs.positions] * supplies(program)[None, :])
    of_lead = columns_of(program, "deployed", posture.index.lead)
    most = -np.array(list(_least(program, -supply.toarray())))
    places = zip(frame["scenario_id"], frame["theater_id"], strict=True)
    weights = np.array([WEIGHTS.get(place, 1.0) for place in places])
    brought = _divided(program, supply, weights * most, most)
    row_lower = program.row_lower.copy()
    row_lower[needs.positions] = brought * (1 - _ALMOST)
    led = list(_least(replace(program, row_lower=row_lower), supply.toarray() * of_lead))
    return frame.assign(brought_points=brought, least_lead_points=led)


def _least(program: Matrix, costs: Floats) -> Iterator[float]:
    """The least of each row of costs."""
    session = Session(program, OPTIONS)
    for row in costs:
        session.set_costs(row)
        try:
            answer = solved(session, relax=True, method="primal")
        except SolverError:
            # After hundreds of runs a point may be off by a little more than the tolerance.
            session = Session(program, OPTIONS)
            session.set_costs(row)
            answer = solved(session, relax=True)
        assert answer.values is not None
        yield float(row @ answer.values)


def _divided(program: Matrix, supply: sp.csr_array, scale: Floats, most: Floats) -> Floats:
    """Supplies whose parts of a scale are, in rising order, as great as they can be; none is above its most.

    In each round the least part that is still open is raised as far as it goes; needs whose price is then not 0 have
    what they can have.
    """
    can_move = program.column_lower < program.column_upper
    moving = np.flatnonzero(can_move)
    held = np.where(can_move, 0.0, program.column_lower)
    kept = np.setdiff1d(np.arange(len(program.row_lower)), program.rows["deterrence"].positions)
    rows = sp.csr_array(program.coefficients[kept])
    offsets = rows @ held
    upper, lower = program.row_upper[kept] - offsets, program.row_lower[kept] - offsets
    is_below, is_above = np.isfinite(upper), np.isfinite(lower)
    limits = sp.vstack([rows[is_below], -rows[is_above]])[:, moving]
    limit = np.concatenate([upper[is_below], -lower[is_above]])
    own, fixed_supply = supply[:, moving], supply @ held
    bounds = [*zip(program.column_lower[moving], program.column_upper[moving], strict=True), (0.0, None)]
    costs = np.append(np.zeros(len(moving)), -1.0)

    found = np.full(len(scale), np.nan)
    while (is_open := np.isnan(found)).any():
        raised = sp.csr_array(np.where(is_open, scale, 0.0)[:, None])
        least = np.where(is_open, 0.0, found * (1 - _TIGHT)) - fixed_supply
        needs = sp.hstack([-own, raised])
        padded = sp.hstack([limits, sp.csr_array((limits.shape[0], 1))])
        answer = linprog(costs, sp.vstack([padded, needs]), np.concatenate([limit, -least]), bounds=bounds)
        part = answer.x[-1]
        prices = -answer.ineqlin.marginals[len(limit) :]
        is_done = is_open & ((prices * scale > _TIGHT) | (part * scale >= most * (1 - _TIGHT)))
        assert is_done.any()
        found[is_done] = part * scale[is_done]
    return found


def _rows(brought: pd.DataFrame, year: int) -> Iterator[dict[str, object]]:
    """The rows of the table, one of each need."""
    for need in brought.to_dict("records"):
        theater, capability, phase, scenario = (need[column] for column in NEED)
        points = PARTS.get((theater, capability), 1.0) * need["brought_points"]
        margin = MARGINS.get(scenario, OTHER_MARGIN)
        published = PUBLISHED.get((theater, capability, phase)) if scenario in SUDDEN else None
        part = KEPT_PART * need["least_lead_points"] / need["brought_points"]
        yield {
            **{column: need[column] for column in NEED},
            "year": year,
            "required_points": published or _down(points / (1 + margin), _step(points)),
            "minimum_lead_fraction": _down(part, 0.01) or None,
        }


def _step(points: float) -> float:
    """A unit of the second digit."""
    return 10.0 ** (math.floor(math.log10(points)) - 1)


def _down(value: float, step: float) -> float:
    return round(math.floor(value / step + _TRACE) * step, 6)


if __name__ == "__main__":
    table = derived(read_case("reference"))
    table.sort_values(list(PROBLEM_TABLES["requirements"].key)).to_csv(
        FILE, index=False, float_format="%.10g"
    )
