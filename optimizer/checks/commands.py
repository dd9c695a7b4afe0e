"""Commands: their holders, and that no two change the effect of the same units."""

import pandas as pd

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem

_OPTION = ["command_id", "actor_id"]


def check(problem: Problem) -> list[Finding]:
    """Findings about commands; ``problem`` has its defaults."""
    return [*_holders(problem), *_prerequisites(problem), *_twice(problem)]


def _holders(problem: Problem) -> list[Finding]:
    commands = problem["commands"].rename(columns={"today_actor_id": "actor_id"})
    options = problem["command_options"][_OPTION].assign(is_option=True)
    merged = commands.merge(options, on=_OPTION, how="left")
    lost = merged[merged["is_option"].isna()].rename(columns={"actor_id": "today_actor_id"})
    return row_findings(
        "COMMAND_UNCLEAR",
        "commands",
        lost,
        "today_actor_id",
        "today's holder {today_actor_id} is not among the possible holders",
        "Add it to command_options.",
    )


def _prerequisites(problem: Problem) -> list[Finding]:
    asked = problem["command_prerequisites"]
    options = problem["command_options"][_OPTION].assign(is_option=True)
    merged = asked.merge(options, on=_OPTION, how="left")
    findings = row_findings(
        "COMMAND_UNCLEAR",
        "command_prerequisites",
        merged[merged["is_option"].isna()],
        "actor_id",
        "{actor_id} is asked for units but is no possible holder of {command_id}",
        "Add it to command_options, or leave the row out.",
    )
    owners = problem["actor_unit_types"][["actor_id", "unit_type_id"]].assign(may_own=True)
    merged = asked.merge(owners, on=["actor_id", "unit_type_id"], how="left")
    return findings + row_findings(
        "COMMAND_UNCLEAR",
        "command_prerequisites",
        merged[merged["may_own"].isna()],
        "unit_type_id",
        "{actor_id} may not own {unit_type_id}, so it can never hold {command_id}",
        "Add the row to actor_unit_types, or ask for another unit.",
    )


def _twice(problem: Problem) -> list[Finding]:
    """Commands whose holders change the effect of units that another such command covers in the theater."""
    changing = problem["command_options"].groupby("command_id")["bonus_fraction"].agg(["min", "max"])
    changing = changing[changing["max"] > changing["min"]].reset_index()[["command_id"]]
    covered = problem["command_actors"].merge(changing, on="command_id")
    covered = covered.merge(problem["commands"][["command_id", "theater_id"]], on="command_id")
    first = covered.groupby(["theater_id", "actor_id"])["command_id"].transform("min")
    twice: pd.DataFrame = covered[covered["command_id"] != first]
    return row_findings(
        "COMMAND_UNCLEAR",
        "command_actors",
        twice,
        "actor_id",
        "another command already changes the effect of {actor_id}'s units in {theater_id}",
        "Let at most one command of a theater and actor have a bonus.",
    )
