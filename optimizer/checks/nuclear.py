"""Nuclear options: one that holds today, and reductions of options that are there."""

from optimizer.checks.rows import grouped, row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem

_ONE_HOLDS = "Let holds_today be true for exactly one; NONE if nothing covers it."


def check(problem: Problem) -> list[Finding]:
    """Findings about nuclear options; ``problem`` has its defaults."""
    return [*_today(problem), *_lead(problem), *_reductions(problem)]


def _today(problem: Problem) -> list[Finding]:
    options = grouped(problem.rows("nuclear_options"), "actor_id").values()
    held = [(rows[0], sum(row["holds_today"] for row in rows)) for rows in options]
    return [
        *row_findings(
            "NUCLEAR_UNCLEAR",
            "nuclear_options",
            [row for row, count in held if count == 0],
            "holds_today",
            "none of {actor_id}'s options holds today",
            _ONE_HOLDS,
        ),
        *row_findings(
            "NUCLEAR_UNCLEAR",
            "nuclear_options",
            [row for row, count in held if count > 1],
            "holds_today",
            "more than one of {actor_id}'s options holds today",
            _ONE_HOLDS,
        ),
    ]


def _lead(problem: Problem) -> list[Finding]:
    lead = problem.settings["lead_actor_id"]
    return row_findings(
        "NUCLEAR_UNCLEAR",
        "nuclear_options",
        [row for row in problem.rows("nuclear_options") if row["actor_id"] == lead],
        "actor_id",
        "{actor_id} is the lead actor, whose own forces cover it",
        "Leave the row out; options are those of threatened allies.",
    )


def _reductions(problem: Problem) -> list[Finding]:
    reductions = problem.rows("nuclear_reductions")
    return [
        *row_findings(
            "NUCLEAR_UNCLEAR",
            "nuclear_reductions",
            without_row(reductions, problem.rows("nuclear_options"), ["actor_id", "nuclear_posture"]),
            "nuclear_posture",
            "{nuclear_posture} is no option of {actor_id}",
            "Add it to nuclear_options, or leave the row out.",
        ),
        *row_findings(
            "NUCLEAR_UNCLEAR",
            "nuclear_reductions",
            without_row(reductions, problem.rows("requirements"), ["theater_id", "capability_id"]),
            "capability_id",
            "{theater_id} needs no {capability_id}, so there is nothing to lower",
            "Name a capability that the theater needs, or leave the row out.",
        ),
    ]
