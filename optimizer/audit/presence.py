"""The lead actor's presence in theaters, and the most there can be of it."""

import math

from optimizer.audit.amounts import Amounts, Key, least
from optimizer.audit.comparison import equal
from optimizer.audit.once import once
from optimizer.audit.places import lead_places, room_limits
from optimizer.audit.plan import FORCE, SETS, Plan


def presence_shown(plan: Plan) -> list[str]:
    """Findings about the table presence_results."""
    shown = plan.planned("presence_results", "presence_points")
    there = "presence_results: {theater_id} {year}: {left} shown but {right} are stationed"
    return equal(shown, presence(plan).inside(plan.years), "points", there)


@once
def presence(plan: Plan) -> Amounts:
    """Points of the lead actor by theater and year, period 0 too, in theaters somebody answers."""
    units = plan.stationed.having(actor_id=plan.lead) * plan.given("unit_type_modes", "presence_points")
    return (units * _weights(plan)).summed("theater_id", "year").inside(plan.pairs("responses", "theater_id"))


def greatest_presence(plan: Plan) -> Amounts:
    """The most presence by theater: what sites can house, or what can be owned, whichever is less.

    Sets are limited by room alone. Infinite where nothing limits it.
    """
    owned, rooms = _most_owned(plan), room_limits(plan)
    persons = plan.given("unit_type_modes", "personnel_persons")
    answered = plan.pairs("responses", "theater_id")
    points = lead_places(plan) * plan.given("unit_type_modes", "presence_points") * _weights(plan)
    housed, units = Amounts(("theater_id", "site_id")), Amounts(("theater_id", "unit_type_id"))
    sets = Amounts(("theater_id",))
    for (unit, site, mode, theater), each in points.positive().inside(answered).items():
        room, people = rooms.get((plan.lead, site), math.inf), persons[unit, mode]
        in_room = each * (room / people if people > 0 else math.inf)
        housed[theater, site] = max(housed[theater, site], in_room)
        if mode == SETS:
            sets[theater,] += in_room
        else:
            units[theater, unit] = max(units[theater, unit], each * owned[unit,])
    return least(housed.summed("theater_id"), units.summed("theater_id") + sets)


def _weights(plan: Plan) -> Amounts:
    """weight_fraction by site and theater: a site counts in its own theater in full unless the table says so."""
    own: dict[Key, float] = {place: 1.0 for place in plan.site_theater.items() if place[1]}
    return Amounts(("site_id", "theater_id"), own | plan.given("presence_weights", "weight_fraction"))


def _most_owned(plan: Plan) -> Amounts:
    """By unit type, the most that the lead actor can own in any period."""
    owned = plan.given("owned_today", "owned_count")
    ordered = plan.given("on_order", "arriving_count").summed(*FORCE)
    raised, most = (
        plan.given("actor_unit_types", name)
        for name in ("maximum_raised_count_per_yr", "maximum_owned_count")
    )
    found = Amounts(("unit_type_id",))
    for (actor, unit), lead in plan.given("actor_unit_types", "lead_time_yr").items():
        force = (actor, unit)
        if actor == plan.lead:
            order_count = sum(end + lead <= plan.problem.years[-1] for end in plan.period.values())
            raising = raised.get(force, math.inf) * order_count if order_count > 0 else 0.0
            later = min(owned[force] + ordered[force] + raising, most.get(force, math.inf))
            found[unit,] = max(later, owned[force])
    return found
