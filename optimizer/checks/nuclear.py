"""Nuclear options: one that holds today, and reductions of options that are there."""

import pandas as pd

from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem

_CHOICE = ["actor_id", "nuclear_posture"]


def check(problem: Problem) -> list[Finding]:
    """Findings about nuclear options; ``problem`` has its defaults."""
    return [*_today(problem), *_lead(problem), *_reductions(problem)]


def _today(problem: Problem) -> list[Finding]:
    options = problem["nuclear_options"]
    held = options["holds_today"].astype("float64").groupby(options["actor_id"]).sum()
    first = options.drop_duplicates("actor_id")
    findings = []
    for wrong, message in (
        (first["actor_id"].map(held) == 0, "none of {actor_id}'s options holds today"),
        (first["actor_id"].map(held) > 1, "more than one of {actor_id}'s options holds today"),
    ):
        findings += row_findings(
            "NUCLEAR_UNCLEAR",
            "nuclear_options",
            first[wrong],
            "holds_today",
            message,
            "Let holds_today be true for exactly one; NONE if nothing covers it.",
        )
    return findings


def _lead(problem: Problem) -> list[Finding]:
    lead = problem.settings["lead_actor_id"]
    options: pd.DataFrame = problem["nuclear_options"]
    return row_findings(
        "NUCLEAR_UNCLEAR",
        "nuclear_options",
        options[options["actor_id"] == lead],
        "actor_id",
        "{actor_id} is the lead actor, whose own forces cover it",
        "Leave the row out; options are those of threatened allies.",
    )


def _reductions(problem: Problem) -> list[Finding]:
    reductions = problem["nuclear_reductions"]
    findings = row_findings(
        "NUCLEAR_UNCLEAR",
        "nuclear_reductions",
        without_row(reductions, problem["nuclear_options"], _CHOICE),
        "nuclear_posture",
        "{nuclear_posture} is no option of {actor_id}",
        "Add it to nuclear_options, or leave the row out.",
    )
    needed = problem["requirements"]
    return findings + row_findings(
        "NUCLEAR_UNCLEAR",
        "nuclear_reductions",
        without_row(reductions, needed, ["theater_id", "capability_id"]),
        "capability_id",
        "{theater_id} needs no {capability_id}, so there is nothing to lower",
        "Name a capability that the theater needs, or leave the row out.",
    )
