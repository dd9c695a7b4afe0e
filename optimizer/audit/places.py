"""Where units may stand, by the input: groups of sites, domains, facilities, sites that may be opened, room."""

from optimizer.audit.amounts import Amounts, least
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE, SETS, SITE, Plan


@once
def members(plan: Plan) -> Amounts:
    """1 for each site in each group; a site, a host and a theater are groups under their own identifiers."""
    sites = {site: {site} for site in plan.host}
    for groups in (plan.host, plan.site_theater):
        for site, group in groups.items():
            sites.setdefault(group, set()).add(site)
    named = plan.pairs("site_group_members", "site_group_id", "member_id")
    size = -1
    while size < (size := sum(map(len, sites.values()))):
        for group, member in named:
            sites.setdefault(group, set()).update(sites.get(member, ()))
    pairs = ((group, site) for group, inside in sites.items() if group for site in inside)
    return Amounts(("site_group_id", "site_id"), dict.fromkeys(pairs, 1.0))


@once
def accepted_domains(plan: Plan) -> Amounts:
    """1 for each site and domain of which it takes units."""
    taken = [(site, "ANY") for site in plan.host]
    for domain in ("LAND", "AIR", "SEA"):
        accepts = plan.given("sites", f"accepts_{domain.lower()}").positive()
        taken += [(site, domain) for (site,) in accepts]
    return Amounts(("site_id", "domain"), dict.fromkeys(taken, 1.0))


def needing_facilities(plan: Plan, places: Amounts) -> Amounts:
    """Of amounts by unit type, site and mode those of units that need a facility, with its facility_id; no sets."""
    return places.without(mode=SETS) * plan.pairs("unit_types", "unit_type_id", "facility_id")


@once
def sites_to_open(plan: Plan) -> Amounts:
    """1 for each actor and site of which it matters whether it is open."""
    matters = (
        plan.given("site_access", name).positive()
        for name in (
            "open_cost_usd_m_per_yr",
            "opening_cost_usd_m",
            "closing_cost_usd_m",
            "minimum_garrison_persons",
        )
    )
    return Amounts(SITE, {(actor, site): 1.0 for access in matters for site, actor in access})


def room_limits(plan: Plan) -> Amounts:
    """The most people that actors may have at sites, by the site and by its access; where there is a limit."""
    capacity = plan.pairs("site_access", *SITE) * plan.given("sites", "capacity_persons")
    return least(capacity, plan.given("site_access", "limit_persons"))


@once
def lead_places(plan: Plan) -> Amounts:
    """1 for each unit type, site and mode in which a unit or a set of the lead actor may stand."""
    price = plan.given("actor_unit_types", "set_purchase_cost_usd_m_per_set")
    with_sets = price.summed(*FORCE) + plan.given("owned_today", "sets_owned_count").positive()
    forces = plan.pairs("site_access", *SITE).having(actor_id=plan.lead)
    forces = (
        forces * plan.pairs("actor_unit_types", *FORCE) * plan.pairs("unit_types", "unit_type_id", "domain")
    )
    places = forces.inside(accepted_domains(plan)) * plan.pairs("unit_type_modes", "unit_type_id", "mode")
    lacking = needing_facilities(plan, places).outside(
        plan.pairs("site_facilities", "site_id", "facility_id")
    )
    places = places.outside(lacking.summed("unit_type_id", "site_id", "mode"))
    sets = places.having(mode=SETS).inside(with_sets)
    return (places.without(mode=SETS) + sets).summed("unit_type_id", "site_id", "mode")
