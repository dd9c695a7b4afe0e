"""Whether the views of what presence costs add up to the ledger, and each holds the one before."""

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.comparison import equal, said
from optimizer.audit.ledger import KEY, ledger
from optimizer.audit.plan import FORCE, Plan
from optimizer.audit.sources import HOME, SET

_AT_SITES = ("STATIONING", "SITES", "OPEN_CLOSE", "HOUSING")
_PLACE = ("theater_id", "year")
_ROW = "cost_views: {theater_id} {year}: "
_NOWHERE = ""
_LEAST_WEIGHT = 1e-9


def cost_views(plan: Plan) -> list[str]:
    """Findings about the table cost_views; theaters are empty where there is none."""
    own, beyond = _rates(plan)
    here = _incremental(plan)
    abroad = here + _standing(plan, own)
    overhead = abroad + _standing(plan, beyond)
    held = overhead + _at_home(plan, own + beyond) + _homecoming(plan)
    strangers = plan.planned("cost_views", "incremental_usd_m").without(actor_id=plan.lead)
    names = (*_PLACE, "actor_id")
    words = _ROW + "a view of {actor_id}, who is not the lead actor"
    findings = said(names, strangers.ordered(names), words)
    for view, drawn in (
        ("incremental_usd_m", here),
        ("units_abroad_usd_m", abroad),
        ("with_overhead_usd_m", overhead),
        ("held_for_theater_usd_m", held),
    ):
        words = f"{_ROW}{view} of {{left}} shown but {{right}} follows from the plan"
        shown = plan.planned("cost_views", view).having(actor_id=plan.lead)
        findings += equal(shown.summed(*_PLACE), drawn, "usd_m", words)
    return findings


def _incremental(plan: Plan) -> Amounts:
    """By theater and year: the ledger's lines of sites, and those of sets in proportion to the sets there."""
    lines = ledger(plan).having(actor_id=plan.lead)
    kind, site, year = (KEY.index(name) for name in ("kind", "site_id", "year"))
    found = Amounts(_PLACE)
    for key, usd_m in lines.items():
        if key[kind] in _AT_SITES and key[site]:
            place = (plan.site_theater[key[site]], key[year])
            found[place] += usd_m / plan.span[key[year],]
    of_sets = lines.having(kind="SETS").summed(*FORCE, "year")
    of_sets = Amounts(of_sets.names, {key: usd_m / plan.span[key[2],] for key, usd_m in of_sets.items()})
    counts = _in_theaters(plan, plan.sets.positive())
    whole = counts.summed(*FORCE, "year")
    shares = Amounts(counts.names, {key: n / whole[(*key[:2], key[3])] for key, n in counts.items()})
    nowhere = of_sets.outside(whole).at(theater_id=_NOWHERE)
    return found + (of_sets * shares).summed(*_PLACE) + nowhere.summed(*_PLACE)


def _in_theaters(plan: Plan, stationed: Amounts) -> Amounts:
    """What is stationed by FORCE, theater and year."""
    return (stationed * plan.theaters).summed(*FORCE, "theater_id", "year")


def _standing(plan: Plan, rate: Amounts) -> Amounts:
    """By theater and year: what units that stand there cost at a rate."""
    return (_in_theaters(plan, plan.away.inside(plan.years)) * rate).summed(*_PLACE)


def _at_home(plan: Plan, rate: Amounts) -> Amounts:
    """By theater and year: what units at home cost, each theater's part of them and the rest nowhere.

    A theater's part of a force is its share of the points that scenarios bring there from home, with or without sets:
    in the mean over scenarios, of each the phase with the most. Together no more than the units at home.
    """
    units, points = _from_home(plan)
    home = plan.at_home.inside(plan.years).inside(rate).positive()
    all_units, all_points = units.summed(*FORCE, "year"), points.summed(*FORCE, "year")
    parts = Amounts((*FORCE, "theater_id", "year"))
    for key, part in points.items():
        force = (*key[:2], key[3])
        if all_points[force] > 0:
            parts[key] = min(all_units[force], home[force]) * part / all_points[force]
    rest = (home - parts.summed(*FORCE, "year")).at(theater_id=_NOWHERE)
    return ((parts + rest) * rate).summed(*_PLACE)


def _from_home(plan: Plan) -> tuple[Amounts, Amounts]:
    """Units and points that come from home by FORCE, theater and year, in the mean over scenarios."""
    weights = plan.given("scenarios", "weight_fraction")
    factor = plan.given("unit_type_theaters", "theater_factor")
    most: dict[Key, float] = {}
    by_phase = Amounts((*FORCE, "theater_id", "year", "scenario_id", "phase_id"))
    deployed = plan.planned("deployments", "deployed_count").having(actor_id=plan.lead)
    from_home = deployed.where(lambda *key: key[2] == HOME or key[2].endswith(SET))
    for key, count in from_home.summed(*by_phase.names).items():
        most[key[:-1]] = max(most.get(key[:-1], 0.0), count)
    all_weights = max(sum(weights.values()), _LEAST_WEIGHT)
    units = Amounts((*FORCE, "theater_id", "year", "scenario_id"), most) * weights * (1 / all_weights)
    units = units.summed(*FORCE, "theater_id", "year")
    points = Amounts(
        units.names,
        {key: count * factor.get((key[1], key[2]), 1.0) for key, count in units.items()},
    )
    return units, points


def _homecoming(plan: Plan) -> Amounts:
    """What coming home costs, in no theater."""
    lines = ledger(plan).having(actor_id=plan.lead, kind="HOMECOMING")
    a_year = Amounts(("year",), {key: usd_m / plan.span[key] for key, usd_m in lines.summed("year").items()})
    return a_year.at(theater_id=_NOWHERE)


def _rates(plan: Plan) -> tuple[Amounts, Amounts]:
    """Of the lead actor's forces a unit's yearly cost, and that of having raised it and of overhead."""
    own, raising, life, overhead = (
        plan.given("actor_unit_types", name).having(actor_id=plan.lead)
        for name in (
            "own_cost_usd_m_per_unit_yr",
            "raise_cost_usd_m_per_unit",
            "life_yr",
            "overhead_usd_m_per_unit_yr",
        )
    )
    yearly = Amounts(FORCE, {force: cost / life[force] for force, cost in raising.items()})
    return own, yearly + overhead
