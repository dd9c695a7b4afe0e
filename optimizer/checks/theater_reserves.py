"""Units kept for theaters: whether the actor may have them, has them, and where they stand today."""

import pandas as pd

from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.plan_tables import site_places
from optimizer.tables.problem import Problem

FORCE = ["actor_id", "unit_type_id"]
_TOLERANCE = 1 + 1e-9


def check(problem: Problem) -> list[Finding]:
    """Findings about theater_reserves; ``problem`` has its defaults. Those of a whole force name the theater "*"."""
    return [*_unknown(problem), *_too_many(problem), *_stationed_elsewhere(problem)]


def _unknown(problem: Problem) -> list[Finding]:
    return row_findings(
        "REFERENCE_UNKNOWN",
        "theater_reserves",
        without_row(problem["theater_reserves"], problem["actor_unit_types"], FORCE),
        "unit_type_id",
        "actor_unit_types has no row {actor_id}/{unit_type_id}, so {actor_id} may not own such units",
        "Add that row with its costs, or remove this one.",
    )


def _too_many(problem: Problem) -> list[Finding]:
    forces = _forces(problem)
    kept = forces["reserved_count"] + forces["home_count"]
    message = "{reserved_count} units are kept for theaters and {home_count} for home"
    findings = row_findings(
        "OWNED_TOO_FEW",
        "theater_reserves",
        forces[kept > forces["owned_count"] * _TOLERANCE],
        "reserved_count",
        message + ", but only {owned_count} are owned today",
        "Keep no more for all theaters and home than owned_count in owned_today.",
    )
    return findings + row_findings(
        "OWNED_TOO_FEW",
        "theater_reserves",
        forces[kept > forces["maximum_owned_count"] * _TOLERANCE],
        "reserved_count",
        message + ", but only {maximum_owned_count} may be owned",
        "Keep no more for all theaters and home than maximum_owned_count in actor_unit_types.",
    )


def _stationed_elsewhere(problem: Problem) -> list[Finding]:
    """Units that stand with others in a theater today must be kept for it, or free."""
    units = problem["stationed_today"].merge(site_places(problem), on="site_id")
    is_abroad = (units["host_actor_id"] != units["actor_id"]) & (units["mode"] != "PREPOSITIONED")
    units = units[is_abroad].groupby([*FORCE, "theater_id"])["stationed_count"].sum().reset_index()
    both = units.merge(problem["theater_reserves"], on=[*FORCE, "theater_id"], how="left")
    both["beyond"] = (both["stationed_count"] - both["reserved_count"].fillna(0.0)).clip(lower=0.0)
    forces = _forces(problem).merge(both.groupby(FORCE)["beyond"].sum().reset_index(), on=FORCE)
    needed = forces["beyond"] + forces["reserved_count"] + forces["home_count"]
    return row_findings(
        "OWNED_TOO_FEW",
        "theater_reserves",
        forces[needed > forces["owned_count"] * _TOLERANCE],
        "reserved_count",
        "{beyond} of {owned_count} units stand today in theaters beyond what is kept for these,"
        " beside {reserved_count} kept for theaters and {home_count} for home",
        "Keep less for other theaters, more for those, or correct stationed_today.",
    )


def _forces(problem: Problem) -> pd.DataFrame:
    """Forces of which some is kept for theaters: FORCE, reserved_count for all of them, home_count, owned_count."""
    kept = problem["theater_reserves"].groupby(FORCE)["reserved_count"].sum().reset_index()
    forces = problem["actor_unit_types"][[*FORCE, "reserved_count", "maximum_owned_count"]]
    kept = kept.merge(forces.rename(columns={"reserved_count": "home_count"}), on=FORCE)
    kept = kept.merge(problem["owned_today"], on=FORCE, how="left").fillna({"owned_count": 0.0})
    return kept.assign(theater_id="*")
