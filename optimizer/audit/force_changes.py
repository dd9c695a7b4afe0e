"""Whether what is said to have become of the people follows from the first and the last year's forces."""

from optimizer.audit.amounts import Amounts, least
from optimizer.audit.comparison import equal
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

    What left one site and came to another was moved. Of what left beyond that, units disbanded beyond those at home
    today were not brought home; what came beyond it was sent abroad. Sites in the actor's own country are home.
    """
    abroad = plan.away.where(lambda actor, unit, site, mode, year: plan.host[site] != actor)
    place = (*FORCE, "site_id")
    before = abroad.having(year=plan.today).summed(*place)
    after = abroad.having(year=plan.problem.years[-1]).summed(*place)
    came = (after - before).positive().summed(*FORCE)
    left = (before - after).positive().summed(*FORCE)
    disbanded, arrived = (
        plan.planned("owned_forces", name).summed(*FORCE) for name in ("disbanded_count", "arrived_count")
    )
    owned = plan.shown("owned_forces", "owned_count").having(year=plan.today).summed(*FORCE)
    at_home = (owned - before.summed(*FORCE)).positive()
    moved = least(came.inside(left), left.inside(came))
    from_abroad = (disbanded - at_home).positive()
    return {
        "brought_home_persons": (left - moved - from_abroad).positive(),
        "sent_abroad_persons": came - moved,
        "moved_persons": moved,
        "disbanded_persons": disbanded,
        "raised_persons": arrived,
    }
