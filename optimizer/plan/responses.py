"""What allies are willing to spend in a plan: the most that the lead actor's presence leaves.

The program asks only that willingness suffices for what is spent, so its own columns may say less.
"""

from collections import defaultdict

from optimizer.formulation.frames.allied_limits import ACTOR_YEAR
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.responses import published, slow, speeds, targets
from optimizer.plan.written_tables import ByKey, Key
from optimizer.tables.keyed import keys, values


def response_results(index: Index, presence: ByKey, is_relaxed: bool) -> dict[str, ByKey]:
    """The columns of response_results by actor and year.

    Args:
        index: the index of the problem.
        presence: presence of a plan by theater and year.
        is_relaxed: whether a floor may hold in part.
    """
    frame = targets(index)
    answers = _answers(index, presence)
    target = {
        (actor, year): _greatest(reference - answers[actor, year], floor, below, above, is_relaxed)
        for actor, year, reference, floor, below, above in keys(
            frame, [*ACTOR_YEAR, "reference_usd_m", "floor_usd_m", "below_usd_m", "above_usd_m"]
        )
    }
    willing = values(published(index), ACTOR_YEAR, "spending_usd_m") if target else {}
    speed = values(speeds(index), ACTOR_YEAR, "speed_fraction") if target else {}
    looks_back = set(keys(slow(index), ACTOR_YEAR)) if target else set()
    previous = index.problem.calendar.previous
    for actor, year in sorted(target):
        part = speed[actor, year]
        before = willing[actor, previous[year]] if (actor, year) in looks_back else 0.0
        willing[actor, year] = (1 - part) * before + part * target[actor, year]
    return {
        "target_usd_m": target,
        "willingness_usd_m": {key: willing[key] for key in target},
        "floor_usd_m": values(frame, ACTOR_YEAR, "floor_usd_m"),
    }


def _answers(index: Index, presence: ByKey) -> ByKey:
    """By how much presence lowers what an actor would spend, M$ a year."""
    less: dict[Key, float] = defaultdict(float)
    rows = keys(index.problem["responses"], ["actor_id", "theater_id", "response_usd_m_per_point_yr"])
    for actor, theater, rate in rows:
        for year in index.years:
            less[actor, year] += rate * presence[theater, year]
    return less


def _greatest(answer: float, floor: float, below: float, above: float, is_relaxed: bool) -> float:
    """The greatest target that the rows of the response allow, over the part to which the floor holds."""
    if not below:
        return answer
    if not is_relaxed:
        return max(answer, floor)
    part = min(max((floor + above - answer) / (below + above), 0.0), 1.0)
    return min(answer + below * part, floor + above * (1 - part))
