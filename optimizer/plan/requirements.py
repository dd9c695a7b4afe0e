"""What each need gets of a plan, from whom, and what it lacks."""

import math
from collections import defaultdict

from optimizer.formulation.frames.index import FORCE, Index
from optimizer.formulation.frames.nuclear_options import CHOICE, reductions
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import Reach, reach_of
from optimizer.plan.written_tables import ByKey, Key
from optimizer.tables.keyed import keys, values
from optimizer.tables.schema import SOLUTION_TABLES

_NOTHING = 1e-6

Addends = defaultdict[Key, list[float]]
"""By NEED and year, points to be added up."""


def requirement_results(
    index: Index, deployments: ByKey, bonus: ByKey, chosen: ByKey, duals: ByKey
) -> dict[str, ByKey]:
    """The columns of the table of that name, by its key.

    Args:
        index: the index of the problem.
        deployments: units by the key of the table ``deployments``.
        bonus: points by command_id, actor_id, the rest of NEED, and year.
        chosen: fractions by nuclear option and year.
        duals: by NEED and year, the dual of its row; empty where there are no prices.
    """
    reach = reach_of(index)
    lead, allied = _points(index, reach, deployments)
    bonuses, lowered = _bonuses(index, bonus), _reductions(index, reach, chosen)
    names = [column.name for column in SOLUTION_TABLES["requirement_results"].columns if not column.is_key]
    columns: dict[str, dict[Key, float]] = {name: {} for name in names}
    parts = ["maximum_lead_fraction", "minimum_lead_fraction"]
    needs = keys(reach.needs, [*NEED, "year", "required_points", *parts])
    for *need, year, required, fraction, least in needs:
        key = (*need, year)
        led = math.fsum(lead[key])
        if not math.isnan(fraction):
            led = min(led, fraction * required)
        joined, added = math.fsum(allied[key]), math.fsum(bonuses[key])
        spared = min(math.fsum(lowered[key]), required)
        missing = required - led - joined
        for filled in (0.0, added, spared):
            missing -= filled
            if missing <= _NOTHING * required:
                missing = 0.0
        missing = missing if spared < required else 0.0
        # What others bring beyond what the lead actor's least part lets count is missing.
        if least * required - led > _NOTHING * required:
            missing = max(missing, required - led / least)
        row = {
            "required_points": required,
            "lead_points": led,
            "allied_points": joined,
            "shortfall_points": missing,
            "bonus_points": added,
            "reduction_points": spared,
            "price_usd_m_per_point": duals.get(key, math.nan) / index.discount[year],
        }
        theater, capability, phase, scenario = need
        for column, value in row.items():
            columns[column][theater, scenario, phase, capability, year] = value
    return {**columns}


def _points(index: Index, reach: Reach, deployments: ByKey) -> tuple[Addends, Addends]:
    """What the lead actor's and the allies' deployed units add, less what is lost of them before."""
    quality = values(index.forces, FORCE, "quality_factor")
    useful, lost = defaultdict(list), defaultdict(list)
    in_order = ["unit_type_id", "theater_id", "phase_id", "scenario_id", "capability_id", "type_points"]
    for *place, capability, points in keys(reach.useful, in_order):
        useful[tuple(place)].append((capability, points))
    losses = ["unit_type_id", "earlier_phase_id", "phase_id", "lost_fraction"]
    for unit_type, earlier, phase, fraction in keys(reach.lost_fractions, losses):
        lost[unit_type, earlier].append((phase, fraction))
    lead: Addends = defaultdict(list)
    allied: Addends = defaultdict(list)
    for (actor, unit_type, _, theater, scenario, deployed_by, year), units in deployments.items():
        effect = quality[actor, unit_type]
        counted = [(deployed_by, effect)]
        counted += [(phase, -effect * fraction) for phase, fraction in lost[unit_type, deployed_by]]
        for phase, factor in counted:
            for capability, points in useful[unit_type, theater, phase, scenario]:
                side = lead if actor == index.lead else allied
                side[theater, capability, phase, scenario, year].append(units * points * factor)
    return lead, allied


def _bonuses(index: Index, bonus: ByKey) -> Addends:
    """What commands add to needs."""
    theaters = values(index.problem["commands"], ["command_id"], "theater_id")
    found: Addends = defaultdict(list)
    for (command, _, *rest), points in bonus.items():
        found[theaters[command], *rest].append(points)
    return found


def _reductions(index: Index, reach: Reach, chosen: ByKey) -> Addends:
    """By how much the options chosen lower needs."""
    found: Addends = defaultdict(list)
    if not index.problem["nuclear_reductions"].empty:
        lowered = keys(reductions(index, reach.needs), [*CHOICE, *NEED, "year", "lowered_points"])
        for actor, posture, *need, year, points in lowered:
            fraction = chosen.get((actor, posture, year), 0.0)
            found[*need, year].append(points * fraction)
    return found
