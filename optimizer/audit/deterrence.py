"""Whether each requirement is met by what is deployed, or its shortfall said and priced."""

from dataclasses import dataclass

from optimizer.audit.amounts import Amounts, Key, greatest
from optimizer.audit.comparison import RELATIVE, at_most, equal, none, said
from optimizer.audit.nuclear import lowered_points
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE, Plan
from optimizer.audit.requirements import (
    NEED,
    greatest_lead_fraction,
    least_lead_fraction,
    phases_in_order,
    required_points,
)

_ROW = "requirement_results: {theater_id} {scenario_id} {phase_id} {capability_id} {year}: "


@dataclass(frozen=True)
class Needs:
    """Requirements of years 1…n and what meets them, points by NEED.

    Attributes:
        required: what is asked for.
        counted: supply of the lead actor, as far as it counts.
        allied: supply of the others.
        bonus: as decided.
        reduction: what is not needed because of nuclear options.
        missing: what all these leave, or what the lead actor's least part does not let count.
    """

    required: Amounts
    counted: Amounts
    allied: Amounts
    bonus: Amounts
    reduction: Amounts
    missing: Amounts

    @property
    def met(self) -> Amounts:
        """What all but the missing points amount to."""
        return self.counted + self.allied + self.bonus + self.reduction


def deterrence(plan: Plan) -> list[str]:
    """Findings about requirements and shortfalls."""
    drawn = needs(plan)
    required = drawn.required
    shortfall, stated = (
        plan.planned("requirement_results", name) for name in ("shortfall_points", "required_points")
    )
    unshown = required.positive().outside(stated)
    needed = required.where(lambda *key: drawn.reduction[key] < required[key])
    met = (drawn.met + shortfall).inside(needed)
    need = (
        _ROW
        + "{left} points required but {counted} of the lead actor, {allied} of allies, {lowered} not needed "
    )
    need += "and a shortfall of {shortfall}"
    parts = {
        "counted": drawn.counted,
        "allied": drawn.allied,
        "lowered": drawn.reduction,
        "shortfall": shortfall,
    }
    return [
        *said(NEED, unshown, _ROW + "the requirement is not shown"),
        *at_most(needed, met, "points", need, **parts),
        *at_most(
            (required - shortfall.inside(required)) * least_lead_fraction(plan),
            drawn.counted,
            "points",
            _ROW + "{right} points of the lead actor, but its least part of what is met is {left}",
        ),
        *_shown(plan, drawn),
        *_hard(plan, drawn),
        *said(NEED, stated.outside(required), _ROW + "there is no such requirement"),
    ]


@once
def needs(plan: Plan) -> Needs:
    """Requirements of years 1…n and what meets them."""
    required = required_points(plan)
    supply = supply_by_actor(plan)
    lead = supply.having(actor_id=plan.lead).summed(*NEED).inside(required)
    allied = supply.without(actor_id=plan.lead).summed(*NEED).inside(required)
    most = required * greatest_lead_fraction(plan)
    counted = Amounts(NEED, {key: min(points, most.get(key, points)) for key, points in lead.items()})
    bonus = plan.planned("requirement_results", "bonus_points").inside(required)
    reduction = lowered_points(plan, required)
    met = counted + allied + bonus + reduction
    missing = {
        key: points - met[key]
        for key, points in required.items()
        if points - met[key] > RELATIVE * points and reduction[key] < points
    }
    uncounted = {
        key: required[key] - counted[key] / part
        for key, part in least_lead_fraction(plan).items()
        if part * required[key] - counted[key] > RELATIVE * required[key]
    }
    missing_points = greatest(Amounts(NEED, missing), Amounts(NEED, uncounted))
    return Needs(required, counted, allied, bonus, reduction, missing_points)


def _shown(plan: Plan, drawn: Needs) -> list[str]:
    findings = []
    for column, amounts, words in (
        ("required_points", drawn.required, "{left} points said to be required but the tables say {right}"),
        ("lead_points", drawn.counted, "{left} points of the lead actor shown but {right} count"),
        ("allied_points", drawn.allied, "{left} points of allies shown but {right} deployed"),
        (
            "reduction_points",
            drawn.reduction,
            "{left} points said not to be needed but options lower it by {right}",
        ),
        ("shortfall_points", drawn.missing, "a shortfall of {left} points shown but {right} are missing"),
    ):
        shown = plan.planned("requirement_results", column)
        findings += equal(shown.inside(drawn.required), amounts.inside(shown), "points", _ROW + words)
    return findings


def _hard(plan: Plan, drawn: Needs) -> list[str]:
    if plan.asked.lets_every_need_go_short:
        return []
    hard = drawn.missing.outside(plan.given("interests", "interest_usd_m_per_point_yr"))
    return none(hard, "points", _ROW + "{left} points missing of a hard need")


@once
def supply_by_actor(plan: Plan) -> Amounts:
    """By actor and NEED, points of what is left of deployed units."""
    return (_left(plan) * plan.points_in_theater).summed("actor_id", *NEED)


def _left(plan: Plan) -> Amounts:
    """By force, theater, scenario, phase and year: in a phase of winning what earlier ones left, else all there.

    Goes through the phases in their order: each adds what is newly deployed, and takes its losses from all there.
    """
    deployed: dict[Key, dict[str, float]] = {}
    for (actor, unit, _, theater, scenario, phase, year), count in plan.planned(
        "deployments", "deployed_count"
    ).items():
        by_phase = deployed.setdefault((actor, unit, theater, scenario, year), {})
        by_phase[phase] = by_phase.get(phase, 0.0) + count
    used = {phase for by_phase in deployed.values() for phase in by_phase}
    phases = [phase for phase in phases_in_order(plan) if phase in used]
    kinds, lost = plan.words("phases", "kind"), plan.given("attrition", "attrition_fraction")
    of_winning = {phase for (phase,), kind in kinds.items() if kind == "WIN"}
    left = Amounts((*FORCE, "theater_id", "scenario_id", "year", "phase_id"))
    for series, by_phase in deployed.items():
        before = survivors = 0.0
        for phase in phases:
            there = by_phase.get(phase, 0.0)
            survivors += there - before
            before = there
            if count := survivors if phase in of_winning else there:
                left[(*series, phase)] = count
            if survivors:
                survivors *= 1.0 - lost[series[1], phase]
    return left
