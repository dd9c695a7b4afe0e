"""Units kept for a theater: they serve no other, and stand with others in no other."""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE, Plan
from optimizer.audit.requirements import greatest_lead_fraction, required_points

_PLACE = ("theater_id", "year")


def theater_reserves(plan: Plan) -> list[str]:
    """Findings about units kept for theaters."""
    return [*_deployed(plan), *_stationed(plan)] if plan.given("theater_reserves", "reserved_count") else []


@once
def kept(plan: Plan) -> Amounts:
    """Units kept by force, theater and year of 1…n in which the theater is not given up.

    It is given up in a year in which none of its needs is above 0 with an interest other than 0; by the lead actor,
    also where it may count for no part of any of these.
    """
    interests = plan.given("interests", "interest_usd_m_per_point_yr")
    most, held, led = greatest_lead_fraction(plan), Amounts(_PLACE), Amounts(_PLACE)
    for need, points in required_points(plan).items():
        theater, _, _, capability, year = need
        if points > 0 and interests.get((theater, capability)) != 0:
            held[theater, year] = 1.0
            if most.get(need) != 0:
                led[theater, year] = 1.0
    reserves = plan.given("theater_reserves", "reserved_count")
    return reserves.without(actor_id=plan.lead) * held + reserves.having(actor_id=plan.lead) * led


def kept_for_theaters(plan: Plan) -> Amounts:
    """Units kept for all theaters together, by force and year."""
    return kept(plan).summed(*FORCE, "year")


def _deployed(plan: Plan) -> list[str]:
    """What is deployed, and what is held back for theaters, is available together."""
    occasion = (*FORCE, "scenario_id", "phase_id", "year")
    used = plan.planned("deployments", "deployed_count").summed(*occasion, "theater_id").positive()
    available = plan.given("scenario_availability", "available_fraction")
    parts = {key: available.get((key[2], key[0]), 1.0) for key in used.summed(*occasion)}
    sentence = "deployments: {actor_id} {unit_type_id} {scenario_id} {phase_id} {year}: {used} deployed and"
    sentence += " {held} more kept for theaters but {right} available"
    return _with_held_back(plan, used, Amounts(occasion, parts), sentence)


def _stationed(plan: Plan) -> list[str]:
    """What stands with others in theaters, and what is held back for them, is owned and not reserved for home."""
    occasion = (*FORCE, "year")
    abroad = plan.away.where(lambda actor, unit, site, mode, year: plan.host[site] != actor)
    used = (abroad.inside(plan.years) * plan.theaters).without(theater_id="")
    used = used.summed(*occasion, "theater_id").positive()
    parts = Amounts(occasion, dict.fromkeys(used.summed(*occasion), 1.0))
    sentence = "stationed_forces: {actor_id} {unit_type_id} {year}: {used} stationed in theaters and"
    sentence += " {held} more kept for these but {right} owned and not reserved for home"
    return _with_held_back(plan, used, parts, sentence)


def _with_held_back(plan: Plan, used: Amounts, parts: Amounts, sentence: str) -> list[str]:
    """Findings where units used, and those held back for theaters, are more than take part.

    Args:
        plan: the plan.
        used: units by the key of ``parts`` and theater.
        parts: by force and occasion, the part of its units that takes part.
        sentence: with places for used, held and the ``right``.
    """
    together = used.summed(*parts.names)
    reserves = (parts * kept(plan)).ordered(used.names)
    held = (reserves - used.inside(reserves)).positive().summed(*parts.names)
    free = plan.planned("owned_forces", "owned_count")
    free = (free - plan.given("actor_unit_types", "reserved_count") * plan.years).for_each(parts)
    return at_most(together + held, parts * free, "count", sentence, used=together, held=held)
