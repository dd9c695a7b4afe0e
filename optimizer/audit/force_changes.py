"""Whether what is said to have become of the people follows from the first and the last year's forces."""

from optimizer.audit.amounts import Amounts, least
from optimizer.audit.comparison import equal
from optimizer.audit.conversions import CONVERSION, after
from optimizer.audit.plan import FORCE, Plan

_ROW = "force_changes: {actor_id} {unit_type_id}: "


def force_changes(plan: Plan) -> list[str]:
    """Findings about the table force_changes."""
    people = plan.given("unit_types", "personnel_persons")
    findings: list[str] = []
    for name, units in _counts(plan).items():
        words = f"{_ROW}{name} of {{left}} shown but {{right}} follows from the plan"
        findings += equal(plan.shown("force_changes", name), units * people, "persons", words)
    return findings


def _counts(plan: Plan) -> dict[str, Amounts]:
    """Units by FORCE, by the column in which their people are shown.

    What left one site and came to another was moved. Of what left beyond that, units disbanded and converted beyond
    those at home today were not brought home; what came beyond it was sent abroad, but for units that were converted
    abroad to what they are. Sites in the actor's own country are home.
    """
    abroad = plan.away.where(lambda actor, unit, site, mode, year: plan.host[site] != actor)
    place = (*FORCE, "site_id")
    before = abroad.having(year=plan.today).summed(*place)
    after = abroad.having(year=plan.problem.years[-1]).summed(*place)
    came = (after - before).positive().summed(*FORCE)
    left = (before - after).positive().summed(*FORCE)
    disbanded, arrived, converted = (
        plan.planned("owned_forces", name).summed(*FORCE)
        for name in ("disbanded_count", "arrived_count", "converted_out_count")
    )
    owned = plan.shown("owned_forces", "owned_count").having(year=plan.today).summed(*FORCE)
    at_home = (owned - before.summed(*FORCE)).positive()
    moved = least(came.inside(left), left.inside(came))
    converted_abroad = (converted - (at_home - disbanded).positive()).positive()
    from_abroad = (disbanded - at_home).positive() + converted_abroad
    sent = came - moved - _came_converted(plan, converted_abroad, converted)
    return {
        "brought_home_persons": (left - moved - from_abroad).positive(),
        "sent_abroad_persons": sent.positive(),
        "moved_persons": moved,
        "disbanded_persons": disbanded,
        "raised_persons": arrived,
        "converted_persons": converted,
    }


def _came_converted(plan: Plan, abroad: Amounts, converted: Amounts) -> Amounts:
    """By FORCE, units that became of its kind abroad: of each kind before, the part of it that was abroad."""
    part = Amounts(FORCE, {force: count / converted[force] for force, count in abroad.items()})
    orders = plan.planned("conversion_results", "converted_count").summed(*CONVERSION)
    orders = Amounts(CONVERSION, {key: count * part[key[:2]] for key, count in orders.items()})
    return after(orders)
