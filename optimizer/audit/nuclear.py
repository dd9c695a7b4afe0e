"""How threatened allies are covered, whether they may be so, and by how much that lowers what is needed."""

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.comparison import at_most, equal, limited, none, said, whole
from optimizer.audit.plan import Plan

CHOICE = ("actor_id", "nuclear_posture")
_ROW = "nuclear_results: {actor_id} {nuclear_posture} {year}: "


def nuclear(plan: Plan) -> list[str]:
    """Findings about nuclear options and their programs."""
    options = plan.given("nuclear_options", "holds_today")
    chosen, started = (
        plan.shown("nuclear_results", name) for name in ("chosen_fraction", "started_fraction")
    )
    unknown = chosen.outside(options)
    chosen, started = chosen.inside(options), started.inside(options)
    held = options * plan.periods
    locked = held.where(lambda actor, posture, year: not plan.is_freed("NUCLEAR", actor, year))
    covered = chosen.inside(plan.years).summed("actor_id", "year")
    one = plan.pairs("nuclear_options", "actor_id") * plan.years
    today = _ROW + "chosen by {left} but the lever is not freed, and today it is {right}"
    before = _ROW + "a program starts before year 1"
    findings = [
        *said(chosen.names, unknown, _ROW + "there is no such option"),
        *equal(covered, one, "fraction", "nuclear_results: {actor_id} {year}: covered {left} times"),
        *equal(chosen.inside(locked), locked, "fraction", today),
        *none(started.having(year=plan.today), "fraction", before),
        *_programs(plan, chosen.inside(plan.years), started.inside(plan.years)),
    ]
    if not plan.is_relaxed:
        findings += whole(chosen.inside(plan.years), _ROW + "chosen by a part, {left}")
        findings += whole(started.inside(plan.years), _ROW + "started by a part, {left}")
    return findings


def lowered_points(plan: Plan, required: Amounts) -> Amounts:
    """By how much the options chosen lower each of some requirements, never below 0.

    Args:
        plan: the plan.
        required: points by theater_id, scenario_id, phase_id, capability_id and year.
    """
    offers: dict[Key, list[tuple[Key, float]]] = {}
    for (*choice, theater, capability), points in plan.given(
        "nuclear_reductions", "reduction_points"
    ).items():
        offers.setdefault((theater, capability), []).append((tuple(choice), points))
    lowered = Amounts(required.names)
    if not offers:
        return lowered
    chosen = plan.planned("nuclear_results", "chosen_fraction")
    for key, needed in required.items():
        theater, _, _, capability, year = key
        total = sum(
            min(points, needed) * chosen[(*choice, year)]
            for choice, points in offers.get((theater, capability), ())
        )
        lowered[key] = min(total, needed)
    return lowered


def _programs(plan: Plan, chosen: Amounts, started: Amounts) -> list[str]:
    """Programs start where they may, once, are finished before they serve, and change nothing meanwhile."""
    holds = plan.given("nuclear_options", "holds_today")
    lead = plan.given("nuclear_options", "lead_time_yr")
    cost = plan.given("nuclear_options", "program_cost_usd_m")
    asked = holds.where(lambda *option: not holds[option] and (lead[option] > 0 or cost[option] > 0))
    last = plan.problem.years[-1]

    def may_start(actor: str, posture: str, year: int) -> bool:
        option = (actor, posture)
        in_time = year + lead[option] <= last
        return option in asked and in_time and plan.is_freed("NUCLEAR", actor, year)

    cannot = started.where(lambda *key: not may_start(*key))
    begun = started.inside(asked)
    finished, running = Amounts(begun.names), Amounts(begun.names)
    for (actor, posture, start), fraction in begun.items():
        for year in plan.problem.years:
            if year >= start:
                sums = finished if year >= start + lead[actor, posture] else running
                sums[actor, posture, year] += fraction
    today = holds.positive()
    kept = chosen.inside(today).summed("actor_id", "year").for_each(running).inside(today.summed("actor_id"))
    once = begun.summed(*CHOICE)
    one = Amounts(CHOICE, dict.fromkeys(once, 1.0))
    early = _ROW + "chosen by {left} but only {right} of its program is finished"
    dropped = _ROW + "its program runs by {left} but today's option holds by {right}"
    twice = "nuclear_results: {actor_id} {nuclear_posture}: its program starts {left} times"
    return [
        *none(cannot, "fraction", _ROW + "a program starts that may not"),
        *at_most(once, one, "fraction", twice),
        *at_most(chosen.inside(asked), finished, "fraction", early),
        *limited(running, kept, "fraction", dropped),
    ]
