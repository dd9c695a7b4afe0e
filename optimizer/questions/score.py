"""How today's posture stands: what it costs a year, which needs it meets and by how much, which rules it breaks.

The posture is kept as ``todays_posture`` says, and its needs are those of year 1. D is the set of the deployments that
leave every need as well met as one that misses least: missing[n] ≤ s*[n] for each need n. Over D::

    supply[n]       = Σ effect·deployed − losses + bonus                     the row ``deterrence`` of the need
    lead[n]         = the lead actor's part of the first two, as far as it counts
    needed[n]       = required[n] − what today's nuclear options spare
    most[n]         = max supply[n]                     margin[n]       = most[n] / needed[n] − 1
    most_lead[n]    = max lead[n]                       least_lead[n]   = min lead[n]

So the need n alone could grow to most[n]: units that serve other needs of its scenario, in other theaters too, stay
where these would otherwise go shorter. Needs of other scenarios take nothing, since scenarios do not come together. Of
a need that is missed, most[n] = needed[n] − s*[n] if its theater has a weight: the margin is then negative. The lead
actor's part of what is brought lies between least_lead and most_lead: with less than the one some need would go
shorter, whatever allies do. Limits that are parts of a requirement, those of a command's bonus and of the lead actor's
part, stay those of the requirement as it is given.
"""

import threading
from collections.abc import Iterator

import numpy as np
import pandas as pd

from optimizer.checks.admission import checked_index
from optimizer.formulation.frames.paths import NEED
from optimizer.plan.clean_numbers import clean_table
from optimizer.questions.todays_posture import ASKED, OPTIONS, TodaysPosture, solved, todays_posture
from optimizer.solver.independent_parts import independent_parts
from optimizer.solver.matrix import Floats, Matrix
from optimizer.solver.session import Session
from optimizer.tables.plan_tables import plan_table
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SCORE_TABLES
from optimizer.tables.score import Score

_NEED_YEAR = [*NEED, "year"]

_COSTS = {
    "own_usd_m": "OWN",
    "sets_usd_m": "SETS",
    "stationing_usd_m": "STATIONING",
    "sites_usd_m": "SITES",
    "housing_usd_m": "HOUSING",
    "command_usd_m": "COMMAND",
    "nuclear_usd_m": "NUCLEAR",
}
_BILLS = ("BILLED_PAID", "BILLED_RECEIVED")


def score(
    problem: Problem, memory_limit_bytes: int | None = None, interrupt: threading.Event | None = None
) -> Score:
    """Scores today's posture.

    Args:
        problem: the problem as it was given.
        memory_limit_bytes: what its model may need; None is no limit.
        interrupt: when set, the question ends without an answer.

    Raises:
        ProblemError: the problem has findings.
        SolverError: the solver failed, or was interrupted.
    """
    checked_index(problem, ASKED, memory_limit_bytes)
    posture = todays_posture(problem, interrupt)
    tables = {
        "actor_costs": _actor_costs(posture),
        "need_scores": _need_scores(posture, interrupt),
        "broken_rules": posture.broken_rules,
    }
    return Score(problem.digest, tables, tuple(posture.solution.outcome["audit_findings"]))


def _actor_costs(posture: TodaysPosture) -> pd.DataFrame:
    """What today's posture costs each actor a year: the table of a score."""
    lines = plan_table(posture.solution.tables, "ledger")
    sums = lines.pivot_table(index="actor_id", columns="kind", values="usd_m", aggfunc="sum")
    sums = sums.reindex(columns=[*_COSTS.values(), *_BILLS]).fillna(0.0)
    costs = sums[list(_COSTS.values())].set_axis(list(_COSTS), axis="columns")
    costs["bills_usd_m"] = sums[list(_BILLS)].sum(axis="columns")
    costs["modeled_usd_m"] = costs.sum(axis="columns")
    spent = posture.solution.tables["spending_results"]
    spent = spent[spent["year"] == posture.index.years[0]].astype({"actor_id": "object"})
    columns = ["other_spending_usd_m", "spending_usd_m", "spending_fraction"]
    both = costs.join(spent.set_index("actor_id")[columns], how="outer")
    both[costs.columns] = both[costs.columns].fillna(0.0)
    table = SCORE_TABLES["actor_costs"]
    frame = clean_table(table, both.rename_axis("actor_id").reset_index())
    return frame.sort_values("actor_id", ignore_index=True)


def _need_scores(posture: TodaysPosture, interrupt: threading.Event | None) -> pd.DataFrame:
    """How far every need of year 1 is met, and its margin: the table of a score."""
    met = plan_table(posture.solution.tables, "requirement_results")
    met["needed_points"] = met["required_points"] - met["reduction_points"]
    met = met.rename(columns={"shortfall_points": "missing_points"})
    extremes = list(_extremes(posture.index.lead, posture.program, interrupt))
    found = [*_NEED_YEAR, "most_points", "most_lead_points", "least_lead_points"]
    frame = met.merge(pd.DataFrame(extremes, columns=found), on=_NEED_YEAR, how="left")
    needed = frame["needed_points"].where(frame["needed_points"] > 0)
    frame["margin_fraction"] = frame["most_points"] / needed - 1.0
    table = SCORE_TABLES["need_scores"]
    return clean_table(table, frame).sort_values(table.key, ignore_index=True)


def _extremes(
    lead: str, program: Matrix, interrupt: threading.Event | None
) -> Iterator[tuple[str | int | float, ...]]:
    """For each need its key and year, the most supply, and the most and the least of the lead actor's part."""
    needs = program.rows["deterrence"]
    is_supply = supplies(program)
    of_lead = columns_of(program, "deployed", lead) + columns_of(program, "lead_counted")
    parts = independent_parts(program, as_much_as_possible=["ready"])
    part_of = np.full(program.coefficients.shape[1], -1)
    for number, part in enumerate(parts):
        part_of[part.columns] = number
    sessions = [Session(part.matrix, OPTIONS, interrupt) for part in parts]

    def least(cost: Floats) -> float:
        total = 0.0
        # What cannot move of a supply is at 0, and in no part.
        for number in np.unique(part_of[(cost != 0) & (part_of >= 0)]):
            own = cost[parts[number].columns]
            sessions[number].set_costs(own)
            values = solved(sessions[number], relax=True, method="primal").values
            assert values is not None
            total += float(own @ values)
        return total

    for key, row in zip(needs.keys, needs.positions, strict=True):
        supply = program.coefficients[[row], :].toarray().ravel() * is_supply
        part = supply * of_lead
        yield *key, -least(-supply), -least(-part), max(0.0, least(part))


def supplies(program: Matrix) -> Floats:
    """1 for each column that supplies a need; 0 for what is missing or spared."""
    chosen = np.ones(program.coefficients.shape[1])
    for name in ("shortfall", "nuclear_choice"):
        chosen[program.columns[name].positions] = 0.0
    return chosen


def columns_of(program: Matrix, block: str, first: str | None = None) -> Floats:
    """1 for each column of a block whose key begins with a name, if one is given; 0 for all others."""
    chosen = np.zeros(program.coefficients.shape[1])
    columns = program.columns[block]
    is_one = [first is None or key[0] == first for key in columns.keys]
    chosen[columns.positions[np.array(is_one, dtype=bool)]] = 1.0
    return chosen
