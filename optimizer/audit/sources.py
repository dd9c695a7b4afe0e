"""Where deployed units start: the pools of units behind each source_id."""

import math
from collections.abc import Iterator
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


class _Pool(NamedTuple):
    """Units of a force that stand in one place in one mode; the host is empty at home."""

    actor: str
    unit: str
    place: str
    area: str
    host: str
    mode: str


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
    for pool, by_year in _pools(plan).items():
        force = (pool.actor, pool.unit)
        if force not in classes:
            continue
        is_home = pool.mode == HOME
        guest_of = pool.host if pool.host != pool.actor else ""
        needs_host = guest_of in refusing
        needs_mode = pool.mode == SETS or (not is_home and classes[force] in differing)
        host, mode = f"/{pool.host}", SET if pool.mode == SETS else f"/{pool.mode}"
        source = pool.place + (host if needs_host else "") + (mode if needs_mode else "")
        notice = notices.get((classes[force], pool.mode), math.nan)
        start = Start(source, pool.area, plan.area_theater.get(pool.area, ""), notice, pool.mode == SETS)
        for label in {
            source,
            *(() if is_home else _labels(pool.place, host, mode, needs_host, needs_mode)),
        }:
            known = starts.get((*force, label))
            if known is None or notice < known.notice_to_move_days or math.isnan(known.notice_to_move_days):
                starts[(*force, label)] = start
        if not math.isnan(notice):
            for year, count in by_year.items():
                key = (*force, source, pool.mode, guest_of, year)
                units[key] = units.get(key, 0.0) + count
    return Sources(units, starts)


def _labels(place: str, host: str, mode: str, needs_host: bool, needs_mode: bool) -> Iterator[str]:
    """What a source of units abroad may be called."""
    for with_host in (host,) if needs_host else ("", host):
        for with_mode in (mode,) if needs_mode else ("", mode):
            yield place + with_host + with_mode


def _pools(plan: Plan) -> dict[_Pool, dict[int, float]]:
    """Units by pool and year 1…n, abroad and at home."""
    pools: dict[_Pool, dict[int, float]] = {}
    for (actor, unit, site, mode, year), count in plan.planned("stationed_forces", "stationed_count").items():
        area = plan.area[site]
        there = pools.setdefault(_Pool(actor, unit, area, area, plan.host[site], mode), {})
        there[year] = there.get(year, 0.0) + count
    homes = plan.pairs("actors", "actor_id", "home_staging_area_id")
    for actor, unit, area in plan.pairs("actor_unit_types", *FORCE) * homes:
        home = _Pool(actor, unit, HOME, area, "", HOME)
        pools[home] = {year: plan.at_home[actor, unit, year] for year in plan.problem.years}
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
