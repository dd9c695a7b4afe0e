"""Support that nobody gives, actors of two groups, and groups that could be taken for actors."""

from optimizer.checks.rows import grouped, row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem


def check(problem: Problem) -> list[Finding]:
    """Findings about support; ``problem`` has its defaults."""
    support, sharing = problem.rows("unit_support"), problem.rows("support_sharing")
    needs = [row for row in support if row["needed_points"] > row["provided_points"]]
    gives = [row for row in support if row["provided_points"] > row["needed_points"]]
    actors = {row["actor_id"] for row in problem.rows("actors")}
    again = [row for groups in grouped(sharing, "actor_id").values() for row in groups[1:]]
    return [
        *row_findings(
            "SUPPORT_UNCLEAR",
            "unit_support",
            without_row(needs, gives, ["capability_id"]),
            "capability_id",
            "{unit_type_id} needs support of this kind and no kind of unit gives any, so it could never be deployed",
            "Give provided_points to a kind of unit, or empty needed_points.",
        ),
        *row_findings(
            "SUPPORT_UNCLEAR",
            "support_sharing",
            again,
            "actor_id",
            "{actor_id} is in another group, too, and its support would count twice",
            "Leave it in one group.",
        ),
        *row_findings(
            "SUPPORT_UNCLEAR",
            "support_sharing",
            [row for row in sharing if row["support_group_id"] in actors],
            "support_group_id",
            "the group has the name of an actor, which could be taken for that actor alone",
            "Give the group a name of its own, such as NATO.",
        ),
    ]
