"""Who holds which command, whether it may, and what it may add to deterrence."""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most, equal, none, whole
from optimizer.audit.deterrence import supply_by_actor
from optimizer.audit.plan import Plan
from optimizer.audit.requirements import NEED, greatest_lead_fraction, required_points

_OPTION = ("command_id", "actor_id")
_ROW = "command_results: {command_id} {actor_id} {year}: "
_NEED_ROW = "requirement_results: {theater_id} {scenario_id} {phase_id} {capability_id} {year}: "


def command(plan: Plan) -> list[str]:
    """Findings about commands."""
    if plan.problem["commands"].empty:
        bonus = plan.planned("requirement_results", "bonus_points")
        return none(bonus, "points", _NEED_ROW + "a bonus of {left} but there is no command")
    shown = plan.shown("command_results", "held_fraction")
    held = shown.inside(plan.pairs("command_options", *_OPTION))
    years, later = held.inside(plan.years), plan.after(held)
    today = held.having(year=plan.today)
    right = _holders_today(plan).inside(plan.pairs("command_options", *_OPTION)) * plan.periods
    locked, right_then = (
        amounts.inside(plan.years).where(lambda name, actor, year: not plan.is_freed("COMMAND", name, year))
        for amounts in (held, right)
    )
    before = later.without(actor_id=plan.lead)
    is_today = _ROW + "held by {left} but today it is {right}"
    is_locked = _ROW + "held by {left} but the lever is not freed"
    findings = [
        *_one_holder(plan, shown),
        *equal(today, right.having(year=plan.today), "fraction", is_today),
        *equal(locked, right_then, "fraction", is_locked),
        *at_most(before, years.without(actor_id=plan.lead), "fraction", _ROW + "given back"),
        *_prerequisites(plan, years),
        *_shares(plan, years),
        *_bonus(plan, years),
    ]
    if not plan.is_relaxed:
        findings += whole(years, _ROW + "held by a part, {left}")
    return findings


def _holders_today(plan: Plan) -> Amounts:
    """1 for each command and who holds it in period 0."""
    return plan.pairs("commands", "command_id", "today_actor_id").named(today_actor_id="actor_id")


def _one_holder(plan: Plan, shown: Amounts) -> list[str]:
    """Everybody who is shown as a holder may be one, and there is one in all."""
    holders = plan.pairs("command_options", *_OPTION) + _holders_today(plan)
    one = plan.pairs("commands", "command_id") * plan.periods
    sentence = "command_results: {command_id} {year}: held by {left}"
    return [
        *none(shown.outside(holders), "fraction", _ROW + "the actor is no possible holder"),
        *equal(shown.summed("command_id", "year"), one, "fraction", sentence),
    ]


def _prerequisites(plan: Plan, held: Amounts) -> list[str]:
    """In every year in which a command is held and in those before it, its holder owns what is asked for."""
    owned = plan.planned("owned_forces", "owned_count")
    today, first = _holders_today(plan), plan.problem.years[0]
    names = (*_OPTION, "year", "owned_year", "unit_type_id", "threshold_count")
    unmet, asked, there = Amounts(names), Amounts(names), Amounts(names)
    for row in plan.rows("command_prerequisites"):
        if (row.command_id, row.actor_id) in today:
            continue
        for year in plan.problem.years:
            part = held[row.command_id, row.actor_id, year]
            for owned_year in range(year, plan.begins[year] - row.years_before_count - 1, -1):
                key = (row.command_id, row.actor_id, year, owned_year, row.unit_type_id, row.threshold_count)
                if owned_year >= first:
                    asked[key] = row.threshold_count * part
                    there[key] = owned[row.actor_id, row.unit_type_id, plan.period[owned_year]]
                elif first - owned_year > row.years_already_met_count:
                    unmet[key] = part
    few = _ROW + "{right} {unit_type_id} owned in {owned_year} but {threshold_count} are asked for"
    return [
        *none(unmet, "fraction", _ROW + "held though {owned_year} is not met"),
        *at_most(asked, there, "count", few),
    ]


def _shares(plan: Plan, held: Amounts) -> list[str]:
    """The holder brings its share of what is needed in the theater, unless it holds the command in period 0."""
    shown = plan.planned("requirement_results", "required_points")
    theaters = plan.pairs("commands", "command_id", "theater_id")
    share = held.outside(_holders_today(plan)) * plan.given("command_options", "holder_share_fraction")
    asked = share * theaters * required_points(plan).inside(shown)
    own = supply_by_actor(plan).for_each(asked)
    words = _ROW + "{right} points in {theater_id} {phase_id} but {left} are asked of the holder"
    return at_most(asked, own, "points", words)


def _bonus(plan: Plan, held: Amounts) -> list[str]:
    """Each command adds at most a part of what its units bring, and of what is needed as far as it is held.

    The part is what the holder adds beyond the holder that adds least. Units do not count whose points a need caps.
    """
    shown = plan.planned("requirement_results", "bonus_points")
    required = required_points(plan)
    capped = greatest_lead_fraction(plan).inside(required.positive()).summed("theater_id", "capability_id")
    counted = supply_by_actor(plan).outside(capped.at(actor_id=plan.lead))
    by_command = (counted * plan.pairs("command_actors", "command_id", "actor_id")).summed(
        "command_id", *NEED
    )
    bonus = plan.given("command_options", "bonus_fraction")
    least: dict[str, float] = {}
    for (name, _), fraction in bonus.items():
        least[name] = min(fraction, least.get(name, fraction))
    theaters = plan.pairs("commands", "command_id", "theater_id")
    most = Amounts(NEED)
    for key, by_holding in (held * theaters * required.inside(shown)).items():
        name, actor, year, theater, scenario, phase, capability = key
        need = (theater, scenario, phase, capability, year)
        by_units = (bonus[name, actor] - least[name]) * by_command[(name, *need)]
        most[need] += min(by_units, by_holding)
    words = _NEED_ROW + "a bonus of {left} but commands allow {right}"
    return at_most(shown.inside(required), most, "points", words)
