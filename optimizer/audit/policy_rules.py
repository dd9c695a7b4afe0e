"""Whether planners' own rules hold, or are violated at their penalty."""

from types import SimpleNamespace

from optimizer.audit.allied_spending import spending
from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most, equal, none, said
from optimizer.audit.conditional_rules import alone, conditional_rules
from optimizer.audit.places import members
from optimizer.audit.plan import Plan

_KEY = ("policy_rule_id", "year")
_ROW = "policy_rule_results: {policy_rule_id} {year}: "
_FORCE_COLUMNS = {
    "OWNED_COUNT": "owned_count",
    "RAISED_COUNT": "raised_count",
    "DISBANDED_COUNT": "disbanded_count",
}
_UNITS = {
    "STATIONED_PERSONS": "persons",
    "SPENDING_USD_M": "usd_m",
    "BILLED_USD_M": "usd_m",
    "SPENDING_FRACTION": "fraction",
    "OWNED_POINTS": "points",
}


def policy_rules(plan: Plan) -> list[str]:
    """Findings about policy rules."""
    rules = plan.rows("policy_rules")
    units = {rule.policy_rule_id: _UNITS.get(rule.quantity, "count") for rule in rules}
    measured, value = Amounts(_KEY), Amounts(_KEY)
    for rule in rules:
        found = measured_by_year(plan, rule)
        for year in plan.problem.years:
            if rule.first_year <= year and plan.begins[year] <= rule.last_year:
                measured[rule.policy_rule_id, year] = found[year,]
                value[rule.policy_rule_id, year] = rule.value
    extra = plan.planned("policy_rule_results", "quantity").outside(measured)
    findings = said(_KEY, extra, _ROW + "the rule does not apply then")
    findings += [] if plan.is_relaxed else conditional_rules(rules, measured, units)
    single = alone(rules, measured)
    senses = {rule.policy_rule_id: rule.sense for rule in rules}
    for unit in sorted(set(units.values())):
        alike = measured.where(lambda name, year, unit=unit: units[name] == unit)
        above = single.inside(alike).where(lambda name, year: senses[name] != "AT_LEAST")
        below = single.inside(alike).where(lambda name, year: senses[name] != "AT_MOST")
        findings += _kept(plan, unit, alike, value.inside(alike), above, below)
    return findings


def _kept(
    plan: Plan, unit: str, measured: Amounts, value: Amounts, above: Amounts, below: Amounts
) -> list[str]:
    """Findings about the rules that measure in one unit.

    Args:
        plan: the plan.
        unit: the unit.
        measured: what the rules measure in each of their years.
        value: what that is held against.
        above: the part of ``measured`` that may not be above it.
        below: the part of ``measured`` that may not be below it.
    """
    shown, shown_value, violation = (
        plan.planned("policy_rule_results", name).inside(measured)
        for name in ("quantity", "value", "violation")
    )
    hard = violation.outside(plan.given("policy_rules", "penalty_usd_m"))
    over = _ROW + "{left} is above {value}, violation {violation}"
    under = _ROW + "{right} is below {value}, violation {violation}"
    also = {"value": value, "violation": violation}
    return [
        *at_most(above, (value + violation).inside(above), unit, over, **also),
        *at_most((value - violation).inside(below), below, unit, under, **also),
        *none(hard, unit, _ROW + "violated by {left} without a penalty"),
        *equal(shown, measured, unit, _ROW + "{left} shown but the plan has {right}"),
        *equal(shown_value, value, unit, _ROW + "the value {left} is shown but it is {right}"),
    ]


def measured_by_year(plan: Plan, rule: SimpleNamespace) -> Amounts:
    """What a rule measures, by year."""
    amounts = _source(plan, rule)
    for name in ("actor_id", "unit_type_id"):
        wanted = getattr(rule, name)
        if wanted and name in amounts.names:
            amounts = amounts.having(**{name: wanted})
    return amounts.summed("year")


def _source(plan: Plan, rule: SimpleNamespace) -> Amounts:
    if rule.quantity in ("STATIONED_COUNT", "STATIONED_PERSONS"):
        amounts = plan.stationed if rule.quantity == "STATIONED_COUNT" else plan.persons
        if not rule.site_group_id:
            return amounts
        group = members(plan).having(site_group_id=rule.site_group_id)
        return amounts.inside(group.summed("site_id"))
    if rule.quantity == "SPENDING_USD_M":
        return spending(plan).total
    if rule.quantity == "SPENDING_FRACTION":
        return spending(plan).fraction
    if rule.quantity == "BILLED_USD_M":
        return plan.planned("billing_results", "billed_usd_m")
    if rule.quantity == "OWNED_POINTS":
        points = plan.points.having(capability_id=rule.capability_id)
        return plan.shown("owned_forces", "owned_count") * points
    counts = plan.shown("owned_forces", _FORCE_COLUMNS[rule.quantity])
    if rule.quantity == "OWNED_COUNT":
        return counts
    by_span = {key: count / plan.span[key[2],] for key, count in counts.inside(plan.years).items()}
    return Amounts(counts.names, by_span)
