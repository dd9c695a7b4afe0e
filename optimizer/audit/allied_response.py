"""Whether allies spend no more than the lead actor's presence leaves them willing to."""

import math
from dataclasses import dataclass

from optimizer.audit.allied_spending import spending
from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most, equal, said
from optimizer.audit.plan import Plan
from optimizer.audit.presence import greatest_presence, presence
from optimizer.audit.response_floors import floors, speed

_ACTOR_YEAR = ("actor_id", "year")
_ROW = "response_results: {actor_id} {year}: "


def allied_response(plan: Plan) -> list[str]:
    """Findings about targets; a row that is not there shows a target, a willingness and a floor of 0."""
    answers, least = _answers(plan), floors(plan)
    most_target = Amounts(
        _ACTOR_YEAR,
        {key: _most_target(answer, least[key], plan.is_relaxed) for key, answer in answers.items()},
    )
    shown, willing, floor = (
        plan.shown("response_results", name) for name in ("target_usd_m", "willingness_usd_m", "floor_usd_m")
    )
    unasked = shown.outside(most_target)
    target, willing = shown.inside(most_target), willing.inside(most_target)
    spent = spending(plan).total
    before = spent.having(year=plan.today) + willing
    most_willing = Amounts(
        _ACTOR_YEAR,
        {
            (actor, year): (1 - part) * before[actor, plan.previous[year]] + part * target[actor, year]
            for actor, year in most_target
            for part in [speed(plan, actor, year)]
        },
    )
    drawn = least.inside(most_target)
    floor_words = _ROW + "a floor of {left} shown but {right} follows from the tables"
    return [
        *said(_ACTOR_YEAR, unasked, _ROW + "it answers nobody"),
        *equal(floor.inside(most_target), drawn, "usd_m", floor_words),
        *equal(target, most_target, "usd_m", _ROW + "a target of {left} but {right} follows from presence"),
        *equal(
            willing, most_willing, "usd_m", _ROW + "willing to {left} but {right} follows from its targets"
        ),
        *at_most(
            spent.inside(most_target),
            willing,
            "usd_m",
            _ROW + "{left} spent, above the {right} it is willing to",
        ),
    ]


@dataclass
class _Answer:
    """What presence brings an ally to, in M$, and the bounds of it over all presence."""

    usd_m: float
    least: float
    greatest: float


def _answers(plan: Plan) -> dict[tuple[str, int], _Answer]:
    """By actor and year, where somebody answers and its spending is known."""
    there, most = presence(plan), greatest_presence(plan)
    references = plan.carried("actor_years", "reference_spending_usd_m_per_yr")
    answers: dict[tuple[str, int], _Answer] = {}
    for row in plan.rows("responses"):
        reference, rate = row.reference_presence_points, row.response_usd_m_per_point_yr
        if math.isnan(reference):
            reference = there[row.theater_id, plan.today]
        # Where nothing limits presence, a rate of 0 brings nothing all the same.
        full = rate * most[row.theater_id,] if rate else 0.0
        for year in plan.problem.years:
            key = (row.actor_id, year)
            if key in references and key in spending(plan).other:
                spends = references[key]
                answer = answers.setdefault(key, _Answer(spends, spends, spends))
                answer.usd_m -= rate * (there[row.theater_id, year] - reference)
                answer.least -= max(full, 0.0) - rate * reference
                answer.greatest -= min(full, 0.0) - rate * reference
    return answers


def _most_target(answer: _Answer, floor: float, is_relaxed: bool) -> float:
    """The greatest target: the answer to presence, or the floor if that is more.

    In a relaxed plan the floor may hold in part, and the target be at most both
    answer + below · part and floor + above · (1 − part), with below and above how far the answer can be from the
    floor over all presence. Both meet at the part that lets the target be greatest.
    """
    if not is_relaxed:
        return max(answer.usd_m, floor)
    below, above = max(floor - answer.least, 0.0), max(answer.greatest - floor, 0.0)
    if not below:
        return answer.usd_m
    part = min(max((floor + above - answer.usd_m) / (below + above), 0.0), 1.0)
    return min(answer.usd_m + below * part, floor + above * (1 - part))
