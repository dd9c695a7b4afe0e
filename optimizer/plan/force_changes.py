"""What became of the people: raised, disbanded, brought home, sent abroad, moved."""

import math
from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from optimizer.formulation.frames.index import FORCE, Index
from optimizer.plan.written_tables import Key, written
from optimizer.tables.keyed import values
from optimizer.tables.plan_tables import plan_rows


def force_changes(index: Index, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compares the end of a plan with today, force by force, in people.

    Units disbanded and raised are added up over the years. Of the people abroad today and at the end, what left
    one site and came to another was moved; what left beyond that was brought home, or went with units that were
    disbanded; what came beyond that was sent abroad. Units in turns of duty count where they stand, sets not.

    Args:
        index: the index of the problem.
        tables: owned_forces and stationed_forces of the plan.

    Returns:
        The table ``force_changes``.
    """
    raised, disbanded, at_home = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in plan_rows(tables, "owned_forces"):
        force = (row["actor_id"], row["unit_type_id"])
        if row["year"] == index.today:
            at_home[force].append(row["home_count"])
        else:
            raised[force].append(row["arrived_count"])
            disbanded[force].append(row["disbanded_count"])
    came, left = _changes_abroad(index, tables, at_home)
    changes: dict[str, dict[Key, float]] = defaultdict(dict)
    for force, people in values(index.forces, FORCE, "personnel_persons").items():
        arrived, gone = math.fsum(came[force]), math.fsum(left[force])
        moved, lost = min(arrived, gone), math.fsum(disbanded[force])
        lost_abroad = max(lost - math.fsum(at_home[force]), 0.0)
        changes["brought_home_persons"][force] = max(gone - moved - lost_abroad, 0.0) * people
        changes["sent_abroad_persons"][force] = (arrived - moved) * people
        changes["moved_persons"][force] = moved * people
        changes["disbanded_persons"][force] = lost * people
        changes["raised_persons"][force] = math.fsum(raised[force]) * people
    return written("force_changes", **changes)


def _changes_abroad(
    index: Index, tables: Mapping[str, pd.DataFrame], at_home: dict[Key, list[float]]
) -> tuple[dict[Key, list[float]], dict[Key, list[float]]]:
    """Units that came to a site abroad and that left one, by force; adds units in own sites today to ``at_home``."""
    hosts = values(index.problem["sites"], ["site_id"], "host_actor_id")
    sign = {index.today: -1.0, index.years[-1]: 1.0}
    by_site = defaultdict(list)
    for row in plan_rows(tables, "stationed_forces"):
        force, year, count = (row["actor_id"], row["unit_type_id"]), row["year"], row["stationed_count"]
        if row["mode"] == "PREPOSITIONED" or year not in sign:
            continue
        if hosts[row["site_id"]] != row["actor_id"]:
            by_site[force, row["site_id"]].append(sign[year] * count)
        elif year == index.today:
            at_home[force].append(count)
    came: dict[Key, list[float]] = defaultdict(list)
    left: dict[Key, list[float]] = defaultdict(list)
    for (force, _), steps in by_site.items():
        step = math.fsum(steps)
        (came if step > 0 else left)[force].append(abs(step))
    return came, left
