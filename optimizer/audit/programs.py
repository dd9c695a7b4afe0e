"""Whether every actor keeps its program."""

import math
from collections import deque
from itertools import pairwise

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import ABSOLUTE, at_most
from optimizer.audit.conversions import after, arriving, before
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE, Plan


def program_kept(plan: Plan) -> list[str]:
    """Findings about programs.

    A unit that became of another kind counts for the program of either. Units are counted as what they were, and then,
    kind by kind that lacks some, as what they became.
    """
    program, owned = programs(plan), plan.planned("owned_forces", "owned_count")
    become = _so_far(plan, arriving(plan))
    words = "owned_forces: {actor_id} {unit_type_id} {year}: {right} owned but the program is {left}"
    due = program + after(become) - before(become)
    return at_most((due + _counted_anew(owned - due, become)).inside(program), owned, "count", words)


def _so_far(plan: Plan, flows: Amounts) -> Amounts:
    """A flow, summed up from year 1; the year is the last part of its key."""
    total = Amounts(flows.names)
    for key, count in flows.items():
        for later in plan.problem.years:
            if later >= key[-1]:
                total[(*key[:-1], later)] += count
    return total


def _counted_anew(spare: Amounts, become: Amounts) -> Amounts:
    """By force and year, how many units count for the program of what they became, less those that do for the kind's.

    Args:
        spare: by force and year, units beyond the program if each counts as what it was; negative where some lack.
        become: converted units by actor, kinds before and after, and year.
    """
    counted = Amounts((*FORCE, "year"))
    for actor, year in dict.fromkeys((key[0], key[-1]) for key in become):
        left = {key[1]: count for key, count in spare.items() if (key[0], key[2]) == (actor, year)}
        room = {key[1:3]: count for key, count in become.items() if (key[0], key[3]) == (actor, year)}
        for lacking in [kind for kind, count in left.items() if count < 0]:
            while left[lacking] < -ABSOLUTE["count"] and (way := _way(left, room, lacking)):
                steps = list(pairwise(way))
                moved = min(-left[lacking], left[way[0]], *(room[step] for step in steps))
                for first, then in steps:
                    room[first, then] -= moved
                    room[then, first] = room.get((then, first), 0.0) + moved
                for kind, sign in ((way[0], -1.0), (lacking, 1.0)):
                    left[kind] += sign * moved
                    counted[actor, kind, year] -= sign * moved
    return counted


def _way(left: dict[str, float], room: dict[tuple[str, str], float], lacking: str) -> list[str]:
    """Kinds from one that has units to spare to one that lacks some; none if there is no way."""
    ways, reached = deque([[lacking]]), {lacking}
    while ways:
        way = ways.popleft()
        if left.get(way[0], 0.0) > ABSOLUTE["count"]:
            return way
        for (first, then), count in room.items():
            if then == way[0] and first not in reached and count > ABSOLUTE["count"]:
                reached.add(first)
                ways.append([first, *way])
    return []


@once
def programs(plan: Plan) -> Amounts:
    """Units kept by force and year, where a program is in force; 0 of freed kinds, while others are not freed."""
    owned = plan.given("owned_today", "owned_count")
    arriving = plan.in_periods(plan.given("on_order", "arriving_count"))
    given = plan.carried("programmed_forces", "programmed_count")
    kept, freed = Amounts((*FORCE, "year")), Amounts((*FORCE, "year"))
    for row in plan.rows("actor_unit_types"):
        force = (row.actor_id, row.unit_type_id)
        as_today = owned[force]
        most = math.inf if math.isnan(row.maximum_owned_count) else row.maximum_owned_count
        for year in plan.problem.years:
            as_today += arriving[(*force, year)]
            is_freed = any(plan.is_freed("FORCES", key, year) for key in force)
            if row.actor_id == plan.lead and is_freed:
                freed[(*force, year)] = 0.0
            else:
                kept[(*force, year)] = given.get((*force, year), min(as_today, most))
    return kept + freed.inside(kept.having(actor_id=plan.lead).summed("year"))
