"""Whether what stands at a site today stays there, and paths of presence are kept, where no lever is freed."""

from collections.abc import Callable

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most
from optimizer.audit.places import members
from optimizer.audit.plan import Plan

_AT_SITE = ("unit_type_id", "site_id", "mode")
_PATH = ("actor_id", "site_group_id", "year")


def kept_presence(plan: Plan) -> list[str]:
    """Findings about the lead actor's units at sites, and about paths of presence."""
    is_freed, paths = _freed(plan), _path_sites(plan)
    return [*_units(plan, is_freed, paths), *_paths(plan, is_freed, paths)]


def _units(plan: Plan, is_freed: Callable[[str, int], bool], paths: Amounts) -> list[str]:
    today = plan.given("stationed_today", "stationed_count").having(actor_id=plan.lead)
    covered = paths.having(actor_id=plan.lead).summed("site_id", "year")
    kept = (today.summed(*_AT_SITE) * plan.years).outside(covered)
    kept = kept.where(lambda unit_type, site, mode, year: not is_freed(site, year))
    words = "stationed_forces: {unit_type_id} {site_id} {mode} {year}: {right} stationed but {left} stand there today "
    there = plan.stationed.having(actor_id=plan.lead).summed(*_AT_SITE, "year")
    return at_most(kept, there, "count", words + "and are not freed")


def _paths(plan: Plan, is_freed: Callable[[str, int], bool], paths: Amounts) -> list[str]:
    kept = paths.where(
        lambda actor, group, year, site: actor != plan.lead or not is_freed(site, year),
    )
    asked = Amounts(_PATH, {key[:3]: persons for key, persons in kept.items()})
    there = Amounts(kept.names, {key: plan.people[key[0], key[3], key[2]] for key in kept})
    words = "site_uses: {actor_id} in {site_group_id} {year}: {right} people but the path of presence asks for {left}"
    return at_most(asked, there.summed(*_PATH), "persons", words)


def _path_sites(plan: Plan) -> Amounts:
    """People of paths in years 1…n by actor, group, year, and each site of the group that the actor may use."""
    paths = plan.carried("presence_paths", "minimum_persons").inside(plan.years)
    return (paths * members(plan)).inside(plan.pairs("site_access", "actor_id", "site_id"))


def _freed(plan: Plan) -> Callable[[str, int], bool]:
    """Whether the lever PRESENCE is freed for a site in a year, under its own name or that of a group."""
    groups: dict[str, list[str]] = {}
    for key in members(plan).ordered(("site_id", "site_group_id")):
        groups.setdefault(key[0], []).append(key[1])
    return lambda site, year: any(plan.is_freed("PRESENCE", group, year) for group in groups.get(site, []))
