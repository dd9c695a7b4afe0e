"""Ceilings on people in groups of sites, and the pace of leaving them."""

from optimizer.audit.amounts import Amounts
from optimizer.audit.comparison import limited
from optimizer.audit.places import members
from optimizer.audit.plan import Plan

_KEY = ("site_group_id", "actor_id", "year")
_ROW = "site_group_limits: {actor_id} in {site_group_id} {year}: "


def site_limits(plan: Plan) -> list[str]:
    """Findings about ceilings and withdrawals."""
    if plan.problem["site_group_limits"].empty:
        return []
    people = people_in_groups(plan)
    leaving = plan.after(people) - people
    most, pace = (in_force(plan, name) for name in ("maximum_persons", "maximum_withdrawal_persons_per_yr"))
    return [
        *limited(people, most, "persons", _ROW + "{left} people but the ceiling is {right}"),
        *limited(leaving, pace * plan.span, "persons", _ROW + "{left} people leave but at most {right} may"),
    ]


def in_force(plan: Plan, column: str) -> Amounts:
    """Limits of years 1…n: the path where the lever is freed, else what held in period 0."""
    path = plan.carried("site_group_limits", column)
    standing = path.having(year=plan.today).summed("site_group_id", "actor_id") * plan.years
    freed = path.inside(plan.years).where(lambda group, actor, year: plan.is_freed("CEILING", group, year))
    locked = standing.where(lambda group, actor, year: not plan.is_freed("CEILING", group, year))
    return freed + locked


def people_in_groups(plan: Plan) -> Amounts:
    """People by group of sites, actor (FOREIGN for all but hosts) and year."""
    foreign = plan.people.where(lambda actor, site, year: plan.host[site] != actor)
    foreign = foreign.summed("site_id", "year").at(actor_id="FOREIGN")
    return ((plan.people + foreign) * members(plan)).summed(*_KEY)
