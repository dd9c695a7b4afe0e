"""From deployments of pools and columns to deployments of each actor's sources.

The formulation deploys together what no row can tell apart; here each phase's growth is given to the members in
proportion to the usable units they have left, as the proof in ``formulation.reach`` says is always possible.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from optimizer.formulation.families.deployment import ready_forces
from optimizer.formulation.frames.reach import COLUMN, HELD, WHEN, Reach
from optimizer.tables.keyed import keys

_NOTHING = 1e-9
_TOGETHER = [*COLUMN, "scenario_id"]

Key = tuple[Any, ...]
Units = Mapping[Key, float]

Member = tuple[str, str]
"""An actor and one of its sources."""

Shares = dict[tuple[Member, str], float]
"""Units by member and theater."""


def deployments_by_actor(
    reach: Reach, years: Sequence[int], deployed: Units, units: Units, ready: Units
) -> dict[Key, float]:
    """Gives every deployment to actors and sources.

    Args:
        reach: the frames of deployment.
        years: the calendar years of the plan.
        deployed: the held deployments by HELD and year.
        units: units of lone sources by actor_id, unit_type_id, source_id and year.
        ready: ready units of merged forces by actor_id, unit_type_id, phase_id and year.

    Returns:
        Deployed units by the key of the table ``deployments``, without nothings.
    """
    found: dict[Key, float] = {}
    members = _members(reach, units, ready)
    for together, by_phase in _targets(reach).items():
        _, unit_type, _, scenario = together
        for year in years:
            totals: dict[str, float] = defaultdict(float)
            shares: Shares = {}
            for phase, targets in by_phase.items():
                for theater, held in targets.items():
                    totals[theater] = max(totals[theater], deployed[*held, year])
                now = {theater: totals[theater] for theater in targets}
                limits = {
                    member: fraction * stock[*key, year]
                    for member, (fraction, stock, key) in members[*together, phase].items()
                }
                shares = _next_shares(now, limits, shares)
                for ((actor, source), theater), share in shares.items():
                    found[actor, unit_type, source, theater, scenario, phase, year] = share
    return found


def _targets(reach: Reach) -> dict[Key, dict[str, dict[str, Key]]]:
    """By _TOGETHER, phase in order and theater, which held deployment stands there."""
    held = reach.held.sort_values("order", kind="stable")
    targets: dict[Key, dict[str, dict[str, Key]]] = defaultdict(lambda: defaultdict(dict))
    paths = keys(held, [*_TOGETHER, "phase_id", "theater_id"])
    for (*together, phase, theater), key in zip(paths, keys(held, HELD), strict=True):
        targets[tuple(together)][phase][theater] = key
    return targets


def _members(reach: Reach, units: Units, ready: Units) -> dict[Key, dict[Member, tuple[float, Units, Key]]]:
    """By _TOGETHER and phase, the members: which part can be used of which units without their year."""
    members: dict[Key, dict[Member, tuple[float, Units, Key]]] = defaultdict(dict)
    parts = defaultdict(list)
    for *pool, actor, phase in keys(
        ready_forces(reach.index), ["pool_id", "unit_type_id", "ready_fraction", "actor_id", "phase_id"]
    ):
        parts[tuple(pool)].append((actor, phase))
    columns = [*COLUMN, *WHEN, "actor_id", "source_id", "is_merged"]
    fractions = ["usable_fraction", "ready_fraction", "available_fraction"]
    for pool, unit_type, column, phase, scenario, first, source, is_merged, usable, part, available in keys(
        reach.members, [*columns, *fractions]
    ):
        found = members[pool, unit_type, column, scenario, phase]
        if is_merged:
            for actor, ready_phase in parts[pool, unit_type, part]:
                found[actor, source] = (available, ready, (actor, unit_type, ready_phase))
        else:
            found[first, source] = (usable, units, (first, unit_type, source))
    return members


def _next_shares(now: Mapping[str, float], limits: Mapping[Member, float], before: Shares) -> Shares:
    """Shares of members by theater after a phase: those before it, and their part of its growth.

    Args:
        now: deployed in the phase, by theater.
        limits: usable units in the phase.
        before: shares after the phase before.
    """
    used, given = defaultdict(list), defaultdict(list)
    for (member, theater), share in before.items():
        used[member].append(share)
        given[theater].append(share)
    left = {member: max(limit - math.fsum(used[member]), 0.0) for member, limit in limits.items()}
    everyone = math.fsum(left.values())
    shares: Shares = {}
    for theater, total in now.items():
        growth = max(total - math.fsum(given[theater]), 0.0)
        for member, rest in left.items():
            part = rest / everyone if everyone > 0 else 0.0
            share = before.get((member, theater), 0.0) + growth * part
            if share > _NOTHING:
                shares[member, theater] = share
    return shares
