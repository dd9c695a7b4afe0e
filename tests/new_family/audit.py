"""That every force with a limit has its cadre at the end."""

from optimizer.audit.comparison import at_most
from optimizer.audit.plan import Plan


def cadre(plan: Plan) -> list[str]:
    """Findings about cadres."""
    rows = plan.forces
    last = rows[rows["year"] == plan.problem.years[-1]]
    last = last.assign(cadre_count=last["maximum_owned_count"] / 5)
    sentence = (
        "owned_forces: {actor_id} {unit_type_id} {year}: {owned_count} owned but the cadre is {cadre_count}"
    )
    return at_most(last, "cadre_count", "owned_count", "count", sentence)
