"""Where units stand: rights, domains, facilities, modes, the rotation base, sets, whole numbers."""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most, equal, limited, none, whole
from optimizer.audit.places import accepted_domains, needing_facilities
from optimizer.audit.plan import FORCE, SITE, Plan

_FORCE = "stationed_forces: {actor_id} {unit_type_id} {year}: "
_ROW = "stationed_forces: {actor_id} {unit_type_id} {site_id} {mode} {year}: "
_HOME = "owned_forces: {actor_id} {unit_type_id} {year}: "


def stationing(plan: Plan) -> list[str]:
    """Findings about units and sets stationed."""
    units = plan.planned("stationed_forces", "stationed_count")
    given = plan.given("stationed_today", "stationed_count").at(year=plan.today)
    today = _ROW + "{left} stationed but stationed_today says {right}"
    people = _ROW + "{left} people but the units have {right}"
    findings = [
        *equal(plan.stationed.having(year=plan.today), given, "count", today),
        *_rights(plan, units),
        *_facilities(plan, units),
        *_within_owned(plan),
        *_sets_with_units(plan),
        *equal(plan.shown("stationed_forces", "stationed_persons"), plan.persons, "persons", people),
    ]
    if not plan.is_relaxed:
        findings += whole(units.inside(plan.whole), _ROW + "{left} stationed is no whole number")
    return findings


def _rights(plan: Plan, units: Amounts) -> list[str]:
    modes = plan.pairs("unit_type_modes", "unit_type_id", "mode")
    access, forces = plan.pairs("site_access", *SITE), plan.pairs("actor_unit_types", *FORCE)
    refused = (units * plan.pairs("unit_types", "unit_type_id", "domain")).outside(accepted_domains(plan))
    return [
        *none(units.outside(modes), "count", _ROW + "the kind of unit has no such mode"),
        *none(units.outside(access), "count", _ROW + "the actor has no access to the site"),
        *none(units.outside(forces), "count", _ROW + "the actor may not own this kind of unit"),
        *none(refused, "count", _ROW + "the site takes no {domain} units"),
    ]


def _facilities(plan: Plan, units: Amounts) -> list[str]:
    needing = needing_facilities(plan, units)
    lacking = needing.outside(plan.pairs("site_facilities", "site_id", "facility_id"))
    capacity = plan.given("site_facilities", "capacity_count") * plan.years
    sentence = "stationed_forces: {site_id} {facility_id} {year}: {left} units need it but it holds {right}"
    return [
        *none(lacking, "count", _ROW + "the site has no {facility_id}"),
        *limited(needing.summed(*capacity.names), capacity, "count", sentence),
    ]


def _within_owned(plan: Plan) -> list[str]:
    key = (*FORCE, "year")
    owned, sets_owned = (plan.planned("owned_forces", name) for name in ("owned_count", "sets_owned_count"))
    base = plan.stationed * plan.given("unit_type_modes", "rotation_ratio")
    with_others = plan.away.where(lambda actor, unit, site, mode, year: plan.host[site] != actor)
    abroad = with_others.summed(*key).inside(plan.years).positive()
    free = owned - plan.given("actor_unit_types", "reserved_count") * plan.years
    home = _HOME + "{left} at home but {right} left there"
    return [
        *at_most(
            base.summed(*key).inside(plan.years),
            owned,
            "count",
            _FORCE + "{left} stationed or standing behind them but {right} owned",
        ),
        *at_most(
            abroad,
            free.inside(abroad),
            "count",
            _FORCE + "{left} stationed with other actors but only {right} are not reserved",
        ),
        *at_most(
            plan.sets.summed(*key).inside(plan.years),
            sets_owned,
            "count",
            _FORCE + "{left} sets stationed but {right} owned",
        ),
        *equal(plan.shown("owned_forces", "home_count"), plan.at_home, "count", home),
    ]


def _sets_with_units(plan: Plan) -> list[str]:
    """In each staging area no more sets than units owned, but for those that were idle in period 0."""
    areas = plan.pairs("sites", "site_id", "staging_area_id")
    sets = (plan.sets * areas).summed(*FORCE, "staging_area_id", "year")
    owned = plan.shown("owned_forces", "owned_count").for_each(sets)
    idle = (sets - owned).having(year=plan.today).positive().summed(*FORCE, "staging_area_id")
    most = owned + idle.for_each(sets)
    sentence = "stationed_forces: {actor_id} {unit_type_id} {staging_area_id} {year}: {left} sets"
    sentence += " but units for {right}"
    return at_most(sets.inside(plan.years), most.inside(plan.years), "count", sentence)
