"""Whether every actor keeps its program."""

import math

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE, Plan


def program_kept(plan: Plan) -> list[str]:
    """Findings about programs; a unit that became of another kind is kept as that."""
    words = "owned_forces: {actor_id} {unit_type_id} {year}: {right} owned but the program is {left}"
    due = programs(plan) + (_so_far(plan, "converted_in_count") - _so_far(plan, "converted_out_count"))
    return at_most(due.inside(programs(plan)), plan.planned("owned_forces", "owned_count"), "count", words)


def _so_far(plan: Plan, column: str) -> Amounts:
    """A flow of owned_forces, summed up from year 1."""
    flows = plan.planned("owned_forces", column)
    total = Amounts((*FORCE, "year"))
    for actor, unit_type, year in flows:
        for later in plan.problem.years:
            if later >= year:
                total[actor, unit_type, later] += flows[actor, unit_type, year]
    return total


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
