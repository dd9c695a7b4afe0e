"""Garrisons: whether those who may supply them can, and whether their shares can add up."""

import math

from optimizer.checks.places import accepted_places
from optimizer.checks.rows import grouped, is_above, row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row
from optimizer.tables.site_groups import sites_of_groups

_TOLERANCE = 1e-9
_SHARES = ("today_fraction", "minimum_fraction", "maximum_fraction")


def check(problem: Problem) -> list[Finding]:
    """Findings about garrisons; ``problem`` has its defaults."""
    return [*_points(problem), *_suppliers(problem), *_shares(problem), *_shares_today(problem)]


def _points(problem: Problem) -> list[Finding]:
    findings = []
    for column, other in (("capability_id", "required_points"), ("required_points", "capability_id")):
        findings += row_findings(
            "VALUE_MISSING",
            "garrisons",
            [row for row in problem.rows("garrisons") if row[column] is None and row[other] is not None],
            column,
            f"{other} is given without {column}",
            "Fill both or neither.",
        )
    return findings


def _suppliers(problem: Problem) -> list[Finding]:
    garrisons = {row["garrison_id"]: row for row in problem.rows("garrisons")}
    supplies = _supplies(problem)
    supplied = {garrison for garrison, _ in supplies}
    asking = [
        row
        for row in garrisons.values()
        if is_above(row["required_persons"], 0) or is_above(row["required_points"], 0)
    ]
    findings = row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrisons",
        [row for row in asking if row["garrison_id"] not in supplied],
        "site_group_id",
        "no actor of garrison_actors can station units that count in {site_group_id}",
        "Give one of them access to a site there, and a unit type that counts a permanent or rotational mode.",
    )
    effective = {
        (row["unit_type_id"], row["capability_id"])
        for row in problem.rows("unit_capabilities")
        if row["capability_points"] > 0
    }
    armed = {
        garrison
        for (garrison, _), types in supplies.items()
        if any((unit_type, garrisons[garrison]["capability_id"]) in effective for unit_type in types)
    }
    findings += row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrisons",
        [
            row
            for row in asking
            if is_above(row["required_points"], 0) and row["garrison_id"] in supplied - armed
        ],
        "capability_id",
        "no unit type that could be stationed in {site_group_id} has {capability_id}",
        "Correct the capability, or add the unit type to unit_capabilities.",
    )
    bound = [
        {**row, "share": max(row["today_fraction"], row["minimum_fraction"])}
        for row in problem.rows("garrison_actors")
        if is_above(garrisons[row["garrison_id"]]["required_persons"], 0) and row["garrison_id"] in supplied
    ]
    return findings + row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrison_actors",
        [row for row in bound if row["share"] > 0 and (row["garrison_id"], row["actor_id"]) not in supplies],
        "actor_id",
        "{actor_id} must supply a share of {share} but can station no units there that count",
        "Give {actor_id} access and a unit type, or lower its share to 0.",
    )


def _supplies(problem: Problem) -> dict[tuple[str, str], set[str]]:
    """By garrison and actor that may supply it, the unit types whose people it can station there; if any."""
    groups = sites_of_groups(problem)
    sites = {row["garrison_id"]: groups.get(row["site_group_id"], set()) for row in problem.rows("garrisons")}
    wanted = {row["actor_id"] for row in problem.rows("garrison_actors")}
    access = [row for row in problem.rows("site_access") if row["actor_id"] in wanted]
    stationed: dict[tuple[str, str], set[str]] = {}
    for right, force, mode in accepted_places(problem, access):
        if mode["mode"] in ("PERMANENT", "ROTATIONAL") and is_above(mode["personnel_persons"], 0):
            stationed.setdefault((right["actor_id"], right["site_id"]), set()).add(force["unit_type_id"])
    listed = _listed_types(problem)
    everything = {row["unit_type_id"] for row in problem.rows("unit_types")}
    supplies = {
        (row["garrison_id"], row["actor_id"]): set().union(
            *(stationed.get((row["actor_id"], site), set()) for site in sites[row["garrison_id"]])
        )
        & listed.get(row["garrison_id"], everything)
        for row in problem.rows("garrison_actors")
    }
    return {supply: types for supply, types in supplies.items() if types}


def _shares(problem: Problem) -> list[Finding]:
    shares = _bound_shares(problem)
    findings = row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrison_actors",
        [row for row in shares if row["minimum_fraction"] > row["maximum_fraction"] + _TOLERANCE],
        "minimum_fraction",
        "the least share is above the most, {maximum_fraction}",
        "Lower it, or raise maximum_fraction.",
    )
    totals: list[Row] = [
        {
            "garrison_id": garrison,
            "actor_id": "*",
            **{name: math.fsum(row[name] for row in suppliers) for name in _SHARES},
        }
        for garrison, suppliers in grouped(shares, "garrison_id").items()
    ]
    for column, word in (("today_fraction", "today's"), ("minimum_fraction", "the least")):
        findings += row_findings(
            "GARRISON_IMPOSSIBLE",
            "garrison_actors",
            [row for row in totals if row[column] > 1 + _TOLERANCE],
            column,
            f"{word} shares of its suppliers add up to more than 1",
            f"Lower {column} of some.",
        )
    return findings + row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrison_actors",
        [row for row in totals if row["maximum_fraction"] < 1 - _TOLERANCE],
        "maximum_fraction",
        "the most its suppliers may count for adds up to less than 1",
        "Raise maximum_fraction of some.",
    )


def _listed_types(problem: Problem) -> dict[str, set[str]]:
    """By garrison the unit types whose people alone count for it, where some are listed."""
    listed = grouped(problem.rows("garrison_unit_types"), "garrison_id")
    return {garrison: {row["unit_type_id"] for row in types} for garrison, types in listed.items()}


def _shares_today(problem: Problem) -> list[Finding]:
    """Where kinds of units are listed, those that stand there today must make up today's shares."""
    people = {
        (row["unit_type_id"], row["mode"]): row["personnel_persons"]
        for row in problem.rows("unit_type_modes")
        if row["mode"] != "PREPOSITIONED"
    }
    garrisons = {row["garrison_id"]: row for row in problem.rows("garrisons")}
    listed, groups = _listed_types(problem), sites_of_groups(problem)
    shares = []
    for row in _bound_shares(problem):
        garrison = garrisons[row["garrison_id"]]
        if row["garrison_id"] in listed:
            sites, types = groups.get(garrison["site_group_id"], set()), listed[row["garrison_id"]]
            persons = math.fsum(
                unit["stationed_count"] * people.get((unit["unit_type_id"], unit["mode"]), 0.0)
                for unit in problem.rows("stationed_today")
                if unit["actor_id"] == row["actor_id"]
                and unit["site_id"] in sites
                and unit["unit_type_id"] in types
            )
            wanted = row["today_fraction"] * garrison["required_persons"]
            shares.append({**row, "persons": persons, "share_persons": wanted})
    return row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrison_actors",
        [row for row in shares if row["share_persons"] > row["persons"] * (1 + _TOLERANCE)],
        "today_fraction",
        "{actor_id} is said to supply {share_persons} people today, but {persons} of the kinds that count are there",
        "Lower the share, free the lever from year 1, or add what stands there to garrison_unit_types.",
    )


def _bound_shares(problem: Problem) -> list[Row]:
    """garrison_actors, with today's shares only where they bind: where no lever is freed from year 1."""
    freed = {
        row["lever_key"]
        for row in problem.rows("freed_levers")
        if row["lever"] == "GARRISON" and row["first_year"] <= problem.years[0]
    }
    return [
        {**row, "today_fraction": 0.0} if row["garrison_id"] in freed else row
        for row in problem.rows("garrison_actors")
    ]
