"""Garrisons: who may supply them, how many people and points, whose share."""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most, limited, none
from optimizer.audit.places import members
from optimizer.audit.plan import SETS, Plan

_ROW = "garrison_supplies: {garrison_id} {actor_id} {unit_type_id} {site_id} {mode} {year}: "
_SHARE = "garrison_supplies: {garrison_id} {actor_id} {year}: "
_GARRISON = "garrison_supplies: {garrison_id} {year}: "


def garrison(plan: Plan) -> list[str]:
    """Findings about garrisons."""
    supplies = plan.planned("garrison_supplies", "garrisoned_persons")
    return [
        *_rights(plan, supplies),
        *_present(plan, supplies),
        *_people(plan, supplies),
        *_points(plan, supplies),
        *_shares(plan, supplies),
    ]


def _rights(plan: Plan, supplies: Amounts) -> list[str]:
    uninvited = supplies.outside(plan.pairs("garrison_actors", "garrison_id", "actor_id"))
    inside = plan.pairs("garrisons", "garrison_id", "site_group_id") * members(plan)
    outside = supplies.outside(inside.summed("garrison_id", "site_id"))
    listed = plan.pairs("garrison_unit_types", "garrison_id", "unit_type_id")
    others = supplies.inside(listed.summed("garrison_id")).outside(listed)
    return [
        *none(uninvited, "persons", _ROW + "the actor may not supply this garrison"),
        *none(outside, "persons", _ROW + "the site is not where the garrison is"),
        *none(others, "persons", _ROW + "this kind of unit does not count for it"),
    ]


def _present(plan: Plan, supplies: Amounts) -> list[str]:
    present = plan.persons.where(lambda actor, unit, site, mode, year: mode != SETS).inside(plan.years)
    sentence = "garrison_supplies: {actor_id} {unit_type_id} {site_id} {mode} {year}: "
    sentence += "{left} people in garrisons but {right} there"
    return at_most(supplies.summed(*present.names), present, "persons", sentence)


def _people(plan: Plan, supplies: Amounts) -> list[str]:
    required = plan.given("garrisons", "required_persons") * plan.years
    counted = supplies.summed("garrison_id", "year")
    return at_most(required, counted, "persons", _GARRISON + "{right} people but {left} required")


def _points(plan: Plan, supplies: Amounts) -> list[str]:
    capabilities = plan.pairs("garrisons", "garrison_id", "capability_id")
    required = plan.given("garrisons", "required_points") * capabilities * plan.years
    people = plan.given("unit_type_modes", "personnel_persons").positive()
    units = supplies * Amounts(people.names, {key: 1 / persons for key, persons in people.items()})
    supplied = (units * capabilities * plan.points).summed("garrison_id", "capability_id", "year")
    words = "{right} points of {capability_id} but {left} required"
    return at_most(required, supplied.ordered(required.names), "points", _GARRISON + words)


def _shares(plan: Plan, supplies: Amounts) -> list[str]:
    counted = supplies.summed("garrison_id", "actor_id", "year")
    today, least, most = shares(plan)
    return [
        *at_most(today, counted, "persons", _SHARE + "{right} people but today's share is {left}"),
        *at_most(least, counted, "persons", _SHARE + "{right} people but at least {left} are its share"),
        *limited(counted, most, "persons", _SHARE + "{left} people but at most {right} may count"),
    ]


def shares(plan: Plan) -> tuple[Amounts, Amounts, Amounts]:
    """People by garrison, actor and year: today's share where it is locked, then least and most where freed."""
    required = plan.given("garrisons", "required_persons")

    def share(column: str, is_freed: bool) -> Amounts:
        shares = plan.given("garrison_actors", column) * required * plan.years
        return shares.where(lambda name, actor, year: plan.is_freed("GARRISON", name, year) == is_freed)

    today, least = share("today_fraction", False), share("minimum_fraction", True)
    fractions = plan.given("garrison_actors", "maximum_fraction")
    capped = fractions.where(lambda name, actor: fractions[name, actor] < 1)
    most = share("maximum_fraction", True).inside(capped)
    return today, least, most
