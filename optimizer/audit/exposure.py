"""How exposed the lead actor is, by what, and whether that is borne."""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import equal, limited
from optimizer.audit.once import once
from optimizer.audit.plan import Plan

_TOTAL = "exposure_points"
_ROW = "exposure_results: {year}: "


def exposure(plan: Plan) -> list[str]:
    """Findings about exposure."""
    parts = exposure_parts(plan)
    most = plan.carried("exposure_limits", "maximum_exposure_points").inside(plan.years)
    cap = _ROW + "{left} points of exposure but at most {right} are borne"
    findings = limited(borne(plan), most, "points", cap)
    for name, drawn in (*parts.items(), (_TOTAL, borne(plan))):
        words = f"{_ROW}{name} of {{left}} shown but {{right}} follows from the plan"
        findings += equal(plan.shown("exposure_results", name), drawn, "points", words)
    return findings


@once
def borne(plan: Plan) -> Amounts:
    """Points by period, all parts together."""
    presence, command, umbrella = exposure_parts(plan).values()
    return presence + command + umbrella


@once
def exposure_parts(plan: Plan) -> dict[str, Amounts]:
    """Points by period from presence, commands and umbrellas, under the names of their columns."""
    hazard = plan.given("exposure", "hazard_factor")
    units = plan.stationed.having(actor_id=plan.lead) * plan.given("unit_type_modes", _TOTAL)
    held = plan.shown("command_results", "held_fraction").having(actor_id=plan.lead)
    held = held * plan.given("command_options", _TOTAL)
    chosen = plan.shown("nuclear_results", "chosen_fraction") * plan.given("nuclear_options", _TOTAL)
    return {
        "presence_exposure_points": (units * plan.theaters * hazard).summed("year"),
        "command_exposure_points": (
            held * plan.pairs("commands", "command_id", "theater_id") * hazard
        ).summed("year"),
        "umbrella_exposure_points": chosen.summed("year"),
    }
