"""Whether prices of limits can be duals: of limits of the input, not below 0, and none of a limit that leaves room.

A rule that may be broken at a price costs no more than that.

What room a limit leaves is measured where the tables say it by themselves: spending, people in groups of sites and in
sites, rules, units ordered, disbanded and owned. Of the others nothing is said: reserves, programs and garrisons stand
in several rows, lift and facilities in one for many. A relaxed site that is open in part has a part of its room.
"""

import math
from collections.abc import Iterable, Iterator

from optimizer.audit.allied_spending import spending
from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.comparison import ABSOLUTE, RELATIVE, said
from optimizer.audit.places import sites_to_open
from optimizer.audit.plan import FORCE, SITE, Plan
from optimizer.audit.policy_rules import measured_by_year
from optimizer.audit.site_limits import in_force, people_in_groups

_KEY = (
    "limit_kind",
    "limit_id",
    "actor_id",
    "unit_type_id",
    "site_group_id",
    "scenario_id",
    "phase_id",
    "year",
)
_ROW = "limit_prices: {limit_kind} {limit_id} {actor_id} {unit_type_id} {site_group_id} {year}: "
_SPARE = 10.0
"""How many times the tolerance of a limit is left when it counts as room."""

_UNITS = {
    "SPENDING_CEILING": "1 B$ a year",
    "SPENDING_RAMP": "1 B$ a year",
    "WILL": "1 B$ a year",
    "PRESENCE_PATH": "1,000 people",
    "CEILING": "1,000 people",
    "WITHDRAWAL": "1,000 people",
    "CAPACITY": "1,000 people",
    "HOUSING": "1,000 people",
    "GARRISON": "1,000 people",
    "GARRISON_SHARE": "1,000 people",
    "LIFT": "1 point",
    "EXPOSURE": "1 point",
    "MOVES": "1 move",
}
"""What a price is of, by kind of limit; of units where none is said."""
_RULE_UNITS = {
    "STATIONED_PERSONS": "1,000 people",
    "SPENDING_USD_M": "1 B$ a year",
    "BILLED_USD_M": "1 B$ a year",
    "OWNED_POINTS": "1 point",
    "SPENDING_FRACTION": "1% of GDP",
}
_SIZES = {"1,000 people": 1000.0, "1 B$ a year": 1000.0, "1% of GDP": 0.01, "1 unit": 1.0, "1 point": 1.0}
"""By what a price is of, how much of the tables' own unit it is."""


def limit_prices(plan: Plan) -> list[str]:
    """Findings about prices of limits."""
    price = plan.shown("limit_prices", "price_usd_m_per_unit")
    if not price:
        return []
    if not plan.asked.is_money_first:
        return said(_KEY, list(price), _ROW + "a price where the first objective is no money")
    limits = _in_the_input(plan)
    unknown = [key for key in price if key[1:-1] not in limits[key[0]]]
    penalties = plan.given("policy_rules", "penalty_usd_m")
    dear = [
        key
        for key, usd_m in price.items()
        if key[0] == "RULE"
        and usd_m > _most(plan, penalties.get(key[1:2], math.inf), key[1]) * (1 + RELATIVE)
    ]
    room = _room(plan)
    # In whole numbers the choice between an ally's floor and its answer is held, and its will may be the lower one.
    needless = [key for key in price if room.get(key, 0.0) > 0 and (plan.is_relaxed or key[0] != "WILL")]
    units, quantities = plan.words("limit_prices", "unit"), plan.words("policy_rules", "quantity")
    odd = [key for key, unit in units.items() if unit != _unit(key[0], quantities.get(key[1:2], ""))]
    return [
        *said(_KEY, unknown, _ROW + "there is no such limit"),
        *said(_KEY, dear, _ROW + "a price of {price} M$, above what breaking the rule costs", price=price),
        *said(_KEY, needless, _ROW + "a price of {price} M$ though there is room", price=price),
        *said(_KEY, odd, _ROW + "a price of {unit}, which is not what the limit is on", unit=units),
    ]


def _most(plan: Plan, penalty: float, rule: str) -> float:
    """What breaking a rule by what its price is of costs, a year."""
    quantity = plan.words("policy_rules", "quantity").get((rule,), "")
    return penalty * _SIZES[_unit("RULE", quantity)]


def _in_the_input(plan: Plan) -> dict[str, set[Key]]:
    """By kind, the limits that the input may have: their keys in the table, kind and year apart."""
    forces = plan.pairs("actor_unit_types", *FORCE)
    standing = plan.pairs("stationed_today", "mode", "actor_id", "unit_type_id", "site_id")
    ceilings = {
        ("FOREIGN", "", "", group) if actor == "FOREIGN" else ("", actor, "", group)
        for group, actor in plan.pairs("site_group_limits", "site_group_id", "actor_id")
    }
    owning = {("", actor, unit) for actor, unit in forces}
    spending = {("", actor) for (actor,) in plan.pairs("actor_years", "actor_id")}
    found: dict[str, Iterable[Key]] = {
        **dict.fromkeys(("SPENDING_CEILING", "SPENDING_RAMP"), spending),
        "WILL": {("", actor) for (actor,) in plan.pairs("responses", "actor_id")},
        "RULE": plan.pairs("policy_rules", "policy_rule_id"),
        **dict.fromkeys(("RESERVE", "PROGRAM", "RAISING", "DISBANDING", "OWNING"), owning),
        "THEATER_RESERVE": plan.pairs("theater_reserves", "theater_id", *FORCE),
        "PRESENCE": standing.having(actor_id=plan.lead),
        "PRESENCE_PATH": {
            ("", a, "", group) for a, group in plan.pairs("presence_paths", "actor_id", "site_group_id")
        },
        **dict.fromkeys(("CEILING", "WITHDRAWAL"), ceilings),
        "CONVERTING": plan.pairs("conversions", "from_unit_type_id", "actor_id", "to_unit_type_id"),
        "CAPACITY": {("", "", "", site) for (site,) in plan.pairs("sites", "site_id")},
        "HOUSING": {("", actor, "", site) for actor, site in plan.pairs("site_access", *SITE)},
        "FACILITY": {
            (facility, "", "", site)
            for site, facility in plan.pairs("site_facilities", "site_id", "facility_id")
        },
        "LIFT": {
            (pool, "", "", "", scenario, phase)
            for pool, scenario, phase in plan.pairs("lift", "lift_pool_id", "scenario_id", "phase_id")
        },
        "GARRISON": plan.pairs("garrisons", "garrison_id"),
        "GARRISON_SHARE": plan.pairs("garrison_actors", "garrison_id", "actor_id"),
        "EXPOSURE": [()],
        "MOVES": {("", actor) for (actor,) in plan.pairs("stability_limits", "actor_id")},
    }
    length = len(_KEY) - 2
    return {
        kind: {(*limit, *[""] * (length - len(limit))) for limit in limits} for kind, limits in found.items()
    }


def _unit(kind: str, quantity: str) -> str:
    return _RULE_UNITS.get(quantity, "1 unit") if kind == "RULE" else _UNITS.get(kind, "1 unit")


def _room(plan: Plan) -> Amounts:
    """By the table's key, what is left of limits beyond what a solver may miss; 0 where they are reached."""
    room = Amounts(_KEY)
    for kind, unit, has, most in _limits(plan):
        names = most.names
        has = has.ordered(names)
        for key, limit in most.items():
            cells = dict(zip(names, key, strict=True))
            spare = abs(limit - has[key])
            allowed = _SPARE * (ABSOLUTE[unit] + RELATIVE * abs(limit))
            if cells.get("actor_id") == "FOREIGN":
                cells |= {"actor_id": "", "limit_id": "FOREIGN"}
            room[(kind, *(cells.get(name, "") for name in _KEY[1:]))] = max(spare - allowed, 0.0)
    return room


def _limits(plan: Plan) -> Iterator[tuple[str, str, Amounts, Amounts]]:
    """Kind and unit of limits, what the plan has, and the limit; keys are named as in the table."""
    spent = spending(plan)
    ceiling, ramp = (
        plan.carried("actor_years", f"spending_{name}")
        for name in ("ceiling_fraction", "ramp_fraction_per_yr")
    )
    yield "SPENDING_CEILING", "fraction", spent.fraction, ceiling.inside(plan.years)
    before = plan.after(spent.fraction)
    rise = (ramp * plan.span).inside(spent.fraction).inside(before)
    yield "SPENDING_RAMP", "fraction", spent.fraction - before, rise
    yield "WILL", "usd_m", spent.total, plan.planned("response_results", "willingness_usd_m")
    people = people_in_groups(plan)
    yield "CEILING", "persons", people, in_force(plan, "maximum_persons")
    pace = in_force(plan, "maximum_withdrawal_persons_per_yr") * plan.span
    yield "WITHDRAWAL", "persons", plan.after(people) - people, pace
    housing = plan.planned("site_uses", "housing_persons").named(site_id="site_group_id")
    capacity = plan.given("sites", "capacity_persons").named(site_id="site_group_id") * plan.years
    yield "CAPACITY", "persons", housing.summed("site_group_id", "year"), capacity
    own = plan.given("site_access", "limit_persons").ordered(SITE) * plan.years
    is_open = plan.planned("site_uses", "open_fraction").inside(sites_to_open(plan)).ordered(own.names)
    own = (own.outside(is_open) + own * is_open).named(site_id="site_group_id")
    yield "HOUSING", "persons", housing.inside(own), own
    for kind, column, most in (
        ("RAISING", "raised_count", "maximum_raised_count_per_yr"),
        ("DISBANDING", "disbanded_count", "maximum_disbanded_count_per_yr"),
    ):
        yearly = plan.given("actor_unit_types", most) * plan.span
        yield kind, "count", plan.planned("owned_forces", column), yearly
    most_owned = plan.given("actor_unit_types", "maximum_owned_count") * plan.years
    yield "OWNING", "count", plan.planned("owned_forces", "owned_count"), most_owned.ordered((*FORCE, "year"))
    for rule in plan.rows("policy_rules"):
        has = measured_by_year(plan, rule).at(limit_id=rule.policy_rule_id).ordered(("limit_id", "year"))
        if not math.isnan(rule.penalty_usd_m):
            continue  # a rule that is broken at its penalty has a price, too
        yield "RULE", "usd_m", has, Amounts(has.names, dict.fromkeys(has, rule.value))
