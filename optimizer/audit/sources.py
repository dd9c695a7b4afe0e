"""Where deployed units start: the pools of units behind each source_id."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.plan import FORCE, SETS, Plan

HOME = "HOME"
SET = "/SET"


class Start(NamedTuple):
    """What a label of a force's source means.

    Attributes:
        source_id: the source, told apart from others no more than it must be.
        staging_area_id: where its units start.
        theater_id: the theater that lies in, empty if none.
        notice_to_move_days: not a number where the readiness class does not have the mode.
        is_set: whether units take up sets there.
    """

    source_id: str
    staging_area_id: str
    theater_id: str
    notice_to_move_days: float
    is_set: bool


@dataclass(frozen=True)
class Sources:
    """The sources of a plan.

    Attributes:
        units: how many units there are by FORCE, source_id, mode, access_host_id (whose leave is needed, empty if
            nobody's) and year.
        starts: by actor, unit type and label.
    """

    units: Amounts
    starts: dict[Key, Start]


def sources(plan: Plan) -> Sources:
    """Groups the plan's units by where and how they stand.

    Sources of the same area are told apart where host access or readiness differ. A label that tells apart
    more than it must is understood.
    """
    classes = plan.words("actor_unit_types", "readiness_class_id")
    notices = plan.given("readiness_classes", "notice_to_move_days")
    differing, refusing = _classes_that_differ(plan), _hosts_that_may_refuse(plan)
    units = Amounts((*FORCE, "source_id", "mode", "access_host_id", "year"))
    starts: dict[Key, Start] = {}
    for (actor, unit, place, area, host, mode, year), count in _pools(plan).items():
        force = (actor, unit)
        if force not in classes:
            continue
        is_home, is_set = mode == HOME, mode == SETS
        guest_of = host if host != actor else ""
        needs_host = guest_of in refusing
        needs_mode = is_set or (not is_home and classes[force] in differing)
        by_host, by_mode = f"/{host}", SET if is_set else f"/{mode}"
        source = place + (by_host if needs_host else "") + (by_mode if needs_mode else "")
        notice = notices.get((classes[force], mode), math.nan)
        start = Start(source, area, plan.area_theater.get(area, ""), notice, is_set)
        hosts = (by_host,) if needs_host else ("", by_host)
        modes = (by_mode,) if needs_mode else ("", by_mode)
        labels = [source] if is_home else [place + name + kind for name in hosts for kind in modes]
        for label in labels:
            known = starts.get((*force, label))
            if known is None or notice < known.notice_to_move_days or math.isnan(known.notice_to_move_days):
                starts[(*force, label)] = start
        if not math.isnan(notice):
            units[(*force, source, mode, guest_of, year)] += count
    return Sources(units, starts)


def _pools(plan: Plan) -> Amounts:
    """Units of years 1…n by where they stand, abroad and at home; at home there is no host."""
    pools = Amounts((*FORCE, "place", "staging_area_id", "host_actor_id", "mode", "year"))
    for (actor, unit, site, mode, year), count in plan.planned("stationed_forces", "stationed_count").items():
        area = plan.area[site]
        pools[actor, unit, area, area, plan.host[site], mode, year] += count
    # Units at home that start nowhere serve no theater themselves, but take up sets.
    areas = plan.words("actors", "home_staging_area_id")
    for actor, unit, year in plan.pairs("actor_unit_types", *FORCE) * plan.years:
        area = areas.get((actor,), "")
        pools[actor, unit, HOME, area, "", HOME, year] = plan.at_home[actor, unit, year]
    return pools


def _classes_that_differ(plan: Plan) -> set[str]:
    """Readiness classes that hold PERMANENT and ROTATIONAL units in a different readiness."""
    notice = plan.given("readiness_classes", "notice_to_move_days")
    ready = plan.given("readiness", "ready_fraction")
    both = [name for name, mode in notice if mode == "PERMANENT" and (name, "ROTATIONAL") in notice]
    phases = plan.cells("phases", "phase_id")
    return {
        name
        for name in both
        if notice[name, "PERMANENT"] != notice[name, "ROTATIONAL"]
        or any(ready[name, "PERMANENT", phase] != ready[name, "ROTATIONAL", phase] for phase in phases)
    }


def _hosts_that_may_refuse(plan: Plan) -> set[str]:
    access = plan.given("scenario_availability", "access_fraction")
    return {host for (scenario, host), part in access.items() if part < 1}
