"""Whether the log of the search can be one: it only gets better, and ends where the plan is."""

import math
from typing import NamedTuple

from optimizer.audit.amounts import Key
from optimizer.audit.comparison import OBJECTIVE, said
from optimizer.audit.plan import Plan

_ROW = "search_steps: {step_number}: "


class _Step(NamedTuple):
    """A row of the log; numbers that are empty are not a number."""

    step_number: int
    elapsed_seconds: float
    best_bound: float
    best_value: float
    step_source: str


def search_steps(plan: Plan) -> list[str]:
    """Findings about the table search_steps."""
    steps = sorted(
        _Step(*row) for row in zip(*(plan.cells("search_steps", n) for n in _Step._fields), strict=True)
    )
    if not steps:
        return []
    end_bound, end_value = _end(plan)
    broken: dict[str, list[Key]] = {}
    before, value_before = steps[0], math.nan
    for place, step in enumerate(steps, start=1):
        bound = step.best_bound
        value = value_before if math.isnan(step.best_value) else step.best_value
        for words, is_broken in (
            ("it is the step in place {place}", step.step_number != place),
            ("nothing is said to have brought it", not step.step_source.strip()),
            ("the plan before it is lost", math.isnan(step.best_value) and not math.isnan(value)),
            ("earlier than the step before", _above(before.elapsed_seconds, step.elapsed_seconds)),
            ("a bound of {best_bound}, below the one before", _above(before.best_bound, bound)),
            ("a plan of {best_value}, worse than the one before", _above(value, value_before)),
            ("a bound of {best_bound} above a plan of {best_value}", _above(bound, value)),
            ("a bound of {best_bound}, above {end_bound} at the end", _above(bound, end_bound)),
            ("a plan of {best_value}, better than {end_value} at the end", _above(end_value, value)),
        ):
            broken.setdefault(words, []).extend([(place,)] if is_broken else [])
        before, value_before = step, value
    also: dict[str, dict[Key, object]] = {
        name: {(place,): step[at] for place, step in enumerate(steps, start=1)}
        for at, name in enumerate(_Step._fields)
    }
    for name, end in (("end_bound", end_bound), ("end_value", end_value)):
        also[name] = {(place,): end for place in range(1, len(steps) + 1)}
    sentences = (said(("place",), places, _ROW + words, **also) for words, places in broken.items())
    return [finding for findings in sentences for finding in findings]


def _end(plan: Plan) -> tuple[float, float]:
    """Bound and value of the first objective as they are shown."""
    columns = (plan.cells("objective_results", name) for name in ("order_number", "best_bound", "value"))
    shown = {number: (bound, value) for number, bound, value in zip(*columns, strict=True)}
    return shown.get(1, (math.nan, math.nan))


def _above(left: float, right: float) -> bool:
    """Whether left is above right by more than an objective may be off; an empty side is not compared."""
    return left - right > OBJECTIVE * max(abs(right), 1.0)
