"""What goes where in a contingency: readiness, reach, availability, lift."""

import math

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.comparison import at_most, limited, none
from optimizer.audit.plan import FORCE, Plan
from optimizer.audit.requirements import phases_in_order, rows_in_force
from optimizer.audit.sources import HOME, Sources, Start, sources

_FORCE_ROW = "deployments: {actor_id} {unit_type_id} {scenario_id} {phase_id} {year}: "
_SOURCE = "deployments: {actor_id} {unit_type_id} from {source_id} {scenario_id} {phase_id} {year}: "
_ROW = _SOURCE.replace("{source_id}", "{source_id} to {theater_id}")
_WHEN = ("scenario_id", "phase_id", "year")


def deployment(plan: Plan) -> list[str]:
    """Findings about deployments."""
    places = sources(plan)
    unknown, known, starts = _by_source(plan, places)
    return [
        *none(unknown, "count", _ROW + "no such units stand there"),
        *_reach(plan, known, starts),
        *_ready(plan, known, places),
        *_ready_at_home(plan, known, places, starts),
        *_owned(plan, known),
        *_staying(plan, known),
        *_lift(plan, known, starts),
    ]


def _by_source(plan: Plan, places: Sources) -> tuple[Amounts, Amounts, dict[Key, Start]]:
    """Deployments from what is no source; the others, by what their source means; and where each source starts."""
    deployed = plan.planned("deployments", "deployed_count")
    unknown, known = Amounts(deployed.names), Amounts(deployed.names)
    starts: dict[Key, Start] = {}
    for key, count in deployed.items():
        start = places.starts.get(key[:3])
        if start is None:
            unknown[key] = count
            continue
        source = (*key[:2], start.source_id)
        known[source + key[3:]] += count
        starts[source] = start
    return unknown, known, starts


def _reach(plan: Plan, deployed: Amounts, starts: dict[Key, Start]) -> list[str]:
    transit, days = plan.given("transit_times", "transit_days"), plan.given("phases", "days")
    needed: dict[Key, float] = {}
    for key in deployed:
        if key[:4] not in needed:
            start, theater = starts[key[:3]], key[3]
            without_way = 0.0 if start.theater_id == theater else math.nan
            way = transit.get((start.staging_area_id, theater, key[1]), without_way)
            needed[key[:4]] = start.notice_to_move_days + way
    late = Amounts(
        deployed.names,
        {key: n for key, n in deployed.items() if not needed[key[:4]] <= days[key[5:6]] + 1e-9},
    )
    elsewhere = deployed.outside(plan.pairs("scenario_theaters", "scenario_id", "theater_id"))
    taken = {"needed": {key: needed[key[:4]] for key in late}, "days": days.for_each(late)}
    return [
        *none(late, "count", _ROW + "there after {needed} days, needed by {days}", **taken),
        *none(elsewhere, "count", _ROW + "the theater is not in the scenario"),
    ]


def _ready(plan: Plan, deployed: Amounts, places: Sources) -> list[str]:
    used = deployed.summed(*FORCE, "source_id", *_WHEN)
    ready = _ready_counts(plan, used, places)
    return at_most(used, ready, "count", _SOURCE + "{left} deployed but {right} ready")


def _ready_at_home(plan: Plan, deployed: Amounts, places: Sources, starts: dict[Key, Start]) -> list[str]:
    """Units that take up sets are units at home, ready there, and come from nowhere else."""
    with_sets = Amounts(deployed.names, {key: n for key, n in deployed.items() if starts[key[:3]].is_set})
    from_home = with_sets + deployed.having(source_id=HOME)
    used = from_home.summed(*FORCE, *_WHEN).inside(with_sets.summed(*FORCE, *_WHEN))
    used = used.at(source_id=HOME).ordered((*FORCE, "source_id", *_WHEN))
    words = _FORCE_ROW + "{left} deployed from home and with sets but {right} ready at home"
    return at_most(used, _ready_counts(plan, used, places), "count", words)


def _ready_counts(plan: Plan, used: Amounts, places: Sources) -> Amounts:
    """For each key of what is used of a source in a phase, how many units of the source are ready and available."""
    classes = plan.words("actor_unit_types", "readiness_class_id")
    ready = plan.given("readiness", "ready_fraction")
    available = plan.given("scenario_availability", "available_fraction")
    access = plan.given("scenario_availability", "access_fraction")
    there: dict[Key, list[tuple[str, str, float]]] = {}
    for (actor, unit, source, mode, host, year), count in places.units.items():
        there.setdefault((actor, unit, source, year), []).append((mode, host, count))
    counts = Amounts(used.names)
    for key in used:
        actor, unit, source, scenario, phase, year = key
        counts[key] = available.get((scenario, actor), 1.0) * sum(
            count * ready[classes[actor, unit], mode, phase] * access.get((scenario, host), 1.0)
            for mode, host, count in there.get((actor, unit, source, year), ())
        )
    return counts


def _owned(plan: Plan, deployed: Amounts) -> list[str]:
    used = deployed.summed(*FORCE, *_WHEN)
    available = plan.given("scenario_availability", "available_fraction")
    free = plan.planned("owned_forces", "owned_count")
    free -= plan.given("actor_unit_types", "reserved_count") * plan.years
    usable = Amounts(
        used.names,
        {
            (actor, unit, scenario, phase, year): available.get((scenario, actor), 1.0)
            * free[actor, unit, year]
            for actor, unit, scenario, phase, year in used
        },
    )
    words = _FORCE_ROW + "{left} deployed but {right} owned, available and not reserved"
    return at_most(used, usable, "count", words)


def _staying(plan: Plan, deployed: Amounts) -> list[str]:
    """What is there by a phase is there by the next, up to the scenario's last.

    Phases count in which nothing is needed, too: units are lost in them.
    """
    phases = phases_in_order(plan)
    place_of = {phase: place for place, phase in enumerate(phases)}
    asked = {
        (row.scenario_id, row.phase_id)
        for row in rows_in_force(plan).values()
        if row.required_points > 0 or row.red_score_points > 0
    }
    last: dict[str, int] = {}
    for scenario, phase in asked | {(key[4], key[5]) for key in deployed}:
        last[scenario] = max(last.get(scenario, 0), place_of[phase])
    earlier = Amounts(deployed.names)
    for key, count in deployed.items():
        place = place_of[key[5]]
        if place < last[key[4]]:
            earlier[(*key[:5], phases[place + 1], key[6])] = count
    return at_most(earlier, deployed, "count", _ROW + "{right} deployed but {left} in the phase before")


def _lift(plan: Plan, deployed: Amounts, starts: dict[Key, Start]) -> list[str]:
    """What moves from one theater to another, or from none, takes lift."""
    moved = Amounts(
        deployed.names,
        {key: count for key, count in deployed.items() if starts[key[:3]].theater_id != key[3]},
    )
    lifted = moved * plan.pairs("lift_actors", "lift_pool_id", "actor_id")
    used = lifted * plan.given("lift_unit_types", "lift_points")
    capacity = plan.given("lift", "capacity_points") * plan.years
    sentence = "deployments: {lift_pool_id} {scenario_id} {phase_id} {year}: "
    sentence += "{left} lift points used but {right} there"
    return limited(used.summed(*capacity.names), capacity, "points", sentence)
