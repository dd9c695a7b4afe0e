"""Whether what is deployed gives as much support as it needs, and the table shows how much."""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import at_most, equal
from optimizer.audit.plan import Plan
from optimizer.tables.schema import SOLUTION_TABLES

_KEY = SOLUTION_TABLES["support_results"].key
_ROW = "support_results: {support_group_id} {capability_id} {theater_id} {scenario_id} {phase_id} {year}: "


def support(plan: Plan) -> list[str]:
    """Findings about support; where none is needed nothing is shown."""
    deployed = plan.planned("deployments", "deployed_count") * _groups(plan)
    needed, provided = (
        (deployed * plan.given("unit_support", name)).summed(*_KEY)
        for name in ("needed_points", "provided_points")
    )
    needed = needed.positive()
    short = _ROW + "{left} points of support needed but {right} deployed"
    findings = at_most(needed, provided, "points", short)
    for name, drawn in (("needed_points", needed), ("provided_points", provided.inside(needed))):
        words = f"{_ROW}{name} of {{left}} shown but {{right}} follows from the deployments"
        findings += equal(plan.planned("support_results", name), drawn, "points", words)
    return findings


def _groups(plan: Plan) -> Amounts:
    """1 for each actor and its group; an actor outside of all groups is one of its own."""
    given = {actor: group for group, actor in plan.pairs("support_sharing", "support_group_id", "actor_id")}
    groups = {
        actor: given.get(actor, actor) if given else "ALL" for actor in plan.cells("actors", "actor_id")
    }
    return Amounts(("actor_id", "support_group_id"), dict.fromkeys(groups.items(), 1.0))
