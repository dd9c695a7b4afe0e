"""Commands: their holders, and that no two change the effect of the same units."""

from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem


def check(problem: Problem) -> list[Finding]:
    """Findings about commands; ``problem`` has its defaults."""
    return [*_holders(problem), *_prerequisites(problem), *_twice(problem)]


def _holders(problem: Problem) -> list[Finding]:
    options = {(row["command_id"], row["actor_id"]) for row in problem.rows("command_options")}
    return row_findings(
        "COMMAND_UNCLEAR",
        "commands",
        [
            row
            for row in problem.rows("commands")
            if (row["command_id"], row["today_actor_id"]) not in options
        ],
        "today_actor_id",
        "today's holder {today_actor_id} is not among the possible holders",
        "Add it to command_options.",
    )


def _prerequisites(problem: Problem) -> list[Finding]:
    asked = problem.rows("command_prerequisites")
    return [
        *row_findings(
            "COMMAND_UNCLEAR",
            "command_prerequisites",
            without_row(asked, problem.rows("command_options"), ["command_id", "actor_id"]),
            "actor_id",
            "{actor_id} is asked for units but is no possible holder of {command_id}",
            "Add it to command_options, or leave the row out.",
        ),
        *row_findings(
            "COMMAND_UNCLEAR",
            "command_prerequisites",
            without_row(asked, problem.rows("actor_unit_types"), ["actor_id", "unit_type_id"]),
            "unit_type_id",
            "{actor_id} may not own {unit_type_id}, so it can never hold {command_id}",
            "Add the row to actor_unit_types, or ask for another unit.",
        ),
    ]


def _twice(problem: Problem) -> list[Finding]:
    """Commands whose holders change the effect of units that another such command covers in the theater."""
    bonuses: dict[str, set[float]] = {}
    for row in problem.rows("command_options"):
        bonuses.setdefault(row["command_id"], set()).add(row["bonus_fraction"])
    theaters = {row["command_id"]: row["theater_id"] for row in problem.rows("commands")}
    covered = [
        {**row, "theater_id": theaters[row["command_id"]]}
        for row in problem.rows("command_actors")
        if len(bonuses.get(row["command_id"], ())) > 1
    ]
    first: dict[tuple[str, str], str] = {}
    for row in covered:
        forces = row["theater_id"], row["actor_id"]
        first[forces] = min(row["command_id"], first.get(forces, row["command_id"]))
    return row_findings(
        "COMMAND_UNCLEAR",
        "command_actors",
        [row for row in covered if row["command_id"] != first[row["theater_id"], row["actor_id"]]],
        "actor_id",
        "another command already changes the effect of {actor_id}'s units in {theater_id}",
        "Let at most one command of a theater and actor have a bonus.",
    )
