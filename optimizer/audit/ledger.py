"""The ledger, drawn up anew: who pays what and when, from the input's rates and the plan's decisions.

Nothing is read that the plan says of itself: what is missing, exposure and moves are counted again first.
"""

from collections.abc import Iterable

from optimizer.audit.amounts import Amounts
from optimizer.audit.conversions import after
from optimizer.audit.exposure import borne
from optimizer.audit.once import once
from optimizer.audit.places import sites_to_open
from optimizer.audit.plan import Plan
from optimizer.audit.salvage import salvage
from optimizer.audit.transition import moves
from optimizer.audit.unmet_needs import unmet_needs
from optimizer.tables.schema import SOLUTION_TABLES

KEY = tuple(SOLUTION_TABLES["ledger"].key)
NOT_MONEY = ("PENALTY", "EXPOSURE")
"""Kinds of lines that are part of the objective and that nobody pays."""


@once
def ledger(plan: Plan) -> Amounts:
    """usd_m by KEY, a part of which may be empty: that of all years of a period."""
    once_paid = _paid_once(plan)
    names = (*(name for name in KEY if name != "year"), "year")
    return _yearly(plan) * plan.span + plan.in_periods(once_paid.ordered(names)).ordered(KEY)


@once
def _yearly(plan: Plan) -> Amounts:
    """Lines of what is paid in every year of a period."""
    shown = plan.planned
    return _summed(
        [
            *_running(
                plan,
                shown("owned_forces", "owned_count"),
                shown("owned_forces", "sets_owned_count"),
                shown("stationed_forces", "stationed_count"),
                shown("site_uses", "open_fraction"),
                shown("site_uses", "housing_persons"),
            ),
            *_nuclear_running(plan, shown("nuclear_results", "chosen_fraction")),
            *_commanded(plan),
            *_billed(plan),
            *_missing(plan),
        ]
    )


@once
def _paid_once(plan: Plan) -> Amounts:
    """Lines of what is paid in a calendar year."""
    return _summed([*_bought(plan), *_opened(plan), _returned(plan), *_moved(plan), *_salvaged(plan)])


@once
def discounted(plan: Plan) -> Amounts:
    """discounted_usd_m by KEY, each dollar from the year in which it is paid."""
    found, place = _yearly(plan) * plan.discount, KEY.index("year")
    for key, usd_m in _paid_once(plan).items():
        year = key[place]
        if year in plan.period:
            found[(*key[:place], plan.period[year], *key[place + 1 :])] += usd_m * plan.factor[year]
    return found


def money_lines(lines: Amounts) -> Amounts:
    """The lines of a ledger that are money."""
    kind = KEY.index("kind")
    return Amounts(KEY, {key: usd_m for key, usd_m in lines.items() if key[kind] not in NOT_MONEY})


@once
def posture_today(plan: Plan) -> Amounts:
    """Lines of what today's posture costs in a year; nuclear options and bills left out."""
    today = {"year": plan.today}
    return _summed(
        _running(
            plan,
            plan.given("owned_today", "owned_count").at(**today),
            plan.given("owned_today", "sets_owned_count").at(**today),
            plan.given("stationed_today", "stationed_count").at(**today),
            plan.given("site_access", "open_today").at(**today),
            plan.given("site_access", "housing_today_persons").at(**today),
        )
    )


@once
def costs_today(plan: Plan) -> Amounts:
    """usd_m by actor and kind of what today's posture, nuclear options and bills cost in a year."""
    chosen = plan.given("nuclear_options", "holds_today").at(year=plan.today)
    lines = posture_today(plan) + _summed(_nuclear_running(plan, chosen))
    billed = plan.given("billing", "billed_today_usd_m_per_yr").summed("actor_id").at(kind="BILLED")
    received = -billed.summed("kind").at(actor_id=plan.lead)
    return lines.summed("actor_id", "kind") + billed + received


def _running(
    plan: Plan, owned: Amounts, sets: Amounts, stationed: Amounts, is_open: Amounts, housing: Amounts
) -> list[Amounts]:
    """What a posture costs as long as nothing changes."""
    people = stationed * plan.given("unit_type_modes", "personnel_persons")
    return [
        _line(plan, "OWN", "actor_unit_types.own_cost_usd_m_per_unit_yr", owned),
        _line(plan, "SETS", "actor_unit_types.set_upkeep_cost_usd_m_per_set_yr", sets),
        _line(plan, "STATIONING", "site_access.stationing_cost_usd_m_per_person_yr", people),
        _line(plan, "STATIONING", "unit_type_modes.mode_cost_usd_m_per_unit_yr", stationed),
        _line(plan, "SITES", "site_access.open_cost_usd_m_per_yr", is_open),
        _line(plan, "HOUSING", "site_access.housing_cost_usd_m_per_person_yr", housing),
    ]


def _nuclear_running(plan: Plan, chosen: Amounts) -> list[Amounts]:
    """What nuclear options cost while they hold: the ally, and the lead actor."""
    led = "nuclear_options.lead_cost_usd_m_per_yr"
    return [
        _line(plan, "NUCLEAR", "nuclear_options.own_cost_usd_m_per_yr", chosen),
        _keyed(plan, "NUCLEAR", led, (chosen * plan.rate(led)).summed("year").at(actor_id=plan.lead)),
    ]


def _bought(plan: Plan) -> list[Amounts]:
    """Orders, conversions and disbanding."""
    raised = _in_equal_parts(plan, "owned_forces.raised_count", "actor_unit_types.lead_time_yr")
    sets = _in_equal_parts(plan, "owned_forces.sets_bought_count", "actor_unit_types.set_lead_time_yr")
    programs = _in_equal_parts(plan, "nuclear_results.started_fraction", "nuclear_options.lead_time_yr")
    disbanded = plan.planned("owned_forces", "disbanded_count")
    conversion = "conversions.conversion_cost_usd_m_per_unit"
    converted = _in_equal_parts(plan, "conversion_results.converted_count", "conversions.lead_time_yr")
    return [
        _keyed(plan, "CONVERT", conversion, after(converted * plan.rate(conversion))),
        _line(plan, "RAISE", "actor_unit_types.raise_cost_usd_m_per_unit", raised),
        _line(plan, "SETS", "actor_unit_types.set_purchase_cost_usd_m_per_set", sets),
        _line(plan, "DISBAND", "actor_unit_types.disband_cost_usd_m_per_unit", disbanded),
        _line(plan, "NUCLEAR", "nuclear_options.program_cost_usd_m", programs),
    ]


def _in_equal_parts(plan: Plan, ordered: str, lead_time: str) -> Amounts:
    """What of orders is paid in each calendar year: equal parts until they arrive."""
    lead, paid = plan.rate(lead_time), Amounts(SOLUTION_TABLES[ordered.partition(".")[0]].key)
    for (*parts, year), count in plan.planned(*ordered.split(".")).items():
        years = max(int(lead[tuple(parts)]), 1)
        for later in range(year, year + years) if count else ():
            paid[(*parts, later)] += count / years
    return paid


def _opened(plan: Plan) -> list[Amounts]:
    """Sites that open, close or grow; what was open in period 0 is the input's word."""
    first = plan.problem.years[0]
    is_open = plan.planned("site_uses", "open_fraction")
    before = plan.after(is_open) + plan.given("site_access", "open_today").at(year=first).ordered(
        is_open.names
    )
    step = (is_open - before).inside(plan.years).inside(sites_to_open(plan))
    built = plan.planned("site_uses", "housing_built_persons")
    return [
        _line(plan, "OPEN_CLOSE", "site_access.opening_cost_usd_m", step.positive()),
        _line(plan, "OPEN_CLOSE", "site_access.closing_cost_usd_m", (-step).positive()),
        _line(plan, "HOUSING", "site_access.housing_build_cost_usd_m_per_person", built),
    ]


def _commanded(plan: Plan) -> list[Amounts]:
    column = "command_options.lead_cost_usd_m_per_yr"
    cost = plan.planned("command_results", "held_fraction") * plan.rate(column)
    cost = (cost * plan.pairs("commands", "command_id", "theater_id")).summed("theater_id", "year")
    return [_keyed(plan, "COMMAND", column, cost.at(actor_id=plan.lead))]


def _billed(plan: Plan) -> list[Amounts]:
    """What allies pay and the lead actor receives, in the theater of its sites there if there is only one."""
    theaters: dict[str, set[str]] = {}
    for site, actor in plan.pairs("site_access", "site_id", "actor_id"):
        if actor == plan.lead:
            theaters.setdefault(plan.host[site], set()).add(plan.site_theater[site])
    lines = []
    for (payer, host, year), bill in plan.planned("billing_results", "billed_usd_m").items():
        is_freed = plan.is_freed("BILLING", payer, year)
        source = "billing.maximum_multiple_ratio" if is_freed else "billing.billed_today_usd_m_per_yr"
        there = theaters.get(host, set())
        theater = next(iter(there)) if len(there) == 1 else ""
        place = Amounts(("theater_id", "year"), {(theater, year): bill})
        lines.append(_keyed(plan, "BILLED_PAID", source, place.at(actor_id=payer)))
        lines.append(_keyed(plan, "BILLED_RECEIVED", source, -place.at(actor_id=plan.lead)))
    return lines


def _returned(plan: Plan) -> Amounts:
    """What more people at home than today cost."""
    source = "actors.homecoming_usd_m_per_person"
    paid = plan.planned("homecoming_results", "homecoming_persons") * plan.rate(source)
    return _keyed(plan, "HOMECOMING", source, paid)


def _missing(plan: Plan) -> list[Amounts]:
    """Penalties of what is missing or violated, and the price of exposure; all the lead actor's."""
    interest, penalty = "interests.interest_usd_m_per_point_yr", "policy_rules.penalty_usd_m"
    point = "exposure_limits.exposure_price_usd_m_per_point_yr"
    unmet = (unmet_needs(plan) * plan.rate(interest)).summed("theater_id", "year")
    violation = plan.planned("policy_rule_results", "violation") * plan.rate(penalty)
    exposed = borne(plan).inside(plan.years) * plan.carried(*point.split("."))
    return [
        _keyed(plan, kind, column, cost.at(actor_id=plan.lead))
        for kind, column, cost in (
            ("PENALTY", interest, unmet),
            ("PENALTY", penalty, violation.summed("year")),
            ("EXPOSURE", point, exposed),
        )
    ]


def _moved(plan: Plan) -> list[Amounts]:
    """The price of moves, the lead actor's whoever moves."""
    price = "stability_limits.move_price_usd_m_per_unit"
    moved = (moves(plan) * plan.carried(*price.split("."))).summed("year")
    return [_keyed(plan, "PENALTY", price, moved.at(actor_id=plan.lead))]


def _salvaged(plan: Plan) -> list[Amounts]:
    last = plan.problem.years[-1]
    return [_keyed(plan, "SALVAGE", price, -value.at(year=last)) for price, value in salvage(plan).items()]


def _line(plan: Plan, kind: str, source_column: str, quantity: Amounts) -> Amounts:
    """Lines of quantity times the rate in ``source_column``."""
    return _keyed(plan, kind, source_column, quantity * plan.rate(source_column))


def _keyed(plan: Plan, kind: str, source_column: str, cost: Amounts) -> Amounts:
    """Lines of costs whose keys have some of the parts of KEY; a site brings its theater."""
    known = [name for name in KEY if name in cost.names]
    empty = [name for name in KEY if name not in (*known, "kind", "source_column", "theater_id")]
    lines = cost.summed(*known).at(kind=kind, source_column=source_column, **dict.fromkeys(empty, ""))
    if "theater_id" in known:
        return lines.ordered(KEY)
    if "site_id" not in known:
        return lines.at(theater_id="").ordered(KEY)
    return (lines * plan.theaters).ordered(KEY)


def _summed(lines: Iterable[Amounts]) -> Amounts:
    """One line for each key."""
    sums = Amounts(KEY)
    for part in lines:
        for key, usd_m in part.items():
            if usd_m:
                sums[key] += usd_m
    return sums
