"""Support that nobody gives, actors of two groups, and groups that could be taken for actors."""

from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem


def check(problem: Problem) -> list[Finding]:
    """Findings about support; ``problem`` has its defaults."""
    support, sharing = problem["unit_support"], problem["support_sharing"]
    needs = support[support["needed_points"] > support["provided_points"]]
    gives = support[support["provided_points"] > support["needed_points"]]
    findings = row_findings(
        "SUPPORT_UNCLEAR",
        "unit_support",
        without_row(needs, gives, ["capability_id"]),
        "capability_id",
        "{unit_type_id} needs support of this kind and no kind of unit gives any, so it could never be deployed",
        "Give provided_points to a kind of unit, or empty needed_points.",
    )
    findings += row_findings(
        "SUPPORT_UNCLEAR",
        "support_sharing",
        sharing[sharing.duplicated("actor_id")],
        "actor_id",
        "{actor_id} is in another group, too, and its support would count twice",
        "Leave it in one group.",
    )
    return findings + row_findings(
        "SUPPORT_UNCLEAR",
        "support_sharing",
        sharing[sharing["support_group_id"].isin(problem["actors"]["actor_id"])],
        "support_group_id",
        "the group has the name of an actor, which could be taken for that actor alone",
        "Give the group a name of its own, such as NATO.",
    )
