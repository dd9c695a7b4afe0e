"""Garrisons: whether those who may supply them can, and whether their shares can add up."""

import pandas as pd

from optimizer.checks.places import accepted_places
from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem
from optimizer.tables.site_groups import members

_TOLERANCE = 1e-9
_SUPPLIER = ["garrison_id", "actor_id"]


def check(problem: Problem) -> list[Finding]:
    """Findings about garrisons; ``problem`` has its defaults."""
    return [*_points(problem), *_suppliers(problem), *_shares(problem), *_shares_today(problem)]


def _points(problem: Problem) -> list[Finding]:
    garrisons = problem["garrisons"]
    findings = []
    for column, other in (("capability_id", "required_points"), ("required_points", "capability_id")):
        findings += row_findings(
            "VALUE_MISSING",
            "garrisons",
            garrisons[garrisons[column].isna() & garrisons[other].notna()],
            column,
            f"{other} is given without {column}",
            "Fill both or neither.",
        )
    return findings


def _suppliers(problem: Problem) -> list[Finding]:
    garrisons = problem["garrisons"]
    places = accepted_places(problem)
    places = places[places["mode"].isin(["PERMANENT", "ROTATIONAL"]) & (places["personnel_persons"] > 0)]
    places = places[["actor_id", "unit_type_id", "site_id"]].drop_duplicates()
    supplies = problem["garrison_actors"].merge(garrisons, on="garrison_id")
    supplies = supplies.merge(members(problem), on="site_group_id").merge(places, on=["actor_id", "site_id"])
    supplies = supplies[_counts_for(problem, supplies)]
    asks = (garrisons["required_persons"] > 0) | (garrisons["required_points"] > 0)
    fix = (
        "Give one of them access to a site there, and a unit type that counts a permanent or rotational mode."
    )
    findings = row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrisons",
        without_row(garrisons[asks], supplies, ["garrison_id"]),
        "site_group_id",
        "no actor of garrison_actors can station units that count in {site_group_id}",
        fix,
    )
    effective = supplies.merge(problem["unit_capabilities"], on=["unit_type_id", "capability_id"])
    effective = effective[effective["capability_points"] > 0]
    armed = without_row(garrisons[garrisons["required_points"] > 0], effective, ["garrison_id"])
    findings += row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrisons",
        armed[armed["garrison_id"].isin(supplies["garrison_id"])],
        "capability_id",
        "no unit type that could be stationed in {site_group_id} has {capability_id}",
        "Correct the capability, or add the unit type to unit_capabilities.",
    )
    actors = problem["garrison_actors"].merge(
        garrisons[["garrison_id", "required_persons"]], on="garrison_id"
    )
    actors["share"] = actors[["today_fraction", "minimum_fraction"]].max(axis="columns")
    bound = actors[(actors["share"] > 0) & (actors["required_persons"] > 0)]
    bound = bound[bound["garrison_id"].isin(supplies["garrison_id"])]
    return findings + row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrison_actors",
        without_row(bound, supplies, _SUPPLIER),
        "actor_id",
        "{actor_id} must supply a share of {share} but can station no units there that count",
        "Give {actor_id} access and a unit type, or lower its share to 0.",
    )


def _shares(problem: Problem) -> list[Finding]:
    actors = _bound_shares(problem)
    findings = row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrison_actors",
        actors[actors["minimum_fraction"] > actors["maximum_fraction"] + _TOLERANCE],
        "minimum_fraction",
        "the least share is above the most, {maximum_fraction}",
        "Lower it, or raise maximum_fraction.",
    )
    totals = actors.groupby("garrison_id")[["today_fraction", "minimum_fraction", "maximum_fraction"]].sum()
    for column, word in (("today_fraction", "today's"), ("minimum_fraction", "the least")):
        findings += row_findings(
            "GARRISON_IMPOSSIBLE",
            "garrison_actors",
            totals[totals[column] > 1 + _TOLERANCE].reset_index().assign(actor_id="*"),
            column,
            f"{word} shares of its suppliers add up to more than 1",
            f"Lower {column} of some.",
        )
    return findings + row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrison_actors",
        totals[totals["maximum_fraction"] < 1 - _TOLERANCE].reset_index().assign(actor_id="*"),
        "maximum_fraction",
        "the most its suppliers may count for adds up to less than 1",
        "Raise maximum_fraction of some.",
    )


def _shares_today(problem: Problem) -> list[Finding]:
    """Where kinds of units are listed, those that stand there today must make up today's shares."""
    there = problem["stationed_today"].merge(
        problem["unit_type_modes"][["unit_type_id", "mode", "personnel_persons"]], on=["unit_type_id", "mode"]
    )
    there = there[there["mode"] != "PREPOSITIONED"].merge(members(problem), on="site_id")
    there = there.merge(problem["garrisons"][["garrison_id", "site_group_id"]], on="site_group_id")
    there = there[_counts_for(problem, there)]
    there["persons"] = there["stationed_count"] * there["personnel_persons"]
    people = there.groupby(_SUPPLIER)["persons"].sum().reset_index()
    shares = _bound_shares(problem).merge(problem["garrisons"], on="garrison_id")
    shares = shares[shares["garrison_id"].isin(problem["garrison_unit_types"]["garrison_id"])]
    shares = shares.merge(people, on=_SUPPLIER, how="left").fillna({"persons": 0.0})
    shares["share_persons"] = shares["today_fraction"] * shares["required_persons"]
    return row_findings(
        "GARRISON_IMPOSSIBLE",
        "garrison_actors",
        shares[shares["share_persons"] > shares["persons"] * (1 + _TOLERANCE)],
        "today_fraction",
        "{actor_id} is said to supply {share_persons} people today, but {persons} of the kinds that count are there",
        "Lower the share, free the lever from year 1, or add what stands there to garrison_unit_types.",
    )


def _counts_for(problem: Problem, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether the people of each row's unit_type_id count for its garrison_id."""
    types, key = problem["garrison_unit_types"], ["garrison_id", "unit_type_id"]
    is_listed = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(types[key]))
    return ~rows["garrison_id"].isin(types["garrison_id"]) | is_listed


def _bound_shares(problem: Problem) -> pd.DataFrame:
    """garrison_actors, with today's shares only where they bind: where no lever is freed from year 1."""
    actors, levers = problem["garrison_actors"], problem["freed_levers"]
    freed = levers[(levers["lever"] == "GARRISON") & (levers["first_year"] <= problem.years[0])]
    is_freed = actors["garrison_id"].isin(freed["lever_key"])
    return actors.assign(today_fraction=actors["today_fraction"].where(~is_freed, 0.0))
