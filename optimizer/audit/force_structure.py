"""What actors own: balances, lead times, limits, reserves, whole numbers."""

from optimizer.audit.amounts import Amounts, greatest
from optimizer.audit.comparison import at_most, equal, limited, none, whole
from optimizer.audit.conversions import after, arriving, before
from optimizer.audit.plan import FORCE, Plan
from optimizer.audit.theater_reserves import kept_for_theaters

_ROW = "owned_forces: {actor_id} {unit_type_id} {year}: "


def force_structure(plan: Plan) -> list[str]:
    """Findings about units and sets owned, raised, disbanded and converted."""
    return [*_today(plan), *_orders(plan), *_balances(plan), *_limits(plan), *_whole(plan)]


def _today(plan: Plan) -> list[str]:
    owned, sets, arrived, disbanded, into, out = (
        plan.shown("owned_forces", name).having(year=plan.today)
        for name in (
            "owned_count",
            "sets_owned_count",
            "arrived_count",
            "disbanded_count",
            "converted_in_count",
            "converted_out_count",
        )
    )
    given, sets_given = (
        plan.given("owned_today", name).at(year=plan.today) for name in ("owned_count", "sets_owned_count")
    )
    early = _ROW + "{arrived} arrived and {disbanded} disbanded before year 1"
    converted = _ROW + "{left} converted before year 1"
    return [
        *equal(owned, given, "count", _ROW + "{left} owned but owned_today says {right}"),
        *equal(sets, sets_given, "count", _ROW + "{left} sets owned but owned_today says {right}"),
        *none(greatest(arrived, disbanded), "count", early, arrived=arrived, disbanded=disbanded),
        *none(greatest(into, out), "count", converted),
    ]


def _orders(plan: Plan) -> list[str]:
    first, last = plan.problem.years[0], plan.problem.years[-1]
    late = f"but they would not arrive in {first} to {last}"
    findings = []
    for ordered, lead_time, words in (
        ("raised_count", "lead_time_yr", "raised"),
        ("sets_bought_count", "set_lead_time_yr", "sets bought"),
    ):
        lead = plan.given("actor_unit_types", lead_time)
        orders = plan.shown("owned_forces", ordered)
        never = Amounts(
            orders.names,
            {key: n for key, n in orders.items() if not first <= key[2] <= last - lead[key[:2]]},
        )
        findings += none(never, "count", f"{_ROW}{{left}} {words} {late}")
    priceless = plan.shown("owned_forces", "sets_bought_count").outside(
        plan.given("actor_unit_types", "set_purchase_cost_usd_m_per_set")
    )
    return findings + none(priceless, "count", _ROW + "{left} sets bought without a price")


def _balances(plan: Plan) -> list[str]:
    arrived, disbanded, raised, bought, sets = (
        plan.planned("owned_forces", name)
        for name in (
            "arrived_count",
            "disbanded_count",
            "raised_count",
            "sets_bought_count",
            "sets_owned_count",
        )
    )
    due = raised.later(plan.given("actor_unit_types", "lead_time_yr"))
    due = plan.in_periods(due + plan.given("on_order", "arriving_count"))
    sets_due = plan.in_periods(bought.later(plan.given("actor_unit_types", "set_lead_time_yr")))
    owned_before, sets_before = (
        plan.after(plan.shown("owned_forces", name)) for name in ("owned_count", "sets_owned_count")
    )
    into, out = after(arriving(plan)), before(arriving(plan))
    expected = (owned_before + due - disbanded + into - out).inside(plan.years)
    shown_into, shown_out = (
        plan.planned("owned_forces", name) for name in ("converted_in_count", "converted_out_count")
    )
    sets_expected = (sets_before + sets_due).inside(plan.years)
    balance = _ROW + "{left} owned but last year's, conversions, arrivals and disbanding leave {right}"
    sets_balance = _ROW + "{left} sets owned but last year's and arrivals leave {right}"
    return [
        *equal(arrived, due, "count", _ROW + "{left} arrived but {right} were due"),
        *equal(shown_into, into, "count", _ROW + "{left} became of this kind but {right} were due"),
        *equal(shown_out, out, "count", _ROW + "{left} became of another kind but {right} were due"),
        *equal(plan.planned("owned_forces", "owned_count"), expected, "count", balance),
        *at_most(sets, sets_expected, "count", sets_balance),
    ]


def _limits(plan: Plan) -> list[str]:
    owned, raised, disbanded, sets = (
        plan.planned("owned_forces", name)
        for name in ("owned_count", "raised_count", "disbanded_count", "sets_owned_count")
    )
    strangers = greatest(owned, raised, sets).outside(plan.pairs("actor_unit_types", *FORCE))
    findings = none(strangers, "count", _ROW + "the actor may not own this kind of unit")
    for amounts, limit, years, words in (
        (raised, "maximum_raised_count_per_yr", plan.span, "raised"),
        (disbanded, "maximum_disbanded_count_per_yr", plan.span, "disbanded"),
        (owned, "maximum_owned_count", plan.years, "owned"),
    ):
        limits = plan.given("actor_unit_types", limit) * years
        findings += limited(amounts, limits, "count", f"{_ROW}{{left}} {words} but at most {{right}} allowed")
    reserved = plan.given("actor_unit_types", "reserved_count") * plan.years + kept_for_theaters(plan)
    sentence = _ROW + "{right} owned but {left} reserved for home and for theaters"
    return findings + at_most(reserved, owned, "count", sentence)


def _whole(plan: Plan) -> list[str]:
    if plan.is_relaxed:
        return []
    owned = plan.planned("owned_forces", "owned_count")
    return whole(owned.inside(plan.whole), _ROW + "{left} owned is no whole number")
