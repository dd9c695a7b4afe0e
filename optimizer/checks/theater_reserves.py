"""Units kept for theaters: whether the actor may have them, has them, and where they stand today."""

import math

from optimizer.checks.rows import cells, is_above, row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row

FORCE = ["actor_id", "unit_type_id"]
_TOLERANCE = 1 + 1e-9


def check(problem: Problem) -> list[Finding]:
    """Findings about theater_reserves; ``problem`` has its defaults. Those of a whole force name the theater "*"."""
    return [*_unknown(problem), *_too_many(problem)]


def _unknown(problem: Problem) -> list[Finding]:
    return row_findings(
        "REFERENCE_UNKNOWN",
        "theater_reserves",
        without_row(problem.rows("theater_reserves"), problem.rows("actor_unit_types"), FORCE),
        "unit_type_id",
        "actor_unit_types has no row {actor_id}/{unit_type_id}, so {actor_id} may not own such units",
        "Add that row with its costs, or remove this one.",
    )


def _too_many(problem: Problem) -> list[Finding]:
    """More kept than is owned or may be; and units that stand in a theater and are neither kept for it nor free."""
    forces = _forces(problem)
    message = "{reserved_count} units are kept for theaters and {home_count} for home"
    findings = []
    for column, words, table in (
        ("owned_count", "are owned today", "owned_today"),
        ("maximum_owned_count", "may be owned", "actor_unit_types"),
    ):
        findings += row_findings(
            "OWNED_TOO_FEW",
            "theater_reserves",
            [
                row
                for row in forces
                if row[column] is not None and is_above(row["kept"], row[column] * _TOLERANCE)
            ],
            "reserved_count",
            f"{message}, but only {{{column}}} {words}",
            f"Keep no more for all theaters and home than {column} in {table}.",
        )
    return findings + row_findings(
        "OWNED_TOO_FEW",
        "theater_reserves",
        [
            row
            for row in forces
            if row["beyond"] > 0 and row["beyond"] + row["kept"] > row["owned_count"] * _TOLERANCE
        ],
        "reserved_count",
        "{beyond} of {owned_count} units stand today in theaters beyond what is kept for these,"
        " beside {reserved_count} kept for theaters and {home_count} for home",
        "Keep less for other theaters, more for those, or correct stationed_today.",
    )


def _forces(problem: Problem) -> list[Row]:
    """A row for each force of which some is kept for theaters, named by the theater "*".

    Beside its limits of actor_unit_types: reserved_count for all theaters, home_count, kept (both), owned_count, and
    beyond, the units that stand with others in theaters beyond what is kept for each.
    """
    kept: dict[tuple[object, ...], dict[str, float]] = {}
    for row in problem.rows("theater_reserves"):
        kept.setdefault(cells(row, FORCE), {})[row["theater_id"]] = row["reserved_count"]
    owned = {cells(row, FORCE): row["owned_count"] for row in problem.rows("owned_today")}
    standing = _standing_in_theaters(problem)
    rows = []
    for row in problem.rows("actor_unit_types"):
        force = cells(row, FORCE)
        if force in kept:
            reserved, home = math.fsum(kept[force].values()), row["reserved_count"]
            beyond = math.fsum(
                max(0.0, count - kept[force].get(theater, 0.0))
                for theater, count in standing.get(force, {}).items()
            )
            counts = {
                "reserved_count": reserved,
                "home_count": home,
                "kept": reserved + home,
                "beyond": beyond,
            }
            rows.append({**row, "theater_id": "*", **counts, "owned_count": owned.get(force, 0.0)})
    return rows


def _standing_in_theaters(problem: Problem) -> dict[tuple[object, ...], dict[str, float]]:
    """Units, no sets, that stand with other actors today, by force and theater."""
    theaters = {row["staging_area_id"]: row["theater_id"] for row in problem.rows("staging_areas")}
    sites = {row["site_id"]: row for row in problem.rows("sites")}
    standing: dict[tuple[object, ...], dict[str, float]] = {}
    for row in problem.rows("stationed_today"):
        site = sites[row["site_id"]]
        theater = theaters[site["staging_area_id"]]
        if (
            row["mode"] != "PREPOSITIONED"
            and site["host_actor_id"] != row["actor_id"]
            and theater is not None
        ):
            counts = standing.setdefault(cells(row, FORCE), {})
            counts[theater] = counts.get(theater, 0.0) + row["stationed_count"]
    return standing
