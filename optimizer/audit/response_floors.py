"""What allies spend whatever the lead actor does, from the input tables alone."""

import math

from optimizer.audit.allied_spending import spending
from optimizer.audit.amounts import Amounts
from optimizer.audit.ledger import costs_today
from optimizer.audit.plan import Plan
from optimizer.audit.programs import programs
from optimizer.audit.theater_reserves import kept_for_theaters

_ACTOR_YEAR = ("actor_id", "year")


def floors(plan: Plan) -> Amounts:
    """M$ by actor and year, where other spending is known.

    The floor is given; or it is other spending, with today's forces run down to the program as fast as they may be,
    and with what today's posture costs beyond owning them, and freed bills ask for today's people beyond today's
    bills; and so much more that willingness reaches that.
    """
    other = spending(plan).other.inside(plan.years)
    beyond = costs_today(plan).without(kind="OWN").without(kind="SETS").summed("actor_id")
    derived = other + _run_down(plan) + _owed(plan)
    derived = (derived + beyond.for_each(derived)).inside(other)
    floors = _reached_in_time(plan, derived)
    return Amounts(_ACTOR_YEAR, floors | plan.carried("actor_years", "floor_spending_usd_m_per_yr")).inside(
        other
    )


def _reached_in_time(plan: Plan, derived: Amounts) -> Amounts:
    """The least targets, year by year, with which willingness never ends below what is derived."""
    published = spending(plan).total.having(year=plan.today)
    willing = {actor: usd_m for (actor, _), usd_m in published.items()}
    targets = Amounts(_ACTOR_YEAR)
    for (actor, year), needed in sorted(derived.items()):
        part, before = speed(plan, actor, year), willing.get(actor, needed)
        target = max(needed, (needed - (1 - part) * before) / part)
        willing[actor] = part * target + (1 - part) * before
        targets[actor, year] = target
    return targets


def speed(plan: Plan, actor: str, year: int) -> float:
    """Part of the way that an actor's willingness goes in a period: what its years together leave not undone."""
    left_undone: float = (1 - plan.given("actors", "response_speed_fraction")[actor,]) ** plan.span[year,]
    return 1 - left_undone


def _run_down(plan: Plan) -> Amounts:
    """M$ by actor and year: owning and disbanding while every force shrinks at its fastest."""
    owned, sets = (plan.given("owned_today", name) for name in ("owned_count", "sets_owned_count"))
    arriving = plan.in_periods(plan.given("on_order", "arriving_count"))
    for_theaters = kept_for_theaters(plan)
    cost = Amounts(_ACTOR_YEAR)
    for row in plan.rows("actor_unit_types"):
        force = (row.actor_id, row.unit_type_id)
        pace = (
            math.inf if math.isnan(row.maximum_disbanded_count_per_yr) else row.maximum_disbanded_count_per_yr
        )
        set_upkeep = row.set_upkeep_cost_usd_m_per_set_yr * sets[force]
        there = owned[force]
        for year in plan.problem.years:
            there += arriving[(*force, year)]
            program = programs(plan)[(*force, year)]
            reserved = row.reserved_count + for_theaters[(*force, year)]
            kept = max(there - pace * (year - plan.today), reserved, program)
            running = row.own_cost_usd_m_per_unit_yr * kept + set_upkeep
            leaving = min(pace, max(there - program, 0.0) / plan.span[year,])
            disbanding = row.disband_cost_usd_m_per_unit * leaving
            cost[row.actor_id, year] += running + disbanding
    return cost


def _owed(plan: Plan) -> Amounts:
    """M$ by actor and year: what freed bills ask for today's people beyond today's bills."""
    persons = plan.given("unit_type_modes", "personnel_persons")
    people_today = Amounts(("host_actor_id",))
    for (actor, unit, site, mode), count in plan.given("stationed_today", "stationed_count").items():
        if actor == plan.lead:
            host = (plan.host[site],)
            people_today[host] += count * persons[unit, mode]
    asked = plan.given("billing", "floor_usd_m_per_person_yr") * people_today
    more = (asked - plan.given("billing", "billed_today_usd_m_per_yr")).positive().summed("actor_id")
    return (more * plan.years).where(lambda actor, year: plan.is_freed("BILLING", actor, year))
