"""Units that become of another kind: who may convert what, when, how many, and whole ones where units are counted."""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import limited, none, whole
from optimizer.audit.plan import Plan

CONVERSION = ("actor_id", "from_unit_type_id", "to_unit_type_id")
_ROW = "conversion_results: {actor_id} {from_unit_type_id} to {to_unit_type_id} {year}: "


def conversions(plan: Plan) -> list[str]:
    """Findings about units ordered to convert."""
    first, last = plan.problem.years[0], plan.problem.years[-1]
    orders = plan.shown("conversion_results", "converted_count")
    lead = plan.given("conversions", "lead_time_yr")
    never = Amounts(
        orders.names, {key: n for key, n in orders.items() if not first <= key[3] <= last - lead[key[:3]]}
    )
    limits = plan.given("conversions", "maximum_converted_count_per_yr") * plan.span
    in_units = orders.where(
        lambda actor, was, becomes, year: (actor, was) in plan.whole or (actor, becomes) in plan.whole
    )
    unknown = orders.outside(plan.pairs("conversions", *CONVERSION))
    late = f"{_ROW}{{left}} converted but not within {first} to {last}"
    return [
        *none(unknown, "count", _ROW + "there is no such conversion"),
        *none(never, "count", late),
        *limited(orders, limits, "count", _ROW + "{left} converted but at most {right} allowed"),
        *([] if plan.is_relaxed else whole(in_units, _ROW + "{left} converted is no whole number")),
    ]


def arriving(plan: Plan) -> Amounts:
    """Units by CONVERSION and the period in which they become of the new kind."""
    orders = plan.planned("conversion_results", "converted_count")
    return plan.in_periods(orders.later(plan.given("conversions", "lead_time_yr")))


def before(converted: Amounts) -> Amounts:
    """What is converted, by the force it was instead of CONVERSION."""
    return _of_kind(converted, "from_unit_type_id")


def after(converted: Amounts) -> Amounts:
    """The same by the force it becomes."""
    return _of_kind(converted, "to_unit_type_id")


def _of_kind(converted: Amounts, unit_type: str) -> Amounts:
    others = [name for name in converted.names if name not in CONVERSION]
    return converted.summed("actor_id", unit_type, *others).named(**{unit_type: "unit_type_id"})
