"""Room at sites: housing, capacity, limits, opening, minimum garrisons."""

import math

from optimizer.audit.amounts import Amounts, greatest
from optimizer.audit.comparison import ABSOLUTE, at_most, equal, limited, none, whole
from optimizer.audit.places import room_limits, sites_to_open
from optimizer.audit.plan import SITE, Plan

_ROW = "site_uses: {actor_id} {site_id} {year}: "


def basing(plan: Plan) -> list[str]:
    """Findings about housing and open sites."""
    return [*_today(plan), *_shown(plan), *_housing(plan), *_capacity(plan), *_opening(plan)]


def _today(plan: Plan) -> list[str]:
    room, built, released, is_open = (
        plan.shown("site_uses", name).having(year=plan.today)
        for name in ("housing_persons", "housing_built_persons", "housing_released_persons", "open_fraction")
    )
    room_given = plan.given("site_access", "housing_today_persons").at(year=plan.today)
    open_given = plan.given("site_access", "open_today").at(year=plan.today).inside(sites_to_open(plan))
    answers = {(actor, site, year): bool(answer) for (site, actor, year), answer in open_given.items()}
    early = _ROW + "room built for {built}, given up for {released}, before year 1"
    opened = _ROW + "open_fraction is {left} but open_today says {answer}"
    return [
        *equal(room, room_given, "persons", _ROW + "room for {left} but site_access says {right}"),
        *equal(is_open.inside(sites_to_open(plan)), open_given, "fraction", opened, answer=answers),
        *none(greatest(built, released), "persons", early, built=built, released=released),
    ]


def _shown(plan: Plan) -> list[str]:
    people, others, is_open = (
        plan.shown("site_uses", name) for name in ("stationed_persons", "unassigned_persons", "open_fraction")
    )
    others_given = plan.given("site_access", "unassigned_persons")
    never = _ROW + "open_fraction is {left} where there is nothing to open"
    given = _ROW + "{left} unassigned people shown but {right} given"
    return [
        *equal(people, plan.people, "persons", _ROW + "{left} people shown but {right} stationed"),
        *equal(others, others_given * plan.periods, "persons", given),
        *none(is_open.outside(sites_to_open(plan)), "fraction", never),
    ]


def _housing(plan: Plan) -> list[str]:
    room = plan.planned("site_uses", "housing_persons")
    built, released = (
        plan.planned("site_uses", name) for name in ("housing_built_persons", "housing_released_persons")
    )
    expected = plan.after(plan.shown("site_uses", "housing_persons")) + built - released
    strangers = room.outside(plan.pairs("site_access", *SITE))
    limits = plan.given("site_access", "limit_persons") * plan.years
    balance = _ROW + "room for {left} but last year's, building and release leave {right}"
    people = plan.people.inside(plan.years)
    return [
        *none(strangers, "persons", _ROW + "the actor has no access to the site"),
        *at_most(people, room, "persons", _ROW + "{left} people but room for {right}"),
        *limited(room, limits, "persons", _ROW + "room for {left} but the limit is {right}"),
        *equal(room, expected.inside(plan.years), "persons", balance),
    ]


def _capacity(plan: Plan) -> list[str]:
    room = plan.planned("site_uses", "housing_persons").summed("site_id", "year")
    capacity = plan.given("sites", "capacity_persons") * plan.years
    sentence = "site_uses: {site_id} {year}: room for {left} but the site holds {right}"
    return limited(room, capacity, "persons", sentence)


def _opening(plan: Plan) -> list[str]:
    is_open = plan.planned("site_uses", "open_fraction").inside(sites_to_open(plan))
    room = plan.planned("site_uses", "housing_persons").inside(sites_to_open(plan))
    people = plan.people.inside(plan.years).inside(sites_to_open(plan))
    most = room_limits(plan)
    open_room = Amounts(room.names)
    for key in room:
        is_shut = is_open[key] <= ABSOLUTE["fraction"]
        without_limit = 0.0 if is_shut else math.inf
        open_room[key] = most[key[:2]] * is_open[key] if key[:2] in most else without_limit
    needed = is_open * plan.given("site_access", "minimum_garrison_persons")
    one = Amounts(is_open.names, dict.fromkeys(is_open, 1.0))
    shut = _ROW + "room for {left} but the site is open only for {right}"
    few = _ROW + "{right} people but the open site needs {left}"
    findings = [
        *at_most(is_open, one, "fraction", _ROW + "open_fraction is {left}, above 1"),
        *at_most(room, open_room, "persons", shut),
        *at_most(needed, people, "persons", few),
    ]
    if not plan.is_relaxed:
        findings += whole(is_open, _ROW + "open_fraction is {left}, neither 0 nor 1")
    return findings
