"""That every force with a limit has its cadre at the end."""

from optimizer.audit.comparison import at_most
from optimizer.audit.plan import Plan


def cadre(plan: Plan) -> list[str]:
    """Findings about cadres."""
    owned = plan.shown("owned_forces", "owned_count").having(year=plan.problem.years[-1])
    cadres = plan.given("actor_unit_types", "maximum_owned_count") * 0.2
    sentence = "owned_forces: {actor_id} {unit_type_id} {year}: {right} owned but the cadre is {left}"
    return at_most(cadres.at(year=plan.problem.years[-1]), owned, "count", sentence)
