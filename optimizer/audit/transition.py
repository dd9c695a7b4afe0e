"""Whether allies had taken over before the lead actor left, and no actor moved more than it may."""

from optimizer.audit.amounts import Amounts, Key, greatest
from optimizer.audit.comparison import equal, limited, none
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE, SETS, Plan

_RULE = ("theater_id", "capability_id")
_HANDOVER = "handover_results: {theater_id} {capability_id} {year}: "
_STABILITY = "stability_results: {actor_id} {year}: "


def transition(plan: Plan) -> list[str]:
    """Findings about hand-over and moves."""
    return [*_handover(plan), *_stability(plan)]


def _handover(plan: Plan) -> list[str]:
    standing = _standing(plan)
    lead = standing.having(actor_id=plan.lead).summed(*_RULE, "year")
    rules = plan.pairs("handovers", *_RULE)
    watched = rules.inside(lead.having(year=plan.today).positive().summed(*_RULE))
    lead = lead.inside(watched)
    allies = standing.without(actor_id=plan.lead).summed(*_RULE, "year").inside(watched)
    left, due, carried = (Amounts((*_RULE, "year")) for _ in range(3))
    for rule in watched:
        balance = 0.0
        for year in plan.all_years:
            last = plan.previous.get(year, year)
            before, earlier = (*rule, last), (*rule, plan.previous.get(last, last))
            if year > plan.today:
                left[(*rule, year)] = lead[before] - lead[(*rule, year)]
                balance -= left[(*rule, year)]
            if year > plan.today + 1:
                balance += allies[before] - allies[earlier]
            due[(*rule, year)], carried[(*rule, year)] = max(-balance, 0.0), max(balance, 0.0)
    early = _HANDOVER + "{gone} points of the lead actor left, {left} more than allies had taken over"
    findings = none(due, "points", early, gone=left)
    for column, drawn, words in (
        ("lead_points", lead, "{left} shown but {right} stand there"),
        ("allied_points", allies, "{left} shown but {right} stand there"),
        ("carried_points", carried, "{left} carried but {right} left"),
    ):
        findings += equal(plan.shown("handover_results", column), drawn, "points", _HANDOVER + words)
    return findings


def _standing(plan: Plan) -> Amounts:
    """Points that stand in each theater, by actor, theater, capability and year; of allies those at home, too."""
    units = Amounts((*FORCE, "theater_id", "year"))

    def add(key: Key, count: float) -> None:
        units[key] += count

    for (actor, unit, site, _, year), count in plan.away.items():
        add((actor, unit, plan.site_theater[site], year), count)
    homes = plan.words("actors", "home_staging_area_id")
    for (actor, unit, year), count in plan.at_home.items():
        if actor != plan.lead:
            add((actor, unit, plan.area_theater.get(homes[actor,], ""), year), count)
    return (units * plan.points_in_theater).summed("actor_id", *_RULE, "year")


@once
def moves(plan: Plan) -> Amounts:
    """By actor and year, how many units and sets moved, where moves are limited or priced."""
    steps = plan.stationed - plan.after(plan.stationed)
    steps = steps.inside(plan.years)
    come, gone = Amounts((*FORCE, "is_set", "year")), Amounts((*FORCE, "is_set", "year"))
    for (actor, unit, _, mode, year), step in steps.items():
        sums = come if step > 0 else gone
        key = (actor, unit, mode == SETS, year)
        sums[key] += abs(step)
    made = greatest(come, gone).summed("actor_id", "year")
    most = plan.carried("stability_limits", "maximum_moves_count")
    price = plan.carried("stability_limits", "move_price_usd_m_per_unit").positive()
    return made.inside(most + price)


def _stability(plan: Plan) -> list[str]:
    made = moves(plan)
    most = plan.carried("stability_limits", "maximum_moves_count") * plan.span
    shown = plan.planned("stability_results", "moves_count")
    return [
        *limited(made, most, "count", _STABILITY + "{left} moves but at most {right}"),
        *equal(shown, made, "count", _STABILITY + "{left} moves shown but {right} made"),
    ]
